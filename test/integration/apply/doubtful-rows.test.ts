/**
 * Rows that failed, in a namespace that holds more than a search lists: nothing shows there that a row is absent. One that the
 * plugin may have stored is left alone by the next run, since a user may have edited it; one that it cannot have is sent.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault, FaultProxy, Match } from '../../support/fault-proxy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { type Lane, plantLane } from './lane.ts';

const ROWS = 160;
/** Behind the newest hundred in the end. */
const MET = 20;
const EDITED = 'Quite another matter.';
const SLOW_DOWN: Fault = { kind: 'answer', status: 429, body: '{"code":"unavailable","message":"Slow down."}' };

/** The commits of the row in question: one commit more than rows, since the first finds no namespace. */
const met = (times: number): Match => ({ method: 'POST', path: ROW_COMMITS, skip: MET + 1, times });

/** The question, before rows are sent, what all the namespaces hold that their workspace reads. */
const FIRST_LOOK: Match = { path: /\/search$/, body: /"namespaces":\["workspace:[^"]+","/, times: 4 };
/** Of a kind that leaves a commit in doubt. */
const UNHEARD: Fault = { kind: 'answer', status: 408 };

let world: World;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterAll(() => world.release());

interface Scene {
  proxy: FaultProxy;
  lane: Lane;
  /** The row in question. */
  id: string;
}

/** Everything is copied but the row that is met, with what is said to have become of it. */
async function scene(reason: string, ...faults: Array<[number, Fault]>): Promise<Scene> {
  const lane = await plantLane(
    world,
    ...Array.from({ length: ROWS }, (_, row) => `Shelf ${row} holds the letters of the year ${1700 + row}.`),
  );
  const proxy = await world.faultProxy();
  for (const [times, fault] of faults) proxy.on(met(times), fault);
  const { report } = await lane.apply();
  const id = lane.rows[MET]?.id ?? '';
  expect(report.result).toMatchObject({ written: ROWS - 1, failed: 1, failures: [{ reason, examples: [{ id }] }] });
  return { proxy, lane, id };
}

async function userEdits({ lane, id }: Scene): Promise<void> {
  const body = JSON.stringify({ id, content: EDITED, kind: 'fact', source: 'user' });
  const path = `${world.plugin.url}/v1/namespaces/${lane.namespace}/memories`;
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(path, { method: 'POST', headers, body })).status).toBe(201);
}

test.each([
  ['a body that is too large for it', '413 foreign', 1, 413],
  ['too many requests', '429 foreign', 4, 429],
] as const)('what a proxy refused by itself, as %s, is sent by the next run', async (_, reason, times, status) => {
  const { lane } = await scene(reason, [times, { kind: 'answer', status }]);
  expect((await lane.apply()).report).toMatchObject({ exitCode: 0, result: { written: 1, conflicts: 0 } });
});

test('a user’s edit stands where the answer to the first attempt was lost, and the last was refused', async () => {
  const met = await scene('429 unavailable, after a lost answer', [1, { kind: 'reset-after' }], [3, SLOW_DOWN]);
  await userEdits(met);
  const { report } = await met.lane.apply();
  expect(report.result).toMatchObject({ written: 0, conflicts: 1, noted: [{ id: met.id, detail: 'unsettled' }] });
  expect(await met.lane.kept()).toContain(EDITED);
});

test('a user’s edit stands, too, where the run between could not ask what the plugin holds', async () => {
  const met = await scene('429 unavailable, after a lost answer', [1, { kind: 'reset-after' }], [3, SLOW_DOWN]);
  await userEdits(met);
  met.proxy.on(FIRST_LOOK, UNHEARD);
  expect((await met.lane.apply()).report).toMatchObject({ exitCode: 3, result: { written: 0, failed: 1 } });
  await met.lane.apply();
  expect(await met.lane.kept()).toContain(EDITED);
});

test('rows of which the plugin could not be asked are new to the next run: they were not sent', async () => {
  const lane = await plantLane(world, ...Array.from({ length: ROWS }, (_, row) => `Letter ${row} of the archive.`));
  const proxy = await world.faultProxy();
  await world.backfill([...lane.args, '--limit', '120']);
  proxy.on(FIRST_LOOK, UNHEARD);
  const { report } = await lane.apply();
  expect(report.result).toMatchObject({ failed: 40, failures: [{ reason: 'search 408 foreign', count: 40 }] });
  expect((await lane.apply()).report).toMatchObject({ exitCode: 0, result: { written: 40, conflicts: 0 } });
});
