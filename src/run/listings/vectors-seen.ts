/**
 * Whether the plugin shows vectors. Most plugins show none, and one that does may show them in listings alone: that a memory came
 * without says something only where answers of the same kind have shown the vectors of others.
 */
import type { ObservedMemory } from '../../model/memory.ts';

/** Whether an answer has shown a vector: a listing, or one to a query for words. */
export interface VectorsSeen {
  listed: boolean;
  found: boolean;
}

export interface VectorWatch {
  /** Told of every answer, and by which kind of question it was had. */
  shown(memories: readonly ObservedMemory[], by: keyof VectorsSeen): void;
  /** Whether the plugin has shown vectors; of a memory: whether it has in answers of the kind that showed this one. */
  showsVectors(memory?: ObservedMemory): boolean;
}

/** @param seen written to: several who look on behalf of one run may share it */
export function vectorWatch(seen: VectorsSeen): VectorWatch {
  const foundByWords = new WeakSet<ObservedMemory>();
  return {
    shown(memories, by) {
      if (by === 'found') for (const memory of memories) foundByWords.add(memory);
      if (memories.some(({ embedding }) => embedding !== undefined)) seen[by] = true;
    },
    showsVectors(memory) {
      if (memory === undefined) return seen.listed || seen.found;
      return seen[foundByWords.has(memory) ? 'found' : 'listed'];
    },
  };
}
