/**
 * What a plugin lists of namespaces, and whether that is all.
 *
 * A search lists at most 100 memories and has no second page. A listing that came back with fewer is the whole namespace; one
 * that is full is asked for again by kind; where one of those is full too, the namespace can only be known in part.
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
import { chunks } from './chunks.ts';

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

/** What a namespace shows: everything, by id, or, where it holds more than listings show, what it lists first, and in all. */
export type Sighting =
  | { whole: ReadonlyMap<string, ObservedMemory> }
  | { first: readonly ObservedMemory[]; shown: ReadonlyMap<string, ObservedMemory> };

export interface Listing {
  memories: ReadonlyMap<string, ObservedMemory>;
  /** As the plugin listed them without a further word: by the contract pinned ones first, then the newest. */
  first: readonly ObservedMemory[];
  /** The length of the longest answer that it was put together from. */
  longest: number;
}

export interface Listings {
  /** At most as many memories as the plugin shows at once, all of the namespaces that were asked for. Throws CouldNotAsk. */
  search(question: Question): Promise<ObservedMemory[]>;
  /** Whether an answer of this length cannot have been cut off. Throws CouldNotAsk. */
  isWhole(length: number): Promise<boolean>;
  /** One namespace, asked for by kind where it is full. Throws CouldNotAsk. */
  listing(namespace: string): Promise<Listing>;
  /**
   * What each of these namespaces holds, many asked for in one request; in the place of one for which there was no answer, why not.
   *
   * @param expected about how many memories a namespace holds, so that a request asks for just as many as one answer can show;
   *   without it, as many namespaces are asked for as a request may name
   */
  survey(
    namespaces: readonly string[],
    expected?: (namespace: string) => number,
  ): Promise<ReadonlyMap<string, Sighting | CouldNotAsk>>;
  /** Lets go of listings until the rest fits the bound; called between pages. @returns the namespaces that were let go */
  trim(): string[];
}

export interface ListingOptions {
  /** Searches under way at a time. */
  concurrency: number;
  /** Namespaces with as many memories as possible among the first hundred, to learn from how many the plugin lists. */
  manyNamespaces: readonly string[];
}

/** Namespaces that are asked for in one request, at most. */
export const PACKED = 100;

/** UTF-8 bytes, roughly: the contents that are kept between pages. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes, roughly, that a memory or a listing takes beside its contents. */
const ENTRY_BYTES = 500;

/** Listings shorter than this are believed to be whole: it is what the contract lists where nobody asks for a number. */
const LEAST_CAPACITY = 20;

/** Questions that the measuring is cut into, where it cannot be made in one. */
const MEASURED_IN = 10;

/** How much of an answer is filled with what is expected: the rest is for what the plugin's own users have added. */
const FILLED = 0.9;

const KINDS = ['fact', 'summary', 'checkpoint'] as const;

export function listings(plugin: Plugin, options: ListingOptions): Listings {
  const inFlight = pLimit(options.concurrency);
  const kept = new Map<string, Promise<Listing>>();
  const sizes = new Map<string, number>();
  let measuring: Promise<unknown> | undefined;
  let longest = LEAST_CAPACITY;

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

  async function isWhole(length: number): Promise<boolean> {
    if (length < LEAST_CAPACITY) return true;
    measuring ??= measure();
    await measuring;
    return length < longest;
  }

  /** Asks for many namespaces at once; where one of them spoils the answer, for fewer, and does without those that do. */
  async function measure(): Promise<void> {
    const manyNamespaces = options.manyNamespaces.slice(0, PACKED);
    try {
      await search({ namespaces: manyNamespaces });
    } catch (error) {
      if (!(error instanceof CouldNotAsk) || !mayBeOneNamespaces(error)) {
        measuring = undefined;
        throw error;
      }
      const parts = chunks(manyNamespaces, Math.ceil(manyNamespaces.length / MEASURED_IN));
      await Promise.allSettled(parts.map((namespaces) => search({ namespaces })));
    }
  }

  function listing(namespace: string): Promise<Listing> {
    const known = kept.get(namespace) ?? list(namespace);
    kept.delete(namespace);
    kept.set(namespace, known);
    return known;
  }

  async function list(namespace: string): Promise<Listing> {
    const newest = await search({ namespaces: [namespace] });
    const isFull = newest.length >= plugin.searchLimit;
    const parts = isFull ? [] : [newest];
    // One after the other: an answer may be a hundred memories of a megabyte each.
    for (const kind of isFull ? KINDS : []) parts.push(await search({ namespaces: [namespace], kinds: [kind] }));
    // A plugin that does not heed kinds as it should has not shown by them what it shows without.
    const byKind = new Set(parts.flat().map(({ id }) => id));
    const isAll = newest.every(({ id }) => byKind.has(id));
    const memories = new Map([newest, ...parts].flat().map((memory) => [memory.id, memory]));
    sizes.set(
      namespace,
      [...memories.values()].reduce((sum, memory) => sum + sizeOf(memory), ENTRY_BYTES),
    );
    return {
      memories,
      first: newest,
      longest: isAll ? Math.max(...parts.map(({ length }) => length)) : Number.POSITIVE_INFINITY,
    };
  }

  async function survey(namespaces: readonly string[], expected: (namespace: string) => number = () => 0) {
    const found = new Map<string, Sighting | CouldNotAsk>();
    await Promise.all(packed(namespaces, expected).map(look));
    return found;

    /** Halves what one answer does not show in full, down to single namespaces, which are listed by themselves. */
    async function look(names: readonly string[]): Promise<void> {
      try {
        await (names.length === 1 ? lookAtOne(names[0] ?? '') : lookAtMany(names));
      } catch (error) {
        if (!(error instanceof CouldNotAsk)) throw error;
        if (names.length > 1 && mayBeOneNamespaces(error)) await halves(names);
        else for (const name of names) found.set(name, error);
      }
    }

    async function lookAtOne(name: string): Promise<void> {
      const { memories, first, longest } = await listing(name);
      found.set(name, (await isWhole(longest)) ? { whole: memories } : { first, shown: memories });
    }

    async function lookAtMany(names: readonly string[]): Promise<void> {
      const memories = await search({ namespaces: [...names] });
      if (!(await isWhole(memories.length))) {
        await halves(names);
        return;
      }
      const inside = Map.groupBy(memories, ({ namespace }) => namespace);
      for (const name of names) {
        found.set(name, { whole: new Map(inside.get(name)?.map((memory) => [memory.id, memory])) });
      }
    }

    async function halves(names: readonly string[]): Promise<void> {
      await Promise.all(chunks(names, Math.ceil(names.length / 2)).map(look));
    }
  }

  /** Cuts the namespaces into requests, each of about what one answer can show. */
  function packed(namespaces: readonly string[], expected: (namespace: string) => number): string[][] {
    const most = plugin.searchLimit * FILLED;
    const packs: string[][] = [];
    let pack: string[] = [];
    let filled = 0;
    for (const name of namespaces) {
      const memories = expected(name);
      if (pack.length === PACKED || (pack.length > 0 && filled + memories > most)) {
        packs.push(pack);
        pack = [];
        filled = 0;
      }
      pack.push(name);
      filled += memories;
    }
    if (pack.length > 0) packs.push(pack);
    return packs;
  }

  function trim(): string[] {
    const gone: string[] = [];
    let bytes = [...kept.keys()].reduce((sum, namespace) => sum + (sizes.get(namespace) ?? 0), 0);
    for (const namespace of kept.keys()) {
      if (bytes <= KEPT_BYTES) break;
      bytes -= sizes.get(namespace) ?? 0;
      kept.delete(namespace);
      sizes.delete(namespace);
      gone.push(namespace);
    }
    return gone;
  }

  return { search, isWhole, listing, survey, trim };
}

/** Bytes, roughly. */
function sizeOf({ content, embedding }: ObservedMemory): number {
  return content.length + 8 * (embedding?.length ?? 0) + ENTRY_BYTES;
}

/** An answer that makes no sense may be the doing of one memory in it; no answer at all is everybody's. */
function mayBeOneNamespaces({ failure }: CouldNotAsk): boolean {
  return failure === undefined || failure.cause === 'refused' || failure.cause === 'malformed';
}
