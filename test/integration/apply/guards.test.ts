/** The bounds that an operator sets: too many changes are refused before the first, too many failures end the run on its way. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantLane } from './lane.ts';
import { runsOf } from './ledger-rows.ts';
import { commitsOf } from './sent.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterEach(() => world.plugin.setQuirks([]));
afterAll(() => world.release());

describe('--max-changes', () => {
  /** Five rows and one that is skipped, of which two are copied: three of five would be sent. */
  async function threeOfFive() {
    const lane = await plantLane(world, 'one', 'two', 'three', 'four', 'five', ' ');
    await world.backfill([...lane.args, '--limit', '2']);
    return lane;
  }

  test.each([
    ['2', 'allows 2:'],
    ['0', 'allows 0:'],
    ['59%', 'allows 59 %:'],
  ])('%s refuses to send 3 of 5 rows: exit 1, the numbers, and nothing is sent', async (most, allows) => {
    const { args, kept } = await threeOfFive();
    const [{ writes }, runs] = [await world.plugin.counters(), await runsOf(world)];

    const { report } = await world.backfill([...args, '--max-changes', most]);

    const message = expect.stringMatching(
      new RegExp(`^3 of 5 rows would be sent, and --max-changes ${allows} nothing `),
    );
    expect(report).toMatchObject({ exitCode: 1, error: { code: 'guard', message }, result: null });
    expect((await world.plugin.counters()).writes).toBe(writes);
    expect(await kept()).toEqual(['one', 'two']);
    expect(await runsOf(world)).toEqual(runs);
  });

  test.each(['3', '60%'])('%s allows it', async (most) => {
    const { args, kept } = await threeOfFive();
    const { report } = await world.backfill([...args, '--max-changes', most]);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 3, recorded: 2 } });
    expect(await kept()).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  test('allows what --limit leaves of it, and a repeat that sends nothing whatever it says', async () => {
    const { args } = await threeOfFive();
    const { report } = await world.backfill([...args, '--max-changes', '2', '--limit', '2']);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 2, limitReached: true } });
    await world.backfill(args);
    const repeat = await world.backfill([...args, '--max-changes', '0']);
    expect(repeat.report).toMatchObject({ exitCode: 0, result: { written: 0, recorded: 5 } });
  });
});

describe('--max-failures', () => {
  test('stops a run once more rows than that have failed: exit 3, and the next run goes on', async () => {
    const refused = Array.from({ length: 5 }, (_, made) => `reject-me ${made}`);
    const { args, apply, rows, kept } = await plantLane(world, 'good', ...refused, 'good again');
    await world.plugin.setQuirks(['reject']);

    const { report } = await world.backfill([...args, '--max-failures', '2']);

    const message =
      '3 of 4 rows failed, and --max-failures allows 2: the run was stopped; what was written is recorded.';
    expect(report).toMatchObject({
      exitCode: 3,
      error: { code: 'plugin', message },
      result: { scanned: 4, written: 1, failed: 3 },
    });
    expect((await commitsOf(world, rows)).slice(4)).toEqual([0, 0, 0]);

    await world.plugin.setQuirks([]);
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 6, recorded: 1, failed: 0 } });
    expect(await kept()).toEqual(['good', ...refused, 'good again']);
  });

  test('is one in a hundred by default, of which nothing is said before 200 rows are through', async () => {
    const good = Array.from({ length: 207 }, (_, made) => `good ${made}`);
    const { args } = await plantLane(world, 'reject-me 1', 'reject-me 2', 'reject-me 3', ...good);
    await world.plugin.setQuirks(['reject']);

    const { report } = await world.backfill(args);

    const message = expect.stringMatching(/^3 of 200 rows failed, and --max-failures allows 1 %: the run was stopped/);
    expect(report).toMatchObject({
      exitCode: 3,
      error: { message },
      result: { scanned: 200, written: 197, failed: 3 },
    });
  });

  test('lets a run go on to its end with just as many', async () => {
    const { args } = await plantLane(world, 'reject-me 1', 'good', 'reject-me 2', 'good again');
    await world.plugin.setQuirks(['reject']);
    const { report } = await world.backfill([...args, '--max-failures', '2']);
    expect(report).toMatchObject({ exitCode: 3, error: null, result: { written: 2, failed: 2 } });
  });
});

describe('a guard does not look away', () => {
  const refuse = { kind: 'answer', status: 400, body: '{"code":"bad_request","message":"No."}' } as const;

  test('--max-changes refuses where it could not be counted what would be sent', async () => {
    await using own = await startWorld({ plugin: 'quirky' });
    const { args, kept } = await plantLane(own, 'one', 'two', 'three');
    const proxy = await own.faultProxy();
    proxy.on({ path: /search$/ }, refuse);
    const { report } = await own.backfill([...args, '--max-changes', '0']);
    expect(report).toMatchObject({
      exitCode: 3,
      error: {
        code: 'plugin',
        message: expect.stringMatching(/could not be counted for --max-changes.*Nothing was sent\.$/),
      },
    });
    expect(await kept()).toEqual([]);
  });

  test('--max-failures counts the rows that could not be looked up', async () => {
    await using own = await startWorld({ plugin: 'quirky' });
    const { args } = await plantLane(own, ...Array.from({ length: 20 }, (_row, index) => `row ${index}`));
    const proxy = await own.faultProxy();
    proxy.on({ path: /search$/ }, refuse);
    const { report } = await own.backfill([...args, '--max-failures', '5']);
    expect(report).toMatchObject({
      exitCode: 3,
      error: { message: expect.stringContaining('6 of 6 rows failed') },
      result: { failed: 6 },
    });
  });

  test('a conflict does not hide that the run was cut short: it says how to go on, and is unfinished', async () => {
    await using own = await startWorld({ plugin: 'quirky', quirks: ['reject'] });
    const lane = await plantLane(own, 'one', ...Array.from({ length: 8 }, (_row, index) => `reject-me ${index}`));
    await own.plugin.insert({ id: lane.rows[0]?.id ?? '', namespace: lane.namespace, content: 'of somebody else' });
    const { report } = await own.backfill([...lane.args, '--max-failures', '2']);
    expect(report).toMatchObject({
      exitCode: 1,
      result: { conflicts: 1, failed: 3, resumeWith: expect.stringContaining(report.runId) },
    });
    const other = await own.backfill([...lane.args, '--removed-workspaces', 'copy']);
    expect(other.report).toMatchObject({
      exitCode: 2,
      error: { message: expect.stringContaining('--removed-workspaces') },
    });
  });
});
