/** What a dry run says, and that saying it is all that it does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memory, plantTree, type Tree } from '../../support/legacy.ts';
import { type Run, startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';

describe('a dry run over every kind of row', () => {
  let world: World<QuirkyPlugin>;
  let tree: Tree<'acme' | 'sales' | 'gone' | 'ring', string>;
  let run: Run;

  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky', shape: { scopeCheck: false, foreignKey: false } });
    tree = await plantTree(world.sql, {
      workspaces: {
        acme: {},
        sales: { parent: 'acme' },
        gone: { parent: 'acme', status: 'removed' },
        ring: { parent: 'ring' },
      },
      memories: {
        one: { of: 'acme' },
        two: { of: 'sales' },
        three: { of: 'sales' },
        'quatre é': { of: 'gone' },
        five: { of: 'acme', scope: 'TEAM' },
        six: { of: 'sales', scope: 'TEAM' },
        seven: { of: 'acme', scope: 'GLOBAL' },
        eight: { of: 'ring' },
        'nine: of nobody': {},
        'ten: of a workspace that is no more': { workspaceId: memory().id },
        'eleven: of another scope': { of: 'acme', scope: 'PRIVATE' },
        'twelve: not from the root': { of: 'sales', scope: 'GLOBAL' },
        'thirteen: hidden': { of: 'gone', scope: 'TEAM' },
        'fourteen: no root': { of: 'ring', scope: 'TEAM' },
        blank: { of: 'acme', content: ' \t\u00a0\u2003\n' },
        empty: { of: 'acme', content: '' },
      },
    });
    run = await world.backfill(['--dry-run']);
  });
  afterAll(() => world.release());

  test('asks the plugin for its health and, once, what its namespaces hold, and sends it nothing else', async () => {
    const { requests, writes } = await world.plugin.counters();
    expect(writes).toBe(0);
    expect(Object.entries(requests).filter(([, count]) => count > 0)).toEqual([
      ['getHealth', 1],
      ['searchMemories', 1],
    ]);
    expect(Object.keys(run.report.traffic)).toEqual(['getHealth', 'searchMemories']);
  });

  test('counts rows, namespaces and bytes by scope and kind of namespace, the largest group first', () => {
    expect(run.report).toMatchObject({
      exitCode: 0,
      result: {
        mode: 'dry-run',
        scanned: 16,
        changes: { new: 8, changed: 0, recorded: 0, adopted: 0, conflict: 0, drift: 0, failed: 0 },
        vanished: 0,
        bytes: 37,
        byScope: [
          { scope: 'LOCAL', kind: 'workspace', rows: 5, namespaces: 4, bytes: 'onetwothreequatre e_eight'.length },
          { scope: 'TEAM', kind: 'team', rows: 2, namespaces: 1, bytes: 'fivesix'.length },
          { scope: 'GLOBAL', kind: 'org', rows: 1, namespaces: 1, bytes: 'seven'.length },
        ],
        planFile: null,
      },
    });
  });

  test('counts the rows that have no place by their reason', () => {
    expect(run.report.result).toMatchObject({
      skipped: {
        'no-workspace': 2,
        'unknown-scope': 1,
        'workspace-cycle': 1,
        'global-from-non-root': 1,
        'workspace-removed': 1,
        'empty-content': 2,
      },
    });
  });

  test('shows samples of where rows go, oldest first', () => {
    const [acme, sales] = [tree.workspace('acme'), tree.workspace('sales')];
    expect(run.report.result).toMatchObject({
      samples: [
        { id: tree.memory('one').id, scope: 'LOCAL', namespace: `workspace:${acme}` },
        { id: tree.memory('two').id, scope: 'LOCAL', namespace: `workspace:${sales}` },
        { id: tree.memory('three').id, scope: 'LOCAL', namespace: `workspace:${sales}` },
        { id: tree.memory('quatre é').id, scope: 'LOCAL', namespace: `workspace:${tree.workspace('gone')}` },
        { id: tree.memory('five').id, scope: 'TEAM', namespace: `team:${acme}` },
        { id: tree.memory('six').id, scope: 'TEAM', namespace: `team:${acme}` },
        { id: tree.memory('seven').id, scope: 'GLOBAL', namespace: `org:${acme}` },
        { id: tree.memory('eight').id, scope: 'LOCAL', namespace: `workspace:${tree.workspace('ring')}` },
      ],
    });
  });

  test('prints no content of any memory', () => {
    for (const { content } of tree.memories.filter(({ content }) => content.length > 7)) {
      expect(run.stdout + run.stderr).not.toContain(content);
    }
  });
});

test('a dry run shows ten samples at most, however many rows there are', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const rows = Array.from({ length: 12 }, (_, made) => [`row ${made}`, { of: 'acme' as const }] as const);
  const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: Object.fromEntries(rows) });

  const { report } = await world.backfill(['--dry-run']);

  const oldest = tree.memories.slice(0, 10).map(({ id }) => ({ id }));
  expect(report.result).toMatchObject({ changes: { new: 12 }, samples: oldest });
});
