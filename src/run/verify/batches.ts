/**
 * Pages of rows that come namespace by namespace, gathered into batches that hold namespaces as a whole, as far as that goes: one
 * that is larger than a batch is cut.
 */
import type { Planned } from '../../model/memory.ts';
import type { PlannedPage } from '../planning.ts';

export interface Batch {
  /** In the order of the source. */
  rows: Planned[];
  /** How many rows are gone that were there at the start. */
  vanished: number;
  /** True where the last namespace goes on in the next batch. */
  cut: boolean;
}

/** Rows that are judged at a time, by and large. */
const ROWS = 2_000;
/** UTF-16 units of content, at which a batch is cut wherever it stands. */
const CONTENT = 8_000_000;

export async function* batches(pages: AsyncIterable<PlannedPage>): AsyncGenerator<Batch, void> {
  let rows: Planned[] = [];
  let vanished = 0;
  for await (const page of pages) {
    rows.push(...page.planned);
    vanished += page.vanished.length;
    const isHeavy = rows.reduce((sum, { content }) => sum + content.length, 0) > CONTENT;
    if (rows.length < ROWS && !isHeavy) continue;
    const last = startOfLastNamespace(rows);
    const cut = last === 0 || isHeavy;
    if (cut && !isHeavy && rows.length < 2 * ROWS) continue;
    yield { rows: cut ? rows : rows.slice(0, last), vanished, cut };
    rows = cut ? [] : rows.slice(last);
    vanished = 0;
  }
  if (rows.length > 0 || vanished > 0) yield { rows, vanished, cut: false };
}

/**
 * Index of the first of the rows at the end that all go to one namespace. A row that is to be skipped goes nowhere, and stands
 * among those of a namespace all the same.
 */
function startOfLastNamespace(rows: readonly Planned[]): number {
  const last = rows.findLast((row) => row.verdict === 'write')?.namespace.name;
  return rows.findLastIndex((row) => row.verdict === 'write' && row.namespace.name !== last) + 1;
}
