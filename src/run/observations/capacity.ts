/**
 * How many memories the plugin shows of a query for words at the most, and so which answers to one cannot have been cut off.
 *
 * That is measured apart from what it lists (listings/capacity.ts), since a plugin may show fewer of what it has found: an answer as
 * long as the longest to any query counts as full. For that the words are asked for that the most memories of a full namespace
 * have, once a namespace, until some query has shown as many as a search can. What is known grows, and never shrinks.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { commonWords } from '../../verify/words.ts';
import { unlessStopped } from '../could-not-ask.ts';
import type { Listing } from '../listings.ts';
import type { Ask } from './answers.ts';

export interface QueryCapacity {
  /** Told of the length of every answer to a query. */
  found(length: number): void;
  /** Whether an answer of this length to a query for words in these namespaces cannot have been cut off. Throws CouldNotAsk. */
  isWholeFind(namespaces: readonly string[], length: number): Promise<boolean>;
}

export interface QueryCapacityParts {
  ask: Ask;
  listing(namespace: string): Promise<Listing>;
  /** The most memories that a search can show. */
  searchLimit: number;
}

/** Of a full namespace, the commonest words that are asked for, and how many namespaces of one request are asked for theirs. */
const MEASURES = 2;

export function queryCapacity({ ask, listing, searchLimit }: QueryCapacityParts): QueryCapacity {
  const measures = new Map<string, Promise<void>>();
  let longest = 0;

  async function isWholeFind(namespaces: readonly string[], length: number): Promise<boolean> {
    if (length === 0 || length < longest) return true;
    if (longest < searchLimit) await Promise.all(namespaces.slice(0, MEASURES).map(measureIn));
    return length < longest;
  }

  function measureIn(namespace: string): Promise<void> {
    const measure = measures.get(namespace) ?? findCommon(namespace);
    measures.set(namespace, measure);
    return measure;
  }

  /** Asks for what many memories of a namespace have in common, to see how many of them are shown. */
  async function findCommon(namespace: string): Promise<void> {
    const { memories } = await listing(namespace);
    const words = commonWords(contentsOf(memories), MEASURES);
    await Promise.all(words.map((query) => ask([namespace], query).catch(unlessStopped)));
  }

  return {
    found(length) {
      longest = Math.max(longest, Math.min(length, searchLimit));
    },
    isWholeFind,
  };
}

function contentsOf(memories: ReadonlyMap<string, ObservedMemory>): string[] {
  return [...memories.values()].map(({ content }) => content);
}
