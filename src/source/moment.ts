/**
 * A moment in the life of a server, by which rows that were written since are told from those that were there: each row bears the
 * number of the transaction that wrote it as it is (its xmin), and of a transaction with a number below the oldest one that was not over
 * at the moment, everything was there to be seen.
 *
 * What this lets through may be more than was written since, and is never less: of a transaction that was under way at the moment,
 * rows come whether they were seen or not; numbers of 32 bits go round, and one that was met on its last lap counts as new. Another
 * server (a standby in the place of the first, a restart) has a life of its own, so there everything comes.
 */
import type { Fragment } from 'postgres';
import type { Sql } from '../postgres/connection.ts';

export interface Moment {
  /** Below it every transaction was over. In decimal digits, as many as it has. */
  xid: string;
  /** When the server was started, as it prints it. */
  server: string;
}

/** Numbers of transactions as rows bear them have so many bits. */
const XID_BITS = 32;

/** @param sql in a transaction of its own snapshot: what that sees is what was there */
export async function moment(sql: Sql): Promise<Moment> {
  const [now] = await sql<[Moment]>`
    select txid_snapshot_xmin(txid_current_snapshot())::text as xid, pg_postmaster_start_time()::text as server`;
  return now;
}

/** A condition on a table whose rows have an xmin. */
export function writtenSince(sql: Sql, { xid, server }: Moment): Fragment {
  const short = BigInt.asUintN(XID_BITS, BigInt(xid)).toString();
  // The older, the greater its age.
  return sql`(age(xmin) <= age(${short}::text::xid) or pg_postmaster_start_time()::text <> ${server}::text)`;
}
