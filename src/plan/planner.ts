/**
 * What is to become of a row: a write with everything that the plugin will be sent, or a skip with its reason. Dry run, apply
 * and verify all ask this one function, so they cannot disagree.
 */
import { type LegacyRow, type Planned, SCOPES, type Scope } from '../model/memory.ts';
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
  const { id, workspaceId, scope, content, createdAt, updatedAt } = row;
  const skip = { verdict: 'skip', id, createdAt, updatedAt, workspaceId, scope, content } as const;

  if (accepted.has(id)) return { ...skip, reason: 'accepted' };
  if (workspaceId === null || !resolver.knows(workspaceId)) return { ...skip, reason: 'no-workspace' };
  if (!isScope(scope)) return { ...skip, reason: 'unknown-scope' };
  const namespace = resolver.writable(workspaceId, scope);
  if (typeof namespace === 'string') return { ...skip, reason: namespace };
  if (BLANK.test(content)) return { ...skip, reason: 'empty-content' };

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
