/**
 * What a plugin lists of namespaces, and whether that is all.
 *
 * A search lists at most 100 memories and has no second page. A listing that came back with fewer is the whole namespace; one
 * that is full is asked for again by kind; where one of those is full too, the namespace can only be known in part.
 *
 * "Full" is not taken from the contract alone, since a plugin may silently list fewer than it is asked for: the most that it is
 * known to list is what it shows of many namespaces at once. Answers of that length count as full. And where the kinds of a full
 * namespace show nothing beside what it listed before, they may have been picked from that: then they prove nothing.
 *
 * Nor is it taken for granted that a request for many namespaces is heeded to its end. A namespace that shows fewer memories than
 * are expected there is asked for by itself; where nothing is expected, the request ends in a namespace that is known to show
 * something, and its silence on the others counts only if it shows that. A request that fails so is made again in halves, and
 * no later one is longer than those.
 *
 * An id that one namespace shows more than once stands for as many rows of the plugin: all but one of them are told beside.
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
export type Sighting = (
  | { whole: ReadonlyMap<string, ObservedMemory> }
  | { first: readonly ObservedMemory[]; shown: ReadonlyMap<string, ObservedMemory> }
) &
  Again;

/** Memories under ids that the same namespace has shown before: others of the same id, each at least once. */
interface Again {
  again: readonly ObservedMemory[];
}

export interface Listing extends Again {
  memories: ReadonlyMap<string, ObservedMemory>;
  /** As the plugin listed them without a further word: by the contract pinned ones first, then the newest. */
  first: readonly ObservedMemory[];
  /** The length of the longest answer that it was put together from. */
  longest: number;
}

export type Survey = ReadonlyMap<string, Sighting | CouldNotAsk>;

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
}

/** Whether an answer has shown a vector: a listing, or one to a query for words. */
export interface VectorsSeen {
  listed: boolean;
  found: boolean;
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

/** Namespaces known to show something that are tried as the last of a request, should they be found empty by now. */
const CONTROLS = 3;

/** Namespaces that are kept as such, those with the fewest memories. */
const CONTROLS_KEPT = 50;

const KINDS = ['fact', 'summary', 'checkpoint'] as const;

export function listings(plugin: Plugin, options: ListingOptions): Listings {
  const inFlight = pLimit(options.concurrency);
  const kept = new Map<string, Promise<Listing>>();
  const sizes = new Map<string, number>();
  const foundByWords = new WeakSet<ObservedMemory>();
  const { vectors = { listed: false, found: false } } = options;
  let measuring: Promise<unknown> | undefined;
  let longest = LEAST_CAPACITY;
  /** The most namespaces in one request that the plugin may heed, for all that is known. */
  let mostNames = PACKED;
  /** Namespaces that have shown something, and how much. */
  const lively = new Map<string, number>();

  async function search(question: Question): Promise<ObservedMemory[]> {
    const answer = await inFlight(() => plugin.search(question));
    if (!answer.ok) throw new CouldNotAsk(answer.failure.sentence, answer.failure);
    const stray = answer.value.find(({ namespace }) => !question.namespaces.includes(namespace));
    if (stray) {
      const asked = question.namespaces.slice(0, 3).join(', ');
      throw new CouldNotAsk(`Asked for ${asked}, the plugin showed a memory of another namespace.`);
    }
    const isFind = question.query !== undefined;
    // What a query shows says nothing of how much is listed, and the reverse.
    if (!isFind) longest = Math.max(longest, Math.min(answer.value.length, plugin.searchLimit));
    else for (const memory of answer.value) foundByWords.add(memory);
    if (answer.value.some(({ embedding }) => embedding !== undefined)) vectors[isFind ? 'found' : 'listed'] = true;
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
    const parts: ObservedMemory[][] = [];
    // One after the other: an answer may be a hundred memories of a megabyte each.
    for (const kind of isFull ? KINDS : []) parts.push(await search({ namespaces: [namespace], kinds: [kind] }));
    const { memories, again } = folded([newest, ...parts]);
    noteLively(namespace, memories.size);
    sizes.set(
      namespace,
      [...memories.values()].reduce((sum, memory) => sum + sizeOf(memory), ENTRY_BYTES),
    );
    const isAll = !isFull || addUp(newest, parts, memories.size);
    const lengths = (isFull ? parts : [newest]).map(({ length }) => length);
    return { memories, again, first: newest, longest: isAll ? Math.max(...lengths) : Number.POSITIVE_INFINITY };
  }

  async function survey(
    namespaces: readonly string[],
    expected: (namespace: string) => number = () => 0,
    strictly = false,
  ): Promise<Survey> {
    const found = new Map<string, Sighting | CouldNotAsk>();
    await Promise.all(packed(namespaces, expected, strictly ? PACKED - 1 : PACKED).map(look));
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
      const { memories, again, first, longest } = await listing(name);
      found.set(name, (await isWhole(longest)) ? { whole: memories, again } : { first, shown: memories, again });
    }

    async function lookAtMany(names: readonly string[]): Promise<void> {
      if (names.length > mostNames) {
        await pieces(names, mostNames);
        return;
      }
      const memories = await searchMany(names);
      if (memories === 'cut') return await halves(names);
      if (memories === 'nothing known') return await pieces(names, 1);
      const inside = Map.groupBy(memories, ({ namespace }) => namespace);
      for (const name of names) {
        const { memories: whole, again } = folded([inside.get(name) ?? []]);
        found.set(name, { whole, again });
        noteLively(name, whole.size);
      }
      const short = names.filter((name) => (inside.get(name)?.length ?? 0) < expected(name));
      await Promise.all(short.map(lookAtOneAgain));
      if (short.some((name) => holdsMore(found.get(name), inside.get(name)?.length ?? 0))) {
        mostNames = Math.min(mostNames, Math.ceil(names.length / 2));
        await halves(names);
      }
    }

    /** @returns `cut` where the answer need not be all; `nothing known` where there is no way to tell */
    async function searchMany(names: readonly string[]): Promise<ObservedMemory[] | 'cut' | 'nothing known'> {
      if (!strictly) {
        const memories = await search({ namespaces: [...names] });
        return (await isWhole(memories.length)) ? memories : 'cut';
      }
      for (const control of controlsBeside(names)) {
        const memories = await search({ namespaces: [...names, control] });
        if (!(await isWhole(memories.length))) return 'cut';
        if (memories.some(({ namespace }) => namespace === control)) {
          return memories.filter(({ namespace }) => namespace !== control);
        }
        if ((await search({ namespaces: [control] })).length > 0) {
          mostNames = Math.min(mostNames, Math.ceil(names.length / 2));
          return 'cut';
        }
        lively.delete(control);
      }
      return 'nothing known';
    }

    async function lookAtOneAgain(name: string): Promise<void> {
      try {
        await lookAtOne(name);
      } catch (error) {
        if (!(error instanceof CouldNotAsk)) throw error;
        found.set(name, error);
      }
    }

    async function halves(names: readonly string[]): Promise<void> {
      await pieces(names, Math.ceil(names.length / 2));
    }

    async function pieces(names: readonly string[], size: number): Promise<void> {
      await Promise.all(chunks(names, size).map(look));
    }
  }

  function noteLively(name: string, memories: number): void {
    lively.delete(name);
    if (memories === 0) return;
    lively.set(name, memories);
    if (lively.size <= 2 * CONTROLS_KEPT) return;
    const fullest = [...lively].sort(([, a], [, b]) => a - b).slice(CONTROLS_KEPT);
    for (const [each] of fullest) lively.delete(each);
  }

  function controlsBeside(names: readonly string[]): string[] {
    const others = [...lively].filter(([name]) => !names.includes(name));
    return others
      .sort(([, a], [, b]) => a - b)
      .slice(0, CONTROLS)
      .map(([name]) => name);
  }

  /**
   * Cuts the namespaces into requests, each of about what one answer can show: the fullest first, each into the first request
   * that has room for it.
   */
  function packed(
    namespaces: readonly string[],
    expected: (namespace: string) => number,
    mostPacked: number,
  ): string[][] {
    const most = plugin.searchLimit * FILLED;
    const packs: Array<{ names: string[]; filled: number }> = [];
    let open = 0;
    for (const name of namespaces.toSorted((a, b) => expected(b) - expected(a))) {
      const memories = expected(name);
      while (packs[open] && (packs[open]?.names.length === mostPacked || (packs[open]?.filled ?? 0) + 1 > most)) open++;
      const pack = packs
        .slice(open)
        .find(({ names, filled }) => names.length < mostPacked && filled + memories <= most);
      if (pack) {
        pack.names.push(name);
        pack.filled += memories;
      } else packs.push({ names: [name], filled: memories });
    }
    return packs.map(({ names }) => names);
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

  return {
    search,
    isWhole,
    listing,
    survey: (namespaces, expected) => survey(namespaces, expected),
    surveyStrictly: (namespaces) => survey(namespaces, () => 0, true),
    showsVectors(memory) {
      if (memory === undefined) return vectors.listed || vectors.found;
      return vectors[foundByWords.has(memory) ? 'found' : 'listed'];
    },
    trim,
  };
}

/** Each memory once, and whatever the same answer, or that to another kind, shows again under its id. */
function folded(answers: ReadonlyArray<readonly ObservedMemory[]>): Again & { memories: Map<string, ObservedMemory> } {
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

function holdsMore(sighting: Sighting | CouldNotAsk | undefined, memories: number): boolean {
  if (!sighting || sighting instanceof CouldNotAsk) return false;
  return 'shown' in sighting || sighting.whole.size + sighting.again.length > memories;
}

/** Bytes, roughly. */
function sizeOf({ content, embedding }: ObservedMemory): number {
  return content.length + 8 * (embedding?.length ?? 0) + ENTRY_BYTES;
}

/** An answer that makes no sense may be the doing of one memory in it; no answer at all is everybody's. */
function mayBeOneNamespaces({ failure }: CouldNotAsk): boolean {
  return failure === undefined || failure.cause === 'refused' || failure.cause === 'malformed';
}
