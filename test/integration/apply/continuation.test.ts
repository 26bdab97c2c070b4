/** What an apply goes on from, and what it refuses to go on from: other flags, another source, another plugin. */
import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { type Run, startWorld, type World } from '../../support/migration.ts';
import { type QuirkyPlugin, startQuirkyPlugin } from '../../support/quirky-plugin.ts';
import { holdBeforeCommit } from './held.ts';
import { type Lane, plantLane } from './lane.ts';
import { runsOf } from './ledger-rows.ts';

const UNKNOWN = '99999999-0000-4000-8000-000000000000';

let world: World<QuirkyPlugin>;
let lane: Lane;
beforeEach(async () => {
  world = await startWorld({ plugin: 'quirky' });
  lane = await plantLane(world, 'one', 'two', 'three', 'four');
});
afterEach(() => world.release());

/** An apply that was told to stop while the second of four rows was on its way, which was let finish. */
async function interrupted(...flags: string[]): Promise<Run> {
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...lane.args, ...flags]);
  await hold.reached();
  run.child.kill('SIGINT');
  await run.until(/finishing what is under way/);
  await hold.release();
  return await run.finished;
}

/** An apply that is refused as wrongly set up, without a write; `saying` is in its message. */
async function expectRefusal(args: readonly string[], saying: string, env: Record<string, string> = {}) {
  const { writes } = await world.plugin.counters();
  const { report } = await world.backfill(args, env);
  expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration' }, result: null });
  expect(report.error?.message).toContain(saying);
  expect(report.error?.message).toContain('Nothing was sent.');
  expect((await world.plugin.counters()).writes).toBe(writes);
  expect(await lane.kept()).toEqual(['one', 'two']);
}

describe('an interrupted run', () => {
  test('names the command that goes on with it, which does', async () => {
    const { report } = await interrupted('--removed-workspaces', 'copy');
    const { result, runId } = report;
    if (result?.mode !== 'apply') throw new Error('An apply has the result of one.');
    expect(result).toMatchObject({ written: 2 });
    const [tool, ...args] = result.resumeWith?.split(' ') ?? [];
    expect([tool, args.includes('--json')]).toEqual(['memory-backfill', true]);
    expect(args.join(' ')).toContain(`--removed-workspaces copy`);
    expect(args.join(' ')).toContain(`--resume ${runId}`);

    const again = await world.backfill(args.filter((arg) => arg !== '--json'));

    expect(again.report).toMatchObject({ exitCode: 0, result: { written: 2, recorded: 2, resumeWith: null } });
    expect(await lane.kept()).toEqual(['one', 'two', 'three', 'four']);
    expect((await runsOf(world)).map(({ ended }) => ended)).toEqual(['interrupted', 'done']);
  });

  test('is refused to be gone on with by --resume and other mapping flags, with what differs', async () => {
    const { runId } = (await interrupted()).report;
    const resume = [...lane.args, '--resume', runId];
    await expectRefusal(
      [...resume, '--removed-workspaces', 'copy', '--team-level', 'root'],
      `Run ${runId}, which this one would continue, had --team-level (none) instead of root, and --removed-workspaces skip instead of copy.`,
    );
    expect((await world.backfill(resume)).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
  });

  test('is not gone on with by itself under other mapping flags either, but --start-over begins anew', async () => {
    const { runId } = (await interrupted('--team-level', 'parent')).report;
    await expectRefusal(lane.args, `Run ${runId}, which this one would continue, had --team-level parent instead of `);

    const { report } = await world.backfill([...lane.args, '--start-over']);

    expect(report).toMatchObject({ exitCode: 0, result: { written: 2, recorded: 0, adopted: 2 } });
    expect(await lane.kept()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('is refused with another plugin, which is sent nothing but a question', async () => {
    const { runId, plugin } = (await interrupted()).report;
    await using other = await startWorld({ plugin: 'quirky' });
    await expectRefusal(
      [...lane.args, '--resume', runId],
      `Run ${runId}, which this one would continue, had plugin ${plugin?.url} instead of ${other.plugin.url}.`,
      { MEMORY_PLUGIN_URL: other.plugin.url },
    );
    expect(await other.plugin.counters()).toMatchObject({ writes: 0 });
  });

  test('is refused with another source', async () => {
    const { runId, source } = (await interrupted()).report;
    await using other = await startWorld({ plugin: 'quirky' });
    const place = (world: World) => `${new URL(world.databaseUrl).pathname}/public`;
    await expectRefusal(
      ['--apply', '--resume', runId],
      `had source ${source?.address}/public instead of ${source?.address.replace(/\/.*/, '')}${place(other)}.`,
      { DATABASE_URL: other.databaseUrl, LEDGER_DATABASE_URL: world.databaseUrl },
    );
  });

  test('is refused where the ledger has no run of that id, or where it was no apply', async () => {
    const { runId } = (await interrupted()).report;
    await expectRefusal([...lane.args, '--resume', UNKNOWN], `The ledger has no run ${UNKNOWN}.`);
    const undone = await world.backfill(['--rollback', runId, '--yes']);
    expect(undone.report).toMatchObject({ exitCode: 0 });
    const { report } = await world.backfill([...lane.args, '--resume', undone.report.runId]);
    expect(report).toMatchObject({ exitCode: 2, error: { message: expect.stringContaining('was no apply') } });
  });
});

test('a run that came to its end is no reason to refuse other mapping flags', async () => {
  await lane.apply();
  const { report } = await world.backfill([...lane.args, '--team-level', 'root']);
  expect(report).toMatchObject({ exitCode: 0, result: { recorded: 4 } });
});

describe('a plugin at the same address that holds none of what was copied', () => {
  const message = expect.stringMatching(
    /^Of 4 memories that the ledger has as copied to .*, the plugin there holds none: .* Nothing was sent\. .*--start-over\.$/,
  );
  const refusal = { exitCode: 1, error: { code: 'guard', message }, result: null };

  test('since it was emptied, is refused; --start-over fills it', async () => {
    await lane.apply();
    await world.plugin.remove(lane.rows.map(({ id }) => id));
    const { writes } = await world.plugin.counters();

    expect((await lane.apply()).report).toMatchObject(refusal);
    expect((await world.backfill(['--dry-run'])).report).toMatchObject(refusal);

    expect((await world.plugin.counters()).writes).toBe(writes);
    const { report } = await world.backfill([...lane.args, '--start-over']);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 4 } });
    expect(await lane.kept()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('since it is another one, is refused', async () => {
    await lane.apply();
    await world.plugin.kill();
    const swapped = await startQuirkyPlugin({ port: Number(new URL(world.plugin.url).port) });
    try {
      expect((await lane.apply()).report).toMatchObject(refusal);
      expect(await swapped.counters()).toMatchObject({ writes: 0 });
    } finally {
      await swapped.kill();
    }
  });

  test('but for a single one, is the same plugin: nothing is sent again', async () => {
    await lane.apply();
    await world.plugin.remove(lane.rows.slice(1).map(({ id }) => id));
    expect((await lane.apply()).report).toMatchObject({ exitCode: 0, result: { written: 0, recorded: 4 } });
  });
});

test('--actor is kept in the ledger: a user, a service, or by default the user of the operating system', async () => {
  for (const flags of [['--actor', 'user:ada'], ['--actor', 'service:nightly'], []]) {
    await world.backfill([...lane.args, ...flags]);
  }
  expect((await runsOf(world)).map(({ user, service }) => [user, service])).toEqual([
    ['ada', null],
    [null, 'nightly'],
    [userInfo().username, null],
  ]);
});

test('a tree whose deep TEAM rows need a level is gone on with under the same one', async () => {
  const deep = await plantTree(world.sql, {
    workspaces: { top: {}, middle: { parent: 'top' }, low: { parent: 'middle' } },
    memories: { shared: { of: 'low', scope: 'TEAM' } },
  });
  const args = ['--apply', '--workspace', deep.workspace('low'), '--team-level', 'root'];
  expect((await world.backfill([...args, '--limit', '1'])).report).toMatchObject({
    exitCode: 0,
    result: { written: 1 },
  });
  expect((await world.backfill(args)).report).toMatchObject({ exitCode: 0, result: { recorded: 1 } });
});
