/**
 * Whether it means anything that words find nothing in a namespace: only where a memory that is known to be there is found by its own
 * words, by the same kind of query.
 *
 * Each namespace is tried once, and the outcome kept until its listing is let go.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { type Rarity, searchWords, wordings } from '../../verify/words.ts';
import type { Listing } from '../listings.ts';
import type { Narrowed } from './narrowing.ts';

export interface Searchability {
  /** Whether a memory that is known to be there is found by its words, so that not finding one by its words means something. */
  isSearchableBy(namespace: string, listed: Listing): Promise<boolean>;
  /** Told of a memory that was found by its words, and is not listed: it is as good a control as any. */
  foundUnlisted(namespace: string): void;
  letGo(namespace: string): void;
}

/** Known memories of a namespace that are looked for, before its text search counts as useless. */
const CONTROLS = 3;

export function searchability(narrowed: Narrowed, rarity: Rarity | undefined): Searchability {
  const tried = new Map<string, Promise<boolean>>();

  async function findsControl(namespace: string, listed: Listing): Promise<boolean> {
    for (const control of controlsIn(listed)) {
      const [query = ''] = wordings(searchWords(control.content, rarity));
      const { memories, isFull } = await narrowed(namespace, query, control);
      if (!isFull && memories.some(({ id }) => id === control.id)) return true;
    }
    return false;
  }

  return {
    isSearchableBy(namespace, listed) {
      const known = tried.get(namespace) ?? findsControl(namespace, listed);
      tried.set(namespace, known);
      return known;
    },
    foundUnlisted: (namespace) => void tried.set(namespace, Promise.resolve(true)),
    letGo: (namespace) => void tried.delete(namespace),
  };
}

/** @returns a few of the memories, those that words could find */
export function controlsIn({ memories }: Listing): ObservedMemory[] {
  // Of the same content one is enough: there may be more of them than a search shows.
  const byContent = new Map([...memories.values()].map((memory) => [memory.content, memory]));
  return [...byContent.values()].filter(({ content }) => searchWords(content).length > 1).slice(0, CONTROLS);
}
