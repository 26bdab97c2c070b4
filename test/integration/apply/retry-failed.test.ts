/** `--retry-failed`: the recorded failures alone, of all runs or of one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertMemories, memory } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { type Lane, plantLane } from './lane.ts';
import { commitsOf } from './sent.ts';

let world: World<QuirkyPlugin>;
let first: Lane;
let second: Lane;
/** Ids of the runs in which rows of either lane failed. */
let runs: { first: string; second: string };
beforeEach(async () => {
  world = await startWorld({ plugin: 'quirky', quirks: ['reject'] });
  first = await plantLane(world, 'one', 'reject-me one');
  second = await plantLane(world, 'two', 'reject-me two');
  runs = { first: (await first.apply()).report.runId, second: (await second.apply()).report.runId };
  const { workspaceId = null } = first.rows[0] ?? {};
  await insertMemories(world.sql, [memory({ workspaceId, content: 'new' })]);
  await world.plugin.setQuirks([]);
});
afterEach(() => world.release());

const retry = (...of: string[]) => world.backfill(['--apply', '--retry-failed', ...of]);

test('takes what failed in any run, and nothing else', async () => {
  const before = await commitsOf(world, [...first.rows, ...second.rows]);

  const { report } = await retry();

  expect(report).toMatchObject({
    exitCode: 0,
    settings: { retryFailed: 'all' },
    result: { scanned: 2, written: 2, recorded: 0 },
  });
  expect(await first.kept()).toEqual(['one', 'reject-me one']);
  expect(await second.kept()).toEqual(['two', 'reject-me two']);
  const after = await commitsOf(world, [...first.rows, ...second.rows]);
  expect(after.map((count, row) => count - (before[row] ?? 0))).toEqual([0, 1, 0, 1]);
});

test('takes what failed in the run that is named, and nothing else', async () => {
  const { report } = await retry(runs.second);
  expect(report).toMatchObject({ exitCode: 0, result: { scanned: 1, written: 1 } });
  expect(await first.kept()).toEqual(['one']);
  expect(await second.kept()).toEqual(['two', 'reject-me two']);
});

test('finds nothing to do once they are written', async () => {
  await retry();
  const { report } = await retry();
  expect(report).toMatchObject({ exitCode: 0, result: { scanned: 0, written: 0 } });
  expect((await retry(runs.first)).report.result).toMatchObject({ scanned: 0 });
});

test('of rows that fail again, ends with 3, and they can be retried again', async () => {
  await world.plugin.setQuirks(['reject']);
  expect((await retry()).report).toMatchObject({ exitCode: 3, result: { written: 0, failed: 2 } });
  await world.plugin.setQuirks([]);
  expect((await retry()).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
});

test('of a run that the ledger does not have is refused with exit code 2', async () => {
  const unknown = '99999999-0000-4000-8000-000000000000';
  const { report } = await retry(unknown);
  expect(report).toMatchObject({
    exitCode: 2,
    error: { code: 'configuration', message: expect.stringContaining(`no run ${unknown}`) },
  });
});

test('of a run that is named again takes what failed again in between', async () => {
  await world.plugin.setQuirks(['reject']);
  expect((await retry(runs.first)).report).toMatchObject({ exitCode: 3, result: { scanned: 1, failed: 1 } });
  expect((await retry(runs.first)).report).toMatchObject({ exitCode: 3, result: { scanned: 1, failed: 1 } });
  await world.plugin.setQuirks([]);
  expect((await retry(runs.first)).report).toMatchObject({ exitCode: 0, result: { written: 1 } });
});
