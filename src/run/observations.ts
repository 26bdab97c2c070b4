/**
 * What the plugin shows of a namespace, through search alone.
 *
 * A search lists at most 100 memories and has no second page. A listing that came back with fewer is the whole namespace; one
 * that is full is asked for again by kind; where one of those is full too, the namespace can only be known in part, and a row
 * that is not in the listing has to be looked for by its own words. That such a search finds nothing proves that the row is
 * absent only if the plugin announces full-text search and finds a row of the same namespace that is known to be there by
 * the same kind of query, and if the answer was not full itself.
 *
 * "Full" is not taken from the contract alone, since a plugin may silently list fewer than it is asked for: the most that it is
 * known to list is what it shows of many namespaces at once. Answers of that length count as full.
 *
 * Listings are kept while there is room for their contents, the least recently used leaving first, so that siblings share
 * their team's listing and memory stays bounded.
 */
import pLimit from 'p-limit';
import type { Plugin, Question } from '../client/resilience.ts';
import type { Failure } from '../model/failure.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { searchWords, wordings } from '../verify/words.ts';
import { chunks } from './chunks.ts';

/** What a look for one row in one namespace came to. */
export type Look =
  | { result: 'found'; memory: ObservedMemory }
  | { result: 'absent' }
  | { result: 'unsettled'; why: string };

/** The plugin gave no answer that says anything; the message is for the operator. Caught where a row is judged. */
export class CouldNotAsk extends Error {
  override readonly name = 'CouldNotAsk';
  /** Why there was no answer; undefined where there was one that makes no sense. */
  readonly failure: Failure | undefined;

  constructor(message: string, failure?: Failure) {
    super(message);
    this.failure = failure;
  }
}

/** What a namespace shows: everything, by id, or, where it holds more than listings show, what it lists first. */
export type Sighting = { whole: ReadonlyMap<string, ObservedMemory> } | { first: readonly ObservedMemory[] };

export interface Observations {
  /** Whether a namespace shows a row, wherever it stands in the plugin's order. Throws CouldNotAsk. */
  look(namespace: string, row: Row): Promise<Look>;
  /**
   * As `look`, for a row whose content in the plugin may be an earlier one: its present words may find it, but that they do
   * not proves nothing. Throws CouldNotAsk.
   */
  lookForEarlier(namespace: string, row: Row): Promise<Look>;
  /** What each of these namespaces holds, many asked for in one request. Throws CouldNotAsk. */
  survey(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>>;
  /** Lets go of listings until the rest fits the bound; called between pages. */
  trim(): void;
}

export interface ObserveOptions {
  /** The plugin announces full-text search. */
  hasTextSearch: boolean;
  /** Searches under way at a time. */
  concurrency: number;
  /** Namespaces with as many memories as possible between them, to learn from how many the plugin lists. */
  manyNamespaces: readonly string[];
}

interface Row {
  id: string;
  content: string;
}

interface Listing {
  memories: ReadonlyMap<string, ObservedMemory>;
  /** As the plugin listed them without a further word: by the contract pinned ones first, then the newest. */
  first: readonly ObservedMemory[];
  /** The length of the longest answer that it was put together from. */
  longest: number;
}

/** UTF-8 bytes, roughly: the contents that are kept between pages. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes, roughly, that a memory or a listing takes beside its contents. */
const ENTRY_BYTES = 500;

/** Listings shorter than this are believed to be whole: it is what the contract lists where nobody asks for a number. */
const LEAST_CAPACITY = 20;

/** Namespaces that are asked for in one request, at most. */
const PACKED = 100;

/** Known memories of a namespace that are looked for, before its text search counts as useless. */
const CONTROLS = 3;

const KINDS = ['fact', 'summary', 'checkpoint'] as const;

export function observe(plugin: Plugin, options: ObserveOptions): Observations {
  const inFlight = pLimit(options.concurrency);
  const listings = new Map<string, Promise<Listing>>();
  const sizes = new Map<string, number>();
  const controls = new Map<string, Promise<boolean>>();
  let measured: Promise<unknown> | undefined;
  let longest = LEAST_CAPACITY;

  async function look(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    return (await settledBy(listed, row)) ?? (await lookByWords(namespace, row, listed));
  }

  async function lookForEarlier(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    const settled = await settledBy(listed, row);
    if (settled) return settled;
    const words = searchWords(row.content);
    for (const query of new Set([...wordings(words), ...words])) {
      const memory = (await search({ namespaces: [namespace], query })).find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
    }
    return { result: 'unsettled', why: 'the namespace holds more than a search lists, and its words do not find it' };
  }

  /** @returns undefined where the row is not in the listing, and the listing need not be the whole namespace */
  async function settledBy(listed: Listing, { id }: Row): Promise<Look | undefined> {
    const memory = listed.memories.get(id);
    if (memory) return { result: 'found', memory };
    return (await isWhole(listed.longest)) ? { result: 'absent' } : undefined;
  }

  /** Whether an answer of this length cannot have been cut off. */
  async function isWhole(length: number): Promise<boolean> {
    return length < LEAST_CAPACITY || length < (await capacity());
  }

  async function survey(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>> {
    const found = new Map<string, Sighting>();
    await Promise.all(chunks(namespaces, PACKED).map(surveyPacked));
    return found;

    /** Halves what one answer does not show in full, down to single namespaces, which are listed by themselves. */
    async function surveyPacked(names: readonly string[]): Promise<void> {
      const [only] = names;
      if (names.length === 1 && only !== undefined) {
        const listed = await listing(only);
        found.set(only, (await isWhole(listed.longest)) ? { whole: listed.memories } : { first: listed.first });
        return;
      }
      const memories = await search({ namespaces: [...names] });
      if (await isWhole(memories.length)) {
        for (const name of names) {
          const inside = memories.filter(({ namespace }) => namespace === name);
          found.set(name, { whole: new Map(inside.map((memory) => [memory.id, memory])) });
        }
        return;
      }
      await Promise.all(chunks(names, Math.ceil(names.length / 2)).map(surveyPacked));
    }
  }

  /** For a row that is not in the listing, where that need not be the whole namespace. */
  async function lookByWords(namespace: string, row: Row, listed: Listing): Promise<Look> {
    const unsettled = (why: string): Look => ({ result: 'unsettled', why });
    const words = searchWords(row.content);
    if (words.length === 0) return unsettled('it has no word that a text search could find');
    for (const query of wordings(words)) {
      const found = await search({ namespaces: [namespace], query });
      const memory = found.find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
      if (found.length >= (await capacity())) return unsettled('more memories have the same words than a search shows');
    }
    if (!options.hasTextSearch) return unsettled('the plugin does not announce full-text search');
    if (await isSearchable(namespace, listed)) return { result: 'absent' };
    return unsettled("the plugin's text search does not find a row known to be there");
  }

  async function search(question: Question): Promise<ObservedMemory[]> {
    const answer = await inFlight(() => plugin.search(question));
    if (!answer.ok) throw new CouldNotAsk(answer.failure.sentence, answer.failure);
    const stray = answer.value.find(({ namespace }) => !question.namespaces.includes(namespace));
    if (stray) {
      const asked = question.namespaces.slice(0, 3).join(', ');
      throw new CouldNotAsk(`Asked for ${asked}, the plugin showed a memory of another namespace.`);
    }
    longest = Math.max(longest, Math.min(answer.value.length, plugin.searchLimit));
    return answer.value;
  }

  /** The most memories that the plugin is known to list. */
  async function capacity(): Promise<number> {
    measured ??= search({ namespaces: [...options.manyNamespaces] });
    await measured;
    return longest;
  }

  function listing(namespace: string): Promise<Listing> {
    const known = listings.get(namespace) ?? list(namespace);
    listings.delete(namespace);
    listings.set(namespace, known);
    return known;
  }

  async function list(namespace: string): Promise<Listing> {
    const newest = await search({ namespaces: [namespace] });
    const isFull = newest.length >= plugin.searchLimit;
    const parts = isFull ? [] : [newest];
    // One after the other: an answer may be a hundred memories of a megabyte each.
    for (const kind of isFull ? KINDS : []) parts.push(await search({ namespaces: [namespace], kinds: [kind] }));
    const memories = [newest, ...parts].flat();
    sizes.set(
      namespace,
      memories.reduce((sum, { content }) => sum + content.length + ENTRY_BYTES, ENTRY_BYTES),
    );
    return {
      memories: new Map(memories.map((memory) => [memory.id, memory])),
      first: newest,
      longest: Math.max(...parts.map(({ length }) => length)),
    };
  }

  /** Whether a memory that is known to be there is found by its words, so that not finding one by its words means something. */
  function isSearchable(namespace: string, { memories }: Listing): Promise<boolean> {
    const known = controls.get(namespace) ?? findsControl(namespace, memories);
    controls.set(namespace, known);
    return known;
  }

  async function findsControl(namespace: string, memories: Listing['memories']): Promise<boolean> {
    const telling = [...memories.values()].filter(({ content }) => searchWords(content).length > 1);
    for (const { id, content } of telling.slice(0, CONTROLS)) {
      const found = await search({ namespaces: [namespace], query: searchWords(content).join(' ') });
      if (found.length < (await capacity()) && found.some((memory) => memory.id === id)) return true;
    }
    return false;
  }

  function trim(): void {
    let kept = [...listings.keys()].reduce((sum, namespace) => sum + (sizes.get(namespace) ?? 0), 0);
    for (const namespace of listings.keys()) {
      if (kept <= KEPT_BYTES) break;
      kept -= sizes.get(namespace) ?? 0;
      listings.delete(namespace);
      sizes.delete(namespace);
      controls.delete(namespace);
    }
  }

  return { look, lookForEarlier, survey, trim };
}
