/**
 * A moment in the life of a table, by which rows that were written since are told from those that were there: each row bears the
 * number of the transaction that wrote it as it is (its xmin), and of a transaction with a number below the oldest one that was not over
 * at the moment, everything was there to be seen.
 *
 * What this lets through may be more than was written since, and is never less: of a transaction that was under way at the moment,
 * rows come whether they were seen or not; numbers of 32 bits go round, and one that was met on its last lap counts as new. Where the
 * numbers say nothing, everything comes:
 *
 *   another server        a standby in the place of the first, or the same one started again
 *   a recovered server    after a crash, numbers that no disk had seen are given out anew. The server is not started again for
 *                         that, and forgets its statistics
 *   another table         one that bears the name by now, or has become a part of the one that does: its rows came along with
 *                         their old numbers
 */
import type { Fragment } from 'postgres';
import type { Sql } from '../postgres/connection.ts';

export interface Moment {
  /** Below it every transaction was over. In decimal digits, as many as it has. */
  xid: string;
  /** When the server was started, and when it last forgot its statistics, as it prints them. */
  server: string;
  /** The table's number in the catalogue. */
  table: string;
}

/** Numbers of transactions as rows bear them have so many bits. */
const XID_BITS = 32;

const SERVER = "concat(pg_postmaster_start_time(), ', ', pg_stat_get_bgwriter_stat_reset_time())";

/**
 * @param sql in a transaction of its own snapshot: what that sees is what was there
 * @param table with its schema, quoted for SQL
 */
export async function moment(sql: Sql, table: string): Promise<Moment> {
  const [now] = await sql<[Moment]>`
    select txid_snapshot_xmin(txid_current_snapshot())::text as xid, ${sql.unsafe(SERVER)} as server,
           ${table}::text::regclass::oid::text as table`;
  return now;
}

/** A condition on a table whose rows have an xmin. */
export function writtenSince(sql: Sql, { xid, server, table }: Moment): Fragment {
  const short = BigInt.asUintN(XID_BITS, BigInt(xid)).toString();
  // The older, the greater its age.
  return sql`(age(xmin) <= age(${short}::text::xid) or tableoid <> ${table}::text::oid
              or ${sql.unsafe(SERVER)} <> ${server}::text)`;
}
