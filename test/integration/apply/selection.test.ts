/** Applies that take a part of the rows: --limit and --workspace. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memory, plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin });
  });
  afterAll(() => world.release());

  const kept = async () => (await world.contents()).memories.map(({ content }) => content);

  test('--limit takes the oldest rows up to that many writes, skips not counted; without it the rest follows', async () => {
    await plantTree(world.sql, {
      workspaces: { acme: {} },
      memories: {
        'the first': { of: 'acme' },
        blank: { of: 'acme', content: ' ' },
        'the second': { of: 'acme' },
        'the third': { of: 'acme' },
      },
    });
    const limited = await world.backfill(['--apply', '--limit', '2']);
    expect(limited.report).toMatchObject({
      exitCode: 0,
      result: { scanned: 3, written: 2, skipped: { 'empty-content': 1 }, limitReached: true },
    });
    expect(await kept()).toEqual(['the first', 'the second']);

    const whole = await world.backfill(['--apply']);
    expect(whole.report).toMatchObject({
      exitCode: 0,
      result: { scanned: 4, written: 1, recorded: 2, limitReached: false },
    });
    expect(await kept()).toEqual(['the first', 'the second', 'the third']);
  });

  test('--workspace takes the rows of that workspace alone, of every scope, and may be written in capitals', async () => {
    const tree = await plantTree(world.sql, {
      workspaces: { other: {}, 'other sales': { parent: 'other' } },
      memories: {
        'LOCAL of the parent': { of: 'other' },
        'TEAM of the child': { of: 'other sales', scope: 'TEAM' },
        'LOCAL of the child': { of: 'other sales' },
      },
    });
    const before = await kept();
    const { report } = await world.backfill(['--apply', '--workspace', tree.workspace('other sales').toUpperCase()]);
    expect(report).toMatchObject({
      exitCode: 0,
      settings: { workspace: tree.workspace('other sales') },
      result: { scanned: 2, written: 2 },
    });
    const added = (await kept()).filter((content) => !before.includes(content));
    expect(added.toSorted()).toEqual(['LOCAL of the child', 'TEAM of the child']);
  });
});

test('--workspace with an id that nobody has finds no row, and writes nothing', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
  const { report } = await world.backfill(['--apply', '--workspace', memory().id]);
  expect(report).toMatchObject({ exitCode: 0, result: { scanned: 0, written: 0 } });
  expect(await world.plugin.counters()).toMatchObject({ writes: 0 });
});

test('a limit that the rows only just reach has not cut the run off', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' }, two: { of: 'acme' } } });
  const { report } = await world.backfill(['--apply', '--limit', '2']);
  expect(report).toMatchObject({ exitCode: 0, result: { scanned: 2, written: 2, limitReached: false } });
});
