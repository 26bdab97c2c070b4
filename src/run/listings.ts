/**
 * What a plugin lists of namespaces, and whether that is all.
 *
 * A search lists at most 100 memories and has no second page. A listing that came back with fewer is the whole namespace; one
 * that is full is asked for again by kind; where one of those is full too, the namespace can only be known in part.
 *
 *   asking.ts        one question
 *   capacity.ts      from which length on an answer counts as full, as learnt from the plugin's own answers
 *   listing.ts       one namespace by itself, and by kind
 *   kept.ts          the listings that are shared, as long as there is room for them
 *   survey.ts        many namespaces in one request, made again in parts where the answer need not be all
 *   packing.ts       which namespaces go into one request
 *   heed.ts          how many of them the plugin heeds, and when it counts that it shows nothing of one
 *   vectors-seen.ts  whether a memory that came without a vector has none
 *
 * All of it is learnt anew by whoever looks, and is in memory alone: a crash leaves nothing behind.
 */
import type { Plugin, Question } from '../client/resilience.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { asking, type Search } from './listings/asking.ts';
import { listingCapacity } from './listings/capacity.ts';
import { heed as heedOf } from './listings/heed.ts';
import { keptListings } from './listings/kept.ts';
import { type Listing, listNamespace } from './listings/listing.ts';
import { PACKED } from './listings/packing.ts';
import { type Survey, type SurveyOptions, surveyOf } from './listings/survey.ts';
import { type VectorsSeen, vectorWatch } from './listings/vectors-seen.ts';

export { type Sighting, shownIn } from './listings/survey.ts';
export type { Listing, Survey, VectorsSeen };
export { PACKED };

export interface Listings {
  /** At most as many memories as the plugin shows at once, all of the namespaces that were asked for. Throws CouldNotAsk. */
  search: Search;
  /** Whether an answer of this length cannot have been cut off. Throws CouldNotAsk. */
  isWhole(length: number): Promise<boolean>;
  /** One namespace, asked for by kind where it is full. Throws CouldNotAsk. */
  listing(namespace: string): Promise<Listing>;
  /**
   * What each of these namespaces holds, many asked for in one request; in the place of one for which there was no answer, why not.
   *
   * @param expected how many memories a namespace holds by the plan, so that a request asks for just as many as one answer can
   *   show; without it, as many namespaces are asked for as a request may name
   */
  survey(namespaces: readonly string[], expected?: (namespace: string) => number): Promise<Survey>;
  /** As `survey`, for namespaces that may rightly be empty: that they are counts only where the same answer shows what is known. */
  surveyStrictly(namespaces: readonly string[]): Promise<Survey>;
  /** Whether the plugin has shown vectors; of a memory: whether it has in answers of the kind that showed this one. */
  showsVectors(memory?: ObservedMemory): boolean;
  /** Lets go of listings until the rest fits the bound; called between pages. @returns the namespaces that were let go */
  trim(): string[];
}

export interface ListingOptions {
  /** Searches under way at a time. */
  concurrency: number;
  /** Namespaces with as many memories as possible among the first hundred, to learn from how many the plugin lists. */
  manyNamespaces: readonly string[];
  /** What the plugin has shown of vectors, to be shared by all who look on behalf of one run. */
  vectors?: VectorsSeen;
  /** The plugin is known to leave memories out of listings that look whole: none of them counts as whole then. */
  leavesOut?: boolean;
}

export function listings(plugin: Plugin, options: ListingOptions): Listings {
  const { concurrency, manyNamespaces, vectors = { listed: false, found: false }, leavesOut = false } = options;
  const { searchLimit } = plugin;
  const ask = asking(plugin, concurrency);
  const { shown, showsVectors } = vectorWatch(vectors);
  const capacity = listingCapacity({ search, searchLimit, manyNamespaces, leavesOut });
  const heed = heedOf(search, capacity, leavesOut ? 1 : PACKED);
  const { listing, trim } = keptListings(list);

  /** Learns from every answer. */
  async function search(question: Question): Promise<ObservedMemory[]> {
    const memories = await ask(question);
    const isFind = question.query !== undefined;
    if (!isFind) capacity.listed(memories.length);
    shown(memories, isFind ? 'found' : 'listed');
    return memories;
  }

  async function list(namespace: string): Promise<Listing> {
    const listed = await listNamespace(search, searchLimit, namespace);
    heed.shown(namespace, listed.memories.size);
    return listed;
  }

  function survey(namespaces: readonly string[], asked: SurveyOptions): Promise<Survey> {
    return surveyOf(namespaces, asked, { search, searchLimit, capacity, heed, listing });
  }

  return {
    search,
    isWhole: capacity.isWhole,
    listing,
    survey: (namespaces, expected = NOTHING) => survey(namespaces, { expected, strictly: false }),
    surveyStrictly: (namespaces) => survey(namespaces, { expected: NOTHING, strictly: true }),
    showsVectors,
    trim,
  };
}

const NOTHING = () => 0;
