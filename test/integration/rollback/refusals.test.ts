/** Runs that cannot be undone: exit code 2, one sentence with what differs, and nothing sent that changes anything. */

import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterUrl } from '../../support/cluster.ts';
import { createLegacyTables, plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { createDatabase } from '../../support/postgres.ts';
import { startQuirkyPlugin } from '../../support/quirky-plugin.ts';
import { applied, contentsOf, rolledBack } from './undoing.ts';

let world: World;
let run: string;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
  run = await applied(world);
});
afterAll(() => world.release());

async function refused(id: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { report } = await world.backfill(['--rollback', id, '--yes'], env);
  expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration' }, result: null });
  expect(report.traffic.forgetMemory).toBeUndefined();
  expect(await contentsOf(world)).toEqual(['one']);
  return report.error?.message ?? '';
}

describe('refused is', () => {
  test('a run that the ledger does not have', async () => {
    const id = '6b1f0c52-6c51-4a0e-8a9d-0f2f6f1f0c52';
    expect(await refused(id)).toBe(`The ledger has no run ${id}: nothing was changed. --status lists the runs.`);
  });

  test('a run that wrote to another plugin', async () => {
    const other = await startQuirkyPlugin();
    try {
      const message = await refused(run, { MEMORY_PLUGIN_URL: other.url });
      expect(message).toContain(`wrote to ${world.plugin.url}, and MEMORY_PLUGIN_URL names ${other.url}`);
    } finally {
      await other.kill();
    }
  });

  test('a run that read from another source', async () => {
    const other = await createDatabase(clusterUrl(), 'other');
    try {
      const sql = postgres(other.url, { max: 1, onnotice: () => {} });
      await createLegacyTables(sql);
      await sql.end();
      const message = await refused(run, { DATABASE_URL: other.url, LEDGER_DATABASE_URL: world.databaseUrl });
      expect(message).toMatch(/^Run .* read from .*, and DATABASE_URL names .*other.*: nothing was changed\./);
    } finally {
      await other.drop();
    }
  });

  test('a rollback', async () => {
    await using own = await startWorld({ plugin: 'quirky' });
    await plantTree(own.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
    const { report: undone } = await rolledBack(own, await applied(own), '--yes');

    const { report } = await own.backfill(['--rollback', undone.runId]);

    expect(report).toMatchObject({
      exitCode: 2,
      error: { message: expect.stringContaining(`Run ${undone.runId} is a rollback: nothing was changed.`) },
    });
  });

  test('a database without a ledger, which stays without one where the rollback is dry', async () => {
    await using bare = await startWorld({ plugin: 'quirky' });

    const { report } = await bare.backfill(['--rollback', run]);

    expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration' } });
    expect(await bare.sql`select from pg_namespace where nspname = 'memory_backfill'`).toHaveLength(0);
  });
});
