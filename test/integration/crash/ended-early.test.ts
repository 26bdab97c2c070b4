/**
 * Runs that come to an end of their own, with something sent that no entry tells of: the next run must know that it cannot know.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FaultProxy } from '../../support/fault-proxy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { type Lane, plantLane } from '../apply/lane.ts';

const EDITED = 'as a user corrected it';

let world: World;
let proxy: FaultProxy;
beforeAll(async () => {
  world = await startWorld({ plugin: 'reference' });
  proxy = await world.faultProxy();
});
afterAll(() => world.release());

async function userEdits({ namespace, rows }: Lane): Promise<void> {
  const body = JSON.stringify({ id: rows[0]?.id, content: EDITED, kind: 'fact', source: 'user' });
  const headers = { 'content-type': 'application/json' };
  const path = `${world.plugin.url}/v1/namespaces/${namespace}/memories`;
  expect((await fetch(path, { method: 'POST', headers, body })).status).toBe(201);
}

test('a batch that could not be recorded: what it was about is looked for by the next run', async () => {
  const lane = await plantLane(world, 'one', 'two');
  await world.backfill(['--apply', '--workspace', '00000000-0000-4000-8000-000000000000']); // Makes the ledger.
  const session = await world.sql.reserve();
  await session`begin`;
  await session`lock table memory_backfill.entries in exclusive mode`;
  const run = world.start(['--apply']);
  const pid = await vi.waitFor(
    async () => {
      const [waiting] = await world.sql<{ pid: number }[]>`
        select pid from pg_stat_activity
         where datname = current_database() and application_name = 'memory-backfill' and wait_event = 'relation'`;
      expect(waiting).toBeDefined();
      expect(await lane.kept()).toHaveLength(2);
      return waiting?.pid ?? 0;
    },
    { timeout: 20_000 },
  );
  await world.sql`select pg_terminate_backend(${pid}, 5000)`;
  await session`rollback`;
  session.release();
  expect((await run.finished).report).toMatchObject({ exitCode: 3, error: { code: 'ledger' } });

  console.log(
    await world.sql`select ended, checkpoint_id, horizon_id, horizon_any, counts from memory_backfill.runs order by number`,
  );
  await userEdits(lane);
  const { report } = await world.backfill(['--apply']);
  expect(await lane.kept()).toEqual([EDITED, 'two']);
  expect(report).toMatchObject({ exitCode: 1, result: { written: 0, adopted: 1, noted: [{ detail: 'foreign' }] } });
});

test('a row that was stored, its answer lost, when the plugin was waited for too long: it is looked for by the next run', async () => {
  const lane = await plantLane(world, 'one', 'two');
  const path = new RegExp(`/${lane.namespace}/memories$`);
  // The first commit is answered 404, and the namespace made.
  const match = { path, skip: 1, times: 1_000 };
  proxy.on(match, { kind: 'reset-after' });
  const { report: first } = await world.backfill([...lane.args, '--max-outage', '1']);
  match.times = 0;
  expect(first).toMatchObject({ exitCode: 3, error: { code: 'plugin' }, result: { written: 0, failed: 0 } });
  expect(await lane.kept()).toEqual(['one']);

  await userEdits(lane);
  const { report } = await lane.apply();
  expect(await lane.kept()).toEqual([EDITED, 'two']);
  expect(report).toMatchObject({ exitCode: 1, result: { written: 1, conflicts: 1 } });
});
