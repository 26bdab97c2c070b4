/** Trees move: a recorded row that would now go elsewhere, or nowhere, is reported with both places and left where it is. */
import { describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld } from '../../support/migration.ts';

describe.each(PLUGINS)('in the %s plugin', (plugin) => {
  test('a row whose workspace was re-parented after the copy stays, and is a drift in dry run and apply', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantTree(world.sql, {
      workspaces: { acme: {}, globex: {}, sales: { parent: 'acme' } },
      memories: { shared: { of: 'sales', scope: 'TEAM' }, own: { of: 'sales' } },
    });
    await world.backfill(['--apply']);
    await world.sql`update workspaces set parent_id = ${tree.workspace('globex')} where id = ${tree.workspace('sales')}`;
    const before = await world.contents();

    const drift = {
      kind: 'drift',
      id: tree.memory('shared').id,
      namespace: `team:${tree.workspace('globex')}`,
      detail: `team:${tree.workspace('acme')}`,
    };
    const dry = await world.backfill(['--dry-run']);
    expect(dry.report).toMatchObject({ exitCode: 0, result: { changes: { recorded: 1, drift: 1 }, noted: [drift] } });
    const { report, code } = await world.backfill(['--apply']);
    expect(code).toBe(1);
    expect(report.result).toMatchObject({ written: 0, recorded: 1, drifts: 1, noted: [drift] });
    expect(await world.contents()).toEqual(before);
  });

  test('a row that would now be skipped stays, and is a drift to nowhere', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantTree(world.sql, {
      workspaces: { acme: {} },
      memories: { shared: { of: 'acme', scope: 'TEAM' } },
    });
    await world.backfill(['--apply']);
    await world.sql`update workspaces set status = 'removed' where id = ${tree.workspace('acme')}`;

    const { report } = await world.backfill(['--apply']);
    expect(report).toMatchObject({
      exitCode: 1,
      result: { drifts: 1, noted: [{ namespace: null, detail: `team:${tree.workspace('acme')}` }] },
    });
    expect((await world.contents()).memories).toHaveLength(1);
  });

  test('a drift is a drift though the row was edited as well, and ends when the tree moves back', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantTree(world.sql, {
      workspaces: { acme: {}, globex: {}, sales: { parent: 'acme' } },
      memories: { shared: { of: 'sales', scope: 'TEAM' } },
    });
    const move = (to: 'acme' | 'globex') =>
      world.sql`update workspaces set parent_id = ${tree.workspace(to)} where id = ${tree.workspace('sales')}`;
    await world.backfill(['--apply']);
    await world.sql`update agent_memories set content = 'edited', updated_at = now()`;
    await move('globex');
    expect((await world.backfill(['--apply'])).report).toMatchObject({
      exitCode: 1,
      result: { drifts: 1, written: 0 },
    });
    await move('acme');
    expect((await world.backfill(['--apply'])).report).toMatchObject({
      exitCode: 0,
      result: { changes: { changed: 1 } },
    });
    expect((await world.contents()).memories).toMatchObject([
      { content: 'edited', namespace: `team:${tree.workspace('acme')}` },
    ]);
  });
});
