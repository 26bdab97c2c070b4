/**
 * Looks for a row's words in many namespaces at once. Where the answer is full, it is asked for again in halves of them, and in a
 * single one by narrower words.
 *
 * A plugin may not heed as many namespaces in a query as a request may name: how many is found out by words that are known
 * to stand in one of them, which is named last, and then first. Until that has been done, it is taken to heed them all.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { type Rarity, searchWords, wordings } from '../../verify/words.ts';
import { chunks } from '../chunks.ts';
import { type Listing, PACKED } from '../listings.ts';
import type { Ask } from './answers.ts';
import type { QueryCapacity } from './capacity.ts';
import type { Narrowed, Row, Shown } from './narrowing.ts';
import { controlsIn } from './searchability.ts';

/** What a search for one row over many namespaces came to. */
export interface Probed {
  /** Under the row's id, or with just its content. */
  memories: readonly ObservedMemory[];
  /** The namespaces in which the search proves nothing. */
  unsettled: ReadonlySet<string>;
}

export interface Probing {
  /** Looks for a row's words in many namespaces at once. Throws CouldNotAsk. */
  probe(namespaces: readonly string[], row: Row): Promise<Probed>;
  /**
   * Finds out how many of these namespaces one request may name, so that words which are known to stand in one of them are found
   * there, whether it is named last or first; from then on `probe` names no more. Throws CouldNotAsk.
   */
  measureProbes(namespaces: readonly string[]): Promise<void>;
}

export interface ProbingParts {
  ask: Ask;
  isWholeFind: QueryCapacity['isWholeFind'];
  narrowed: Narrowed;
  listing(namespace: string): Promise<Listing>;
  rarity: Rarity | undefined;
}

export function probing({ ask, isWholeFind, narrowed, listing, rarity }: ProbingParts): Probing {
  let mostProbed = PACKED;

  async function probe(namespaces: readonly string[], row: Row): Promise<Probed> {
    const memories = new Map<string, ObservedMemory>();
    const unsettled = new Set<string>();
    const [query] = wordings(searchWords(row.content, rarity));
    if (query === undefined) return { memories: [], unsettled: new Set(namespaces) };
    await Promise.all(chunks(namespaces, mostProbed).map((names) => probeIn(names, query)));
    return { memories: [...memories.values()], unsettled };

    async function probeIn(names: readonly string[], words: string): Promise<void> {
      const [only] = names;
      const shown =
        names.length === 1 && only !== undefined ? await narrowed(only, words, row) : await askedOf(names, words);
      for (const memory of shown.memories) {
        if (memory.id === row.id || memory.content === row.content)
          memories.set(`${memory.namespace} ${memory.id}`, memory);
      }
      if (!shown.isFull) return;
      if (names.length === 1) for (const name of names) unsettled.add(name);
      else await Promise.all(chunks(names, Math.ceil(names.length / 2)).map((half) => probeIn(half, words)));
    }
  }

  async function askedOf(namespaces: readonly string[], query: string): Promise<Omit<Shown, 'answers'>> {
    const memories = await ask(namespaces, query);
    return { memories, isFull: !(await isWholeFind(namespaces, memories.length)) };
  }

  async function measureProbes(namespaces: readonly string[]): Promise<void> {
    mostProbed = PACKED;
    while (mostProbed > 1 && namespaces.length > 1) {
      const names = namespaces.slice(0, mostProbed);
      if (await findsInAnyOrder(names)) return;
      mostProbed = Math.ceil(names.length / 2);
    }
  }

  async function findsInAnyOrder(names: readonly string[]): Promise<boolean> {
    const last = names.at(-1) ?? '';
    for (const control of controlsIn(await listing(last))) {
      const [query = ''] = wordings(searchWords(control.content, rarity));
      const answers = await Promise.all([names, names.toReversed()].map((order) => ask(order, query)));
      const isControl = ({ id, namespace }: ObservedMemory) => id === control.id && namespace === last;
      if (answers.every((found) => found.some(isControl))) return true;
    }
    return false;
  }

  return { probe, measureProbes };
}
