/** TEAM rows two levels down or more: parent and root differ there, and guessing would hide memories. */
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';

function plantThreeLevels(sql: Sql) {
  return plantTree(sql, {
    workspaces: { acme: {}, europe: { parent: 'acme' }, sales: { parent: 'europe' }, field: { parent: 'sales' } },
    memories: {
      'of a child': { of: 'europe', scope: 'TEAM' },
      'of a grandchild': { of: 'sales', scope: 'TEAM' },
      'of its child': { of: 'field', scope: 'TEAM' },
      local: { of: 'field' },
    },
  });
}

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  let tree: Awaited<ReturnType<typeof plantThreeLevels>>;
  beforeEach(async () => {
    world = await startWorld({ plugin });
    tree = await plantThreeLevels(world.sql);
  });
  afterEach(() => world.release());

  test('without --team-level the run ends with exit code 2 and their number, and the plugin is left alone', async () => {
    const { report } = await world.backfill(['--apply']);

    const message = expect.stringMatching(
      /^2 TEAM rows belong to a workspace two or more levels below its root, .*--team/,
    );
    expect(report).toMatchObject({ exitCode: 2, result: null, error: { code: 'configuration', message } });
    expect(Object.keys(report.traffic)).toEqual(['getHealth']);
    expect(await world.contents()).toEqual({ memories: [], namespaces: [] });
  });

  test.each([
    { level: 'parent', teamOfSales: 'europe', teamOfField: 'sales' },
    { level: 'root', teamOfSales: 'acme', teamOfField: 'acme' },
  ] as const)('with --team-level $level they go to the team of that', async ({ level, teamOfSales, teamOfField }) => {
    const { report } = await world.backfill(['--apply', '--team-level', level]);

    expect(report).toMatchObject({ exitCode: 0, result: { written: 4 } });
    const { memories } = await world.contents();
    expect(Object.fromEntries(memories.map(({ id, namespace }) => [id, namespace]))).toEqual({
      [tree.memory('of a child').id]: `team:${tree.workspace('acme')}`,
      [tree.memory('of a grandchild').id]: `team:${tree.workspace(teamOfSales)}`,
      [tree.memory('of its child').id]: `team:${tree.workspace(teamOfField)}`,
      [tree.memory('local').id]: `workspace:${tree.workspace('field')}`,
    });
  });

  test('with another level than they were copied with they stay where they are, as drifts', async () => {
    await world.backfill(['--apply', '--team-level', 'parent']);
    const before = await world.contents();
    const { report } = await world.backfill(['--apply', '--team-level', 'root']);
    expect(report).toMatchObject({ exitCode: 1, result: { written: 0, recorded: 2, drifts: 2 } });
    expect(await world.contents()).toEqual(before);
  });
});

test('it is asked for only where a TEAM row needs it: not for other rows, other workspaces, or rows that are skipped', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { workspace } = await plantTree(world.sql, {
    workspaces: {
      acme: {},
      europe: { parent: 'acme' },
      sales: { parent: 'europe' },
      gone: { parent: 'europe', status: 'removed' },
    },
    memories: {
      'of a child': { of: 'europe', scope: 'TEAM' },
      local: { of: 'sales' },
      hidden: { of: 'gone', scope: 'TEAM' },
    },
  });
  expect((await world.backfill(['--apply'])).report).toMatchObject({
    exitCode: 0,
    result: { written: 2, skipped: { 'workspace-removed': 1 } },
  });

  const { report } = await world.backfill(['--apply', '--removed-workspaces', 'copy']);
  expect(report).toMatchObject({ exitCode: 2, error: { message: expect.stringMatching(/^1 TEAM row belongs to a /) } });
  const ofEurope = ['--apply', '--removed-workspaces', 'copy', '--workspace', workspace('europe')];
  expect((await world.backfill(ofEurope)).report).toMatchObject({ exitCode: 0, result: { written: 0, recorded: 1 } });
});
