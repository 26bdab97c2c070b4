/**
 * Looks for a row by its own words, where the listing of its namespace does not reach it.
 *
 * That a search for words finds nothing proves that the row is absent only if the plugin announces full-text search and finds a
 * row of the same namespace that is known to be there by the same kind of query, and if the answer was not full itself. An answer
 * that is full is narrowed down, by more words and by rarer ones, before it counts as telling nothing.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { type Rarity, searchWords, wordings } from '../../verify/words.ts';
import type { Listing } from '../listings.ts';
import type { Ask } from './answers.ts';
import type { QueryCapacity } from './capacity.ts';
import type { Narrowed, Row, Shown } from './narrowing.ts';
import type { Searchability } from './searchability.ts';

/** What a look for one row in one namespace came to. */
export type Look =
  | { result: 'found'; memory: ObservedMemory }
  | { result: 'absent' }
  | { result: 'unsettled'; why: string };

export interface ByWords {
  /** For a row that is not in the listing, where that need not be the whole namespace. Throws CouldNotAsk. */
  lookByWords(namespace: string, row: Row, listed: Listing): Promise<Look>;
  /**
   * What a query shows, narrowed down where that is full and the plugin heeds words: one that does not would answer all of them
   * alike. Throws CouldNotAsk.
   */
  narrowedWhereHeeded(namespace: string, listed: Listing, query: string, row: Row, spent?: Set<string>): Promise<Shown>;
}

export interface ByWordsParts {
  ask: Ask;
  isWholeFind: QueryCapacity['isWholeFind'];
  narrowed: Narrowed;
  isSearchableBy: Searchability['isSearchableBy'];
  /** The plugin announces full-text search. */
  hasTextSearch: boolean;
  rarity: Rarity | undefined;
}

export function byWords(parts: ByWordsParts): ByWords {
  const { ask, isWholeFind, narrowed, isSearchableBy, hasTextSearch, rarity } = parts;

  async function lookByWords(namespace: string, row: Row, listed: Listing): Promise<Look> {
    const unsettled = (why: string): Look => ({ result: 'unsettled', why });
    const words = searchWords(row.content, rarity);
    if (words.length === 0) return unsettled('it has no word that a text search could find');
    const spent = new Set<string>();
    for (const query of wordings(words)) {
      const { memories, isFull } = await narrowedWhereHeeded(namespace, listed, query, row, spent);
      const memory = memories.find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
      if (isFull) return unsettled('more memories have the same words than a search shows');
    }
    if (!hasTextSearch) return unsettled('the plugin does not announce full-text search');
    if (await isSearchableBy(namespace, listed)) return { result: 'absent' };
    return unsettled("the plugin's text search does not find a row known to be there");
  }

  async function narrowedWhereHeeded(
    namespace: string,
    listed: Listing,
    query: string,
    row: Row,
    spent?: Set<string>,
  ): Promise<Shown> {
    const memories = await ask([namespace], query);
    if (await isWholeFind([namespace], memories.length)) {
      spent?.add(query);
      return { memories, answers: [memories], isFull: false };
    }
    const heeds = hasTextSearch && (await isSearchableBy(namespace, listed));
    return heeds ? await narrowed(namespace, query, row, spent) : { memories, answers: [memories], isFull: true };
  }

  return { lookByWords, narrowedWhereHeeded };
}
