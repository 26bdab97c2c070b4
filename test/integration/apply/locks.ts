/** The ledger's lock, seen and taken from outside of the tool. */
import type { Sql } from 'postgres';
import { expect, vi } from 'vitest';
import { LOCK_CLASS } from '../../../src/ledger/advisory.ts';

export interface Lock {
  pid: number;
  family: number;
}

/** The session that holds the lock of the only pair here. */
export async function lockOf(sql: Sql): Promise<Lock> {
  const [held] = await sql<Lock[]>`
    select pid, objid::int as family from pg_locks
     where locktype = 'advisory' and granted and classid::bigint = ${LOCK_CLASS}
       and database = (select oid from pg_database where datname = current_database())`;
  if (!held) throw new Error('Nobody holds the lock.');
  return held;
}

/** Has the holder's session cut while another one waits in the queue: that one has the lock in the moment in which its holder is gone. */
export async function takeTheLock(sql: Sql): Promise<{ release: () => Promise<void> }> {
  const { pid, family } = await lockOf(sql);
  const other = await sql.reserve();
  const waiting = other`select pg_advisory_lock(${LOCK_CLASS}, ${family})`;
  waiting.catch(() => {}); // Awaited below.
  await vi.waitFor(
    async () => expect(await sql`select from pg_locks where locktype = 'advisory' and not granted`).not.toHaveLength(0),
    { timeout: 20_000 },
  );
  await sql`select pg_terminate_backend(${pid}, 5000)`;
  await waiting;
  return {
    async release() {
      await other`select pg_advisory_unlock_all()`;
      other.release();
    },
  };
}
