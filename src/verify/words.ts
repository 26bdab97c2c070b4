/**
 * The words by which a memory can be asked for, where a listing does not reach it.
 *
 * A plugin's full-text search is only known to index words; how it cuts up addresses, numbers with points, hyphens and
 * apostrophes is its own affair. So a word is used only where every index agrees that it is one: letters or digits alone, between
 * white space, with nothing but the punctuation of prose around them, white space and punctuation being those of ASCII: under
 * the locale C, Postgres takes every other character for a letter, and “Never is then another word than Never. The words are
 * asked for as they are written, since such an index does not fold the case of É either. The longest are by and large the
 * rarest: they stand first.
 */

const MOST = 8;
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

/**
 * @returns at most eight different words, the most selective first; empty where the content has none that every index
 *   knows (stop words, punctuation, emoji), so that a search for them proves nothing
 */
export function searchWords(content: string): string[] {
  const words = new Map<string, string>();
  // What follows a "<" may be mark-up, or stand inside of it, and some indexes leave that out.
  const [prose = ''] = content.slice(0, SCANNED).split('<');
  const tokens = prose.split(/[ \t\r\n\f\v]+/);
  if (prose.length < content.length) tokens.pop(); // It may have been cut in the middle.
  for (const token of tokens) {
    const word = token.replace(PROSE_PUNCTUATION, '');
    if (word.length <= LONGEST && (isNumber(word) || isWord(word))) words.set(word.toLowerCase(), word);
  }
  return [...words.values()].sort(bySelectivity).slice(0, MOST);
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

/**
 * Numbers first, which tell "ticket 4711" from "ticket 4712"; then words in ASCII, since how other scripts are cut up depends
 * on the index's locale; then the longest.
 */
function bySelectivity(a: string, b: string): number {
  return rank(a) - rank(b) || b.length - a.length || (a < b ? -1 : 1);
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
