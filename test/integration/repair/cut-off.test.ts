/** A repair that is cut off, killed, refused or interrupted: run again it completes, and an apply takes nothing for granted. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import type { World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { holdAtRecord, holdBeforeCommit } from '../apply/held.ts';
import { lockOf, takeTheLock } from '../apply/locks.ts';
import { entriesOf } from '../rollback/undoing.ts';
import { apply } from '../verify/verifying.ts';
import { CLEAN, holdings, left, mended, type Scene, startScene, withResult } from './repairing.ts';

/** Some run the command line six times over, and the machine may have more to do. */
vi.setConfig({ testTimeout: 120_000 });

/** Two rows that are missing, one that leaks into the team, and one that nobody was to read. */
async function damaged(scene: Scene) {
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: {
      first: { of: 'sales' },
      second: { of: 'sales' },
      leaking: { of: 'sales' },
      hidden: { of: 'sales', scope: 'GLOBAL' },
    },
  });
  await apply(world, '--no-ledger');
  // The ledger is there, and knows nothing of these rows.
  await apply(world, '--workspace', tree.workspace('acme'));
  await tamper.remove([tree.memory('first').id, tree.memory('second').id]);
  await tamper.edit(tree.memory('leaking').id, { namespace: `team:${tree.workspace('acme')}` });
  await tamper.insert({ ...tree.memory('hidden'), namespace: `org:${tree.workspace('acme')}` });
  await scene.verify();
  const own = `workspace:${tree.workspace('sales')}`;
  return { tree, whole: [`${own}: first`, `${own}: leaking`, `${own}: second`] };
}

/** Two rows that are missing, one of which the plugin refuses to take. */
async function oneToBeRefused({ world, tamper, verify }: Scene<World<QuirkyPlugin>>) {
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { 'reject-me': { of: 'acme' }, fine: { of: 'acme' } },
  });
  await apply(world, '--no-ledger');
  await tamper.remove(tree.memories.map(({ id }) => id));
  await verify();
  await world.plugin.setQuirks(['reject']);
  return tree;
}

test('killed after the plugin took a row and before that was recorded: the next repair and the next apply find it there', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const { tree, whole } = await damaged(scene);
  const hold = await holdAtRecord(world);
  const killed = world.start(scene.flags());
  const ended = killed.finished.catch((error: unknown) => error);
  await hold.reached();
  killed.child.kill('SIGKILL');
  await ended;
  await hold.release();
  // The leak came first, and is gone.
  expect(await holdings(world)).toContain(whole[1]);
  expect(await entriesOf(world, tree.memory('leaking').id)).toEqual([]);

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ sent: 2, forgotten: 1, already: 1 }));
  expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
  expect((await world.backfill(['--apply'])).report).toMatchObject({
    exitCode: 0,
    result: { written: 0, adopted: 1, recorded: 2, conflicts: 0, drifts: 0 },
  });
  expect(await holdings(world)).toEqual(whole);
});

test('killed between the announcement and the forgetting: an apply skips the row, and the next repair forgets it', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const { tree, whole } = await damaged(scene);
  const proxy = await world.faultProxy();
  const { report: again } = await scene.verify();
  expect(again.exitCode).toBe(1);
  const { firstFired } = proxy.on({ method: 'DELETE', path: /\/v1\/memories\//, times: 1, skip: 0 }, { kind: 'hang' });
  const killed = world.start(scene.flags());
  const ended = killed.finished.catch((error: unknown) => error);
  await firstFired;
  killed.child.kill('SIGKILL');
  await ended;
  const { id } = tree.memory('hidden');
  expect(await entriesOf(world, id)).toEqual(['kept: being-forgotten']);
  expect((await world.backfill(['--apply'])).report.result).toMatchObject({ drifts: 0, conflicts: 0, failed: 0 });
  expect(await holdings(world)).toContain(`org:${tree.workspace('acme')}: hidden`);

  const { report } = await scene.repair();

  expect(report.exitCode).toBe(0);
  expect((await entriesOf(world, id)).at(-1)).toBe('forgotten: repaired: it had leaked');
  expect(await holdings(world)).toEqual(whole);
});

test('interrupted by SIGINT: what is under way is finished and recorded, the rest is left for the next time', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const { whole } = await damaged(scene);
  const proxy = await world.faultProxy();
  await scene.verify();
  const { firstFired } = proxy.on({ method: 'POST', path: ROW_COMMITS, times: 1 }, { kind: 'delay', milliseconds: 1 });
  const frozen = firstFired.then(() => world.plugin.freeze());
  const running = world.start(scene.flags());
  await frozen;
  running.child.kill('SIGINT');
  await running.until(/finishing what is under way/);
  world.plugin.thaw();

  const { report, result } = withResult(await running.finished);

  expect(report).toMatchObject({ exitCode: 130, interruptedBy: 'SIGINT', error: null });
  expect(result.mended).toMatchObject({ sent: 0, already: 0 });
  expect(
    await world.sql`select ended, counts from memory_backfill.runs order by started_at desc limit 1`,
  ).toMatchObject([{ ended: 'interrupted' }]);
  expect((await scene.repair()).report.exitCode).toBe(0);
  expect(await holdings(world)).toEqual(whole);
});

test('interrupted between two memories, it takes up no other one, not even one that takes no request', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { first: { of: 'acme' }, 'given up': { of: 'acme' }, last: { of: 'acme' } },
  });
  await apply(world, '--no-ledger');
  await tamper.remove(tree.memories.map(({ id }) => id));
  const hold = await holdBeforeCommit(world, 1);
  await scene.verify();
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'accept-'));
  const accept = path.join(folder.path, 'accept.jsonl');
  await writeFile(accept, JSON.stringify({ id: tree.memory('given up').id, reason: 'No.' }));
  const run = world.start(scene.flags('--accept', accept));
  await hold.reached();
  run.child.kill('SIGINT');
  await run.until(/finishing what is under way/);
  await hold.release();

  const { report, result } = withResult(await run.finished);

  expect(report).toMatchObject({ exitCode: 130, error: null });
  expect(result.listed).toMatchObject([{ id: tree.memory('first').id, outcome: 'sent' }]);
  expect(result.mended).toEqual(mended({ sent: 1 }));
  expect(await holdings(world)).toEqual([`workspace:${tree.workspace('acme')}: first`]);
  expect(await entriesOf(world, tree.memory('first').id)).toEqual(['written: repaired']);
});

test('interrupted while it announces what it is about to have forgotten, it does not have it forgotten', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: { hidden: { of: 'sales', scope: 'GLOBAL' } },
  });
  await apply(world);
  await tamper.insert({ ...tree.memory('hidden'), namespace: `org:${tree.workspace('acme')}` });
  await scene.verify();
  const hold = await holdAtRecord(world);
  const running = world.start(scene.flags());
  await hold.reached();
  running.child.kill('SIGINT');
  await running.until(/finishing what is under way/);
  await hold.release();

  const { report } = withResult(await running.finished);

  expect(report).toMatchObject({ exitCode: 130, error: null });
  expect(report.traffic.forgetMemory).toBeUndefined();
  expect(await holdings(world)).toEqual([`org:${tree.workspace('acme')}: hidden`]);
  expect((await scene.repair()).result.mended).toEqual(mended({ forgotten: 1 }));
  expect(await holdings(world)).toEqual([]);
});

test('a row that the plugin refuses costs that row alone, and the run ends incomplete', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const tree = await oneToBeRefused(scene);

  const { report, result } = await scene.repair();

  expect(report).toMatchObject({ exitCode: 3, error: null });
  expect(result).toMatchObject({ failed: 1, mended: mended({ sent: 1 }), left: left() });
  expect(result.listed[0]).toMatchObject({
    outcome: 'failed',
    sentence: expect.stringContaining('could not be sent: The plugin answered 400'),
    next: 'Run the same command again.',
  });
  expect(await entriesOf(world, tree.memory('reject-me').id)).toEqual(['failed: 400 bad_request']);
});

test('too many failures end it: what is still to be mended is left for the next time', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  await oneToBeRefused(scene);

  const { report, result } = await scene.repair('--max-failures', '0');

  expect(report).toMatchObject({
    exitCode: 3,
    error: { code: 'plugin', message: expect.stringContaining('--max-failures') },
  });
  expect(result).toMatchObject({ failed: 1, mended: mended() });
});

test('a run that loses its lock to another one sends nothing more, and ends with 3', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  await damaged(scene);
  const hold = await holdBeforeCommit(world, 1);
  await scene.verify();
  const run = world.start(scene.flags('--max-outage', '1'));
  await hold.reached();
  const other = await takeTheLock(world.sql);
  await run.until(/The ledger's lock was lost/);
  const before = (await world.plugin.counters()).writes;
  await hold.release();

  const { report, result } = withResult(await run.finished);

  const message = expect.stringMatching(/lock was lost, and another run has taken it since; /);
  expect(report).toMatchObject({ exitCode: 3, error: { code: 'ledger', message } });
  // The one that was on its way was let finish.
  expect([result.mended, (await world.plugin.counters()).writes - before]).toEqual([mended({ moved: 1 }), 1]);
  await other.release();
});

test('a run whose lock session is cut has the lock again, goes on, and says both', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const { whole } = await damaged(scene);
  const hold = await holdBeforeCommit(world, 1);
  await scene.verify();
  const run = world.start(scene.flags());
  await hold.reached();
  await world.sql`select pg_terminate_backend(${(await lockOf(world.sql)).pid}, 5000)`;
  await run.until(/The ledger's lock was lost/);
  await hold.release();

  const { report, result } = withResult(await run.finished);

  expect(report).toMatchObject({ exitCode: 0, error: null });
  expect(report.notices).toEqual([
    expect.stringMatching(/^The ledger's lock was lost, since its session ended/),
    expect.stringMatching(/^The ledger's lock is held again/),
  ]);
  expect(result.mended).toEqual(mended({ moved: 1, forgotten: 1, sent: 2 }));
  expect(await holdings(world)).toEqual(whole);
});

test('a plugin that is not fit to take rows gets none', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  await damaged(scene);
  const before = await holdings(world);
  await world.plugin.setQuirks(['wrong-id']);

  const { report, result } = await scene.repair();

  expect(report).toMatchObject({ exitCode: 1, error: { code: 'guard', message: expect.stringContaining('not fit') } });
  expect(result.mended).toEqual(mended());
  expect(await holdings(world)).toEqual(before);
});

test('an outage that outlasts --max-outage ends it, and nothing of what was not reached is touched', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  await damaged(scene);
  const proxy = await world.faultProxy();
  await scene.verify();
  const { firstFired } = proxy.on({ method: 'POST', path: ROW_COMMITS }, { kind: 'reset-before' });
  proxy.on({ method: 'GET', path: /health/, skip: 1 }, { kind: 'reset-before' });
  proxy.on({ method: 'DELETE', path: /\/v1\/memories\//, times: 1 }, { kind: 'reset-before' });
  const running = world.start(scene.flags('--max-outage', '1'));
  await firstFired;

  const { report, result } = withResult(await running.finished);

  expect(report).toMatchObject({ exitCode: 3, error: { code: 'plugin' } });
  expect(result).toMatchObject({ failed: 0, mended: { sent: 0, moved: 0 } });
});
