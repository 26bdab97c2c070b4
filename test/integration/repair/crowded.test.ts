/** Namespaces that hold more than a search lists, where each memory is looked for by its words. */
import { expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { PLUGINS } from '../../support/migration.ts';
import { apply } from '../verify/verifying.ts';
import { CLEAN, left, mended, startScene } from './repairing.ts';

test.each(PLUGINS)('rows are sent, moved and forgotten in them on the %s plugin', async (plugin) => {
  await using scene = await startScene({ plugin });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, { workspaces: { acme: {}, sales: { parent: 'acme' } } });
  const [acme, sales] = [tree.workspace('acme'), tree.workspace('sales')];
  const rows = Array.from({ length: 130 }, (_, made) =>
    memory({
      workspaceId: sales,
      scope: 'TEAM',
      content: `Shipment number ${7000 + made} left harbour${made} on time.`,
    }),
  );
  const secret = memory({ workspaceId: sales, content: 'The safe opens with combination 9124.' });
  await insertMemories(world.sql, [...rows, secret]);
  await apply(world, '--no-ledger');
  const [lost, changed, strayed] = rows;
  if (!lost || !changed || !strayed) throw new Error('A row is missing.');
  await tamper.remove([lost.id]);
  await tamper.edit(changed.id, { content: 'Shipment number 7001 left harbour1 far too late.' });
  await tamper.edit(strayed.id, { namespace: `workspace:${sales}` });
  await tamper.edit(secret.id, { namespace: `team:${acme}` });
  expect((await scene.verify()).result.findings).toMatchObject({ leak: 1, missing: 1, content: 1, misplaced: 1 });

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(0);
  expect([result.mended, result.left]).toEqual([mended({ sent: 2, moved: 2 }), left()]);
  expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
});

test('what a plugin without text search cannot show is left, and not written over', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, { workspaces: { acme: {} } });
  const rows = Array.from({ length: 130 }, (_, made) =>
    memory({ workspaceId: tree.workspace('acme'), content: `Ledger page ${4000 + made} was audited.` }),
  );
  await insertMemories(world.sql, rows);
  await apply(world, '--no-ledger');
  const [lost] = rows;
  if (!lost) throw new Error('A row is missing.');
  await tamper.remove([lost.id]);
  await scene.verify();
  await world.plugin.setQuirks(['no-fts']);

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect(result.left).toEqual(left({ unsettled: 1 }));
  expect(report.traffic.commitMemory).toBeUndefined();
});

test('a row that was missing, and that somebody has written since with some other words, is not written over', async () => {
  await using scene = await startScene({ plugin: 'reference' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, { workspaces: { acme: {} } });
  const rows = Array.from({ length: 130 }, (_, made) =>
    memory({
      workspaceId: tree.workspace('acme'),
      content: `Parcel ${5000 + made} waits behind counter${made} today.`,
    }),
  );
  await insertMemories(world.sql, rows);
  await apply(world, '--no-ledger');
  const [lost] = rows;
  if (!lost) throw new Error('A row is missing.');
  await tamper.remove([lost.id]);
  await scene.verify();
  const content = 'Box 5000 was handed over.';
  await tamper.insert({ id: lost.id, namespace: `workspace:${tree.workspace('acme')}`, content });
  // Not among the newest, which a listing shows.
  await world.sql`update memory_plugin.memories set created_at = '2001-01-01' where id = ${lost.id}`;

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect(result.left).toEqual(left({ changed: 1 }));
  expect((await world.contents()).memories.find(({ id }) => id === lost.id)?.content).toBe(content);
});
