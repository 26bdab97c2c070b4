/** Each kind of finding, mended through the real command line, on both plugins: a verify of everything is clean afterwards. */
import { describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS } from '../../support/migration.ts';
import { entriesOf } from '../rollback/undoing.ts';
import { apply, found } from '../verify/verifying.ts';
import { CLEAN, holdings, left, mended, plantCopy, type Scene, startScene } from './repairing.ts';

const LATER = '2099-01-01T00:00:00Z';

/** A copy of which the ledger knows nothing, so that nothing of it counts as acknowledged. */
async function copied({ world }: Scene) {
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, beta: {} },
    memories: {
      'the price list moved to the intranet': { of: 'sales' },
      'invoices go out on mondays': { of: 'sales', scope: 'TEAM' },
      'the warehouse closes at noon': { of: 'acme' },
      'holidays are agreed in march': { of: 'acme', scope: 'TEAM' },
      'the board meets quarterly': { of: 'acme', scope: 'GLOBAL' },
      'nobody was to read this': { of: 'sales', scope: 'GLOBAL' },
      'beta has a new supplier': { of: 'beta' },
    },
  });
  await apply(world, '--no-ledger');
  return tree;
}

describe.each(PLUGINS)('on the %s plugin', (plugin) => {
  test('missing and changed rows are sent again, and only those', async () => {
    await using scene = await startScene({ plugin });
    const { world, tamper } = scene;
    const tree = await copied(scene);
    const before = await holdings(world);
    await tamper.remove([tree.memory('the warehouse closes at noon').id]);
    await tamper.edit(tree.memory('invoices go out on mondays').id, { content: 'invoices go out on fridays' });
    await tamper.edit(tree.memory('the board meets quarterly').id, { kind: 'summary' });
    await tamper.edit(tree.memory('beta has a new supplier').id, { expires_at: LATER });
    const { result: findings } = await scene.verify();
    expect(findings.findings).toEqual(found({ missing: 1, content: 1, fields: 1, vanishing: 1 }));

    const { report, result } = await scene.repair();

    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(report.traffic.forgetMemory).toBeUndefined();
    expect(result).toMatchObject({ acted: true, of: expect.any(String), memories: 4, unlisted: 0, failed: 0 });
    expect([result.mended, result.left]).toEqual([mended({ sent: 4 }), left()]);
    expect(await holdings(world)).toEqual(before);
    expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
    expect(await entriesOf(world, tree.memory('the warehouse closes at noon').id)).toEqual(['written: repaired']);
    expect(await entriesOf(world, tree.memory('holidays are agreed in march').id)).toEqual([]);
  });

  test('a misplaced row is moved to where it belongs', async () => {
    await using scene = await startScene({ plugin });
    const { world, tamper } = scene;
    const tree = await copied(scene);
    const before = await holdings(world);
    const row = tree.memory('holidays are agreed in march');
    await tamper.edit(row.id, { namespace: `workspace:${tree.workspace('acme')}` });
    expect((await scene.verify()).result.findings).toMatchObject({ misplaced: 1, leak: 0 });

    const { report, result } = await scene.repair();

    expect(report.exitCode).toBe(0);
    expect(result.mended).toEqual(mended({ moved: 1 }));
    expect(await holdings(world)).toEqual(before);
    expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
  });

  test('leaks known by the id are taken from where they leaked to: moved home, or forgotten where they have none', async () => {
    await using scene = await startScene({ plugin });
    const { world, tamper } = scene;
    const tree = await copied(scene);
    const before = await holdings(world);
    const team = `team:${tree.workspace('acme')}`;
    const skipped = tree.memory('nobody was to read this');
    await tamper.edit(tree.memory('the price list moved to the intranet').id, { namespace: team });
    await tamper.insert({ ...skipped, namespace: `org:${tree.workspace('acme')}` });
    const copy = await plantCopy(scene, tree.memory('beta has a new supplier'), 'LOCAL', team);
    const { result: findings } = await scene.verify();
    expect(findings.findings).toMatchObject({ leak: 3, duplicate: 0 });

    const { report, result } = await scene.repair();

    expect(report.exitCode).toBe(0);
    expect([result.mended, result.left]).toEqual([mended({ moved: 1, forgotten: 2 }), left()]);
    expect(await holdings(world)).toEqual(before);
    expect((await scene.verify()).report).toMatchObject({ exitCode: 0, result: CLEAN });
    expect(await entriesOf(world, skipped.id)).toEqual(['kept: being-forgotten', 'forgotten: repaired: it had leaked']);
    expect(await entriesOf(world, copy)).toEqual(['kept: being-forgotten', 'forgotten: repaired: it had leaked']);
  });

  test('a second repair from the same report finds nothing to do, and an apply afterwards has nothing to send', async () => {
    await using scene = await startScene({ plugin });
    const { world, tamper } = scene;
    const tree = await copied(scene);
    await tamper.remove([tree.memory('the warehouse closes at noon').id]);
    await tamper.edit(tree.memory('the price list moved to the intranet').id, {
      namespace: `team:${tree.workspace('acme')}`,
    });
    await tamper.insert({ ...tree.memory('nobody was to read this'), namespace: `org:${tree.workspace('acme')}` });
    await scene.verify();
    await scene.repair();

    const { report, result } = await scene.repair();

    expect(report).toMatchObject({ exitCode: 0 });
    expect(report.traffic.commitMemory).toBeUndefined();
    expect(result.mended).toEqual(mended({ already: 3 }));
    expect((await world.backfill(['--apply'])).report).toMatchObject({
      exitCode: 0,
      result: { written: 0, recorded: 2, adopted: 4, failed: 0, conflicts: 0, drifts: 0 },
    });
  });
});
