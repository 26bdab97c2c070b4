/**
 * The lock that keeps a pair to one run at a time: an advisory lock of a session that does nothing else.
 *
 * States of the lock, and what a crash in each leaves behind:
 *
 *   held       the session lives and proves it at every beat: it still bears the mark that was put on it, and Postgres
 *              still lists the lock as its own. A crash of the run ends the session, and with it the lock: at once where
 *              the operating system lives to close the connection, else as soon as the server's keepalives go unanswered
 *   lost       the session ended, or did not prove itself in time. The run has been told. It tries again on new connections. What
 *              may hold the lock then: nobody, and it is taken; the run's own old session, of whose end the server does not know yet,
 *              and it is ended; or another run, and that settles it: this run never gets it back
 *   released   the session is ended on purpose
 *
 * A session that cannot prove itself in time counts as lost while the server may still hold the lock for it: that errs on the side
 * of sending nothing. The other way round, the server gives the lock away no sooner than its keepalives allow, 25 s after the last
 * sign of life, and a beat and its deadline take 10 s: the run has stopped sending by then. A machine that slept has not; so
 * whoever sends asks when the lock was proven last, by the clock on the wall (run/hold.ts).
 *
 * A pooler in transaction mode lends its sessions out statement by statement. Two runs behind it could both be told that they hold
 * the lock, since a session may take its own again. Such a pooler gives itself away: a new connection bears a mark already,
 * the transaction of another connection runs on the marked session, or a marked session is without its mark.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RunError } from '../model/errors.ts';
import type { RunRecord } from '../model/ledger.ts';
import type { Sql } from '../postgres/connection.ts';
import { type Read, reader, unlessEnded } from '../postgres/reading.ts';
import { LOCK_CLASS } from './advisory.ts';
import type { LockWatch } from './ledger.ts';
import { type RunRow, runColumns, runRecord } from './run-records.ts';
import type { LedgerSession } from './session.ts';

export interface PairLock {
  /** Gives the lock back; harmless where it has been called before. */
  release(): Promise<void>;
}

/** In milliseconds. */
export interface Rhythm {
  /** From one proof to the next. */
  beat: number;
  /** For a proof. */
  provenWithin: number;
  /** The first and the longest pause between attempts to get a lost lock back. */
  pauses: readonly [number, number];
}

const RHYTHM: Rhythm = { beat: 5_000, provenWithin: 5_000, pauses: [250, 5_000] };

/** Milliseconds to find out whether sessions are shared, the connection that it takes included. */
const LENT_OUT_WITHIN = 20_000;

export interface LockRequest {
  session: LedgerSession;
  /** Opens a connection that nobody else uses; `onclose` is told when it has ended. */
  connect(onclose: () => void): Sql;
  read: Read;
  /** The environment variable that the URL came from, for sentences. */
  variable: string;
  /** The pair's number among the locks. */
  family: number;
  watch: LockWatch;
  rhythm?: Rhythm;
}

/** A server session, for as long as it lives: its number may be another's later. */
interface Backend {
  pid: number;
  /** Null where this user may not see it. */
  startedAt: string | null;
}

/** A connection, and the session at its other end. */
interface Held {
  sql: Sql;
  backend: Backend;
  mark: string;
  /** Fires when the connection has ended. */
  ended: AbortSignal;
}

type Attempt = { held: Held } | { holder: Backend | null };

/**
 * @throws RunError `ledger` where another run holds the lock, with who it is and since when, or where the database does not answer;
 *   `configuration` where a pooler stands between that shares sessions
 */
export async function takeLock(request: LockRequest): Promise<PairLock> {
  const { session, watch, rhythm = RHYTHM } = request;
  const attempt = await attemptLock(request, rhythm);
  if ('holder' in attempt) throw await occupied(request, attempt.holder);

  watch.proven();
  let held: Held | null = attempt.held;
  const released = new AbortController();
  // A run that is told to stop now holds its lock to its end: what is guarded waits for nothing but the release.
  const guarded = { ...request, read: reader(released.signal, 'ledger') };
  const guarding = guard(attempt.held);

  /** Holds the lock, and gets it back when it is lost, until it is released or another run has it. */
  async function guard(first: Held): Promise<void> {
    for (let current = first; ; ) {
      await nextBeat(current.ended);
      if (released.signal.aborted) return;
      if (await isProven(guarded, current, rhythm.provenWithin)) {
        watch.proven();
        continue;
      }
      if (released.signal.aborted) return;
      held = null;
      watch.lost();
      void close(current.sql);
      const next = await regain(current.backend);
      if (!next) {
        if (!released.signal.aborted) watch.overtaken();
        return;
      }
      current = next;
      held = next;
      watch.proven();
      watch.regained();
    }
  }

  /** @returns null where the lock was released meanwhile, or another run has it, or has had it */
  async function regain(old: Backend): Promise<Held | null> {
    const [first, longest] = rhythm.pauses;
    for (let pause = first; !released.signal.aborted; pause = Math.min(pause * 2, longest)) {
      try {
        const next = await attemptLock(guarded, rhythm, old);
        if ('held' in next) return (await mayGoOn(next.held)) ? next.held : null;
        if (next.holder && !isSame(next.holder, old)) return null;
      } catch (error) {
        if (error instanceof RunError && error.code === 'configuration') return null;
      }
      await waited(pause, released.signal);
    }
    return null;
  }

  /** Whether the lock is of use again; if it is not, it is given back. */
  async function mayGoOn({ sql }: Held): Promise<boolean> {
    let may = false;
    try {
      may = (await isNewest(session, sql)) && !released.signal.aborted;
      return may;
    } finally {
      if (!may) await close(sql);
    }
  }

  async function nextBeat(ended: AbortSignal): Promise<void> {
    await waited(rhythm.beat, AbortSignal.any([ended, released.signal]));
  }

  return {
    async release() {
      released.abort();
      if (held) await close(held.sql);
      await guarding;
    },
  };
}

/** Resolves after the time, or as soon as the signal fires. */
async function waited(ms: number, until: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: until }).catch(() => {});
}

async function close(sql: Sql): Promise<void> {
  await sql.end({ timeout: 1 }).catch(() => {});
}

// --- Taking it --------------------------------------------------------------------------------------------------------

/** @param old this run's own session, which is ended where it holds the lock still */
async function attemptLock(request: LockRequest, { provenWithin }: Rhythm, old?: Backend): Promise<Attempt> {
  const { connect, read, family, variable } = request;
  const ending = new AbortController();
  const sql = connect(() => ending.abort());
  let kept = false;
  try {
    // The first answer includes the connection, which has a time limit of its own.
    const mark = randomUUID();
    const [begun] = await read(
      'be reached for its lock',
      () => sql<[{ marked: boolean; pid: number; startedAt: string | null }]>`
        select coalesce(current_setting('memory_backfill.mark', true), '') <> '' as marked,
               pg_backend_pid() as pid,
               (select backend_start from pg_stat_activity where pid = pg_backend_pid()) as "startedAt"`,
      provenWithin + 10_000,
    );
    if (begun.marked) throw shared(variable);
    // In one statement, so that the mark is on the session that has the lock.
    const [{ mine }] = await read(
      'be locked',
      () => sql<[{ mine: boolean }]>`
        select set_config('memory_backfill.mark', ${mark}, false),
               set_config('tcp_keepalives_idle', '10', false),
               set_config('tcp_keepalives_interval', '5', false),
               set_config('tcp_keepalives_count', '3', false),
               pg_try_advisory_lock(${LOCK_CLASS}, ${family}) as mine`,
      provenWithin,
    );
    if (!mine) return { holder: await findHolder(request, sql, old) };
    const held: Held = { sql, backend: { pid: begun.pid, startedAt: begun.startedAt }, mark, ended: ending.signal };
    if (await isLentOut(held, request)) throw shared(variable);
    kept = true;
    return { held };
  } finally {
    if (!kept) await close(sql);
  }
}

function shared(variable: string): RunError {
  return new RunError(
    'configuration',
    `${variable} leads to the ledger through a pooler in transaction mode, which shares sessions, so that no lock could keep a second run out: give the ledger a direct connection (or a pooler in session mode) in LEDGER_DATABASE_URL, or pass --no-ledger.`,
  );
}

/** Whether the session does not belong to its connection alone. If so, what was left on it is taken away as far as can be. */
async function isLentOut(held: Held, { connect, read, family }: LockRequest): Promise<boolean> {
  const other = connect(() => {});
  const markOn = async (sql: Sql) => {
    const [row] = await sql<[{ mark: string | null }]>`select current_setting('memory_backfill.mark', true) as mark`;
    return row.mark;
  };
  try {
    return await read(
      'be locked',
      async () => {
        await other`begin`;
        if ((await markOn(other)) === held.mark) {
          await other`
            select pg_advisory_unlock(${LOCK_CLASS}, ${family}), set_config('memory_backfill.mark', '', false)`;
          await other`commit`;
          return true;
        }
        // Now that the transaction keeps a session to itself, the lock's own statements have to find theirs.
        return (await markOn(held.sql)) !== held.mark;
      },
      LENT_OUT_WITHIN,
    );
  } finally {
    await close(other);
  }
}

// --- Proving it -------------------------------------------------------------------------------------------------------

async function isProven({ read, family }: LockRequest, { sql, mark, ended }: Held, within: number): Promise<boolean> {
  if (ended.aborted) return false;
  const proof = () => sql<[{ proven: boolean }]>`
    select current_setting('memory_backfill.mark', true) = ${mark}
       and exists (select from pg_locks
                    where locktype = 'advisory' and granted and pid = pg_backend_pid() and objsubid = 2
                      and classid::bigint = ${LOCK_CLASS} and objid::bigint = ${family}) as proven`;
  try {
    const answer = await unlessEnded(ended, read('prove its lock', proof, within));
    return answer?.[0].proven === true;
  } catch {
    return false;
  }
}

/** Whether no other run of the pair has begun since this one did: it may have come and gone while the lock was lost. */
async function isNewest({ ask, own }: LedgerSession, sql: Sql): Promise<boolean> {
  const run = own();
  if (run === null) return true;
  const [row] = await ask(
    'look up the run',
    () => sql<{ stands: boolean }[]>`
      select superseded_by is null as stands from memory_backfill.runs where id = ${run}`,
  );
  return row?.stands === true;
}

// --- Who else holds it ------------------------------------------------------------------------------------------------

/** @returns null where it has been given back meanwhile */
async function findHolder({ read, family }: LockRequest, sql: Sql, old: Backend | undefined): Promise<Backend | null> {
  const [holder] = await read(
    'say who holds its lock',
    () => sql<Backend[]>`
      select l.pid, a.backend_start as "startedAt"
        from pg_locks l left join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.granted and l.objsubid = 2
         and l.classid::bigint = ${LOCK_CLASS} and l.objid::bigint = ${family}
         and l.database = (select oid from pg_database where datname = current_database())`,
  );
  if (holder && old && isSame(holder, old)) await sql`select pg_terminate_backend(${old.pid})`;
  return holder ?? null;
}

function isSame(one: Backend, other: Backend): boolean {
  return one.pid === other.pid && one.startedAt === other.startedAt;
}

async function occupied({ session }: LockRequest, holder: Backend | null): Promise<RunError> {
  const { sql, ask, pair } = session;
  const since = holder?.startedAt ?? null;
  // A run that was last seen before the holder's session began has died: it is not the one.
  const [row] = await ask(
    'say who holds its lock',
    () => sql<RunRow[]>`
      select ${runColumns(sql)}
        from memory_backfill.runs r join memory_backfill.pairs p on p.id = r.pair
       where p.source = ${pair.source} and p.plugin = ${pair.plugin} and r.ended_at is null and r.superseded_by is null
         and (${since}::timestamptz is null or r.seen_at >= ${since}::timestamptz)
       order by r.number desc limit 1`,
  );
  const who = row ? describeRun(runRecord(row)) : describeBackend(holder);
  return new RunError(
    'ledger',
    `Another run is at work on this source and plugin: ${who}; nothing was sent by this one; wait for that one or end it, and run again.`,
  );
}

function describeRun({ id, mode, actor, startedAt }: RunRecord): string {
  return `${mode} ${id}${actorOf(actor)}, begun at ${clock(startedAt)}`;
}

function actorOf({ userId, serviceId }: RunRecord['actor']): string {
  if (userId !== null) return ` of user:${userId}`;
  return serviceId === null ? '' : ` of service:${serviceId}`;
}

function describeBackend(backend: Backend | null): string {
  if (!backend) return 'one that has just ended';
  const since = backend.startedAt === null ? '' : `, there since ${clock(backend.startedAt)}`;
  return `one that has not recorded its start yet (server session ${backend.pid}${since})`;
}

/** A time as Postgres prints it in UTC, to the second. */
function clock(time: string): string {
  return `${time.replace(/(\.\d+)?\+00$/, '')} UTC`;
}
