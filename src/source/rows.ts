/**
 * The rows behind a stream of positions, in pages, each read just before its turn: a row that was edited since the start arrives as
 * it is now, and one that was deleted is named as vanished.
 *
 * A page is read while the one before it is being worked on. It is bounded in rows and in bytes, so that memory stays
 * constant whatever the table and the rows look like: at most two pages are held at a time.
 */
import type { LegacyRow, Position } from '../model/memory.ts';
import { comparePositions } from '../model/position.ts';
import type { Moment } from './moment.ts';
import type { ListedRow, Positions } from './positions.ts';
import { type Database, readListed } from './stored-rows.ts';

export interface Page {
  /** In the stream's order. */
  rows: LegacyRow[];
  /** What was listed at the start and is gone now. */
  vanished: Position[];
}

/** Of a batch of listed rows, those whose contents are to be read, in the order given. */
export type Pick = (listed: readonly ListedRow[]) => Promise<readonly ListedRow[]>;

export interface RowStream {
  /** Rows at the start of the run. */
  total: number;
  /** The last row at the start of the run; null where there was none. */
  watermark: Position | null;
  /** When they were listed; null where rows do not tell what wrote them. */
  moment: Moment | null;
  /**
   * Throws RunError `source` when the database fails on the way; the pages before it are good.
   *
   * @param again whether the pages will be asked for once more, from the first one on
   */
  pages(pick?: Pick, again?: boolean): AsyncGenerator<Page, void>;
}

const BATCH_ROWS = 2_000;
const PAGE_ROWS = 500;
const PAGE_BYTES = 4 * 1024 * 1024;

/** Rows picked from a list without order that are put in order together: some 20 MB of positions. */
const SORTED_ROWS = 100_000;

export function rowStream(database: Database, positions: Positions, embedding: boolean): RowStream {
  async function readPage(listed: readonly ListedRow[]): Promise<Page> {
    const byId = await readListed(database, listed, embedding);
    const page: Page = { rows: [], vanished: [] };
    for (const { id, createdAt } of listed) {
      const row = byId.get(id);
      if (row) page.rows.push(row);
      else page.vanished.push({ id, createdAt });
    }
    return page;
  }

  async function* pages(pick: Pick = async (batch) => batch, again = false): AsyncGenerator<Page, void> {
    const picked = pickedFrom(positions.batches(BATCH_ROWS, again), pick);
    let ahead: Promise<Page> | undefined;
    try {
      for await (const batch of positions.sorted ? picked : sortedHere(picked)) {
        for (const listed of pagesOf(batch)) {
          const ready = ahead;
          ahead = readPage(listed);
          ahead.catch(() => {}); // Its failure is met where the page is awaited, not before.
          if (ready) yield await ready;
        }
      }
      if (ahead) yield await ahead;
    } finally {
      await ahead?.catch(() => {});
    }
  }

  const { total, watermark, moment } = positions;
  return { total, watermark, moment, pages };
}

async function* pickedFrom(batches: AsyncIterable<readonly ListedRow[]>, pick: Pick) {
  for await (const batch of batches) yield await pick(batch);
}

/** Each row once among those that are sorted together, whatever the list repeats. */
async function* sortedHere(batches: AsyncIterable<readonly ListedRow[]>) {
  const gathered = new Map<string, ListedRow>();
  for await (const batch of batches) {
    for (const row of batch) gathered.set(row.id, row);
    if (gathered.size < SORTED_ROWS) continue;
    yield [...gathered.values()].sort(comparePositions);
    gathered.clear();
  }
  yield [...gathered.values()].sort(comparePositions);
}

/** Cuts a batch where a page would hold too many rows, or too many bytes unless it holds just one row. */
function* pagesOf(batch: readonly ListedRow[]): Generator<ListedRow[], void> {
  let page: ListedRow[] = [];
  let bytes = 0;
  for (const row of batch) {
    if (page.length === PAGE_ROWS || (page.length > 0 && bytes + row.bytes > PAGE_BYTES)) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(row);
    bytes += row.bytes;
  }
  if (page.length > 0) yield page;
}
