/**
 * What is moved: a row as the platform keeps it, the namespace it belongs to, and what the plan says of it.
 *
 * Everything here is plain data. Ids are UUIDs in lower case. Timestamps are text as Postgres prints them in UTC, since a
 * JavaScript Date would lose their microseconds.
 */

/** Whether a text has the form of an id, in upper or lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const SCOPES = ['LOCAL', 'TEAM', 'GLOBAL'] as const;
export type Scope = (typeof SCOPES)[number];

/** A row of `agent_memories`, as it was read. */
export interface LegacyRow {
  id: string;
  workspaceId: string | null;
  content: string;
  /** As stored. An older database has no CHECK on it, so it may be anything. */
  scope: string;
  createdAt: string | null;
  updatedAt: string | null;
  /** The column `namespace`, a category that has nothing to do with the plugin's namespaces; null where it is absent. */
  tag: string | null;
  /** Null where the row has none, the column is absent, or nobody asked for it. */
  embedding: readonly number[] | null;
}

/** A row of `workspaces`, as far as it concerns this tool. */
export interface Workspace {
  id: string;
  parentId: string | null;
  removed: boolean;
}

export const NAMESPACE_KINDS = ['workspace', 'team', 'org'] as const;
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** A namespace of the plugin, of a kind that the platform's scopes lead to. */
export interface Namespace {
  name: string;
  kind: NamespaceKind;
}

/** Why a row has no place in the plugin. The planner gives the first one that holds, in this order. */
export const SKIP_REASONS = [
  /** The operator gave the row up on purpose, by name. */
  'accepted',
  'no-workspace',
  'unknown-scope',
  'workspace-cycle',
  'global-from-non-root',
  'workspace-removed',
  'empty-content',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What the plugin is told about where a memory came from: stored under `propagation.backfill`. */
export interface Provenance {
  run_id: string;
  source: 'agent_memories';
  workspace_id: string;
  scope: Scope;
  tag: string | null;
  created_at: string | null;
  updated_at: string | null;
}

/** A row that is to be written: everything that the plugin will be sent, and where. */
export interface PlannedWrite {
  verdict: 'write';
  /** The source's id, which is the idempotency key of the write. */
  id: string;
  createdAt: string | null;
  updatedAt: string | null;
  workspaceId: string;
  scope: Scope;
  namespace: Namespace;
  content: string;
  kind: 'fact';
  source: 'agent';
  /** Absent where the plugin does not announce `propagation`. */
  provenance?: Provenance;
  /** Absent where the plugin does not announce `embedding`, or the row has none. */
  embedding?: readonly number[];
}

/** A row that is not to be written, and why. */
export interface Skip {
  verdict: 'skip';
  id: string;
  createdAt: string | null;
  updatedAt: string | null;
  workspaceId: string | null;
  scope: string;
  content: string;
  reason: SkipReason;
}

export type Planned = PlannedWrite | Skip;

/** A position in the source's order: by creation, rows without a creation time first, then by id. */
export interface Position {
  createdAt: string | null;
  id: string;
}

/** A memory as the plugin's search returned it. */
export interface ObservedMemory {
  id: string;
  namespace: string;
  content: string;
  kind: string;
  source: string;
  pinned: boolean;
  /** By the plugin's clock, in the plugin's own notation. */
  createdAt: string;
  expiresAt: string | null;
  /** What the plugin returned as `propagation.backfill`; undefined where it returned none. */
  provenance: unknown;
  /** Absent where the plugin returned none, as most do: version 1 of the contract asks for none. */
  embedding?: readonly number[];
}
