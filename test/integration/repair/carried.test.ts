/** What a repaired row carries beside its content is what an apply would have sent. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { takingTurns } from '../source/taking-turns.ts';
import { mended, startScene, withResult } from './repairing.ts';

test('its vector, exact, and its provenance with the id of the repair', async () => {
  await using scene = await startScene({ plugin: 'quirky', shape: { embedding: 'vector' } });
  const { world } = scene;
  const embedding = Array.from({ length: 1536 }, (_, at) => (at % 7) / 8);
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { one: { of: 'acme', embedding }, two: { of: 'acme' } },
  });
  const source = await takingTurns(world.databaseUrl);
  const env = { DATABASE_URL: source.url };
  try {
    await scene.keep((await world.backfill(['--verify', '--verify-sample', 'all'], env)).report);

    const { report, result } = withResult(await world.backfill(scene.flags(), env));

    expect(result.mended).toEqual(mended({ sent: 2 }));
    expect((await world.contents()).memories).toMatchObject([
      { id: tree.memory('one').id, embedding, propagation: { backfill: { run_id: report.runId } } },
      { id: tree.memory('two').id, embedding: null },
    ]);
    // This plugin returns no vector, which says nothing of the one that it keeps.
    const again = withResult(await world.backfill(scene.flags(), env));
    expect(again.result.mended).toEqual(mended({ already: 2 }));
  } finally {
    await source.stop();
  }
});
