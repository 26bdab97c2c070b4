/** The lot is drawn in the source, in one query: what it draws, what comes next and how many there are is of one moment. */
import { expect, test, vi } from 'vitest';
import { legacySource } from '../../../src/source/legacy-source.ts';
import { plantTree } from '../../support/legacy.ts';
import { legacyDatabase } from '../source/legacy-database.ts';

test.each([2, 'all'] as const)('a sample of %s takes one scan of the workspaces', async (sample) => {
  await using database = await legacyDatabase();
  const { sql, url } = database;
  await plantTree(sql, { workspaces: { acme: {}, sales: { parent: 'acme' }, rival: {} }, memories: {} });
  const others = async () =>
    await sql`select pid from pg_stat_activity where datname = current_database() and application_name = 'memory-backfill'`;
  const scans = async () =>
    (
      await sql`select (seq_scan + coalesce(idx_scan, 0))::int as scans from pg_stat_user_tables where relname = 'workspaces'`
    )[0]?.scans;
  await sql`select pg_stat_force_next_flush()`;
  const before = await scans();

  const source = legacySource(url, new AbortController().signal);
  const { ids } = await source.draw(sample, 'seed');
  await source.close();

  // A session has told what it has scanned by the time that it is gone.
  await vi.waitFor(async () => expect(await others()).toHaveLength(0), { timeout: 10_000 });
  expect(ids).toHaveLength(sample === 'all' ? 3 : 2);
  expect((await scans()) - before).toBe(1);
});
