/**
 * Looks for a row by words, and by narrower ones where the answer was full: by more words, for an index that wants them all, and
 * by single rare ones, for an index that is content with any. Only where none of the answers is whole do they tell nothing together.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { manyWords, narrowings, type Rarity } from '../../verify/words.ts';
import { unlessStopped } from '../could-not-ask.ts';
import type { Ask } from './answers.ts';
import type { QueryCapacity } from './capacity.ts';

/** What there has to be of a row, or of a memory, to look for it. */
export interface Row {
  id: string;
  content: string;
}

/** What queries for the words of a row have shown. */
export interface Shown {
  /** Of all the answers. */
  memories: ObservedMemory[];
  answers: ObservedMemory[][];
  /** Each of the answers may have been cut off. */
  isFull: boolean;
}

/**
 * What a query shows; where the answer is full, whatever narrower queries show beside it, until one of them is not. Throws CouldNotAsk.
 *
 * @param spent narrower queries that have told what they can, so that each proof of absence rests on words of its own
 */
export type Narrowed = (namespace: string, query: string, row: Row, spent?: Set<string>) => Promise<Shown>;

export interface NarrowingParts {
  ask: Ask;
  isWholeFind: QueryCapacity['isWholeFind'];
  rarity: Rarity | undefined;
}

/** Of each kind, the narrower queries that are tried where an answer was full. */
const NARROWER = 2;

export function narrowing({ ask, isWholeFind, rarity }: NarrowingParts): Narrowed {
  return async (namespace, query, row, spent = new Set()) => {
    const { allOf, anyOf } = narrowings(manyWords(row.content, rarity));
    const answers: ObservedMemory[][] = [];
    for (const words of [query, ...allOf.slice(0, NARROWER), ...anyOf.slice(0, NARROWER)]) {
      if (spent.has(words)) continue;
      const shown = await ask([namespace], words);
      answers.push(shown);
      spent.add(words);
      if (await isWholeFind([namespace], shown.length)) return { memories: answers.flat(), answers, isFull: false };
    }
    answers.push(await askForText(namespace, row.content));
    return { memories: answers.flat(), answers, isFull: true };
  };

  /**
   * The text itself, with what not every index reads alike: amounts, versions, addresses. What that finds is there; that it finds
   * nothing, or that the plugin cannot make sense of it, proves nothing.
   */
  async function askForText(namespace: string, content: string): Promise<ObservedMemory[]> {
    const [text = ''] = /^.{0,200}(?!\S)/s.exec(content.trim()) ?? [];
    if (text === '') return [];
    return await ask([namespace], text).catch(unlessStopped);
  }
}
