/**
 * What it means that a row stands in a namespace: whether anybody can read it there who was not to. Pure.
 */
import type { Namespace } from '../model/memory.ts';

/** The workspaces that read a namespace. */
export type ReadersOf = (namespace: string) => ReadonlySet<string>;

export type Placement = 'home' | 'misplaced' | 'leak';

/** @param planned where the row belongs; null for one that belongs nowhere, and that nobody was to read */
export function placement(planned: Namespace | null, found: string, readersOf: ReadersOf): Placement {
  if (planned === null) return 'leak';
  if (planned.name === found) return 'home';
  const intended = readersOf(planned.name);
  return [...readersOf(found)].every((reader) => intended.has(reader)) ? 'misplaced' : 'leak';
}

export interface Origin {
  workspaceId: string | null;
  scope: string;
}

/** What a memory's provenance says of its origin, as this tool writes it; null where it is nothing of the kind. */
export function originOf(provenance: unknown): Origin | null {
  if (typeof provenance !== 'object' || provenance === null) return null;
  const told = new Map<string, unknown>(Object.entries(provenance));
  const [source, workspaceId, scope] = ['source', 'workspace_id', 'scope'].map((name) => told.get(name));
  if (source !== 'agent_memories' || typeof scope !== 'string') return null;
  return typeof workspaceId === 'string' || workspaceId === null ? { workspaceId, scope } : null;
}
