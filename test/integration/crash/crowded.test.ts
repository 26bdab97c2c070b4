/**
 * Namespaces that hold more than a search lists, and a row in them of which no entry tells: that its words find nothing does not
 * show that it is absent, since a user may have put other words in their place.
 */
import { expect, test, vi } from 'vitest';
import { alone } from '../../support/chaos-platform.ts';
import { startCli } from '../../support/cli.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { type Lane, plantLane } from '../apply/lane.ts';

const EDITED = 'as a user corrected it';
const ROWS = 260;
/** Behind the newest hundred. */
const DEEP = 20;

/** Rows that share no word with each other. */
function plantCrowd(world: World): Promise<Lane> {
  return plantLane(
    world,
    ...Array.from({ length: ROWS }, (_, place) => `${word(place, 7_000_003)} ${word(place, 5_000_011)}`),
  );
}

/** A made-up one, of letters alone. */
function word(place: number, step: number): string {
  return ((place + 1) * step).toString(26).replace(/\d/g, (digit) => String.fromCharCode(113 + Number(digit)));
}

async function userEdits(world: World, { namespace, rows }: Lane): Promise<void> {
  const body = JSON.stringify({ id: rows[DEEP]?.id, content: EDITED, kind: 'fact', source: 'user' });
  const headers = { 'content-type': 'application/json' };
  const path = `${world.plugin.url}/v1/namespaces/${namespace}/memories`;
  expect((await fetch(path, { method: 'POST', headers, body })).status).toBe(201);
}

test('a user’s edit stands where the ledger that knew of the copy is lost', async () => {
  await using world = await startWorld({ plugin: 'reference' });
  const lane = await plantCrowd(world);
  expect((await lane.apply()).code).toBe(0);
  await userEdits(world, lane);

  const { report } = await world.backfill([...lane.args, '--start-over']);
  expect((await lane.kept())[DEEP]).toBe(EDITED);
  expect(report.exitCode).toBe(1);
});

test('a user’s edit stands where the run that had copied the row died before it was recorded', async () => {
  await using world = await startWorld({ plugin: 'reference' });
  // Makes the ledger, of nothing.
  expect((await world.backfill(['--apply'])).code).toBe(0);
  const lane = await plantCrowd(world);
  const session = await world.sql.reserve();
  await session`begin`;
  await session`lock table memory_backfill.entries in exclusive mode`;
  const run = startCli(lane.args, { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: world.plugin.url });
  // As many as a run sends without a record.
  let stored = 0;
  await vi.waitFor(
    async () => {
      const before = stored;
      stored = (await lane.kept()).length;
      expect(stored).toBeGreaterThan(DEEP);
      expect(stored).toBe(before);
    },
    { timeout: 30_000, interval: 500 },
  );
  run.child.kill('SIGKILL');
  await run.finished;
  await session`rollback`;
  session.release();
  await alone(world);

  await userEdits(world, lane);
  await lane.apply();
  expect((await lane.kept())[DEEP]).toBe(EDITED);
});
