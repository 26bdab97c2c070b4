/** `--dry-run --repair`: what a repair would do, with no write to the plugin and none to the ledger. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { apply } from '../verify/verifying.ts';
import { left, mended, startScene, withResult } from './repairing.ts';

test('shows what would be mended and left, sends the plugin no write, and records nothing', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, beta: {} },
    memories: {
      sent: { of: 'sales' },
      moved: { of: 'sales' },
      forgotten: { of: 'sales', scope: 'GLOBAL' },
      written: { of: 'beta' },
    },
  });
  await apply(world, '--workspace', tree.workspace('beta'));
  await apply(world, '--no-ledger', '--workspace', tree.workspace('sales'));
  await tamper.remove([tree.memory('sent').id, tree.memory('written').id]);
  await tamper.edit(tree.memory('moved').id, { namespace: `team:${tree.workspace('acme')}` });
  await tamper.insert({ ...tree.memory('forgotten'), namespace: `org:${tree.workspace('acme')}` });
  await scene.verify();
  const [contents, { writes }] = [await world.contents(), await world.plugin.counters()];
  const recorded = () =>
    world.sql`select count(*) as entries, (select count(*) from memory_backfill.runs) as runs from memory_backfill.entries`;
  const before = await recorded();

  const [, ...flags] = scene.flags();
  const { report, result } = withResult(await world.backfill(['--dry-run', ...flags]));

  expect(report).toMatchObject({ exitCode: 0, mode: 'dry-run', ledger: expect.any(String) });
  expect(result).toMatchObject({ acted: false, memories: 4, failed: 0 });
  expect([result.mended, result.left]).toEqual([
    mended({ sent: 1, moved: 1, forgotten: 1 }),
    left({ acknowledged: 1 }),
  ]);
  expect(result.listed.map(({ sentence }) => sentence)).toEqual(
    expect.arrayContaining([
      `would be moved to workspace:${tree.workspace('sales')}`,
      `would be forgotten in org:${tree.workspace('acme')}`,
      `would be sent to workspace:${tree.workspace('sales')}`,
    ]),
  );
  expect((await world.plugin.counters()).writes).toBe(writes);
  expect(await world.contents()).toEqual(contents);
  expect(await recorded()).toEqual(before);
});
