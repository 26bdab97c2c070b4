/** Rows by where they were last seen, and by their primary keys, each as it is when it is asked for. */
import type { Fragment } from 'postgres';
import type { LegacyRow } from '../model/memory.ts';
import { isUuid } from '../model/memory.ts';
import { type Sql, uuidArray } from '../postgres/connection.ts';
import type { Read } from '../postgres/reading.ts';
import type { SourceShape } from './shape.ts';

export interface Database {
  sql: Sql;
  read: Read;
  shape: SourceShape;
}

/** A row as a list names it. */
export interface Listed {
  id: string;
  /** Where it lay, as Postgres numbers places; null where it does not. */
  ctid: string | null;
}

const FOUND_AT_ONCE = 1_000;

type StoredRow = Omit<LegacyRow, 'embedding'> & { embedding: string | null };

/**
 * Reads rows that were listed before, each as it is now. Most lie where they lay then, and are fetched from there: that takes half the
 * time that it takes to look them up by their ids. What has been edited since lies elsewhere, and somebody else's row may lie in its
 * place; so what does not turn up under its id is looked up by it.
 *
 * @returns the rows by their ids, and perhaps others; one that does not exist any more is absent. Throws RunError `source`
 */
export async function readListed(
  database: Database,
  listed: readonly Listed[],
  embedding: boolean,
): Promise<Map<string, LegacyRow>> {
  const { sql } = database;
  const places = listed.flatMap(({ ctid }) => (ctid === null ? [] : `"${ctid}"`));
  const there =
    places.length === 0
      ? []
      : await readWhere(database, sql`ctid = any(${`{${places.join(',')}}`}::text::tid[])`, embedding);
  const rows = new Map(there.map((row) => [row.id, row]));
  const elsewhere = listed.flatMap(({ id }) => (rows.has(id) ? [] : id));
  if (elsewhere.length > 0) for (const [id, row] of await readRows(database, elsewhere, embedding)) rows.set(id, row);
  return rows;
}

/**
 * Reads in one query.
 *
 * @param ids UUIDs
 * @param embedding whether to read the embeddings too; only where there is such a column
 * @returns the rows by their ids, in lower case; one that does not exist is absent. Throws RunError `source`
 */
async function readRows(
  database: Database,
  ids: readonly string[],
  embedding: boolean,
): Promise<Map<string, LegacyRow>> {
  const rows = await readWhere(database, database.sql`id = any(${uuidArray(ids)}::uuid[])`, embedding);
  return new Map(rows.map((row) => [row.id, row]));
}

async function readWhere({ sql, read, shape }: Database, which: Fragment, embedding: boolean): Promise<LegacyRow[]> {
  const stored = await read(
    'read the rows',
    () => sql<StoredRow[]>`
      select id, workspace_id as "workspaceId", content, scope,
             created_at as "createdAt", updated_at as "updatedAt",
             ${shape.hasTag ? sql`namespace` : sql`null`} as tag,
             ${embedding ? sql`embedding::text` : sql`null`} as embedding
        from ${sql.unsafe(shape.memories)} where ${which}`,
  );
  return stored.map((row) => ({ ...row, embedding: parseVector(row.embedding) }));
}

/**
 * Reads any number of rows.
 *
 * @param ids any text: what is no UUID is no row's id
 * @returns the rows in the order in which their ids were first given, each once; one that does not exist is absent. Throws
 *   RunError `source`
 */
export async function findRows(database: Database, ids: readonly string[], embedding: boolean): Promise<LegacyRow[]> {
  const wanted = [...new Set(ids.filter((id) => isUuid(id)).map((id) => id.toLowerCase()))];
  const found: LegacyRow[] = [];
  for (let start = 0; start < wanted.length; start += FOUND_AT_ONCE) {
    const some = wanted.slice(start, start + FOUND_AT_ONCE);
    const byId = await readRows(database, some, embedding && database.shape.hasEmbedding);
    found.push(...some.flatMap((id) => byId.get(id) ?? []));
  }
  return found;
}

/**
 * A vector as pgvector prints it, `[0.25,-1]`. Each number is the shortest decimal that stands for the stored 32-bit float,
 * and JSON prints the same digits again, so the plugin gets the vector exactly.
 */
function parseVector(text: string | null): readonly number[] | null {
  return text === null ? null : text.slice(1, -1).split(',').map(Number);
}
