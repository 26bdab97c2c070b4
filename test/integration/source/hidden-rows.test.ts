/** Row-level security leaves rows out without a word: what a reader cannot see, it would neither copy nor miss. */
import { expect, test } from 'vitest';
import { grantReadOnly, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';

test.each(['agent_memories', 'workspaces'])('a user from whom rows of %s are hidden is refused', async (table) => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' }, two: { of: 'acme' } } });
  const reader = await grantReadOnly(world.sql, 'hidden_rows_reader');
  await world.sql`alter table ${world.sql(table)} enable row level security`;

  const { report, code } = await world.backfill(['--verify'], { DATABASE_URL: reader });

  expect(report.error).toMatchObject({ code: 'configuration', message: expect.stringContaining('row-level security') });
  expect(report.error?.message).toContain(`"${table}"`);
  expect(code).toBe(2);
});

test('the owner of the tables, from whom nothing is hidden, is not', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
  await world.sql`alter table agent_memories enable row level security`;

  expect((await world.backfill(['--dry-run'])).report).toMatchObject({ exitCode: 0, result: { changes: { new: 1 } } });
});
