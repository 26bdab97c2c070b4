/** Rows that the ledger has as written: a user may have edited or forgotten them since, and only the operator can say who wins. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { editThroughContract, entriesOf, forgetThroughContract } from '../rollback/undoing.ts';
import { apply } from '../verify/verifying.ts';
import { holdings, left, mended, type Scene, startScene } from './repairing.ts';

async function copied({ world }: Scene) {
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: {
      'the door code is new': { of: 'sales' },
      'lunch is at noon': { of: 'sales' },
      'tea at four': { of: 'sales' },
    },
  });
  await apply(world);
  return tree;
}

test('are left as users have made them and named, and with --include-acknowledged they are mended', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const tree = await copied(scene);
  const own = `workspace:${tree.workspace('sales')}`;
  await editThroughContract(world, own, tree.memory('the door code is new').id, 'the door code is 42');
  await forgetThroughContract(world, own, tree.memory('lunch is at noon').id);
  const before = await world.contents();
  await scene.verify();

  const { report, result } = await scene.repair();

  expect(report).toMatchObject({ exitCode: 1, error: null });
  expect([result.mended, result.left]).toEqual([mended(), left({ acknowledged: 2 })]);
  expect(result.listed).toMatchObject([
    {
      id: tree.memory('the door code is new').id,
      kinds: ['content', 'fields'],
      next: expect.stringContaining('--include-acknowledged'),
    },
    { id: tree.memory('lunch is at noon').id, kinds: ['missing'], outcome: 'left', reason: 'acknowledged' },
  ]);
  expect(report.traffic.commitMemory).toBeUndefined();
  expect(await world.contents()).toEqual(before);

  const again = await scene.repair('--include-acknowledged');
  expect(again.report.exitCode).toBe(0);
  expect([again.result.mended, again.result.left]).toEqual([mended({ sent: 2 }), left()]);
  expect(await holdings(world)).toEqual([
    `${own}: lunch is at noon`,
    `${own}: tea at four`,
    `${own}: the door code is new`,
  ]);
  expect(await entriesOf(world, tree.memory('lunch is at noon').id)).toEqual(['written: new', 'written: repaired']);
});

test('are taken from where others read them all the same, but for one that was edited: moving it would write over that', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await copied(scene);
  const team = `team:${tree.workspace('acme')}`;
  await tamper.edit(tree.memory('the door code is new').id, { namespace: team, content: 'the door code is 42' });
  await tamper.edit(tree.memory('tea at four').id, { namespace: team });
  await scene.verify();

  const unasked = await scene.repair();
  const atFirst = await holdings(world);
  const { report, result } = await scene.repair('--include-acknowledged');

  expect(unasked.report.exitCode).toBe(1);
  expect(unasked.result).toMatchObject({ mended: mended({ moved: 1 }), left: { acknowledged: 1 } });
  expect(atFirst).toContain(`${team}: the door code is 42`);
  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ moved: 1, already: 1 }));
  expect(await holdings(world)).toContain(`workspace:${tree.workspace('sales')}: the door code is new`);
  expect(await holdings(world)).toHaveLength(3);
});

test.each(['which run wrote it', 'nothing of runs'])(
  'are left even then where another run has written them since a verify that knew %s, and somebody has edited that',
  async (known) => {
    await using scene = await startScene({ plugin: 'quirky' });
    const { world } = scene;
    const tree = await copied(scene);
    const own = `workspace:${tree.workspace('sales')}`;
    const { id } = tree.memory('the door code is new');
    await world.sql`update agent_memories set content = 'the door code is newer', updated_at = now() where id = ${id}`;
    const { report: verified, result: found } = await scene.verify();
    if (known === 'nothing of runs') {
      const listed = found.listed.map((finding) => ({ ...finding, writtenBy: null }));
      await scene.keep({ ...verified, ledger: null, result: { ...found, listed } });
    }
    const { report: applied } = await world.backfill(['--apply']);
    await editThroughContract(world, own, id, 'the door code is 42');

    const { report, result } = await scene.repair('--include-acknowledged');

    expect(report.exitCode).toBe(1);
    expect(result.left).toEqual(left({ changed: 1 }));
    expect(result.listed[0]?.sentence).toBe(`was written by run ${applied.runId} after the verify`);
    expect(await holdings(world)).toContain(`${own}: the door code is 42`);
  },
);

test('without a ledger in the verify, what was written before it is mended', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const tree = await copied(scene);
  const { id } = tree.memory('the door code is new');
  await editThroughContract(world, `workspace:${tree.workspace('sales')}`, id, 'the door code is 42');
  const { report: verified, result: found } = await scene.verify();
  const listed = found.listed.map((finding) => ({ ...finding, writtenBy: null }));
  await scene.keep({ ...verified, ledger: null, result: { ...found, listed } });

  expect((await scene.repair('--include-acknowledged')).result.mended).toEqual(mended({ sent: 1 }));
});

test('are not known without a ledger: a notice says so, and every row counts as not acknowledged', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const tree = await copied(scene);
  const own = `workspace:${tree.workspace('sales')}`;
  await editThroughContract(world, own, tree.memory('the door code is new').id, 'the door code is 42');
  await scene.verify();

  const { report, result } = await scene.repair('--no-ledger');

  expect(report).toMatchObject({ exitCode: 0, notices: [expect.stringContaining('There is no ledger to tell')] });
  expect(result.mended).toEqual(mended({ sent: 1 }));
  expect(await entriesOf(world, tree.memory('the door code is new').id)).toEqual(['written: new']);
});
