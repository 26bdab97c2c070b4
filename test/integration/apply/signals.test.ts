/**
 * The operator's signals in the middle of an apply: what is under way is finished and reported, nothing new is begun, and the
 * same command run again completes the copy.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCli } from '../../support/cli.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { toolSessions } from '../source/legacy-database.ts';
import { holdAtCommit, holdBeforeFirstRow } from './held.ts';
import { plantLane } from './lane.ts';

const FINISHING = /finishing what is under way; once more stops at once/;

const FOUR = ['one', 'two', 'three', 'four'];

const exits = [
  { plugin: 'reference', signal: 'SIGINT', exit: 130 },
  { plugin: 'reference', signal: 'SIGTERM', exit: 143 },
  { plugin: 'quirky', signal: 'SIGINT', exit: 130 },
  { plugin: 'quirky', signal: 'SIGHUP', exit: 129 },
] as const;

describe.each(PLUGINS)('while a row is on its way to the %s plugin', (plugin) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin });
  });
  afterAll(() => world.release());

  const here = exits.filter((given) => given.plugin === plugin);
  test.each(here)('$signal lets it finish and ends the run with $exit; run again, it completes', async (given) => {
    const { kept, args, apply } = await plantLane(world, ...FOUR);
    // The first commit finds no namespace, the second stores row one; row two is under way with the third.
    const hold = await holdAtCommit(world, 3);
    const run = world.start(args);
    await hold.reached();

    run.child.kill(given.signal);
    await run.until(FINISHING);
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({
      exitCode: given.exit,
      interruptedBy: given.signal,
      error: null,
      result: { scanned: 2, written: 2, failed: 0 },
    });
    expect(await kept()).toEqual(['one', 'two']);
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { scanned: 4, written: 2, recorded: 2 } });
    expect(await kept()).toEqual(FOUR);
  });
});

describe('a signal', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky' });
  });
  afterAll(() => world.release());

  test('that is the second one ends the run at once, though the plugin still owes an answer; run again, it completes', async () => {
    const { kept, args, apply } = await plantLane(world, ...FOUR);
    const proxy = await world.faultProxy();
    const { firstFired } = proxy.on({ path: ROW_COMMITS, skip: 2, times: 1 }, { kind: 'hang' });
    const run = startCli([...args, '--json'], { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: proxy.url });
    await firstFired;

    run.child.kill('SIGINT');
    await run.until(FINISHING);
    run.child.kill('SIGTERM');

    const { code, stdout, stderr } = await run.finished;
    expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
    expect(stderr).toContain('stopped at once by SIGTERM; run the same command again to go on.');
    expect(await kept()).toEqual(['one']);
    // Row one may have been acknowledged and not recorded: it is adopted then, and not sent again.
    const { report } = await apply();
    expect(report).toMatchObject({ exitCode: 0, result: { scanned: 4, written: 3, conflicts: 0 } });
    expect(await kept()).toEqual(FOUR);
  });

  test('before the first row ends the run without a write', async () => {
    const { kept, args } = await plantLane(world, ...FOUR);
    const hold = await holdBeforeFirstRow(world);
    const run = world.start(args);
    await hold.reached();

    run.child.kill('SIGTERM');
    const { report } = await run.finished;
    await hold.release();

    expect(report).toMatchObject({ exitCode: 143, interruptedBy: 'SIGTERM', error: null, result: null });
    expect(await kept()).toEqual([]);
  });

  test('while the plugin’s health is awaited ends the run at once', async () => {
    const proxy = await world.faultProxy();
    const { firstFired } = proxy.on({ path: /health/ }, { kind: 'hang' });
    const run = world.start(['--apply']);
    await firstFired;
    // The database has answered what it was asked meanwhile, so that nothing but the plugin is awaited.
    await vi.waitFor(
      async () => {
        const states = (await toolSessions(world.sql)).map(({ state }) => state);
        expect(states).toEqual(['idle', 'idle']);
      },
      { timeout: 20_000 },
    );

    run.child.kill('SIGINT');

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode: 130, interruptedBy: 'SIGINT', result: null });
    expect(report.durationMs).toBeLessThan(10_000);
    expect(proxy.requests()).toBe(1);
  });

  test('while a plugin has asked to be left alone for a while does not wait for that while to pass', async () => {
    const { args } = await plantLane(world, ...FOUR);
    const proxy = await world.faultProxy();
    const busy = { kind: 'answer', status: 429, headers: { 'retry-after': '20' } } as const;
    const { firstFired } = proxy.on({ path: ROW_COMMITS }, busy);
    const run = world.start(args);
    await firstFired;

    run.child.kill('SIGINT');

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode: 130, interruptedBy: 'SIGINT', result: { written: 0 } });
    expect(report.durationMs).toBeLessThan(10_000);
  });
});
