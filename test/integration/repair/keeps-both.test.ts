/** A plugin in which a memory that is moved stays where it was, too: what leaked is taken away there, and the row is not lost by it. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startKeepsBoth } from './keeps-both.ts';
import { mended, startScene, withResult } from './repairing.ts';

test.each(['one', 'both'] as const)('where a request to forget takes away %s', async (forgets) => {
  await using scene = await startScene({ plugin: 'quirky' });
  await using plugin = await startKeepsBoth(forgets);
  const { world } = scene;
  const env = { MEMORY_PLUGIN_URL: plugin.url };
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: { 'the key is under the mat': { of: 'sales' }, 'the alarm is off': { of: 'sales' } },
  });
  await world.backfill(['--apply', '--no-ledger'], env);
  const [team, own] = [`team:${tree.workspace('acme')}`, `workspace:${tree.workspace('sales')}`];
  const { id } = tree.memory('the key is under the mat');
  const copy = plugin.memories.get(`${own} ${id}`);
  if (!copy) throw new Error('The row was not copied.');
  plugin.memories.delete(`${own} ${id}`);
  plugin.memories.set(`${team} ${id}`, { ...copy, namespace: team });
  await scene.keep((await world.backfill(['--verify', '--verify-sample', 'all'], env)).report);

  const { report, result } = withResult(await world.backfill(scene.flags(), env));

  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ moved: 1 }));
  expect([...plugin.memories.keys()].sort()).toEqual(tree.memories.map((row) => `${own} ${row.id}`).sort());
  const entries =
    await world.sql`select outcome, namespace, reason from memory_backfill.entries where memory_id = ${id} order by seq`;
  expect(entries.at(-1)).toMatchObject(
    forgets === 'one'
      ? { outcome: 'adopted', namespace: own, reason: `repaired: forgotten in ${team}` }
      : { outcome: 'written', namespace: own, reason: 'repaired' },
  );

  // A repair that was killed before it forgot the one that leaked leaves both: the next takes that one away.
  plugin.memories.set(`${team} ${id}`, { ...copy, namespace: team });
  const again = withResult(await world.backfill(scene.flags(), env));
  expect(again.result.mended).toEqual(mended({ forgotten: 1 }));
  expect([...plugin.memories.keys()].sort()).toEqual(tree.memories.map((row) => `${own} ${row.id}`).sort());
});
