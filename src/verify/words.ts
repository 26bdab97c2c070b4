/**
 * The words by which a memory can be asked for, where a listing does not reach it.
 *
 * A plugin's full-text search is only known to index words; how it cuts up addresses, numbers with points, hyphens and
 * apostrophes is its own affair. So a word is used only where every index agrees that it is one: letters or digits alone, between
 * white space, with nothing but the punctuation of prose around them, white space and punctuation being those of ASCII: under
 * the locale C, Postgres takes every other character for a letter, and “Never is then another word than Never. The words are
 * asked for as they are written, since such an index does not fold the case of É either. Where it is known which words a
 * namespace holds but rarely, those stand first; else the longest, which are by and large the rarest.
 */
import { compareText } from '../model/position.ts';

/** Words that a first question is made of: fewer narrow too little, more add chances that an index cuts one of them up. */
const MOST = 8;
/** Words that are asked for where the answer to those was full. */
const MOST_TO_NARROW = 24;

/** Words that are counted; a namespace has seldom more. */
const MOST_COUNTED = 100_000;

const SHORTEST = 3;
/** Longer tokens are cut or dropped by some indexes. */
const LONGEST = 40;

/** Characters that are looked at: some indexes take in no more than the beginning of a long text. */
const SCANNED = 8_000;

/** What prose puts around a word; a slash or an angle bracket would make it a path or a tag for some indexes. */
const PROSE_PUNCTUATION = /^["'([{]+|["')\]}.,;:!?]+$/g;

/** Words that an English index leaves out, or that a query syntax reads as an operator. */
const STOP_WORDS = new Set(
  `about above after again against all and any are because been before being below between both but can did does doing down
   during each few for from further had has have having her here hers herself him himself his how into its itself just more
   most myself near nor not now off once only other our ours ourselves out over own same she should some such than that the
   their theirs them themselves then there these they this those through too under until very was were what when where which
   while who whom why will with you your yours yourself yourselves`.split(/\s+/),
);

/** In how many of a namespace's rows a word occurs, by and large: the fewer, the more a search for it narrows. */
export type Rarity = (word: string) => number;

/**
 * @returns at most eight different words, the most selective first; empty where the content has none that every index
 *   knows (stop words, punctuation, emoji), so that a search for them proves nothing
 */
export function searchWords(content: string, rarity?: Rarity): string[] {
  return manyWords(content, rarity).slice(0, MOST);
}

/** As {@link searchWords}, and 24 at most: the same eight first, and what {@link narrowings} goes on with. */
export function manyWords(content: string, rarity?: Rarity): string[] {
  const words = [...safeWords(content).values()];
  const rows = new Map(words.map((word) => [word, rarity?.(word) ?? 0]));
  const byRarity = (a: string, b: string) => (rows.get(a) ?? 0) - (rows.get(b) ?? 0);
  return words.sort((a, b) => byRarity(a, b) || bySelectivity(a, b)).slice(0, MOST_TO_NARROW);
}

export interface WordCounts {
  /** Counts each word of a row's content once. */
  add(content: string): void;
  /**
   * In how many of the rows that were added the word occurs, in whatever case. Beyond the bound that is an estimate: too low by
   * no more than one row for every `most` words that were counted, and 0 for most of the words that occur in few rows.
   */
  rarity: Rarity;
}

/**
 * Counts words in bounded memory, as Misra and Gries do (Finding repeated elements, 1982): a word that finds no room lowers the
 * counts of all by one instead, and those that come to nothing make room. So no word that many rows hold is ever
 * taken for a rare one, whenever it first occurs.
 *
 * @param most words that are kept, 1 or more
 */
export function wordCounts(most: number = MOST_COUNTED): WordCounts {
  const counts = new Map<string, number>();

  function count(word: string): void {
    const rows = counts.get(word);
    if (rows !== undefined) counts.set(word, rows + 1);
    else if (counts.size < most) counts.set(word, 1);
    else lowerAll();
  }

  function lowerAll(): void {
    for (const [word, rows] of counts) {
      if (rows > 1) counts.set(word, rows - 1);
      else counts.delete(word);
    }
  }

  return {
    add(content) {
      // In lower case they are strings of their own: a mere part of the content would keep all of it in memory.
      for (const word of safeWords(content).keys()) count(word);
    },
    rarity: (word) => counts.get(word.toLowerCase()) ?? 0,
  };
}

/** @returns the words that stand in the most of the contents, the commonest first, as one of the contents writes them */
export function commonWords(contents: Iterable<string>, most: number): string[] {
  const times = new Map<string, { word: string; contents: number }>();
  for (const content of contents) {
    for (const [key, word] of safeWords(content))
      times.set(key, { word, contents: (times.get(key)?.contents ?? 0) + 1 });
  }
  const byTimes = [...times.values()].sort((a, b) => b.contents - a.contents || compareText(a.word, b.word));
  return byTimes.slice(0, most).map(({ word }) => word);
}

/** What every index takes for a word, as it is written last, by its form in lower case. */
function safeWords(content: string): Map<string, string> {
  const words = new Map<string, string>();
  // What follows a "<" may be mark-up, or stand inside of it, and some indexes leave that out.
  const [prose = ''] = content.slice(0, SCANNED).split('<');
  const tokens = prose.split(/[ \t\r\n\f\v]+/);
  if (prose.length < content.length) tokens.pop(); // It may have been cut in the middle.
  for (const token of tokens) {
    const word = token.replace(PROSE_PUNCTUATION, '');
    if (word.length <= LONGEST && (isNumber(word) || isWord(word))) words.set(word.toLowerCase(), word);
  }
  return words;
}

/**
 * The queries that look for a content, all of which have to fail before it counts as absent: should an index have cut up
 * one of the words otherwise, the queries without that word still find it.
 *
 * @param words as {@link searchWords} gives them
 * @returns all the words, and, where there are enough, each half of them; empty for no words
 */
export function wordings(words: readonly string[]): string[] {
  if (words.length === 0) return [];
  const all = words.join(' ');
  if (words.length < 4) return [all];
  const half = (odd: number) => words.filter((_word, index) => index % 2 === odd).join(' ');
  return [all, half(0), half(1)];
}

/** What to ask for where the answer was full, and so may lack the row; both lists in the order in which to try them. */
export interface Narrowings {
  /**
   * For an index that wants all the words of a query: more of them. Empty where there are no more than were asked for at first.
   * All have to fail, as in {@link wordings}, before the content counts as absent.
   */
  allOf: string[];
  /**
   * For one that is content with any of them: each of the first eight alone, the most selective first. No two share a word, so
   * two answers that are not full and lack the row say as much as all wordings do.
   */
  anyOf: string[];
}

/** @param words as {@link manyWords} gives them, so that their first eight are those that were asked for at first */
export function narrowings(words: readonly string[]): Narrowings {
  return { allOf: words.length > MOST ? wordings(words) : [], anyOf: words.slice(0, MOST) };
}

/**
 * Numbers first, which tell "ticket 4711" from "ticket 4712"; then words in ASCII, since how other scripts are cut up depends
 * on the index's locale; then the longest.
 */
function bySelectivity(a: string, b: string): number {
  return rank(a) - rank(b) || b.length - a.length || compareText(a, b);
}

function rank(word: string): number {
  if (isNumber(word)) return 0;
  return /^[a-z]+$/i.test(word) ? 1 : 2;
}

function isNumber(word: string): boolean {
  return /^[0-9]{2,}$/.test(word);
}

function isWord(word: string): boolean {
  return word.length >= SHORTEST && /^\p{L}+$/u.test(word) && !STOP_WORDS.has(word.toLowerCase());
}
