/**
 * What is to become of a row: a write with everything that the plugin will be sent, or a skip with its reason. Dry run, apply
 * and verify all ask this one function, so they cannot disagree.
 */
import { type LegacyRow, type Namespace, type Planned, SCOPES, type Scope, type SkipReason } from '../model/memory.ts';
import type { Resolver } from './resolver.ts';

/** What the plugin can keep beside the content. */
export interface Carried {
  propagation: boolean;
  embedding: boolean;
}

/** Nothing but white space, by Unicode's definition: plugins refuse such content. */
const BLANK = /^\p{White_Space}*$/u;

/** What every row of a run is planned with. */
export interface Policy {
  carried: Carried;
  /** Ids of the rows that the operator gives up on purpose, with why. */
  accepted: ReadonlyMap<string, string>;
  runId: string;
}

/** @throws RunError `configuration` as {@link Resolver.writable} does */
export function planRow(row: LegacyRow, resolver: Resolver, { carried, accepted, runId }: Policy): Planned {
  const { id, content, createdAt, updatedAt } = row;
  const skip = (reason: SkipReason): Planned => {
    const { workspaceId, scope } = row;
    return { verdict: 'skip', id, createdAt, updatedAt, workspaceId, scope, content, reason };
  };

  const placed = place(row, resolver, accepted);
  if (typeof placed === 'string') return skip(placed);
  if (BLANK.test(content)) return skip('empty-content');

  const { workspaceId, scope, namespace } = placed;
  return {
    verdict: 'write',
    id,
    createdAt,
    updatedAt,
    workspaceId,
    scope,
    namespace,
    content,
    kind: 'fact',
    source: 'agent',
    ...(carried.propagation ? { provenance: provenance(row, workspaceId, scope, runId) } : {}),
    ...(carried.embedding && row.embedding ? { embedding: row.embedding } : {}),
  };
}

/** What decides where a row goes, apart from its content. */
export type Placeable = Pick<LegacyRow, 'id' | 'workspaceId' | 'scope'>;

/**
 * Where a row belongs, whatever it says: the namespace that {@link planRow} plans it into unless its content is blank, or the
 * reason why it has none.
 *
 * @throws RunError `configuration` as {@link Resolver.writable} does
 */
export function placeOf(row: Placeable, resolver: Resolver, accepted: Policy['accepted']): Namespace | SkipReason {
  const placed = place(row, resolver, accepted);
  return typeof placed === 'string' ? placed : placed.namespace;
}

interface Placed {
  workspaceId: string;
  scope: Scope;
  namespace: Namespace;
}

function place(
  { id, workspaceId, scope }: Placeable,
  resolver: Resolver,
  accepted: Policy['accepted'],
): Placed | SkipReason {
  if (accepted.has(id)) return 'accepted';
  if (workspaceId === null || !resolver.knows(workspaceId)) return 'no-workspace';
  if (!isScope(scope)) return 'unknown-scope';
  const namespace = resolver.writable(workspaceId, scope);
  return typeof namespace === 'string' ? namespace : { workspaceId, scope, namespace };
}

function provenance(row: LegacyRow, workspaceId: string, scope: Scope, runId: string) {
  return {
    run_id: runId,
    source: 'agent_memories',
    workspace_id: workspaceId,
    scope,
    tag: row.tag,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  } as const;
}

function isScope(scope: string): scope is Scope {
  return SCOPES.some((known) => known === scope);
}
