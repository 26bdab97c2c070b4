/**
 * What the plugin shows of rows, through search alone: by listings where they reach (listings.ts), else by the row's own words.
 *
 * That a search for words finds nothing proves that the row is absent only if the plugin announces full-text search and finds a
 * row of the same namespace that is known to be there by the same kind of query, and if the answer was not full itself. An answer
 * that is full is narrowed down, by more words and by rarer ones, before it counts as telling nothing.
 *
 * What is full for a query is measured apart from what is full for a listing, since a plugin may show fewer of what it has found
 * than of what it lists: an answer as long as the longest to any query counts as full. For that the words are asked for that
 * the most memories of a full namespace have, until some query has shown as many as a search can.
 *
 * Most plugins show no vectors, and one that does may show them in listings alone: that a memory came without says something only
 * where answers of the same kind have shown the vectors of others.
 */
import type { Plugin } from '../client/resilience.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { commonWords, manyWords, narrowings, searchWords, wordings } from '../verify/words.ts';
import { chunks } from './chunks.ts';
import {
  CouldNotAsk,
  type Listing,
  type ListingOptions,
  type Listings,
  listings,
  PACKED,
  type Sighting,
} from './listings.ts';

export { CouldNotAsk, type Sighting } from './listings.ts';

/** What a look for one row in one namespace came to. */
export type Look =
  | { result: 'found'; memory: ObservedMemory }
  | { result: 'absent' }
  | { result: 'unsettled'; why: string };

/** What a look for one row in a namespace fuller than its listing came to. */
export interface Sifted {
  look: Look;
  /** Whatever else was shown on the way that has just the same content. */
  doubles: readonly ObservedMemory[];
  /** Every memory of the same content was shown. */
  allDoubles: boolean;
  /** Whatever else was shown on the way under the same id: another row of the plugin. */
  twins: readonly ObservedMemory[];
}

/** What a search for one row over many namespaces came to. */
export interface Probed {
  /** Under the row's id, or with just its content. */
  memories: readonly ObservedMemory[];
  /** The namespaces in which the search proves nothing. */
  unsettled: ReadonlySet<string>;
}

export interface Observations {
  /** Whether a namespace shows a row, wherever it stands in the plugin's order. Throws CouldNotAsk. */
  look(namespace: string, row: Row): Promise<Look>;
  /**
   * As `look`, for a row whose content in the plugin may be an earlier one: its present words may find it, but that they do
   * not proves nothing. Throws CouldNotAsk.
   */
  lookForEarlier(namespace: string, row: Row): Promise<Look>;
  /** As `look`, and looks for the row's words even where the listing shows it, so that copies of it are seen too. Throws CouldNotAsk. */
  sift(namespace: string, row: Row): Promise<Sifted>;
  /** Looks for a row's words in many namespaces at once. Throws CouldNotAsk. */
  probe(namespaces: readonly string[], row: Row): Promise<Probed>;
  /**
   * Finds out how many of these namespaces one request may name, so that words which are known to stand in the last of them are found
   * there; from then on `probe` names no more. Throws CouldNotAsk.
   */
  measureProbes(namespaces: readonly string[]): Promise<void>;
  /** Whether the search for words finds in this namespace what is known to be there. Throws CouldNotAsk. */
  isSearchable(namespace: string): Promise<boolean>;
  /** What each of these namespaces holds, many asked for in one request. Throws CouldNotAsk. */
  survey(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>>;
  /** As `survey`, with the error in the place of what could not be asked, and packed by how many memories are expected. */
  surveyEach: Listings['survey'];
  surveyStrictly: Listings['surveyStrictly'];
  /** Whether the plugin has shown vectors; of a memory: whether it has in answers of the kind that showed this one. */
  showsVectors(memory?: ObservedMemory): boolean;
  /** Lets go of listings until the rest fits the bound; called between pages. */
  trim(): void;
}

export interface ObserveOptions extends ListingOptions {
  /** The plugin announces full-text search. */
  hasTextSearch: boolean;
  /** In how many rows a word stands, so that the rarer ones are searched for; without it, the longest are. */
  rarity?: (word: string) => number;
}

interface Row {
  id: string;
  content: string;
}

/** Known memories of a namespace that are looked for, before its text search counts as useless. */
const CONTROLS = 3;

/** Of each kind, the narrower queries that are tried where an answer was full. */
const NARROWER = 2;

/** Of a full namespace, the commonest words that are asked for, and how many namespaces of one request are asked for theirs. */
const MEASURES = 2;

/** Answers to queries that are kept. */
const ANSWERS = 64;

export function observe(plugin: Plugin, options: ObserveOptions): Observations {
  const { search, isWhole, listing, survey, surveyStrictly, showsVectors, trim } = listings(plugin, options);
  const measures = new Map<string, Promise<void>>();
  let longestFound = 0;
  let mostProbed = PACKED;
  const controls = new Map<string, Promise<boolean>>();
  const answers = new Map<string, Promise<ObservedMemory[]>>();

  async function look(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    return (await settledBy(listed, row)) ?? (await lookByWords(namespace, row, listed));
  }

  async function lookForEarlier(namespace: string, row: Row): Promise<Look> {
    const listed = await listing(namespace);
    const settled = await settledBy(listed, row);
    if (settled) return settled;
    const words = searchWords(row.content);
    for (const query of new Set([...wordings(words), ...words])) {
      const memory = (await search({ namespaces: [namespace], query })).find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
    }
    return { result: 'unsettled', why: 'the namespace holds more than a search lists, and its words do not find it' };
  }

  /** @returns undefined where the row is not in the listing, and the listing need not be the whole namespace */
  async function settledBy(listed: Listing, { id }: Row): Promise<Look | undefined> {
    const memory = listed.memories.get(id);
    if (memory) return { result: 'found', memory };
    return (await isWhole(listed.longest)) ? { result: 'absent' } : undefined;
  }

  /** For a row that is not in the listing, where that need not be the whole namespace. */
  async function lookByWords(namespace: string, row: Row, listed: Listing): Promise<Look> {
    const unsettled = (why: string): Look => ({ result: 'unsettled', why });
    const words = wordsOf(row);
    if (words.length === 0) return unsettled('it has no word that a text search could find');
    const spent = new Set<string>();
    for (const query of wordings(words)) {
      const { memories, isFull } = await narrowedWhereHeeded(namespace, listed, query, row, spent);
      const memory = memories.find(({ id }) => id === row.id);
      if (memory) return { result: 'found', memory };
      if (isFull) return unsettled('more memories have the same words than a search shows');
    }
    if (!options.hasTextSearch) return unsettled('the plugin does not announce full-text search');
    if (await isSearchableBy(namespace, listed)) return { result: 'absent' };
    return unsettled("the plugin's text search does not find a row known to be there");
  }

  async function sift(namespace: string, row: Row): Promise<Sifted> {
    const listed = await listing(namespace);
    const [query] = wordings(wordsOf(row));
    const shown = query === undefined ? null : await narrowedWhereHeeded(namespace, listed, query, row);
    const seen = new Map([
      ...listed.memories,
      ...(shown?.memories ?? []).map((memory) => [memory.id, memory] as const),
    ]);
    const memory = seen.get(row.id);
    return {
      look: memory ? { result: 'found', memory } : await lookByWords(namespace, row, listed),
      doubles: [...seen.values()].filter(({ id, content }) => id !== row.id && content === row.content),
      allDoubles: shown !== null && !shown.isFull && shown.memories.some(({ id }) => id === row.id),
      twins: memory ? twinsOf(memory, listed, shown?.answers ?? []) : [],
    };
  }

  async function probe(namespaces: readonly string[], row: Row): Promise<Probed> {
    const memories = new Map<string, ObservedMemory>();
    const unsettled = new Set<string>();
    const [query] = wordings(wordsOf(row));
    if (query === undefined) return { memories: [], unsettled: new Set(namespaces) };
    await Promise.all(chunks(namespaces, mostProbed).map((names) => probeIn(names, query)));
    return { memories: [...memories.values()], unsettled };

    async function probeIn(names: readonly string[], words: string): Promise<void> {
      const [only] = names;
      const shown =
        names.length === 1 && only !== undefined ? await narrowed(only, words, row) : await askedOf(names, words);
      for (const memory of shown.memories) {
        if (memory.id === row.id || memory.content === row.content)
          memories.set(`${memory.namespace} ${memory.id}`, memory);
      }
      if (!shown.isFull) return;
      if (names.length === 1) for (const name of names) unsettled.add(name);
      else await Promise.all(chunks(names, Math.ceil(names.length / 2)).map((half) => probeIn(half, words)));
    }
  }

  async function measureProbes(namespaces: readonly string[]): Promise<void> {
    mostProbed = PACKED;
    while (mostProbed > 1 && namespaces.length > 1) {
      const names = namespaces.slice(0, mostProbed);
      if (await findsInLast(names)) return;
      mostProbed = Math.ceil(names.length / 2);
    }
  }

  async function findsInLast(names: readonly string[]): Promise<boolean> {
    const last = names.at(-1) ?? '';
    for (const control of telling(await listing(last))) {
      const [query = ''] = wordings(wordsOf(control));
      const found = await ask(names, query);
      if (found.some(({ id, namespace }) => id === control.id && namespace === last)) return true;
    }
    return false;
  }

  /**
   * What a query shows; where the answer is full, whatever narrower queries show beside it, until one of them is not.
   *
   * @param spent narrower queries that have told what they can, so that each proof of absence rests on words of its own
   */
  async function narrowed(namespace: string, query: string, row: Row, spent = new Set<string>()) {
    const { allOf, anyOf } = narrowings(manyWords(row.content, options.rarity));
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
  }

  /** As `narrowed`, but for a plugin that does not heed words: it would answer all of them alike. */
  async function narrowedWhereHeeded(namespace: string, listed: Listing, query: string, row: Row, spent?: Set<string>) {
    const memories = await ask([namespace], query);
    if (await isWholeFind([namespace], memories.length)) {
      spent?.add(query);
      return { memories, answers: [memories], isFull: false };
    }
    const heeds = options.hasTextSearch && (await isSearchableBy(namespace, listed));
    return heeds ? await narrowed(namespace, query, row, spent) : { memories, answers: [memories], isFull: true };
  }

  /**
   * The text itself, with what not every index reads alike: amounts, versions, addresses. What that finds is there; that it finds
   * nothing, or that the plugin cannot make sense of it, proves nothing.
   */
  async function askForText(namespace: string, content: string): Promise<ObservedMemory[]> {
    const [text = ''] = /^.{0,200}(?!\S)/s.exec(content.trim()) ?? [];
    if (text === '') return [];
    return await ask([namespace], text).catch(unlessStopped);
  }

  async function askedOf(namespaces: readonly string[], query: string) {
    const memories = await ask(namespaces, query);
    return { memories, isFull: !(await isWholeFind(namespaces, memories.length)) };
  }

  /** Whether an answer of this length to a query for words cannot have been cut off. */
  async function isWholeFind(namespaces: readonly string[], length: number): Promise<boolean> {
    if (length === 0 || length < longestFound) return true;
    if (longestFound < plugin.searchLimit) await Promise.all(namespaces.slice(0, MEASURES).map(measureIn));
    return length < longestFound;
  }

  function measureIn(namespace: string): Promise<void> {
    const measure = measures.get(namespace) ?? findCommon(namespace);
    measures.set(namespace, measure);
    return measure;
  }

  /** Asks for what many memories of a namespace have in common, to see how many of them are shown. */
  async function findCommon(namespace: string): Promise<void> {
    const { memories } = await listing(namespace);
    const words = commonWords(
      [...memories.values()].map(({ content }) => content),
      MEASURES,
    );
    await Promise.all(words.map((query) => ask([namespace], query).catch(unlessStopped)));
  }

  /** Rows that read the same ask the same: the latest answers are kept. */
  function ask(namespaces: readonly string[], query: string): Promise<ObservedMemory[]> {
    const key = `${query} ${namespaces.join(' ')}`;
    const answer = answers.get(key) ?? find(namespaces, query);
    answers.delete(key);
    answers.set(key, answer);
    if (answers.size > ANSWERS) for (const oldest of [...answers.keys()].slice(0, ANSWERS / 2)) answers.delete(oldest);
    return answer;
  }

  async function find(namespaces: readonly string[], query: string): Promise<ObservedMemory[]> {
    const found = await search({ namespaces: [...namespaces], query });
    longestFound = Math.max(longestFound, Math.min(found.length, plugin.searchLimit));
    return found;
  }

  function wordsOf({ content }: Row): string[] {
    return searchWords(content, options.rarity);
  }

  async function surveyAll(namespaces: readonly string[]): Promise<ReadonlyMap<string, Sighting>> {
    const found = new Map<string, Sighting>();
    for (const [name, sighting] of await survey(namespaces)) {
      if (sighting instanceof CouldNotAsk) throw sighting;
      found.set(name, sighting);
    }
    return found;
  }

  /** Whether a memory that is known to be there is found by its words, so that not finding one by its words means something. */
  function isSearchableBy(namespace: string, { memories }: Listing): Promise<boolean> {
    const known = controls.get(namespace) ?? findsControl(namespace, memories);
    controls.set(namespace, known);
    return known;
  }

  async function findsControl(namespace: string, memories: Listing['memories']): Promise<boolean> {
    for (const control of telling({ memories })) {
      const [query = ''] = wordings(wordsOf(control));
      const { memories: found, isFull } = await narrowed(namespace, query, control);
      if (!isFull && found.some(({ id }) => id === control.id)) return true;
    }
    return false;
  }

  function telling({ memories }: Pick<Listing, 'memories'>): ObservedMemory[] {
    // Of the same content one is enough: there may be more of them than a search shows.
    const byContent = new Map([...memories.values()].map((memory) => [memory.content, memory]));
    return [...byContent.values()].filter(({ content }) => searchWords(content).length > 1).slice(0, CONTROLS);
  }

  return {
    look,
    lookForEarlier,
    sift,
    probe,
    measureProbes,
    async isSearchable(namespace) {
      return options.hasTextSearch && (await isSearchableBy(namespace, await listing(namespace)));
    },
    survey: surveyAll,
    surveyEach: survey,
    surveyStrictly,
    showsVectors,
    trim() {
      answers.clear();
      for (const namespace of trim()) controls.delete(namespace);
    },
  };
}

/** What cannot be asked proves nothing; that the operator wants to stop does. */
function unlessStopped(error: unknown): [] {
  if (error instanceof CouldNotAsk && error.failure?.cause !== 'stopped') return [];
  throw error;
}

/** Two answers that show different memories under one id show two rows of the plugin, or one that was edited in between. */
function twinsOf(
  memory: ObservedMemory,
  { again, memories }: Listing,
  answers: ReadonlyArray<readonly ObservedMemory[]>,
): ObservedMemory[] {
  const isTwin = ({ id, kind, content }: ObservedMemory) =>
    id === memory.id && (kind !== memory.kind || content !== memory.content);
  const ofAnswers = answers.flatMap((answer) => {
    const [, ...others] = answer.filter(({ id }) => id === memory.id);
    return [...others, ...answer.filter(isTwin)];
  });
  return [...again.filter(({ id }) => id === memory.id), ...[...memories.values()].filter(isTwin), ...ofAnswers];
}
