/**
 * What the plugin shows of a namespace, through search alone.
 *
 * A search lists at most 100 memories and has no second page. A listing that came back with fewer is the whole namespace; one
 * that is full is asked for again by kind; where one of those is full too, the namespace can only be known in part, and a row
 * that is not in the listing has to be looked for by its own words. That such a search finds nothing proves that the row is
 * absent only if the plugin announces full-text search and finds a row of the same namespace that is known to be there by
 * the same kind of query, and if the answer was not full itself.
 *
 * Listings are kept while there is room for their contents, the least recently used leaving first, so that siblings share
 * their team's listing and memory stays bounded.
 */
import pLimit from 'p-limit';
import type { Plugin, Question } from '../client/resilience.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { searchWords, wordings } from '../verify/words.ts';

export interface Listing {
  memories: ReadonlyMap<string, ObservedMemory>;
  /** True where these are all the memories that the namespace shows. */
  complete: boolean;
}

/** What a look for one row came to. */
export type LookUp =
  | { result: 'found'; memory: ObservedMemory }
  | { result: 'absent' }
  | { result: 'unsettled'; why: string };

/** The plugin gave no answer that says anything; the message is for the operator. Caught where a row is judged. */
export class CouldNotAsk extends Error {
  override readonly name = 'CouldNotAsk';
}

export interface Observations {
  /** Throws CouldNotAsk. */
  listing(namespace: string): Promise<Listing>;
  /** Looks for a row that the namespace's listing does not show. Throws CouldNotAsk. */
  lookUp(namespace: string, row: { id: string; content: string }): Promise<LookUp>;
  /** Lets go of listings until the rest fits the bound; called between pages. */
  trim(): void;
}

/** UTF-8 bytes, roughly: the contents that are kept between pages. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes, roughly, that a memory or a listing takes beside its contents. */
const ENTRY_BYTES = 500;

const KINDS = ['fact', 'summary', 'checkpoint'] as const;

export function observe(plugin: Plugin, hasTextSearch: boolean, concurrency: number): Observations {
  const inFlight = pLimit(concurrency);
  const listings = new Map<string, Promise<Listing>>();
  const sizes = new Map<string, number>();
  const controls = new Map<string, Promise<boolean>>();

  const isFull = (memories: readonly unknown[]) => memories.length >= plugin.searchLimit;

  async function search(question: Question): Promise<ObservedMemory[]> {
    const answer = await inFlight(() => plugin.search(question));
    if (!answer.ok) throw new CouldNotAsk(answer.failure.sentence);
    const stray = answer.value.find(({ namespace }) => !question.namespaces.includes(namespace));
    if (stray)
      throw new CouldNotAsk(
        `Asked for ${question.namespaces.join(', ')}, the plugin showed a memory of ${stray.namespace}.`,
      );
    return answer.value;
  }

  async function list(namespace: string): Promise<Listing> {
    const newest = await search({ namespaces: [namespace] });
    let parts = [newest];
    if (isFull(newest)) {
      parts = await Promise.all(KINDS.map((kind) => search({ namespaces: [namespace], kinds: [kind] })));
    }
    const memories = [newest, ...parts].flat();
    sizes.set(
      namespace,
      memories.reduce((sum, { content }) => sum + content.length + ENTRY_BYTES, ENTRY_BYTES),
    );
    return { memories: new Map(memories.map((memory) => [memory.id, memory])), complete: !parts.some(isFull) };
  }

  function listing(namespace: string): Promise<Listing> {
    const known = listings.get(namespace) ?? list(namespace);
    listings.delete(namespace);
    listings.set(namespace, known);
    return known;
  }

  /** Whether a memory that is known to be there is found by its words, so that not finding one by its words means something. */
  function isSearchable(namespace: string, { memories }: Listing): Promise<boolean> {
    const known = controls.get(namespace) ?? findsControl(namespace, memories);
    controls.set(namespace, known);
    return known;
  }

  async function findsControl(namespace: string, memories: Listing['memories']): Promise<boolean> {
    for (const memory of memories.values()) {
      const words = searchWords(memory.content);
      if (words.length < 2) continue;
      const found = await search({ namespaces: [namespace], query: words.join(' ') });
      return !isFull(found) && found.some(({ id }) => id === memory.id);
    }
    return false;
  }

  async function lookUp(namespace: string, row: { id: string; content: string }): Promise<LookUp> {
    const listed = await listing(namespace);
    const words = searchWords(row.content);
    const unproven = (why: string): LookUp => (listed.complete ? { result: 'absent' } : { result: 'unsettled', why });

    // A listing that shows something may have been cut by a plugin that lists fewer than it is asked for, so that its
    // being short of 100 is not believed where a search can say more.
    if (listed.memories.size === 0) return { result: 'absent' };
    if (words.length === 0) return unproven('it has no word that a text search could find');
    for (const query of wordings(words)) {
      const found = await search({ namespaces: [namespace], query });
      const memory = found.find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
      if (isFull(found)) return unproven(`more than ${plugin.searchLimit} memories have the same words`);
    }
    if (listed.complete) return { result: 'absent' };
    if (!hasTextSearch) return unproven('the plugin does not announce full-text search');
    if (!(await isSearchable(namespace, listed)))
      return unproven("the plugin's text search does not find a row known to be there");
    return { result: 'absent' };
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

  return { listing, lookUp, trim };
}
