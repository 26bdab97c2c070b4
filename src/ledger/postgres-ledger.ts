/**
 * The ledger in Postgres: opened for a run that writes, which makes it and brings it up to date, or for one that only reads.
 *
 * It belongs to a pair, and within it to a generation: `startOver` begins the next one, whose runs know nothing of the earlier ones.
 * A generation is written down by the first run that begins in it, so that a run which is refused leaves the pair as it was.
 */
import { digester } from '../model/digest.ts';
import type { Pair } from '../model/ledger.ts';
import { address, type Sql } from '../postgres/connection.ts';
import { reader } from '../postgres/reading.ts';
import { connectTo, refuseUnreadable, refuseUnwritable, survey } from './access.ts';
import type { Ledger } from './ledger.ts';
import { type PairLock, type Rhythm, takeLock } from './lock.ts';
import { levelOf, migrate, refuseNewer } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { recollections } from './recollections.ts';
import { type Generation, insertRun, runLog } from './run-log.ts';
import { runRecords } from './run-records.ts';
import { asking, type LedgerSession, telling } from './session.ts';

export interface LedgerRequest {
  url: string;
  /** The environment variable that the URL came from, for sentences. */
  variable: string;
  pair: Pair;
  toolVersion: string;
  /** Whether the entries there are shall count no longer. */
  startOver: boolean;
  /** Ends every wait for the ledger at once, those for what is being recorded too: the signal to stop now, not the first one. */
  stop: AbortSignal;
  /** How often the lock proves itself. */
  rhythm?: Rhythm;
}

/** Milliseconds for all migrations: the scans and the builds of indexes take as long as the ledger is large. */
const MIGRATED_WITHIN = 3_600_000;

/** Queries that may be under way at a time; and, beside them, statements of the run's own log: a batch and an announcement. */
const CONNECTIONS = 3;
const WRITING = 2;

/** What is known of the pair. */
interface Known {
  /** The key of the digests. */
  key: Uint8Array;
  generation: Generation;
  /** The id of the pair's first generation, under which it is locked; null where the pair is not known. */
  family: number | null;
}

/**
 * For a run that writes.
 *
 * @throws RunError `configuration` where the URL, the user's rights or the ledger's version do not do, with the ways out; `ledger`
 *   where it cannot be reached or brought up to date
 */
export async function openLedger(request: LedgerRequest): Promise<Ledger> {
  const { url, variable, pair, toolVersion, stop } = request;
  return await onPool(request, async (sql) => {
    const read = reader(stop, 'ledger');
    const surveyed = await survey(sql, read, variable);
    const level = surveyed.schema?.usable ? await read('be read', () => levelOf(sql)) : null;
    if (level) refuseNewer(level);
    const behind = level?.number !== MIGRATIONS.length;
    refuseUnwritable(surveyed, variable, behind);
    if (behind) {
      const only = connectTo(url, variable, 1);
      try {
        await read('be brought up to date', () => migrate(only, { toolVersion }), MIGRATED_WITHIN);
      } finally {
        await only.end({ timeout: 1 });
      }
    }
    await read('note the source and the plugin', () => insertPair(sql, pair));
    return ledgerOf(sql, request, await read('be read', () => readPair(sql, request)));
  });
}

/**
 * For a run that only looks: it writes nothing, and neither locks nor begins a run.
 *
 * @returns null where there is no ledger
 * @throws RunError `configuration` where the URL, the user's rights or the ledger's version do not do; `ledger` where it cannot
 *   be reached
 */
export async function readLedger(request: LedgerRequest): Promise<Ledger | null> {
  const { variable, stop } = request;
  return await onPool(request, async (sql) => {
    const read = reader(stop, 'ledger');
    const surveyed = await survey(sql, read, variable);
    if (!surveyed.schema) return null;
    refuseUnreadable(surveyed, variable);
    const level = await read('be read', () => levelOf(sql));
    refuseNewer(level);
    if (level.number === 0) return null;
    return readOnly(ledgerOf(sql, request, await read('be read', () => readPair(sql, request))));
  });
}

/** Opens a pool of connections, which is closed again where nothing comes of it. */
async function onPool<T extends Ledger | null>(
  { url, variable }: LedgerRequest,
  open: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = connectTo(url, variable, CONNECTIONS);
  let ledger: T | null = null;
  try {
    ledger = await open(sql);
    return ledger;
  } finally {
    if (ledger === null) await sql.end({ timeout: 1 });
  }
}

async function insertPair(sql: Sql, { source, plugin }: Pair): Promise<void> {
  await sql`
    insert into memory_backfill.pairs (source, plugin, generation)
    select ${source}::text, ${plugin}::text, 1
     where not exists (select from memory_backfill.pairs where source = ${source} and plugin = ${plugin})
    on conflict do nothing`;
}

async function readPair(sql: Sql, { pair, startOver }: LedgerRequest): Promise<Known> {
  const [row] = await sql<
    [{ key: string; id: number | null; number: number | null; used: boolean; family: number | null }]
  >`
    select encode(k.digest_key, 'hex') as key, newest.id, newest.generation as number, family.id as family,
           exists (select from memory_backfill.runs r where r.pair = newest.id) as used
      from memory_backfill.keys k
      left join lateral (
        select p.id, p.generation from memory_backfill.pairs p
         where p.source = ${pair.source} and p.plugin = ${pair.plugin} order by p.generation desc limit 1) newest on true
      left join lateral (
        select min(p.id) as id from memory_backfill.pairs p
         where p.source = ${pair.source} and p.plugin = ${pair.plugin}) family on true`;
  const { key, id, number, used, family } = row;
  const next = startOver && used;
  return {
    key: Buffer.from(key, 'hex'),
    generation: { id: next ? null : id, number: (number ?? 0) + (next ? 1 : 0) },
    family,
  };
}

function ledgerOf(
  sql: Sql,
  { url, variable, pair, stop, rhythm }: LedgerRequest,
  { key, generation, family }: Known,
): Ledger {
  const read = reader(stop, 'ledger');
  const [ask, tell] = [asking(read), telling(read)];
  let current = generation.id;
  let own: string | null = null;
  const locks = new Set<PairLock>();
  const pools = [sql];
  const session: LedgerSession = { sql, ask, tell, pair, generation: () => current, own: () => own };

  return {
    pair,
    place: address(sql),
    digester: digester(key),
    ...recollections(session),
    ...runRecords(session),

    async lock(watch) {
      if (family === null) throw new Error('A pair that is not in the ledger cannot be locked.');
      const lock = await takeLock({
        session,
        connect: (onclose) => connectTo(url, variable, 1, { onclose }),
        read,
        variable,
        family,
        watch,
        ...(rhythm && { rhythm }),
      });
      locks.add(lock);
      return lock;
    },

    async begin(run) {
      current = await tell('record the start of the run', () =>
        insertRun(sql, pair, { ...generation, id: current }, run),
      );
      own = run.id;
      // Whoever writes has taken the lock, which a pooler that shares its sessions does not give: so statements may be kept in them.
      const writing = connectTo(url, variable, WRITING, { prepare: true });
      pools.push(writing);
      return runLog({ sql: writing, ask, tell }, run.id);
    },

    async close() {
      await Promise.all([...locks].map((lock) => lock.release()));
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}

function readOnly(ledger: Ledger): Ledger {
  const refused = () => Promise.reject(new Error('This ledger was opened for reading.'));
  return { ...ledger, lock: refused, begin: refused };
}
