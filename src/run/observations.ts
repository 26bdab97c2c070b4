/**
 * What the plugin shows of rows, through search alone: by listings where they reach (listings.ts), else by the row's own words.
 *
 *   answers.ts        one query for words
 *   capacity.ts       from which length on an answer to one counts as full, as learnt from the plugin's own answers
 *   narrowing.ts      more words and rarer ones, where an answer was full
 *   searchability.ts  whether it means anything that words find nothing
 *   by-words.ts       a row that the listing of its namespace does not show: found, absent, or neither is proven
 *   sifting.ts        as that, and whatever copies of it there are
 *   probing.ts        a row in many namespaces at once
 *
 * Whoever looks begins anew, and what has been seen is in memory alone: a crash leaves nothing behind. What was listed, and was
 * answered to queries, is let go between pages; what has been learnt of the plugin stays.
 */
import type { Plugin } from '../client/resilience.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { type Rarity, searchWords, wordings } from '../verify/words.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { type Listing, type ListingOptions, type Listings, listings, type Sighting } from './listings.ts';
import { keptAnswers } from './observations/answers.ts';
import { byWords, type Look } from './observations/by-words.ts';
import { queryCapacity } from './observations/capacity.ts';
import { narrowing, type Row } from './observations/narrowing.ts';
import { type Probing, probing } from './observations/probing.ts';
import { searchability } from './observations/searchability.ts';
import { type Sifted, siftFor } from './observations/sifting.ts';

export type { Look, Sighting };

export interface Observations extends Probing {
  /** Whether a namespace shows a row, wherever it stands in the plugin's order. Throws CouldNotAsk. */
  look(namespace: string, row: Row): Promise<Look>;
  /**
   * As `look`, for a row whose content in the plugin may be an earlier one: its present words may find it, but that they do
   * not proves nothing. Throws CouldNotAsk.
   */
  lookForEarlier(namespace: string, row: Row): Promise<Look>;
  /** By each of its words by itself, and by all of them, whatever the listing shows; undefined where none finds it. Throws CouldNotAsk. */
  findByAnyWord(namespace: string, row: Row): Promise<ObservedMemory | undefined>;
  /** As `look`, and looks for the row's words even where the listing shows it, so that copies of it are seen too. Throws CouldNotAsk. */
  sift(namespace: string, row: Row): Promise<Sifted>;
  /** Whether the search for words finds in this namespace what is known to be there. Throws CouldNotAsk. */
  isSearchable(namespace: string): Promise<boolean>;
  /** What each of these namespaces holds, many asked for in one request. Throws CouldNotAsk. */
  survey(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>>;
  /** As `survey`, with the error in the place of what could not be asked, and packed by how many memories are expected. */
  surveyEach: Listings['survey'];
  surveyStrictly: Listings['surveyStrictly'];
  /** Whether the plugin has shown vectors; of a memory: whether it has in answers of the kind that showed this one. */
  showsVectors(memory?: ObservedMemory): boolean;
  /** Lets go of listings until the rest fits the bound; called between pages. */
  trim(): void;
}

export interface ObserveOptions extends ListingOptions {
  /** The plugin announces full-text search. */
  hasTextSearch: boolean;
  /** In how many rows a word stands, so that the rarer ones are searched for; without it, the longest are. */
  rarity?: Rarity;
}

export function observe(plugin: Plugin, options: ObserveOptions): Observations {
  const { hasTextSearch, rarity } = options;
  const { search, isWhole, listing, survey, surveyStrictly, showsVectors, trim } = listings(plugin, options);
  const answers = keptAnswers(find);
  const { ask } = answers;
  const { found, isWholeFind } = queryCapacity({ ask, listing, searchLimit: plugin.searchLimit });
  const narrowed = narrowing({ ask, isWholeFind, rarity });
  const searchable = searchability(narrowed, rarity);
  const { isSearchableBy, foundUnlisted } = searchable;
  const words = byWords({ ask, isWholeFind, narrowed, isSearchableBy, hasTextSearch, rarity });

  async function find(namespaces: readonly string[], query: string): Promise<ObservedMemory[]> {
    const memories = await search({ namespaces: [...namespaces], query });
    found(memories.length);
    return memories;
  }

  async function look(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    return (await settledBy(listed, row)) ?? (await words.lookByWords(namespace, row, listed));
  }

  async function lookForEarlier(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    const settled = await settledBy(listed, row);
    if (settled) return settled;
    const memory = await findByAnyWord(namespace, row);
    if (memory) return { result: 'found', memory };
    return { result: 'unsettled', why: 'the namespace holds more than a search lists, and its words do not find it' };
  }

  async function findByAnyWord(namespace: string, row: Row): Promise<ObservedMemory | undefined> {
    const own = searchWords(row.content);
    for (const query of new Set([...wordings(own), ...own])) {
      const memory = (await search({ namespaces: [namespace], query })).find(({ id }) => id === row.id);
      if (memory) return memory;
    }
    return undefined;
  }

  /** @returns undefined where the row is not in the listing, and the listing need not be the whole namespace */
  async function settledBy(listed: Listing, { id }: Row): Promise<Look | undefined> {
    const memory = listed.memories.get(id);
    if (memory) return { result: 'found', memory };
    return (await isWhole(listed.longest)) ? { result: 'absent' } : undefined;
  }

  async function surveyAll(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>> {
    const seen = new Map<string, Sighting>();
    for (const [name, sighting] of await survey(namespaces)) {
      if (sighting instanceof CouldNotAsk) throw sighting;
      seen.set(name, sighting);
    }
    return seen;
  }

  return {
    look,
    lookForEarlier,
    findByAnyWord,
    sift: (namespace, row) => siftFor(namespace, row, { ...words, listing, foundUnlisted, rarity }),
    ...probing({ ask, isWholeFind, narrowed, listing, rarity }),
    async isSearchable(namespace) {
      return hasTextSearch && (await isSearchableBy(namespace, await listing(namespace)));
    },
    survey: surveyAll,
    surveyEach: survey,
    surveyStrictly,
    showsVectors,
    trim() {
      answers.letGo();
      for (const namespace of trim()) searchable.letGo(namespace);
    },
  };
}
