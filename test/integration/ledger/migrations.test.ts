/** The ledger's migrations on ledgers that are new, filled, busy, locked, half migrated, or newer than the tool. */
import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOCK_CLASS, MIGRATING } from '../../../src/ledger/advisory.ts';
import { levelOf, migrate, type Patience } from '../../../src/ledger/migrate.ts';
import { MIGRATIONS, type Migration } from '../../../src/ledger/migrations.ts';
import { readLedger } from '../../../src/ledger/postgres-ledger.ts';
import { connect } from '../../../src/postgres/connection.ts';
import { type LedgerDatabase, ledgerDatabase, refusal, request } from './ledgers.ts';

const PATIENCE: Patience = { lockTimeoutMs: 2_000, tries: 5, pauseMs: 50, turnMs: 20_000 };
const HASTY: Patience = { lockTimeoutMs: 50, tries: 3, pauseMs: 10, turnMs: 100 };
const FIRST = MIGRATIONS.slice(0, 1);
const NOT_LISTED = { migrations: [], tables: 0 };

let database: LedgerDatabase;
let sql: Sql;
beforeEach(async () => {
  database = await ledgerDatabase();
  sql = database.sql;
});
afterEach(() => database[Symbol.asyncDispose]());

async function migrated(migrations = MIGRATIONS, patience = PATIENCE): Promise<void> {
  const only = connect(database.url, 1);
  try {
    await migrate(only, { toolVersion: '0.1.0', migrations, patience });
  } finally {
    await only.end({ timeout: 1 });
  }
}

/** Everything of the schema that a migration could change. */
async function catalogue() {
  const relations = await sql`
    select c.oid, c.relname, c.relkind, c.relfilenode, i.indisvalid, pg_get_indexdef(i.indexrelid) as definition
      from pg_class c left join pg_index i on i.indexrelid = c.oid
     where c.relnamespace = 'memory_backfill'::regnamespace order by c.oid`;
  const columns = await sql`
    select attrelid, attname, atttypid, attnotnull from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'memory_backfill'::regnamespace order by attrelid, attnum`;
  const checks = await sql`
    select oid, conname, convalidated, pg_get_constraintdef(oid) as definition from pg_constraint
     where connamespace = 'memory_backfill'::regnamespace order by oid`;
  const list = await sql`select * from memory_backfill.migrations order by number`;
  return { relations: [...relations], columns: [...columns], checks: [...checks], list: [...list] };
}

async function indexes(): Promise<Record<string, boolean>> {
  const rows = await sql<{ name: string; valid: boolean }[]>`
    select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relname like 'runs_by_actor%'`;
  return Object.fromEntries(rows.map(({ name, valid }) => [name, valid]));
}

const ACTOR_INDEXES = { runs_by_actor_user: true, runs_by_actor_service: true };

/** Fills a ledger that is at migration 1. */
async function fill(runs: number, entries: number): Promise<void> {
  await sql`insert into memory_backfill.pairs (source, plugin, generation) values ('db', 'http://plugin', 1)`;
  await sql`
    insert into memory_backfill.runs (id, pair, mode, tool_version, settings, config_digest)
    select gen_random_uuid(), 1, 'apply', '0.1.0', '{}', sha256('') from generate_series(1, ${runs})`;
  await sql`
    insert into memory_backfill.entries (pair, run, memory_id, namespace, outcome, digest, created, attempts, duration_ms)
    select 1, gen_random_uuid(), gen_random_uuid(), 'team:a', 'written', sha256(''), false, 1, 1
      from generate_series(1, ${entries})`;
}

describe('a new ledger', () => {
  test('is made once, however many start at once', async () => {
    const ledgers = await Promise.all(Array.from({ length: 5 }, () => database.open()));
    const keys = await sql`select digest_key from memory_backfill.keys`;
    expect(keys).toEqual([{ digest_key: expect.toSatisfy((key: Buffer) => key.length === 32) }]);
    expect(await sql`select number, name, tool_version from memory_backfill.migrations order by number`).toEqual([
      { number: 1, name: 'runs and entries', tool_version: '0.1.0' },
      { number: 2, name: 'who ran it', tool_version: '0.1.0' },
      { number: 3, name: 'seeds of verifies that failed', tool_version: '0.1.0' },
    ]);
    expect(await sql`select count(*)::int from memory_backfill.pairs`).toEqual([{ count: 1 }]);
    expect(ledgers).toHaveLength(5);
  });

  test('has a key of its own', async () => {
    await using other = await ledgerDatabase();
    await database.open();
    await other.open();
    const key = async (of: Sql) =>
      (await of`select encode(digest_key, 'hex') as key from memory_backfill.keys`)[0]?.key;
    expect(await key(sql)).not.toBe(await key(other.sql));
  });

  test('is not half made where making it fails', async () => {
    const [step] = MIGRATIONS[0]?.steps ?? [];
    const made = step?.as === 'transaction' ? step.sql : '';
    const failing: Migration = {
      number: 1,
      name: 'fails',
      steps: [{ as: 'transaction', sql: `${made}; select 1 / 0` }],
    };
    expect((await refusal(migrated([failing]))).message).toContain('division by zero');
    const [left] = await sql`
      select count(*)::int as tables from pg_class where relkind = 'r' and relname <> 'migrations'
         and relnamespace = 'memory_backfill'::regnamespace`;
    expect({ ...left, migrations: [...(await sql`select from memory_backfill.migrations`)] }).toEqual(NOT_LISTED);
    await migrated();
  });
});

test('a ledger that is up to date is left as it is', async () => {
  await migrated();
  const before = await catalogue();
  await migrated();
  await database.open();
  expect(await catalogue()).toEqual(before);
});

test('two starts that both find a filled ledger behind bring it up to date between them', async () => {
  await migrated(FIRST);
  await fill(20_000, 0);
  await Promise.all([migrated(), migrated(), migrated()]);
  expect(await indexes()).toEqual(ACTOR_INDEXES);
  expect(await sql`select number from memory_backfill.migrations order by number`).toEqual([
    { number: 1 },
    { number: 2 },
    { number: 3 },
  ]);
});

test('migration 2 lets at most one actor be set, and holds that against the rows there are', async () => {
  await migrated(FIRST);
  await fill(2, 0);
  await migrated();
  const both = sql`update memory_backfill.runs set actor_user_id = 'alice', actor_service_id = 'nightly'`;
  expect(await refusal(both)).toMatchObject({ code: '23514', constraint_name: 'runs_have_one_actor_at_most' });
  await sql`update memory_backfill.runs set actor_user_id = 'alice'`;
  const [check] = await sql`select convalidated from pg_constraint where conname = 'runs_have_one_actor_at_most'`;
  expect(check).toEqual({ convalidated: true });
});

/** Of the migrating session, at one moment. */
interface Sample {
  statement: string;
  table: string;
  mode: string;
}

test('migration 2 keeps nobody out of a filled ledger while it scans', async () => {
  await migrated(FIRST);
  await fill(300_000, 50_000);
  let over = false;
  const migrating = migrated().finally(() => {
    over = true;
  });

  /** Reads and writes all the time, as a run does. */
  async function work(): Promise<{ rounds: number; longest: number; runs: string[]; memories: string[] }> {
    const own = connect(database.url, 1);
    const done = { rounds: 0, longest: 0, runs: [] as string[], memories: [] as string[] };
    async function timed(statement: () => Promise<unknown>): Promise<void> {
      const began = performance.now();
      await statement();
      done.longest = Math.max(done.longest, performance.now() - began);
    }
    await own`set application_name = 'another run'`;
    while (!over) {
      const [run, memory] = [randomUUID(), randomUUID()];
      await timed(
        () => own`insert into memory_backfill.runs (id, pair, mode, tool_version, settings, config_digest)
                  values (${run}, 1, 'apply', '0.1.0', '{}', sha256(''))`,
      );
      await timed(
        () => own`insert into memory_backfill.entries (pair, run, memory_id, outcome, created, attempts, duration_ms)
                  values (1, ${run}, ${memory}, 'failed', false, 1, 1)`,
      );
      await timed(() => own`update memory_backfill.runs set counts = '{"failed": 1}' where id = ${run}`);
      await timed(
        () => own`select * from memory_backfill.entries where memory_id = ${memory} order by seq desc limit 1`,
      );
      await timed(() => own`select counts from memory_backfill.runs where id = ${run}`);
      done.runs.push(run);
      done.memories.push(memory);
      done.rounds += 1;
    }
    await own.end({ timeout: 1 });
    return done;
  }

  async function watch(): Promise<Sample[]> {
    const samples: Sample[] = [];
    while (!over) {
      samples.push(
        ...(await sql<Sample[]>`
          select lower(a.query) as statement, c.relname as table, l.mode
            from pg_locks l join pg_stat_activity a on a.pid = l.pid join pg_class c on c.oid = l.relation
           where a.application_name = 'memory-backfill' and a.datname = current_database() and l.granted
             and a.state <> 'idle' and c.relnamespace = 'memory_backfill'::regnamespace`),
      );
    }
    return samples;
  }

  /** The index that the statement makes: nobody reads or writes through it yet, so nobody waits for it. */
  const isBuilt = (table: string, statement: string) => statement.includes(`create index concurrently ${table} `);

  const [, done, samples] = await Promise.all([migrating, work(), watch()]);

  for (const scan of ['validate constraint', 'create index concurrently']) {
    const during = samples.filter(({ statement }) => statement.includes(scan));
    expect(
      during.map(({ table }) => table),
      scan,
    ).toContain('runs');
    expect(
      during.filter(
        ({ mode, table, statement }) =>
          (mode === 'AccessExclusiveLock' || mode === 'ExclusiveLock') && !isBuilt(table, statement),
      ),
      scan,
    ).toEqual([]);
  }
  expect(done.rounds).toBeGreaterThan(10);
  expect(done.longest).toBeLessThan(PATIENCE.lockTimeoutMs);
  const arrived = await sql`
    select (select count(*)::int from memory_backfill.runs r join unnest(${done.runs}::uuid[]) i on i = r.id
             where r.counts = '{"failed": 1}') as runs,
           (select count(*)::int from memory_backfill.entries e join unnest(${done.memories}::uuid[]) i on i = e.memory_id) as entries`;
  expect(arrived).toEqual([{ runs: done.rounds, entries: done.rounds }]);
  expect(await indexes()).toEqual(ACTOR_INDEXES);
});

describe('a table that another session keeps locked', () => {
  test('makes the migration give up in a sentence, without keeping others waiting, and the next start succeeds', async () => {
    await migrated(FIRST);
    await fill(10, 0);
    const blocking = await sql.reserve();
    await blocking`begin`;
    await blocking`select from memory_backfill.runs`;

    const error = await refusal(migrated(MIGRATIONS, HASTY));
    expect(error).toMatchObject({ name: 'RunError', code: 'ledger' });
    expect(error.message).toMatch(
      /^The ledger could not be brought to version 2 \("who ran it"\), because other sessions kept its tables locked: .* run again\.$/,
    );
    expect(await sql`select max(number) from memory_backfill.migrations`).toEqual([{ max: 1 }]);

    await blocking`commit`;
    blocking.release();
    await migrated();
    expect(await indexes()).toEqual(ACTOR_INDEXES);
  });

  test('is tried again, and costs nothing where it is free in time', async () => {
    await migrated(FIRST);
    const blocking = await sql.reserve();
    await blocking`begin`;
    await blocking`select from memory_backfill.runs`;
    const migrating = migrated(MIGRATIONS, { ...HASTY, tries: 1_000, pauseMs: 100 });
    const pid = await waiting(sql);
    // It has given its place in the queue up by now.
    await vi.waitFor(async () => {
      const state = await sql`select state from pg_stat_activity where pid = ${pid}`;
      expect(state).toEqual([{ state: 'idle' }]);
    });
    await blocking`commit`;
    await migrating;
    blocking.release();
    expect(await indexes()).toEqual(ACTOR_INDEXES);
  });
});

/** Resolves when the migrating session waits for a lock. */
async function waiting(on: Sql): Promise<number> {
  return await vi.waitFor(
    async () => {
      const [row] = await on<{ pid: number }[]>`
        select pid from pg_stat_activity
         where application_name = 'memory-backfill' and datname = current_database() and wait_event_type = 'Lock'`;
      if (!row) throw new Error('It waits for no lock.');
      return row.pid;
    },
    { timeout: 20_000, interval: 5 },
  );
}

test('an INVALID index that a killed migration left is built anew', async () => {
  await migrated(FIRST);
  await fill(1_000, 0);
  const [addActors, validate, ...builds] = MIGRATIONS[1]?.steps ?? [];
  expect(builds.map(({ as }) => as)).toEqual(['index', 'index']);
  if (!addActors || !validate) throw new Error('Migration 2 has other steps by now.');
  // All but the indexes, as if the process had ended there.
  const cutShort: Migration = {
    number: 2,
    name: 'cut short',
    steps: [addActors, validate, { as: 'transaction', sql: 'select 1 / 0' }],
  };
  await refusal(migrated([...FIRST, cutShort]));
  expect(await indexes()).toEqual({});

  const writing = await sql.reserve();
  await writing`begin`;
  await writing`update memory_backfill.runs set counts = '{"failed": 2}'`;
  const killed = refusal(migrated());
  const pid = await waiting(sql);
  await sql`select pg_terminate_backend(${pid}, 5000)`;
  await killed;
  await writing`commit`;
  writing.release();
  expect(await indexes()).toEqual({ runs_by_actor_user: false });
  expect(await sql`select max(number) from memory_backfill.migrations`).toEqual([{ max: 1 }]);

  await migrated();
  expect(await indexes()).toEqual(ACTOR_INDEXES);
  expect(await sql`select max(number) from memory_backfill.migrations`).toEqual([{ max: MIGRATIONS.length }]);
});

test('a start that waits too long for another one says so', async () => {
  await migrated(FIRST);
  const other = await sql.reserve();
  await other`select pg_advisory_lock(${LOCK_CLASS}, ${MIGRATING})`;
  const error = await refusal(migrated(MIGRATIONS, HASTY));
  expect(error).toMatchObject({ name: 'RunError', code: 'ledger' });
  expect(error.message).toMatch(/^Another start has been bringing the ledger up to date for more than 0\.1 s: /);
  other.release();
});

test('a ledger that is newer than the tool is refused with the version that made it, and left alone', async () => {
  await migrated();
  await sql`insert into memory_backfill.migrations (number, name, tool_version) values (4, 'receipts', '9.1.0')`;
  const before = await catalogue();
  const sentence =
    'The ledger was brought to its version 4 ("receipts") by memory-backfill 9.1.0, which is newer than this one: run that version or a later one.';
  for (const attempt of [() => database.open(), () => readLedger(request(database.url)), () => migrated()]) {
    expect(await refusal(attempt())).toMatchObject({ code: 'configuration', message: sentence });
  }
  expect(await catalogue()).toEqual(before);
});

test('the level of a database without a ledger is 0', async () => {
  const own = connect(database.url, 1);
  expect(await levelOf(own)).toMatchObject({ number: 0 });
  await own.end();
});
