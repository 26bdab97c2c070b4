/** A ledger that cannot be written, lost in the middle or out of reach from the start: nothing more is sent than it knows of. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { grantReadOnly, insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { endToolSessions } from '../source/legacy-database.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';

const failures: Array<{ how: string; breaks: string; mends: string; saying: RegExp }> = [
  {
    how: 'refuses entries',
    breaks: `
      create function memory_backfill.full() returns trigger language plpgsql as
        $$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
      create trigger full_disk before insert on memory_backfill.entries execute function memory_backfill.full()`,
    mends: 'drop trigger full_disk on memory_backfill.entries',
    saying: /^The ledger could not record a batch: no space left on device \(53100\)\.$/,
  },
  {
    how: 'has lost a table',
    breaks: 'alter table memory_backfill.entries rename to entries_elsewhere',
    mends: 'alter table memory_backfill.entries_elsewhere rename to entries',
    saying: /^The ledger could not record a batch: relation "memory_backfill\.entries" does not exist \(42P01\)\.$/,
  },
];

describe.each(failures)('a ledger that $how in the middle of a run', ({ breaks, mends, saying }) => {
  test('stops it with exit code 3; once it is mended, the next run knows or finds out what was sent', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const { args, rows, apply, kept } = await plantLane(world, 'one', 'two', 'three', 'four');
    const hold = await holdBeforeCommit(world, 3);
    const run = world.start([...args, '--limit', '3']);
    await hold.reached();
    await world.sql.unsafe(breaks);
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode: 3, error: { code: 'ledger', message: expect.stringMatching(saying) } });

    await world.sql.unsafe(mends);
    const again = (await apply()).report;
    expect(again).toMatchObject({ exitCode: 0, result: { scanned: 4, failed: 0, conflicts: 0 } });
    expect(await kept()).toEqual(['one', 'two', 'three', 'four']);
    expect((await world.contents()).memories.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });
});

/** Rows of as many workspaces: each is a lane of its own. */
async function plantManyLanes({ sql }: World, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, made) => `w${made}`);
  const { workspace } = await plantTree(sql, { workspaces: Object.fromEntries(names.map((name) => [name, {}])) });
  await insertMemories(
    sql,
    names.map((name) => memory({ workspaceId: workspace(name) })),
  );
}

async function copied(world: World<QuirkyPlugin>): Promise<number> {
  return (await world.contents()).memories.length;
}

test('a ledger that refuses entries stops every lane: what was sent without a record is one batch at the most', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantManyLanes(world, 400);
  const hold = await holdBeforeCommit(world, 1);
  const run = world.start(['--apply', '--concurrency', '1']);
  await hold.reached();
  await world.sql.unsafe(failures[0]?.breaks ?? '');
  // The first batch, which fails, goes out 100 ms after the first row.
  await world.plugin.delay('commitMemory', 20);
  await hold.release();

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 3, error: { code: 'ledger' } });
  expect(await copied(world)).toBeLessThan(50);

  await world.plugin.delay('commitMemory', 0);
  await world.sql.unsafe(failures[0]?.mends ?? '');
  expect((await world.backfill(['--apply'])).report).toMatchObject({
    exitCode: 0,
    result: { scanned: 400, failed: 0 },
  });
  expect(await copied(world)).toBe(400);
}, 120_000);

test('a database that goes with source and ledger ends the run with 3; once it is back, the next run completes', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, kept } = await plantLane(world, 'one', 'two', 'three', 'four');
  const { url, role } = await owner(world);
  const env = { DATABASE_URL: url };
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...args, '--max-outage', '1'], env);
  await hold.reached();
  await world.sql.unsafe(`alter role ${role} nologin`);
  await endToolSessions(world.sql);
  await hold.release();

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 3, error: { code: 'ledger' } });

  await world.sql.unsafe(`alter role ${role} login`);
  const again = (await world.backfill(args, env)).report;
  expect(again).toMatchObject({ exitCode: 0, result: { scanned: 4, failed: 0, conflicts: 0 } });
  expect(await kept()).toEqual(['one', 'two', 'three', 'four']);
  expect((await world.contents()).memories.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
});

/** A role that may make the ledger, and can be locked out. */
async function owner({ sql, databaseUrl }: World): Promise<{ url: string; role: string }> {
  const url = new URL(databaseUrl);
  url.username = `owner_${randomBytes(5).toString('hex')}`;
  url.password = randomBytes(16).toString('hex');
  const role = url.username;
  await sql.unsafe(`
    create role ${role} login password '${url.password}';
    grant create on database "${url.pathname.slice(1)}" to ${role};
    grant select on agent_memories, workspaces to ${role}`);
  return { url: url.href, role };
}

describe('a user who may only read the source', () => {
  test('is told the three ways out with exit code 2, and nothing is sent', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const { args } = await plantLane(world, 'one');
    const { report } = await world.backfill(args, { DATABASE_URL: await grantReadOnly(world.sql, 'reader') });
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration' }, result: null });
    expect(report.error?.message).toMatch(
      /may not create the ledger .*: GRANT CREATE ON DATABASE .*, name another database in LEDGER_DATABASE_URL, or pass --no-ledger\.$/,
    );
    expect(await world.plugin.counters()).toMatchObject({ writes: 0 });
  });

  test('copies with --no-ledger, which makes none, and again, which sends nothing', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const { args, kept } = await plantLane(world, 'one', 'two');
    const env = { DATABASE_URL: await grantReadOnly(world.sql, 'reader') };
    const noLedger = () => world.backfill([...args, '--no-ledger'], env);
    expect((await noLedger()).report).toMatchObject({ exitCode: 0, ledger: null, result: { written: 2 } });
    expect((await noLedger()).report).toMatchObject({ exitCode: 0, ledger: null, result: { written: 0, adopted: 2 } });
    expect(await kept()).toEqual(['one', 'two']);
    expect(await world.sql`select from pg_namespace where nspname = 'memory_backfill'`).toHaveLength(0);
  });

  test('copies with a ledger in another database', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    await using elsewhere = await startWorld({ plugin: 'quirky' });
    const { args } = await plantLane(world, 'one', 'two');
    const env = {
      DATABASE_URL: await grantReadOnly(world.sql, 'reader'),
      LEDGER_DATABASE_URL: elsewhere.databaseUrl,
    };
    expect((await world.backfill(args, env)).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
    expect((await world.backfill(args, env)).report).toMatchObject({
      exitCode: 0,
      result: { written: 0, recorded: 2 },
    });
  });
});
