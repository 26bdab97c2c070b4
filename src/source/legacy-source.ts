/**
 * The platform's Postgres as a source: its shape, its tree of workspaces, its rows in pages, by id or by content, a sample of
 * workspaces drawn by lot, and a digest of it all. It only ever reads, so a user with SELECT on the two tables is enough.
 *
 * Each stream of rows has a pool of its own, because the session that holds its cursor must not be given to another query.
 */
import { RunError } from '../model/errors.ts';
import type { LegacyRow, Workspace } from '../model/memory.ts';
import type { SourceSnapshot } from '../model/verify.ts';
import { connect, type Sql, uuidArray } from '../postgres/connection.ts';
import { endings, reader } from '../postgres/reading.ts';
import { type RowsWithContents, rowsWithContents } from './contents.ts';
import { openPositions, type Selection } from './positions.ts';
import { type RowStream, rowStream } from './rows.ts';
import { readShape, type SourceShape } from './shape.ts';
import { takeSnapshot } from './snapshot.ts';
import { type Database, findRows } from './stored-rows.ts';

export interface WorkspaceSample {
  /** In the order in which the lot drew them. */
  ids: string[];
  /** The up to 100 that the lot would have drawn next; none where it drew all. */
  others: string[];
  /** How many workspaces the lot could have drawn. */
  population: number;
}

const OTHERS = 100;

export interface LegacySource {
  shape(): Promise<SourceShape>;
  /** The whole tree. Throws RunError `source`. */
  workspaces(): Promise<Workspace[]>;
  /** Milliseconds since 1970, by the database's clock. Throws RunError `source`. */
  clock(): Promise<number>;
  /** Of these ids, those that are ids of rows. Throws RunError `source`. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Rows by their ids, as they are now, in the order of the ids; one that does not exist is absent.
   * Any text may be given as an id, and any number of them. Throws RunError `source`.
   */
  find(ids: readonly string[], embedding?: boolean): Promise<LegacyRow[]>;
  /**
   * The rows whose contents have one of these digests (SHA-256 of the UTF-8, 64 hexadecimal digits in lower case); of one
   * digest at most 200, and where there are more, that is said. Reads the whole table, once for every 20,000 digests. Throws
   * RunError `source`.
   */
  withContents(digests: readonly string[]): Promise<RowsWithContents>;
  /** Both tables as they are at one moment, as counts and a digest. Reads them whole. Throws RunError `source`. */
  snapshot(): Promise<SourceSnapshot>;
  /** How many TEAM rows these workspaces hold. Throws RunError `source`. */
  countTeamRows(workspaces: readonly string[]): Promise<number>;
  /**
   * Opens the rows of a selection; one stream at a time.
   *
   * @param embedding whether to read the embeddings too, where there are any
   * @param notice told about trouble that costs no row
   */
  rows(selection: Selection, embedding: boolean, notice: (sentence: string) => void): Promise<RowStream>;
  /**
   * Draws workspaces by a keyed hash of their ids, so that the same seed draws the same sample from the same workspaces.
   * `all` takes every one, removed ones included; a number, 0 or more, leaves those out. Throws RunError `source`.
   */
  draw(sample: number | 'all', seed: string): Promise<WorkspaceSample>;
  close(): Promise<void>;
}

/**
 * @param stop ends the wait for a query that is under way
 * @throws RunError `configuration` where the URL cannot be one of Postgres
 */
export function legacySource(databaseUrl: string, stop: AbortSignal): LegacySource {
  const pools: Sql[] = [];
  const ended = endings();
  const read = reader(stop, 'source', ended);
  const sql = opened(2, ended.tell);
  let known: Promise<SourceShape> | undefined;
  const shape = () => (known ??= readShape(sql, read));
  const database = async (): Promise<Database> => ({ sql, read, shape: await shape() });

  function opened(connections: number, onclose = () => {}): Sql {
    const pool = pooled(databaseUrl, connections, onclose);
    pools.push(pool);
    return pool;
  }

  return {
    shape,

    async workspaces() {
      const { workspaces } = await shape();
      return await read('list the workspaces', async () => [
        ...(await sql<Workspace[]>`
          select id, parent_id as "parentId", coalesce(status::text = 'removed', false) as removed
            from ${sql.unsafe(workspaces)}`),
      ]);
    },

    async clock() {
      const [told] = await read(
        'tell the time',
        () => sql<[{ ms: string }]>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`,
      );
      return Number(told.ms);
    },

    async existing(ids) {
      const { memories } = await shape();
      const rows = await read(
        'look up rows by their ids',
        () => sql<Array<{ id: string }>>`
          select id from ${sql.unsafe(memories)} where id = any(${uuidArray(ids)}::uuid[])`,
      );
      return new Set(rows.map(({ id }) => id));
    },

    find: async (ids, embedding = false) => findRows(await database(), ids, embedding),
    withContents: async (digests) => rowsWithContents(await database(), digests),
    snapshot: async () => takeSnapshot(await database()),

    async countTeamRows(workspaces) {
      const { memories } = await shape();
      const [counted] = await read(
        'count the TEAM rows',
        () => sql<[{ rows: string }]>`
          select count(*) as rows from ${sql.unsafe(memories)}
           where scope = 'TEAM' and workspace_id = any(${uuidArray(workspaces)}::uuid[])`,
      );
      return Number(counted.rows);
    },

    async rows(selection, embedding, notice) {
      const known = await shape();
      // A session for each stream: one that was lost takes its cursor along, and must not cost the next stream its own.
      const lost = new AbortController();
      const session = opened(1, () => lost.abort());
      const positions = await openPositions(
        { session, lost: lost.signal, reconnect: () => opened(1), read: reader(stop) },
        known,
        selection,
        notice,
      );
      return rowStream({ sql, read, shape: known }, positions, embedding && known.hasEmbedding);
    },

    async draw(sample, seed) {
      const { workspaces } = await shape();
      const drawn = await read(
        'draw the sample',
        () => sql<Array<{ id: string; population: string }>>`
          select id, count(*) over () as population from ${sql.unsafe(workspaces)}
           where ${sample === 'all'} or status::text is distinct from 'removed'
           order by sha256(convert_to(${seed} || ':' || id::text, 'UTF8')), id
           limit ${sample === 'all' ? null : sample + OTHERS}`,
      );
      const ids = drawn.map(({ id }) => id);
      const sampled = sample === 'all' ? ids.length : sample;
      return {
        ids: ids.slice(0, sampled),
        others: ids.slice(sampled),
        population: Number(drawn[0]?.population ?? 0),
      };
    },

    async close() {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}

function pooled(databaseUrl: string, connections: number, onclose: () => void): Sql {
  try {
    return connect(databaseUrl, connections, { onclose });
  } catch (error) {
    throw new RunError(
      'configuration',
      'DATABASE_URL is not a URL of the form postgres://user:password@host:port/database.',
      {
        cause: error,
      },
    );
  }
}
