/**
 * What the plugin keeps, in memory: it is gone with the process. Knows no HTTP and no quirk.
 *
 * A memory that is written again keeps its creation time and its place in the order; it takes on everything else, its
 * namespace included.
 */
import { scoreOf, stemsOf } from './search.ts';
import type { JsonObject } from './wire.ts';

export const NAMESPACE_KINDS = ['workspace', 'team', 'org', 'custom'] as const;
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];
export const MEMORY_KINDS = ['fact', 'summary', 'checkpoint'] as const;
export type MemoryKind = (typeof MEMORY_KINDS)[number];
export const MEMORY_SOURCES = ['agent', 'runtime', 'user'] as const;
export type MemorySource = (typeof MEMORY_SOURCES)[number];

export interface StoredNamespace {
  name: string;
  kind: NamespaceKind;
  created_at: string;
  expires_at: string | null;
  metadata: JsonObject | null;
}

export interface StoredMemory {
  id: string;
  namespace: string;
  content: string;
  kind: MemoryKind;
  source: MemorySource;
  created_at: string;
  expires_at: string | null;
  propagation: JsonObject | null;
  pin: boolean;
  embedding: number[] | null;
}

export interface SearchTerms {
  namespaces: string[];
  /** Absent or empty: all memories, newest first, pinned ones before. */
  query: string | undefined;
  kinds: MemoryKind[] | undefined;
  /** Given: only memories that have one, nearest first. */
  embedding: number[] | null;
}

export interface Found {
  memory: StoredMemory;
  score: number | null;
}

export class Store {
  readonly namespaces = new Map<string, StoredNamespace>();
  /** In the order of their first writing, which also breaks ties of the creation time. */
  readonly memories = new Map<string, StoredMemory>();
  /** The first embedding sets the length of all. */
  #vectorLength: number | undefined;

  putMemory(memory: StoredMemory): void {
    this.memories.set(memory.id, memory);
    if (memory.embedding) this.#vectorLength ??= memory.embedding.length;
  }

  acceptsVector(vector: readonly number[]): boolean {
    return vector.length > 0 && (this.#vectorLength ?? vector.length) === vector.length;
  }

  deleteNamespace(name: string): void {
    this.namespaces.delete(name);
    for (const memory of this.memories.values()) if (memory.namespace === name) this.memories.delete(memory.id);
  }

  /** @returns everything that fits and has not expired, in the contract's order and without a limit. */
  search(terms: SearchTerms, now = Date.now()): Found[] {
    const namespaces = new Set(terms.namespaces);
    const query = terms.query ? stemsOf(terms.query) : undefined;
    const found: Found[] = [];
    for (const memory of this.memories.values()) {
      if (!namespaces.has(memory.namespace)) continue;
      if (terms.kinds?.length && !terms.kinds.includes(memory.kind)) continue;
      if (memory.expires_at !== null && Date.parse(memory.expires_at) <= now) continue;
      const score = this.#score(memory, query, terms.embedding);
      if (score !== undefined) found.push({ memory, score });
    }
    return found.reverse().sort(byRank);
  }

  /** @returns null where nothing ranks the memories, undefined where this one is not among the found. */
  #score(
    memory: StoredMemory,
    query: ReadonlyMap<string, number> | undefined,
    embedding: readonly number[] | null,
  ): number | null | undefined {
    const textScore = query ? scoreOf(this.#stems(memory), query) : null;
    if (textScore === undefined || !embedding) return textScore;
    return memory.embedding ? cosine(memory.embedding, embedding) : undefined;
  }

  /** Stemming is the costly part of a search; a stored memory is never changed, only replaced. */
  #stems(memory: StoredMemory): ReadonlyMap<string, number> {
    const known = this.#stemsOfMemory.get(memory);
    if (known) return known;
    const stems = stemsOf(memory.content);
    this.#stemsOfMemory.set(memory, stems);
    return stems;
  }
  readonly #stemsOfMemory = new WeakMap<StoredMemory, ReadonlyMap<string, number>>();
}

/** Best score first; without scores pinned ones first, then the newest. The later one written comes first where all is equal. */
function byRank(a: Found, b: Found): number {
  if (a.score !== null && b.score !== null && a.score !== b.score) return b.score - a.score;
  const pinned = a.score === null ? Number(b.memory.pin) - Number(a.memory.pin) : 0;
  return pinned || Date.parse(b.memory.created_at) - Date.parse(a.memory.created_at);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0;
  for (const [index, value] of a.entries()) dot += value * (b[index] ?? 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b) || 1);
}
