/**
 * A plugin that freezes, goes away or sits behind a proxy in trouble while an apply is under way: it is waited for, no row is
 * given up because of it, and the run that waited for as long as it may is gone on with by the same command.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { insertMemories, insertWorkspaces, memory } from '../../support/legacy.ts';
import { type RunningBackfill, startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { type PluginProcess, startReferencePlugin } from '../../support/reference-plugin.ts';
import { plantLane } from './lane.ts';

const WAITED = /is waited for/;
const SERVES_AGAIN = /serves again/;

const ending: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** With a plugin that keeps what it stores when it is killed. */
async function referenceWorld(): Promise<World> {
  const world = await startWorld({ plugin: 'reference' });
  ending.push(world.release);
  return world;
}

/** Rows of twenty workspaces, so that as many lanes are there as may be. */
async function plantRows({ sql }: World, count: number): Promise<readonly LegacyRow[]> {
  const workspaces = Array.from({ length: 20 }, () => randomUUID());
  await insertWorkspaces(
    sql,
    workspaces.map((id, made) => ({ id, name: `Workspace ${made}`, parentId: null, status: 'online' as const })),
  );
  const rows = Array.from({ length: count }, (_, made) => memory({ workspaceId: workspaces[made % 20] ?? null }));
  await insertMemories(sql, rows);
  return rows;
}

/** Resolves when the plugin has so many of the platform's rows, and the run is in the middle of them. */
async function stored({ sql }: World, { finished }: RunningBackfill, rows: number): Promise<void> {
  const early = finished.then(({ stderr }) => {
    throw new Error(`The run ended before ${rows} rows were stored.\n${stderr}`);
  });
  const reached = vi.waitFor(
    async () => {
      const [found] = await sql<Array<{ rows: number }>>`
        select count(*)::int as rows from memory_plugin.memories where namespace like 'workspace:%'`;
      expect(found?.rows).toBeGreaterThanOrEqual(rows);
    },
    { timeout: 60_000, interval: 20 },
  );
  await Promise.race([reached, early]);
}

/** Another plugin in the place of one that is gone: the same port, and the same memories. */
async function restarted({ databaseUrl, plugin }: World): Promise<PluginProcess> {
  const another = await startReferencePlugin({ databaseUrl, port: Number(new URL(plugin.url).port) });
  ending.push(another.kill);
  return another;
}

/** The plugin keeps exactly the source's rows, each once and as it is. */
async function expectCopied({ contents }: World, rows: readonly LegacyRow[]): Promise<void> {
  const { memories } = await contents();
  const copied = memories
    .filter(({ namespace }) => namespace.startsWith('workspace:'))
    .map(({ id, namespace, content }) => `${id} ${namespace} ${content}`);
  const expected = rows.map(({ id, workspaceId, content }) => `${id} workspace:${workspaceId} ${content}`);
  expect(copied.toSorted()).toEqual(expected.toSorted());
}

test('a plugin that is frozen for 7 s during 20,000 rows gets them all, and no row fails', {
  timeout: 180_000,
}, async () => {
  const world = await referenceWorld();
  const rows = await plantRows(world, 20_000);
  const run = world.start(['--apply', '--request-timeout', '1']);
  await stored(world, run, 4_000);

  world.plugin.freeze();
  await pass(7_000);
  world.plugin.thaw();

  const { report, stderr } = await run.finished;
  expect(report).toMatchObject({ exitCode: 0, error: null, result: { written: 20_000, failed: 0 } });
  // It did meet with the freeze, burned no more attempts on it than were under way, and said so once.
  const { deadline = 0 } = report.traffic.commitMemory?.failures ?? {};
  expect(deadline).toBeGreaterThanOrEqual(3);
  expect(deadline).toBeLessThan(150);
  expect(stderr.match(new RegExp(WAITED, 'g'))).toHaveLength(1);
  expect(stderr).toMatch(SERVES_AGAIN);
  await expectCopied(world, rows);
});

test('a plugin that is killed and started again during an apply gets all rows', async () => {
  const world = await referenceWorld();
  const rows = await plantRows(world, 3_000);
  const run = world.start(['--apply']);
  await stored(world, run, 600);

  await world.plugin.kill();
  await run.until(WAITED);
  await restarted(world);

  const { report, stderr } = await run.finished;
  expect(report).toMatchObject({ exitCode: 0, error: null, result: { written: 3_000, failed: 0 } });
  expect(stderr).toMatch(SERVES_AGAIN);
  await expectCopied(world, rows);
});

test('bursts of resets, 502 and 503 between the tool and the plugin cost no row', async () => {
  const world = await referenceWorld();
  const rows = await plantRows(world, 400);
  const proxy = await world.faultProxy();
  const bursts = [
    proxy.on({ path: ROW_COMMITS, skip: 50, times: 7 }, { kind: 'reset-before' }),
    proxy.on({ path: ROW_COMMITS, skip: 100, times: 7 }, { kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>' }),
    proxy.on({ path: ROW_COMMITS, skip: 150, times: 7 }, { kind: 'answer', status: 503 }),
    proxy.on({ path: ROW_COMMITS, skip: 200, times: 7 }, { kind: 'reset-after' }),
  ];

  // So few at a time that a burst outlasts them, and meets the look at the plugin, too.
  const { report, stderr } = await world.backfill(['--apply', '--concurrency', '4']);

  expect(report).toMatchObject({ exitCode: 0, error: null, result: { written: 400, failed: 0 } });
  expect(bursts.map(({ fired }) => fired)).toEqual([7, 7, 7, 7]);
  expect(stderr).toMatch(WAITED);
  await expectCopied(world, rows);
});

describe('what is no outage', () => {
  test('rows that the plugin refuses with 400, however many in a row', async () => {
    await using world = await startWorld({ plugin: 'quirky', quirks: ['reject'] });
    const refused = Array.from({ length: 20 }, (_, made) => `reject-me ${made}`);
    const { apply, kept } = await plantLane(world, 'good', ...refused, 'good again');

    const { report, stderr } = await apply();

    expect(report).toMatchObject({ exitCode: 3, error: null, result: { written: 2, failed: 20 } });
    expect(stderr).not.toMatch(WAITED);
    expect(await kept()).toEqual(['good', 'good again']);
  });

  test('thirty rows in a row that it answers with 500 for ever: they alone fail, after four attempts each', async () => {
    await using world = await startWorld({ plugin: 'quirky', quirks: ['poison'] });
    const poison = Array.from({ length: 30 }, (_, made) => `poison ${made}`);
    const { args, rows, kept } = await plantLane(world, 'good', ...poison, 'good again', 'and again');

    const { report, stderr } = await world.backfill([...args, '--max-failures', '100', '--max-outage', '5']);

    expect(report).toMatchObject({
      exitCode: 3,
      error: null,
      result: { written: 3, failed: 30, failures: [{ reason: '500 internal', count: 30 }] },
    });
    expect(stderr).not.toMatch(WAITED);
    expect(await kept()).toEqual(['good', 'good again', 'and again']);
    const { writeLog } = await world.plugin.counters();
    for (const { id, content } of rows) {
      const commits = writeLog.filter((write) => write.operation === 'commitMemory' && write.id === id);
      if (content.startsWith('poison')) expect(commits).toHaveLength(4);
    }
  });
});

test('a plugin that stays away for longer than --max-outage ends the run with 3; run again, it completes', async () => {
  const world = await referenceWorld();
  const rows = await plantRows(world, 3_000);
  const run = world.start(['--apply', '--max-outage', '2']);
  await stored(world, run, 600);

  await world.plugin.kill();

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 3, interruptedBy: null, error: { code: 'plugin' }, result: { failed: 0 } });
  expect(report.error?.message).toMatch(
    /The plugin has not served since 20\d\d-\S+Z, and was waited for as long as it may be, 2 s \(The plugin could not be reached \(ECONNREFUSED\)\)\./,
  );

  await restarted(world);
  expect((await world.backfill(['--apply'])).report).toMatchObject({ exitCode: 0, result: { failed: 0 } });
  await expectCopied(world, rows);
});

test('a signal ends the wait for a plugin at once, and lays the outage at no row’s door', async () => {
  const world = await referenceWorld();
  const rows = await plantRows(world, 3_000);
  const run = world.start(['--apply']);
  await stored(world, run, 600);
  await world.plugin.kill();
  await run.until(WAITED);

  run.child.kill('SIGTERM');

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 143, interruptedBy: 'SIGTERM', error: null, result: { failed: 0 } });
  await restarted(world);
  expect((await world.backfill(['--apply'])).report).toMatchObject({ exitCode: 0, result: { failed: 0 } });
  await expectCopied(world, rows);
});

test('a plugin that is down when a run begins is said at once, and not waited for', async () => {
  const world = await referenceWorld();
  await plantRows(world, 20);
  await world.plugin.kill();
  const { report, stderr } = await world.backfill(['--apply']);
  expect(report).toMatchObject({ exitCode: 3, error: { code: 'plugin' } });
  expect(report.durationMs).toBeLessThan(20_000);
  expect(stderr).not.toMatch(WAITED);
});
