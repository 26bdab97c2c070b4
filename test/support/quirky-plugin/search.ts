/**
 * A small full-text search for English with the habits of a database's: words are stemmed, stop words are not indexed, and
 * a query finds the memories that hold all of its words. What has no words left (stop words, punctuation, emoji alone)
 * finds nothing, and cannot be found.
 */

/** @returns how often each stem occurs, empty where the text has no words to search for. */
export function stemsOf(text: string): Map<string, number> {
  const stems = new Map<string, number>();
  for (const word of text.toLowerCase().split(/[^\p{L}\p{N}]+/u)) {
    if (word === '' || STOP_WORDS.has(word)) continue;
    const stem = stemOf(word);
    stems.set(stem, (stems.get(stem) ?? 0) + 1);
  }
  return stems;
}

/** @returns how well the text answers the query, above 0; undefined where it lacks one of the words, or none was asked. */
export function scoreOf(text: ReadonlyMap<string, number>, query: ReadonlyMap<string, number>): number | undefined {
  if (query.size === 0) return undefined;
  let hits = 0;
  for (const stem of query.keys()) {
    const count = text.get(stem);
    if (count === undefined) return undefined;
    hits += count;
  }
  return hits / text.size;
}

/** Light: `stores`, `stored` and `storing` meet in `stor`, `planned` and `plans` in `plan`; irregular words do not meet. */
function stemOf(word: string): string {
  const bare = word
    .replace(/(?<=[^su])s$/, '')
    .replace(/(?<=[aeiouy].+)(?:ing|ed)$/, '')
    .replace(/([b-df-hj-km-np-rtv-z])\1$/, '$1')
    .replace(/e$/, '');
  return bare.length < 3 ? word : bare;
}

const STOP_WORDS = new Set(
  `i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its
  itself they them their theirs themselves what which who whom this that these those am is are was were be been being have
  has had having do does did doing a an the and but if or because as until while of at by for with about against between
  into through during before after above below to from up down in out on off over under again further then once here there
  when where why how all any both each few more most other some such no nor not only own same so than too very s t can will
  just don should now`.split(/\s+/),
);
