/**
 * The order in which the source is read: a stream of positions, ids and sizes without contents.
 *
 * No index of the platform serves (created_at, id), so every "next page" query would sort what is left of the table anew.
 * Instead the ids are sorted once, at the start, by a cursor WITH HOLD: Postgres writes the sorted ids into a temporary file
 * when its transaction commits, and from then on the cursor holds neither a snapshot (which would keep vacuum from cleaning
 * up behind the platform) nor a lock, only a session and disk space on the server: some 53 bytes a row. At a million rows that is
 * 53 MB, and 3 s before the first row is there; at 10 million 530 MB and 25 s (2 cores, Postgres' settings as they come), once a run.
 * What it lists is what was there at the start, which bounds the run: rows that are inserted later are not in it. It can be read
 * again from its first row, so that a run which counts before it sends sorts once all the same.
 *
 * What a run looks through at its end, for a few rows that nobody can foretell, need not come in any order, and is not sorted. Nor
 * need it be everything: a row that has come or changed since was written by a transaction which was not over at the start, and
 * Postgres tells of each row which transaction wrote it (moment.ts).
 *
 * States of the stream:
 *
 *   held     the cursor is open in a session of its own; each batch is a FETCH
 *   keyset   the cursor is gone: its session was lost, or a pooler in transaction mode gave the session to somebody else.
 *            Batches are now read by "greater than the last position", up to the watermark, the greatest position at the
 *            start. That sorts the rest of the table for each batch, so it is slower, and a notice says so. Rows that were
 *            inserted behind the position or beyond the watermark are not seen; those inserted between are. By place, a row
 *            whose workspace or scope changes on the way may come twice, or not at all. What was not sorted begins anew: rows may
 *            come twice
 *   done     a batch came back empty
 *
 * A crash in either leaves nothing behind: the session ends, and Postgres removes the temporary file.
 */
import { randomUUID } from 'node:crypto';
import type { Fragment } from 'postgres';
import { RunError } from '../model/errors.ts';
import type { Position } from '../model/memory.ts';
import { type Sql, uuidArray } from '../postgres/connection.ts';
import { DeadlinePassed, errorCode, type Read, unlessEnded } from '../postgres/reading.ts';
import { type Moment, moment, writtenSince } from './moment.ts';
import { type Place, ranking } from './places.ts';
import type { SourceShape } from './shape.ts';

export type Selection = OldestFirst | Unsorted | ByPlace;

/** The order in which rows are written. */
export interface OldestFirst {
  order: 'oldest-first';
  /** Take the rows of these workspaces alone; every row where it is left out. */
  workspaces?: readonly string[];
  /** Take of them the rows with these ids alone. */
  ids?: readonly string[];
}

/** The same rows, as the table has them. One may come twice. */
export interface Unsorted extends Omit<OldestFirst, 'order'> {
  order: 'unsorted';
  /** Leaves out what was there at this moment just as it is now; null leaves out nothing. */
  since: Moment | null;
}

/** Brings the rows together that are planned into one namespace: by rank, and oldest first among those of one rank. */
export interface ByPlace {
  order: 'by-place';
  places: readonly Place[];
  /** Whether rows that match no place come too, before all others. */
  rest: boolean;
}

export interface ListedRow extends Position {
  /** Of the place that the row matched when it was listed; null where it matched none, or none were given. */
  rank: number | null;
  /** Null also where the list is sorted: nobody picks from that. */
  updatedAt: string | null;
  /** UTF-8 bytes of the content, as the database holds it. */
  bytes: number;
  /** Where the row lay when it was listed, as Postgres numbers places; null where it does not. */
  ctid: string | null;
}

export interface Positions {
  /** Rows at the start of the run. */
  total: number;
  /** The greatest position at the start of the run; null where there was no row. */
  watermark: ListedRow | null;
  /** When the list was made; null where rows do not tell what wrote them. */
  moment: Moment | null;
  /** Whether batches come in the order of the selection. */
  sorted: boolean;
  /**
   * From the first row on. Throws RunError `source`.
   *
   * @param size rows per batch: 1 or more; fewer only in the last
   * @param again whether they will be asked for once more
   */
  batches(size: number, again?: boolean): AsyncGenerator<ListedRow[], void>;
}

/** Milliseconds for a batch that lies sorted in a file: without an answer by then, the session is taken for lost. */
const FETCHED_WITHIN = 10_000;

/** SQLSTATEs and codes after which the cursor no longer exists, though the database may. */
const CURSOR_GONE = new Set([
  '34000',
  '57P01',
  '57P05',
  '25P03',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'ECONNRESET',
]);

export interface Sessions {
  /** A pool of exactly one connection, which nobody else uses. */
  session: Sql;
  /** Fires when that connection has ended, and the cursor with it. */
  lost: AbortSignal;
  /** A pool like it on a connection that is new: what is sent on one that has just been reset may get no answer, ever. */
  reconnect(): Sql;
  read: Read;
}

/**
 * Sorts the ids of what was selected and stands before the first of them.
 *
 * @param notice told when the stream falls back to keyset reading
 */
export async function openPositions(
  { session, lost, reconnect, read }: Sessions,
  shape: SourceShape,
  selection: Selection,
  notice: (sentence: string) => void,
): Promise<Positions> {
  // Unique, since behind a pooler a fetch may reach a session in which another run has opened a cursor.
  const cursor = session(`memory_backfill_${randomUUID().replaceAll('-', '')}`);
  const listed = listing(session, shape, selection);
  const isSorted = selection.order !== 'unsorted';
  const ascending = session`rank nulls first, "createdAt" nulls first, id`;
  const descending = session`rank desc nulls last, "createdAt" desc nulls last, id desc`;
  const sorted = isSorted ? session`order by ${ascending}` : session``;

  // By hand, since the driver's own begin() throws where nobody can catch it when the connection is lost inside of it.
  const open = async () => {
    await session`begin isolation level repeatable read read only`;
    const made = shape.hasXmin ? await moment(session, shape.memories) : null;
    await session`declare ${cursor} scroll cursor with hold for select * from ${listed} ${sorted}`;
    // What was listed is counted, and its end looked at, in the list itself: another look at the table would cost another pass.
    const { count } = await session`move forward all in ${cursor}`;
    const [last] = count === 0 ? [] : await lastListed();
    await session`commit`;
    return { total: count, watermark: last ?? null, made };
  };
  const lastListed = () =>
    isSorted
      ? session<ListedRow[]>`fetch prior from ${cursor}`
      : session<ListedRow[]>`select * from ${listed} order by ${descending} limit 1`;
  // However long the sort takes: it takes as long as the table is large.
  const { total, watermark, made } = await read('list its rows', open, Number.POSITIVE_INFINITY);

  /** Rows after one position and up to another, both inclusive of none and all of their ties. */
  function between(after: ListedRow | null, last: ListedRow) {
    const low = after ? session`${beyond(after)} and` : session``;
    return session`${low} not ${beyond(last)}`;
  }
  function beyond({ rank, createdAt, id }: ListedRow) {
    const later =
      createdAt === null
        ? session`("createdAt" is not null or id > ${id}::uuid)`
        : session`("createdAt" is not null and ("createdAt", id) > (${createdAt}::timestamptz, ${id}::uuid))`;
    return rank === null
      ? session`(rank is not null or ${later})`
      : session`(rank is not null and (rank > ${rank}::int or (rank = ${rank}::int and ${later})))`;
  }

  /** However it ends, the session goes with it, and the cursor and its file on the server with the session. */
  async function* batches(size: number, again = false): AsyncGenerator<ListedRow[], void> {
    try {
      yield* fromTheFirst(size);
    } finally {
      if (!again) await session.end({ timeout: 1 }).catch(() => {});
    }
  }

  async function* fromTheFirst(size: number): AsyncGenerator<ListedRow[], void> {
    let last: ListedRow | null = null;
    const rewound = await fromCursor(() => session`move absolute 0 in ${cursor}`);
    let keyset = rewound ? null : withoutCursor();
    while (watermark) {
      let batch: ListedRow[] | null = keyset ? null : await fromCursor(() => fetched(size));
      if (!batch) {
        if (!keyset && !isSorted) last = null;
        keyset ??= withoutCursor();
        batch = await following(keyset, size, last, watermark);
      }
      const end = batch.at(-1);
      if (!end) break;
      if (last && end.id === last.id) {
        throw new RunError('source', `The database listed row ${end.id} twice in a row: its order does not advance.`);
      }
      last = end;
      yield batch;
    }
  }

  function fetched(size: number) {
    return session<ListedRow[]>`fetch ${session.unsafe(`${size}`)} from ${cursor}`;
  }

  function following(keyset: Sql, size: number, after: ListedRow | null, last: ListedRow): Promise<ListedRow[]> {
    return read('list its rows', async () => [
      ...(await keyset<ListedRow[]>`
        select * from ${listed} where ${between(after, last)} order by ${ascending} limit ${size}`),
    ]);
  }

  /** @returns where to read on by position */
  function withoutCursor(): Sql {
    notice(
      'The cursor over the source was lost (a restart, or a pooler in transaction mode): reading on page by page, which is slower and just as complete.',
    );
    return reconnect();
  }

  /** @returns null where the cursor is gone, or does not answer */
  async function fromCursor<T>(ask: () => Promise<T[]>): Promise<T[] | null> {
    if (lost.aborted) return null;
    try {
      const batch = await unlessEnded(lost, read('list its rows', ask, FETCHED_WITHIN));
      return batch && [...batch];
    } catch (error) {
      const cause = error instanceof RunError ? error.cause : error;
      if (cause instanceof DeadlinePassed || CURSOR_GONE.has(errorCode(cause) ?? '')) return null;
      throw error;
    }
  }

  return { total, watermark, moment: made, sorted: isSorted, batches };
}

/** The selected rows as FROM takes them, with the columns of a {@link ListedRow}. */
function listing(sql: Sql, { memories, hasCtid }: SourceShape, selection: Selection): Fragment {
  const table = sql.unsafe(memories);
  const ctid = hasCtid ? sql`ctid::text` : sql`null::text`;
  if (selection.order === 'by-place') {
    const { joins, rank, likely } = ranking(sql, selection.places);
    const [candidate, matching] = selection.rest ? [sql`true`, sql`true`] : [likely, sql`${rank} is not null`];
    // OFFSET 0 has the contents dropped where they are read: nothing that is joined carries them along.
    return sql`(
      select id, created_at as "createdAt", null::timestamptz as "updatedAt", bytes, place as ctid, ${rank} as rank
        from (select id, workspace_id, scope, created_at, octet_length(content) as bytes, ${ctid} as place
                from ${table} where ${candidate} offset 0) as m ${joins}
       where ${matching}) as listed`;
  }
  const { workspaces, ids } = selection;
  const ofWorkspaces = workspaces ? sql`workspace_id = any(${uuidArray(workspaces)}::uuid[])` : sql`true`;
  const withIds = ids ? sql`id = any(${uuidArray(ids)}::uuid[])` : sql`true`;
  const updatedAt = selection.order === 'unsorted' ? sql`updated_at` : sql`null::timestamptz`;
  const written = selection.order === 'unsorted' && selection.since ? writtenSince(sql, selection.since) : sql`true`;
  return sql`(
    select id, created_at as "createdAt", ${updatedAt} as "updatedAt", octet_length(content) as bytes, ${ctid} as ctid,
           null::int as rank
      from ${table} where ${ofWorkspaces} and ${withIds} and ${written}) as listed`;
}
