/**
 * How many memories the plugin lists at the most, and so which answers cannot have been cut off.
 *
 * That is not taken from the contract alone, since a plugin may silently list fewer than it is asked for: the most that it is known
 * to list is what it shows of many namespaces at once. They are asked for once, when the first answer comes that could be
 * full, and whatever is listed later teaches as well: what is known grows, and never shrinks. Answers of that length count as full.
 *
 * Of a plugin that is known to leave out in a listing what a search for words shows, no answer counts as whole, however short it is.
 *
 * Where the many namespaces could not be asked for, they are asked for anew with the next such answer. Where one of them spoils the
 * answer, fewer are asked for at a time, once.
 */

import { chunks } from '../chunks.ts';
import { CouldNotAsk, mayBeOneNamespaces } from '../could-not-ask.ts';
import type { Search } from './asking.ts';
import { PACKED } from './packing.ts';

export interface ListingCapacity {
  /** Told of the length of every answer that lists: what a query for words shows says nothing of how much is listed. */
  listed(length: number): void;
  /** Whether an answer of this length cannot have been cut off. Throws CouldNotAsk. */
  isWhole(length: number): Promise<boolean>;
}

export interface ListingCapacityParts {
  search: Search;
  /** The most memories that a search can ask for. */
  searchLimit: number;
  /** Namespaces with as many memories as possible among the first hundred. */
  manyNamespaces: readonly string[];
  /** The plugin is known to leave memories out of listings that look whole. */
  leavesOut: boolean;
}

/** Listings shorter than this are believed to be whole: it is what the contract lists where nobody asks for a number. */
const LEAST_CAPACITY = 20;

/** Questions that the measuring is cut into, where it cannot be made in one. */
const MEASURED_IN = 10;

export function listingCapacity({
  search,
  searchLimit,
  manyNamespaces,
  leavesOut,
}: ListingCapacityParts): ListingCapacity {
  let measuring: Promise<unknown> | undefined;
  let longest = LEAST_CAPACITY;

  async function isWhole(length: number): Promise<boolean> {
    if (leavesOut) return false;
    if (length < LEAST_CAPACITY) return true;
    measuring ??= measure();
    await measuring;
    return length < longest;
  }

  /** Asks for many namespaces at once; where one of them spoils the answer, for fewer, and does without those that do. */
  async function measure(): Promise<void> {
    const namespaces = manyNamespaces.slice(0, PACKED);
    try {
      await search({ namespaces });
    } catch (error) {
      if (!(error instanceof CouldNotAsk) || !mayBeOneNamespaces(error)) {
        measuring = undefined;
        throw error;
      }
      const parts = chunks(namespaces, Math.ceil(namespaces.length / MEASURED_IN));
      await Promise.allSettled(parts.map((part) => search({ namespaces: part })));
    }
  }

  return {
    listed(length) {
      longest = Math.max(longest, Math.min(length, searchLimit));
    },
    isWhole,
  };
}
