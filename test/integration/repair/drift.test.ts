/** The way out of a drift: a copy whose row belongs elsewhere since the tree has moved, also where a later run has written it again. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { apply } from '../verify/verifying.ts';
import { CLEAN, holdings, mended, startScene } from './repairing.ts';

test('a drift is moved by a repair with --include-acknowledged, and the next apply finds none any more', async () => {
  await using scene = await startScene({ plugin: 'reference' });
  const { world } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, beta: {}, sales: { parent: 'acme' } },
    memories: { 'the price list': { of: 'sales', scope: 'TEAM' } },
  });
  await apply(world);
  await world.sql`update agent_memories set content = 'the price list of june', updated_at = now()`;
  await apply(world);
  await world.sql`update workspaces set parent_id = ${tree.workspace('beta')} where id = ${tree.workspace('sales')}`;
  expect((await world.backfill(['--apply'])).report).toMatchObject({ exitCode: 1, result: { drifts: 1 } });
  await scene.verify();

  const { report, result } = await scene.repair('--include-acknowledged');

  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ moved: 1 }));
  expect(await holdings(world)).toEqual([`team:${tree.workspace('beta')}: the price list of june`]);
  expect((await world.backfill(['--apply'])).report).toMatchObject({ exitCode: 0, result: { drifts: 0 } });
  expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
});
