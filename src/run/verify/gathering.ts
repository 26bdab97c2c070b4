/**
 * Strangers on their way to being settled: each memory once, and again where it says something else, as many at a time as memory has
 * room for.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { sha256 } from './strangers.ts';

export interface Gathering {
  add(memory: ObservedMemory): void;
  /** There are enough of them to be settled now. */
  isFull(): boolean;
  isEmpty(): boolean;
  /** @param except a namespace whose strangers stay for later. @returns the others that were added since the last call */
  take(except?: string): ObservedMemory[];
}

const MOST = 20_000;
/** UTF-16 units of content. */
const MOST_CONTENT = 16_000_000;

export function gathering(): Gathering {
  // A memory that is shown again and again, by every search in a full namespace, is settled once.
  const known = new Set<string>();
  let gathered: ObservedMemory[] = [];
  let content = 0;

  function keep(memory: ObservedMemory): void {
    gathered.push(memory);
    content += memory.content.length;
  }

  return {
    add(memory) {
      const key = `${memory.namespace} ${memory.id} ${sha256(memory.content)}`;
      if (known.has(key)) return;
      known.add(key);
      keep(memory);
    },
    isEmpty: () => gathered.length === 0,
    isFull: () => gathered.length >= MOST || content >= MOST_CONTENT,
    take(except) {
      const all = gathered;
      gathered = [];
      content = 0;
      for (const memory of all) if (memory.namespace === except) keep(memory);
      return all.filter(({ namespace }) => namespace !== except);
    },
  };
}
