/**
 * One namespace, as far as listings show it. Where the first answer is full it is asked for again by kind. That need not make it whole:
 * where the kinds show nothing beside what was listed before, they may have been picked from that, and then they prove nothing.
 *
 * An id that a namespace shows more than once stands for as many rows of the plugin: all but one of them are told beside.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import type { Search } from './asking.ts';

/** Memories under ids that the same namespace has shown before: others of the same id, each at least once. */
export interface Again {
  again: readonly ObservedMemory[];
}

export interface Listing extends Again {
  memories: ReadonlyMap<string, ObservedMemory>;
  /** As the plugin listed them without a further word: by the contract pinned ones first, then the newest. */
  first: readonly ObservedMemory[];
  /** The length of the longest answer that it was put together from; infinite where they are known not to be all. */
  longest: number;
}

const KINDS = ['fact', 'summary', 'checkpoint'] as const;

/** @param searchLimit the most memories that a search can show. Throws CouldNotAsk */
export async function listNamespace(search: Search, searchLimit: number, namespace: string): Promise<Listing> {
  const newest = await search({ namespaces: [namespace] });
  const isFull = newest.length >= searchLimit;
  const parts: ObservedMemory[][] = [];
  // One after the other: an answer may be a hundred memories of a megabyte each.
  for (const kind of isFull ? KINDS : []) parts.push(await search({ namespaces: [namespace], kinds: [kind] }));
  const { memories, again } = folded([newest, ...parts]);
  const isAll = !isFull || addUp(newest, parts, memories.size);
  const lengths = (isFull ? parts : [newest]).map(({ length }) => length);
  return { memories, again, first: newest, longest: isAll ? Math.max(...lengths) : Number.POSITIVE_INFINITY };
}

/** Each memory once, and whatever the same answer, or that to another kind, shows again under its id. */
export function folded(
  answers: ReadonlyArray<readonly ObservedMemory[]>,
): Again & { memories: Map<string, ObservedMemory> } {
  const memories = new Map<string, ObservedMemory>();
  const again: ObservedMemory[] = [];
  for (const answer of answers) {
    const here = new Set<string>();
    for (const memory of answer) {
      const known = memories.get(memory.id);
      if (!known) memories.set(memory.id, memory);
      else if (here.has(memory.id) || known.kind !== memory.kind) again.push(memory);
      here.add(memory.id);
    }
  }
  return { memories, again };
}

/**
 * Whether the answers by kind make up the whole: a plugin that does not heed kinds has not shown by them what it shows without, and one
 * that picks them from what it would have listed shows nothing beside that.
 */
function addUp(newest: readonly ObservedMemory[], parts: readonly ObservedMemory[][], all: number): boolean {
  const byKind = new Set(parts.flat().map(({ id }) => id));
  return newest.every(({ id }) => byKind.has(id)) && all > new Set(newest.map(({ id }) => id)).size;
}
