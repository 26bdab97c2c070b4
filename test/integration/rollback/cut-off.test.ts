/** A rollback that is cut off: killed, interrupted, refused by the plugin, or overtaken by somebody else. It never loses count. */
import { expect, test } from 'vitest';
import { startCli } from '../../support/cli.ts';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { holdAtRecord } from '../apply/held.ts';
import { applied, contentsOf, entriesOf, keptBut, rolledBack, withResult } from './undoing.ts';

const SLOWLY = ['--yes', '--concurrency', '1'];

const plantThree = (world: World) =>
  plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { one: { of: 'acme' }, two: { of: 'acme' }, three: { of: 'acme' } },
  });

test('killed after the plugin forgot and before that was recorded: run again, it completes, and an apply copies all again', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantThree(world);
  const proxy = await world.faultProxy();
  const run = await applied(world);
  const { firstFired } = proxy.on({ method: 'DELETE', skip: 2, times: 1 }, { kind: 'hang' });
  const killed = startCli(['--rollback', run, ...SLOWLY], {
    DATABASE_URL: world.databaseUrl,
    MEMORY_PLUGIN_URL: proxy.url,
  });
  await firstFired;
  killed.child.kill('SIGKILL');
  expect(await killed.finished).toMatchObject({ signal: 'SIGKILL' });
  expect(await contentsOf(world)).toHaveLength(1);

  const dry = await rolledBack(world, run);
  expect(dry.undone).toMatchObject({ forgotten: 1, already: 2, kept: keptBut() });
  const { report, undone } = await rolledBack(world, run, '--yes');

  expect(report.exitCode).toBe(0);
  expect(undone).toMatchObject({ forgotten: 1, already: 2, kept: keptBut() });
  expect(await contentsOf(world)).toEqual([]);
  for (const { id } of tree.memories) {
    expect((await entriesOf(world, id)).at(-1)).toBe(`forgotten: rollback of run ${run}`);
  }
  expect((await world.backfill(['--apply'])).report).toMatchObject({ exitCode: 0, result: { written: 3 } });
  expect(await contentsOf(world)).toEqual(['one', 'three', 'two']);
});

test('interrupted by SIGINT: what is under way is finished and recorded, the rest is left for the next time', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantThree(world);
  const proxy = await world.faultProxy();
  const run = await applied(world);
  const { firstFired } = proxy.on({ method: 'DELETE', times: 1 }, { kind: 'delay', milliseconds: 1 });
  const frozen = firstFired.then(() => world.plugin.freeze());
  const running = world.start(['--rollback', run, ...SLOWLY]);
  await frozen;

  running.child.kill('SIGINT');
  await running.until(/finishing what is under way/);
  world.plugin.thaw();

  const { report, undone } = withResult(await running.finished);
  expect(report).toMatchObject({ exitCode: 130, interruptedBy: 'SIGINT', error: null });
  expect(undone).toMatchObject({ forgotten: 1, kept: keptBut() });
  const said = await Promise.all(tree.memories.map(({ id }) => entriesOf(world, id)));
  expect(said.flat().filter((entry) => entry.startsWith('forgotten'))).toHaveLength(1);
  expect(await world.sql`select ended, exit_code from memory_backfill.runs where mode = 'rollback'`).toEqual([
    { ended: 'interrupted', exit_code: 130 },
  ]);

  const again = await rolledBack(world, run, '--yes');
  expect(again).toMatchObject({ report: { exitCode: 0 }, undone: { forgotten: 2, already: 1, kept: keptBut() } });
  expect(await contentsOf(world)).toEqual([]);
});

test('an answer that is lost after the plugin forgot counts as forgotten', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantThree(world);
  const proxy = await world.faultProxy();
  const run = await applied(world);
  proxy.on({ method: 'DELETE', times: 1 }, { kind: 'reset-after' });

  const { report, undone } = await rolledBack(world, run, ...SLOWLY);

  expect(report).toMatchObject({ exitCode: 0, traffic: { forgetMemory: { retries: 1 } } });
  expect(undone).toMatchObject({ forgotten: 3, kept: keptBut() });
});

test.each([403, 404])(
  'a plugin that answers %i and keeps the memory leaves it kept, and the run incomplete',
  async (status) => {
    await using world = await startWorld({ plugin: 'quirky' });
    await plantThree(world);
    const proxy = await world.faultProxy();
    const run = await applied(world);
    const body = JSON.stringify({ code: status === 403 ? 'forbidden' : 'not_found', message: 'No.' });
    const headers = { 'content-type': 'application/json' };
    proxy.on({ method: 'DELETE', times: 1 }, { kind: 'answer', status, headers, body });

    const { report, undone } = await rolledBack(world, run, ...SLOWLY);

    expect(report).toMatchObject({ exitCode: 3 });
    expect(undone).toMatchObject({
      forgotten: 2,
      kept: keptBut({ failed: 1 }),
      listed: [{ reason: 'failed', sentence: expect.stringContaining(`The plugin answered ${status}`) }],
    });
    expect((await rolledBack(world, run, '--yes')).undone).toMatchObject({ forgotten: 1, already: 2, kept: keptBut() });
  },
);

const movings = [
  { answer: 403, quirks: [], reason: 'edited', exitCode: 1 },
  { answer: 404, quirks: ['forget-404'], reason: 'absent', exitCode: 0 },
] as const;

test.each(movings)(
  'a memory that is moved after the look, so that the plugin answers $answer, is kept: $reason',
  async (given) => {
    await using world = await startWorld({ plugin: 'quirky', quirks: given.quirks });
    const tree = await plantThree(world);
    const run = await applied(world);
    const hold = await holdAtRecord(world);
    const running = world.start(['--rollback', run, '--yes']);
    await hold.reached();

    await world.plugin.edit(tree.memory('two').id, { namespace: 'custom:elsewhere' });
    await hold.release();

    const { report, undone } = withResult(await running.finished);
    expect(report.exitCode).toBe(given.exitCode);
    expect(undone).toMatchObject({
      forgotten: 2,
      kept: keptBut({ [given.reason]: 1 }),
      listed: [{ id: tree.memory('two').id, reason: given.reason }],
    });
    expect(await contentsOf(world)).toEqual(['two']);
  },
);

test('a plugin in trouble for too long ends the run with exit code 3; no memory counts as kept for that', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantThree(world);
  const proxy = await world.faultProxy();
  const run = await applied(world);
  proxy.on({ method: 'DELETE' }, { kind: 'answer', status: 503 });

  const { report, undone } = await rolledBack(world, run, '--yes', '--max-outage', '1');

  expect(report).toMatchObject({ exitCode: 3, error: { code: 'plugin' } });
  expect(undone).toMatchObject({ forgotten: 0, kept: keptBut(), listed: [] });
  expect(await contentsOf(world)).toEqual(['one', 'three', 'two']);
});

test('a second one at the same time is refused, and changes nothing', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantThree(world);
  const run = await applied(world);
  const hold = await holdAtRecord(world);
  const first = world.start(['--rollback', run, '--yes', '--actor', 'user:ada']);
  await hold.reached();

  const second = await world.backfill(['--rollback', run, '--yes']);
  await hold.release();

  expect(second.report).toMatchObject({
    exitCode: 3,
    error: { code: 'ledger', message: expect.stringContaining('ada') },
    result: null,
  });
  expect(withResult(await first.finished)).toMatchObject({ report: { exitCode: 0 }, undone: { forgotten: 3 } });
});
