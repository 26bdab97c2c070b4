/** Rows by their primary keys, each as it is when it is asked for. */

import type { LegacyRow } from '../model/memory.ts';
import { isUuid } from '../model/memory.ts';
import { type Read, type Sql, uuidArray } from '../postgres/connection.ts';
import type { SourceShape } from './shape.ts';

export interface Database {
  sql: Sql;
  read: Read;
  shape: SourceShape;
}

const FOUND_AT_ONCE = 1_000;

type StoredRow = Omit<LegacyRow, 'embedding'> & { embedding: string | null };

/**
 * Reads in one query.
 *
 * @param ids UUIDs
 * @param embedding whether to read the embeddings too; only where there is such a column
 * @returns the rows by their ids, in lower case; one that does not exist is absent. Throws RunError `source`
 */
export async function readRows(
  { sql, read, shape }: Database,
  ids: readonly string[],
  embedding: boolean,
): Promise<Map<string, LegacyRow>> {
  const stored = await read(
    'read the rows',
    () => sql<StoredRow[]>`
      select id, workspace_id as "workspaceId", content, scope,
             created_at as "createdAt", updated_at as "updatedAt",
             ${shape.hasTag ? sql`namespace` : sql`null`} as tag,
             ${embedding ? sql`embedding::text` : sql`null`} as embedding
        from ${sql.unsafe(shape.memories)} where id = any(${uuidArray(ids)}::uuid[])`,
  );
  return new Map(stored.map((row) => [row.id, { ...row, embedding: parseVector(row.embedding) }]));
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
