/**
 * Many namespaces in one request, and still each is known by itself.
 *
 * What one answer does not show in full is asked for again in halves, and so is what makes no sense, down to single namespaces, which
 * are listed by themselves. A namespace that shows fewer memories than are expected there, or as many as an even share of the
 * answer's room would hold, is listed by itself, too: should it show more then, the request was not heeded to its end (heed.ts), and is
 * made again in halves.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { chunks } from '../chunks.ts';
import { CouldNotAsk, mayBeOneNamespaces } from '../could-not-ask.ts';
import type { Search } from './asking.ts';
import type { ListingCapacity } from './capacity.ts';
import type { Heed } from './heed.ts';
import { type Again, folded, type Listing } from './listing.ts';
import { PACKED, packed } from './packing.ts';

/** What a namespace shows: everything, by id, or, where it holds more than listings show, what it lists first, and in all. */
export type Sighting = (
  | { whole: ReadonlyMap<string, ObservedMemory> }
  | { first: readonly ObservedMemory[]; shown: ReadonlyMap<string, ObservedMemory> }
) &
  Again;

/** @returns every row of the plugin that a namespace has shown: of an id that it shows more than once, all of them */
export function shownIn(sighting: Sighting): ObservedMemory[] {
  const shown = 'whole' in sighting ? sighting.whole : sighting.shown;
  return [...shown.values(), ...sighting.again];
}

/** What each namespace shows; in the place of one for which there was no answer, why not. */
export type Survey = ReadonlyMap<string, Sighting | CouldNotAsk>;

export interface SurveyParts {
  search: Search;
  searchLimit: number;
  capacity: ListingCapacity;
  heed: Heed;
  /** One namespace by itself. Throws CouldNotAsk. */
  listing(namespace: string): Promise<Listing>;
}

export interface SurveyOptions {
  /** How many memories a namespace holds by the plan. */
  expected(namespace: string): number;
  /** That a namespace is empty counts only where the same answer shows what is known. */
  strictly: boolean;
}

export async function surveyOf(
  namespaces: readonly string[],
  { expected, strictly }: SurveyOptions,
  { search, searchLimit, capacity, heed, listing }: SurveyParts,
): Promise<Survey> {
  const found = new Map<string, Sighting | CouldNotAsk>();
  const room = { names: strictly ? PACKED - 1 : PACKED, memories: searchLimit };
  await Promise.all(packed(namespaces, expected, room).map(look));
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
    const isWhole = await capacity.isWhole(longest);
    found.set(name, isWhole ? { whole: memories, again } : { first, shown: memories, again });
  }

  async function lookAtMany(names: readonly string[]): Promise<void> {
    if (names.length > heed.most()) {
      await pieces(names, heed.most());
      return;
    }
    const memories = await (strictly ? heed.searchStrictly(names) : searchMany(names));
    if (memories === 'cut') return await halves(names);
    if (memories === 'nothing known') return await pieces(names, 1);
    const inside = Map.groupBy(memories, ({ namespace }) => namespace);
    for (const name of names) {
      const { memories: whole, again } = folded([inside.get(name) ?? []]);
      found.set(name, { whole, again });
      heed.shown(name, whole.size);
    }
    const share = Math.floor(searchLimit / (strictly ? names.length + 1 : names.length));
    const short = names.filter((name) => {
      const shown = inside.get(name)?.length ?? 0;
      return shown < expected(name) || shown >= share;
    });
    await Promise.all(short.map(lookAtOneAgain));
    if (short.some((name) => holdsMore(found.get(name), inside.get(name)?.length ?? 0))) {
      heed.notHeeded(names);
      await halves(names);
    }
  }

  async function searchMany(names: readonly string[]): Promise<ObservedMemory[] | 'cut'> {
    const memories = await search({ namespaces: [...names] });
    return (await capacity.isWhole(memories.length)) ? memories : 'cut';
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

function holdsMore(sighting: Sighting | CouldNotAsk | undefined, memories: number): boolean {
  if (!sighting || sighting instanceof CouldNotAsk) return false;
  return 'shown' in sighting || sighting.whole.size + sighting.again.length > memories;
}
