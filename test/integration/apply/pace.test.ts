/** How fast rows go out is the operator's to say: not at all while the pause file is there, at a rate, or without regard to order. */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startWorld } from '../../support/migration.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';

const numbered = (count: number) => Array.from({ length: count }, (_row, place) => `number ${place}`);

/** A path that no other run of the tests uses, for a file that is not there. */
const pauseFile = () => join(tmpdir(), `pause-${crypto.randomUUID()}`);

test('while the pause file is there nothing is written, not even to try the plugin out, and progress says so', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, 'one', 'two');
  const file = pauseFile();
  await writeFile(file, '');

  const run = world.start([...args, '--pause-file', file]);
  await run.until(/waiting.*: .* is there: no row is sent until it is gone/);
  expect((await world.plugin.counters()).writes).toBe(0);
  await rm(file);

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 0, result: { written: 2 } });
  expect(report.notices).toEqual([`Paused, since ${file} is there.`, 'Going on: the pause file is gone.']);
  expect(await kept()).toEqual(['one', 'two']);
});

test('a pause file that appears on the way holds back what is not under way yet', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, ...numbered(5));
  const file = pauseFile();
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...args, '--pause-file', file]);
  await hold.reached();
  await writeFile(file, '');
  // Longer than the file is looked for anew, so that the next row cannot have gone by the look before.
  await vi.waitUntil(async () => (await world.sql`select pg_sleep(0.3)`).length === 1);
  await hold.release();
  await run.until(/no row is sent until it is gone/);
  // The first one, for which the namespace was made, and the one that was under way.
  expect(await kept()).toEqual(['number 0', 'number 1']);
  await rm(file);

  expect((await run.finished).report).toMatchObject({ exitCode: 0, result: { written: 5 } });
  expect(await kept()).toEqual(numbered(5));
});

test('where it cannot be told whether the pause file is there, nothing is sent; Ctrl-C ends the wait', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, 'one');
  const file = pauseFile();
  await writeFile(file, '');
  // Something below a file is neither there nor not there.
  const run = world.start([...args, '--pause-file', join(file, 'within')]);
  await run.until(/cannot be told whether the pause file is there \(ENOTDIR\)/);
  run.child.kill('SIGINT');

  expect((await run.finished).report).toMatchObject({ exitCode: 130, result: { written: 0 } });
  expect(await kept()).toEqual([]);
  await rm(file);
});

test('--max-rate lets no more rows through in a second than it says', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, ...numbered(30));

  const { report } = await world.backfill([...args, '--max-rate', '20']);

  expect(report).toMatchObject({ exitCode: 0, result: { written: 30 } });
  // Two more than the rate for what may be saved up in a tenth of a second, and one for the trial before the first row.
  expect(report.durationMs).toBeGreaterThan(((30 - 3) / 20) * 1000);
  expect(await kept()).toEqual(numbered(30));
});

test('with --unordered one namespace takes many rows at a time, once it is known to exist', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, ...numbered(120));
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...args, '--unordered', '--concurrency', '2']);
  await hold.reached();
  // All others pass the one that is held, which they would wait for otherwise. So many may be without a record at a time.
  await vi.waitFor(async () => expect((await kept()).length).toBeGreaterThan(70), { timeout: 30_000 });
  await hold.release();

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 0, result: { written: 120, namespacesCreated: 1 } });
  // The first one of the namespace was answered 404, and was alone.
  const { attempts = 0, successes = 0 } = report.traffic.commitMemory ?? {};
  expect(attempts - successes).toBe(1);
  expect((await kept()).toSorted()).toEqual(numbered(120).toSorted());
});

test('a run says with how many requests at a time it ended, found or given', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args } = await plantLane(world, 'one');
  expect((await world.backfill([...args, '--concurrency', '7'])).report).toMatchObject({
    result: { pace: { concurrency: 7, adaptive: false } },
  });
  expect((await world.backfill([...args, '--start-over'])).report).toMatchObject({
    result: { pace: { concurrency: expect.any(Number), adaptive: true } },
  });
});
