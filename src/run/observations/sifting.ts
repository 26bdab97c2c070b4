/**
 * Looks for a row in a namespace fuller than its listing, and for its words even where the listing shows it, so that copies of it
 * are seen too: memories of the same content, and others under the same id.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import { type Rarity, searchWords, wordings } from '../../verify/words.ts';
import type { Listing } from '../listings.ts';
import type { ByWords, Look } from './by-words.ts';
import type { Row } from './narrowing.ts';
import type { Searchability } from './searchability.ts';

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

export interface SiftingParts extends ByWords {
  listing(namespace: string): Promise<Listing>;
  foundUnlisted: Searchability['foundUnlisted'];
  rarity: Rarity | undefined;
}

/** Throws CouldNotAsk. */
export async function siftFor(namespace: string, row: Row, parts: SiftingParts): Promise<Sifted> {
  const { listing, foundUnlisted, lookByWords, narrowedWhereHeeded, rarity } = parts;
  const listed = await listing(namespace);
  const [query] = wordings(searchWords(row.content, rarity));
  const shown = query === undefined ? null : await narrowedWhereHeeded(namespace, listed, query, row);
  const seen = new Map([...listed.memories, ...(shown?.memories ?? []).map((memory) => [memory.id, memory] as const)]);
  const memory = seen.get(row.id);
  if (memory && !listed.memories.has(row.id)) foundUnlisted(namespace);
  return {
    look: memory ? { result: 'found', memory } : await lookByWords(namespace, row, listed),
    doubles: [...seen.values()].filter(({ id, content }) => id !== row.id && content === row.content),
    allDoubles: shown !== null && !shown.isFull && shown.memories.some(({ id }) => id === row.id),
    twins: memory ? twinsOf(memory, listed, shown?.answers ?? []) : [],
  };
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
