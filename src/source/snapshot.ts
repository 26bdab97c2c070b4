/**
 * The whole source in one number: equal for equal contents, in whatever order they lie, and another one after any change to
 * what is copied or to what decides where it goes.
 *
 * A row's digest is SHA-256 over a JSON array of its columns, in UTF-8, as Postgres prints it: NULL and the empty text differ,
 * nothing of one column can pass for another's, and times are in UTC with their microseconds. The digests are added up as
 * numbers of 256 bits, modulo 2^256: a sum, since under XOR every two equal rows would cancel out. Rows and workspaces have a sum each.
 *
 *   agent_memories   [id, workspace_id, content, scope, created_at, updated_at], then namespace where there is such a column, then
 *                    embedding, as pgvector prints it, where there is one
 *   workspaces       [id, parent_id, status]
 *
 * No key goes in, since whoever checks a receipt has nothing but the source to compute it from. So somebody who knows every row
 * but one could try out what that one says.
 */
import type { Fragment } from 'postgres';
import type { SourceSnapshot } from '../model/verify.ts';
import type { Sql } from '../postgres/connection.ts';
import type { Database } from './stored-rows.ts';

/** Sums of the digests' bytes, the first byte first, as Postgres prints an array. */
interface Sums {
  at: string;
  rows: string;
  rowBytes: string;
  workspaces: string;
  workspaceBytes: string;
}

const DIGEST_BYTES = 32;

/**
 * Reads both tables whole, in one statement and so as they are at one moment; some 3 s a million short rows.
 *
 * @returns with a digest of 128 hexadecimal digits: 64 of the rows' sum, then 64 of the workspaces'. Throws RunError `source`
 */
export async function takeSnapshot({ sql, read, shape }: Database): Promise<SourceSnapshot> {
  const memory = sql`json_build_array(id, workspace_id, content, scope, created_at, updated_at
    ${shape.hasTag ? sql`, namespace` : sql``} ${shape.hasEmbedding ? sql`, embedding::text` : sql``})`;
  const workspace = sql`json_build_array(id, parent_id, status::text)`;
  const query = () => sql<[Sums]>`
    select to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
           m.counted as rows, m.bytes as "rowBytes", w.counted as workspaces, w.bytes as "workspaceBytes"
      from (${digestsAdded(sql, memory, shape.memories)}) as m,
           (${digestsAdded(sql, workspace, shape.workspaces)}) as w`;
  // However long it takes: it takes as long as the table is large.
  const [sums] = await read('be read as a whole', query, Number.POSITIVE_INFINITY);
  return {
    at: sums.at,
    rows: Number(sums.rows),
    workspaces: Number(sums.workspaces),
    digest: sumOf(sums.rowBytes) + sumOf(sums.workspaceBytes),
  };
}

/**
 * Counts a table's rows and adds up their digests, each of the 32 bytes by itself: no other way to take a digest for a number in
 * SQL is as fast and does on every version of Postgres.
 */
function digestsAdded(sql: Sql, row: Fragment, table: string) {
  const bytes = Array.from({ length: DIGEST_BYTES }, (_, byte) => `coalesce(sum(get_byte(digest, ${byte})), 0)`);
  // OFFSET 0 keeps Postgres from computing the digest anew for each of its bytes.
  return sql`
    select count(*) as counted, array[${sql.unsafe(bytes.join(', '))}]::text as bytes
      from (select sha256(convert_to(${row}::text, 'UTF8')) as digest from ${sql.unsafe(table)} offset 0) as digests`;
}

/** @param bytes `{1,2,3}` for the sums of the digests' first, second and third bytes. @returns 64 hexadecimal digits */
function sumOf(bytes: string): string {
  const sums = bytes.slice(1, -1).split(',').map(BigInt);
  const total = sums.reduce((higher, sum) => higher * 256n + sum, 0n);
  return BigInt.asUintN(8 * DIGEST_BYTES, total)
    .toString(16)
    .padStart(2 * DIGEST_BYTES, '0');
}
