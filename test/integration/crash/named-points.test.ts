/**
 * An apply that is killed at a point that has a name, and the same command after it. What the plugin had stored when the run
 * died is edited by a user meanwhile, wherever something was stored: that word must stand.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MIGRATIONS } from '../../../src/ledger/migrations.ts';
import { alone } from '../../support/chaos-platform.ts';
import { type RunningCli, startCli } from '../../support/cli.ts';
import type { Fault, FaultProxy, Rule } from '../../support/fault-proxy.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { type Lane, plantLane } from '../apply/lane.ts';

const EDITED = 'as a user corrected it';

/** Longer than any of these tests takes: the answer is on its way when the run is killed. */
const SLOW: Fault = { kind: 'slow-drip', millisecondsPerByte: 60_000 };

let world: World;
let proxy: FaultProxy;
let lane: Lane;
beforeAll(async () => {
  world = await startWorld({ plugin: 'reference' });
  proxy = await world.faultProxy();
});
afterAll(() => world.release());

function start(): RunningCli {
  return startCli([...lane.args, '--json'], { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: proxy.url });
}

/** Strikes the lane's commit number `nth`; the first, into a namespace that is missing, is answered 404 and counts. */
function atCommit(nth: number, fault: Fault): Rule {
  return proxy.on({ method: 'POST', path: new RegExp(`/${lane.namespace}/memories$`), skip: nth - 1, times: 1 }, fault);
}

async function kill(run: RunningCli): Promise<void> {
  run.child.kill('SIGKILL');
  expect((await run.finished).signal).toBe('SIGKILL');
}

async function userEdits(...places: number[]): Promise<void> {
  for (const place of places) {
    const id = lane.rows[place]?.id ?? '';
    const body = JSON.stringify({ id, content: EDITED, kind: 'fact', source: 'user' });
    const headers = { 'content-type': 'application/json' };
    const path = `/v1/namespaces/${lane.namespace}/memories`;
    expect((await fetch(world.plugin.url + path, { method: 'POST', headers, body })).status).toBe(201);
  }
}

/** The ledger's newest word on each row of the lane. */
async function told(): Promise<string[]> {
  const entries = await world.sql<{ id: string; word: string }[]>`
    select distinct on (memory_id) memory_id as id, outcome || coalesce(' ' || reason, '') as word
      from memory_backfill.entries order by memory_id, seq desc`;
  const words = new Map(entries.map(({ id, word }) => [id, word]));
  return lane.rows.map(({ id }) => words.get(id) ?? 'nothing');
}

/** Entries for the rows of the lane, of whatever outcome. */
async function entries(): Promise<number> {
  const ids = lane.rows.map(({ id }) => id);
  const [counted] = await world.sql<{ count: number }[]>`
    select count(*)::int as count from memory_backfill.entries where memory_id = any(${ids})`;
  return counted?.count ?? 0;
}

async function newestRun(): Promise<{ ended: string | null; reach: string }> {
  const [run] = await world.sql<Array<{ ended: string | null; reach: string }>>`
    select ended, case when horizon_any then 'any' when horizon_id is null then 'none' else horizon_id::text end as reach
      from memory_backfill.runs order by number desc limit 1`;
  return run ?? { ended: null, reach: 'no run' };
}

interface Held {
  /** Resolves to the server session of the tool that has come to the point. */
  reached(): Promise<number>;
  release(): Promise<void>;
}

/** Holds the tool in the middle of a statement: `when` is the beginning of a trigger's definition. */
async function holdStatement(when: string): Promise<Held> {
  const session = await world.sql.reserve();
  await session`select pg_advisory_lock(4711)`;
  await session.unsafe(`
    create or replace function public.hold() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(4711); return new; end $$;
    create trigger hold before ${when} execute function public.hold()`);
  const table = /memory_backfill\.\w+/.exec(when)?.[0] ?? '';
  return {
    reached: () => waitingSession(world),
    async release() {
      await session`select pg_advisory_unlock(4711)`;
      session.release();
      await alone(world);
      await world.sql.unsafe(`drop trigger hold on ${table}`);
    },
  };
}

const holdRecord = () => holdStatement('insert on memory_backfill.entries for each statement');
const holdEnd = () => holdStatement('update on memory_backfill.runs for each row when (new.ended is not null)');

/** Resolves to the server session of the tool that is being held. */
function waitingSession({ sql }: World): Promise<number> {
  return vi.waitFor(
    async () => {
      const [session] = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity
         where datname = current_database() and application_name = 'memory-backfill' and wait_event = 'advisory'`;
      if (!session) throw new Error('No session of the tool is waiting.');
      return session.pid;
    },
    { timeout: 20_000, interval: 10 },
  );
}

async function endSession(pid: number): Promise<void> {
  await world.sql`select pg_terminate_backend(${pid}, 5000)`;
}

test('in the quick check: nothing of the rows was sent, and the next run completes', async () => {
  lane = await plantLane(world, 'one', 'two');
  const { firstFired } = proxy.on({ path: /custom:.*\/memories$/, times: 1 }, { kind: 'hang' });
  const run = start();
  await firstFired;
  await kill(run);

  expect(await lane.kept()).toEqual([]);
  expect(await newestRun()).toEqual({ ended: null, reach: 'none' });
  const { report } = await lane.apply();
  expect(report).toMatchObject({ exitCode: 0, result: { written: 2, adopted: 0 } });
  const { namespaces } = await world.contents();
  expect(namespaces.filter(({ name }) => name.startsWith('custom:'))).toHaveLength(1);
});

test('between the announcement and the first commit: the rows are looked for, and sent', async () => {
  lane = await plantLane(world, 'one', 'two');
  const { firstFired } = atCommit(1, { kind: 'hang' });
  const run = start();
  await firstFired;
  await kill(run);

  expect(await newestRun()).toEqual({ ended: null, reach: lane.rows[1]?.id });
  expect((await lane.apply()).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
  expect(await lane.kept()).toEqual(['one', 'two']);
});

test('between the plugin’s storing a row and its answer: a user’s edit of it stands', async () => {
  lane = await plantLane(world, 'one', 'two', 'three');
  const { firstFired } = atCommit(3, SLOW);
  const run = start();
  await firstFired;
  await kill(run);

  expect(await lane.kept()).toEqual(['one', 'two']);
  await alone(world);
  const recorded = await entries();
  await userEdits(1);
  const { report } = await lane.apply();
  expect(report).toMatchObject({
    exitCode: 1,
    result: { conflicts: 1, written: 1, adopted: 1 - recorded, noted: [{ id: lane.rows[1]?.id, detail: 'foreign' }] },
  });
  expect(await lane.kept()).toEqual(['one', EDITED, 'three']);
});

test('between the answer and the record: what was acknowledged is adopted, and a user’s edit stands', async () => {
  lane = await plantLane(world, 'one', 'two', 'three');
  const hold = await holdRecord();
  const run = start();
  const session = await hold.reached();
  await vi.waitFor(async () => expect(await lane.kept()).toHaveLength(3));
  await kill(run);
  await endSession(session);
  await hold.release();

  expect(await entries()).toBe(0);
  await userEdits(1);
  const { report } = await lane.apply();
  expect(report.result).toMatchObject({ written: 0, adopted: 2, noted: [{ detail: 'foreign' }] });
  expect(await lane.kept()).toEqual(['one', EDITED, 'three']);
  expect(await told()).toEqual(['adopted', 'conflict foreign', 'adopted']);
});

test('during the record, which then comes through without the run: nothing is sent again', async () => {
  lane = await plantLane(world, 'one', 'two', 'three');
  const hold = await holdRecord();
  const run = start();
  await hold.reached();
  await vi.waitFor(async () => expect(await lane.kept()).toHaveLength(3));
  await kill(run);
  await hold.release();

  const recorded = await entries();
  expect(recorded).toBeGreaterThan(0);
  const { report } = await lane.apply();
  expect(report.result).toMatchObject({ written: 0, adopted: 3 - recorded });
  expect(await lane.kept()).toEqual(['one', 'two', 'three']);
});

test('between the record and the next page: what is recorded is not asked for again', async () => {
  lane = await plantLane(world, ...Array.from({ length: 520 }, (_, place) => `row ${place}`));
  const { firstFired } = atCommit(502, { kind: 'hang' });
  const run = start();
  await firstFired;
  await vi.waitFor(async () => expect(await entries()).toBe(500));
  await kill(run);

  const { report } = await lane.apply();
  expect(report).toMatchObject({ exitCode: 0, result: { written: 20, adopted: 0 } });
  expect(await lane.kept()).toHaveLength(520);
});

test('in the closing pass: the late row is looked for, and a user’s edit of it stands', async () => {
  lane = await plantLane(world, 'one', 'two', 'last of the order');
  const last = atCommit(3, { kind: 'delay', milliseconds: 300 });
  const run = start();
  await last.firstFired;
  const workspaceId = lane.rows[0]?.workspaceId ?? null;
  const late = memory({ workspaceId, content: 'late', createdAt: '2001-01-01 00:00:00+00' });
  await insertMemories(world.sql, [late]);
  lane = { ...lane, rows: [...lane.rows, late] };
  await atCommit(2, SLOW).firstFired;
  await kill(run);

  expect(await newestRun()).toEqual({ ended: null, reach: 'any' });
  await userEdits(3);
  expect((await lane.apply()).report.result).toMatchObject({ written: 0, noted: [{ detail: 'foreign' }] });
  expect(await lane.kept()).toEqual(['one', 'two', 'last of the order', EDITED]);
});

test('while its end is being recorded: the next run has nothing to send', async () => {
  lane = await plantLane(world, 'one', 'two');
  const hold = await holdEnd();
  const run = start();
  const session = await hold.reached();
  await kill(run);
  await endSession(session);
  await hold.release();

  expect(await newestRun()).toMatchObject({ ended: null });
  expect((await lane.apply()).report.result).toMatchObject({ written: 0, adopted: 0 });
  expect(await lane.kept()).toEqual(['one', 'two']);
});

test.each(['ALTER TABLE', 'CREATE INDEX'])(
  'in the ledger’s migration, at %s: the next start takes it up',
  async (statement) => {
    await using own = await startWorld({ plugin: 'quirky' });
    const { args, kept } = await plantLane(own, 'one');
    const session = await own.sql.reserve();
    await session`select pg_advisory_lock(4711)`;
    // Migration 2 alone adds columns, and its indexes alone are built outside of a transaction of several statements.
    await own.sql.unsafe(`
    create function public.hold() returns event_trigger language plpgsql as $$ begin
      if tg_tag = 'ALTER TABLE' or current_query() ilike 'create index concurrently%' then
        perform pg_advisory_lock(4711);
        perform pg_advisory_unlock(4711);
      end if;
    end $$;
    create event trigger hold on ddl_command_start when tag in ('${statement}') execute function public.hold()`);
    const run = own.start(args);
    run.finished.catch(() => {});
    const waiting = await waitingSession(own);
    run.child.kill('SIGKILL');
    await own.sql`select pg_terminate_backend(${waiting}, 5000)`;
    await session`select pg_advisory_unlock(4711)`;
    session.release();
    await own.sql`drop event trigger hold`;

    const [before] = await own.sql<{ count: number }[]>`select count(*)::int as count from memory_backfill.migrations`;
    expect(before?.count).toBe(1);
    expect((await own.backfill(args)).report).toMatchObject({ exitCode: 0, result: { written: 1 } });
    expect(await kept()).toEqual(['one']);
    const [after] = await own.sql<{ migrations: number; invalid: number }[]>`
    select (select count(*)::int from memory_backfill.migrations) as migrations,
           (select count(*)::int from pg_index where not indisvalid) as invalid`;
    expect(after).toEqual({ migrations: MIGRATIONS.length, invalid: 0 });
  },
);
