/**
 * The shapes that the old tables have had over the years, each read by the real command line as a user who may only read:
 * the ledger is kept somewhere else, or none is.
 */
import { describe, expect, test } from 'vitest';
import { grantReadOnly, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';

describe('an old platform, in a schema of its own, with status as text and without tags', () => {
  test.each([
    { place: 'the role', from: 'role' },
    { place: 'DATABASE_URL', from: 'url' },
  ])('is found on the search path that $place sets, and copied by a user with SELECT alone', async ({ from }) => {
    const schema = 'the old place';
    await using world = await startWorld({ plugin: 'quirky', shape: { schema, tag: false, status: 'text' } });
    const { memory, workspace } = await plantTree(world.sql, {
      workspaces: { acme: {}, gone: { parent: 'acme', status: 'removed' }, unknown: { parent: 'acme', status: null } },
      memories: {
        kept: { of: 'acme' },
        hidden: { of: 'gone', scope: 'TEAM' },
        shown: { of: 'unknown', scope: 'TEAM' },
      },
    });
    const reader = new URL(await grantReadOnly(world.sql, 'reader'));
    if (from === 'url') reader.searchParams.set('search_path', `"${schema}"`);
    else await world.sql.unsafe(`alter role "${reader.username}" set search_path to "${schema}"`);

    const { report } = await world.backfill(['--apply'], {
      DATABASE_URL: reader.href,
      LEDGER_DATABASE_URL: world.databaseUrl,
    });

    expect(report).toMatchObject({
      exitCode: 0,
      source: { schema, hasEmbedding: false, hasTag: false },
      result: { written: 2, skipped: { 'workspace-removed': 1 } },
    });
    const { memories } = await world.contents();
    expect(memories.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
      {
        id: memory('kept').id,
        namespace: `workspace:${workspace('acme')}`,
        propagation: { backfill: { tag: null, created_at: memory('kept').createdAt } },
      },
      { id: memory('shown').id, namespace: `team:${workspace('acme')}` },
    ]);
  });
});

test('a platform of today is copied by a user with SELECT alone, who may not even make a temporary table', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { memory } = await plantTree(world.sql, {
    workspaces: { acme: {}, gone: { status: 'removed' } },
    memories: { kept: { of: 'acme', tag: 'customers' }, hidden: { of: 'gone', scope: 'GLOBAL' } },
  });
  const reader = await grantReadOnly(world.sql, 'reader');

  const { report } = await world.backfill(['--apply', '--no-ledger'], { DATABASE_URL: reader });

  expect(report).toMatchObject({
    exitCode: 0,
    source: { schema: 'public', hasEmbedding: false, hasTag: true },
    result: { written: 1, skipped: { 'workspace-removed': 1 } },
  });
  expect((await world.contents()).memories).toMatchObject([
    { id: memory('kept').id, propagation: { backfill: { tag: 'customers' } } },
  ]);
});
