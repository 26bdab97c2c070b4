/** A plugin that lists fewer memories than it holds: that a listing does not show one is not enough to write over it. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { plantTickets } from '../verify/rows.ts';
import { apply } from '../verify/verifying.ts';
import { holdings, left, mended, startScene } from './repairing.ts';

test('what a user has made of a missing memory is left, though the listing of its namespace leaves it out', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, { workspaces: { acme: {} } });
  const [first] = await plantTickets(world, 12, { workspaceId: tree.workspace('acme') });
  if (!first) throw new Error('No row was planted.');
  await apply(world, '--no-ledger');
  await tamper.remove([first.id]);
  await scene.verify();
  const content = `${first.content}, as a user wants it`;
  const namespace = `workspace:${tree.workspace('acme')}`;
  await world.plugin.insert({ id: first.id, namespace, content, created_at: '2020-01-01T00:00:00Z' });
  await world.plugin.setQuirks(['limit-10']);
  const before = await holdings(world);

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended({}), left({ changed: 1 })]);
  expect(await holdings(world)).toEqual(before);
});
