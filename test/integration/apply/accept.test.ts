/** `--accept`: rows that the operator gives up on purpose are not sent, not missed by a verify, and kept with who and why. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantLane } from './lane.ts';
import { entriesOf, runsOf } from './ledger-rows.ts';
import { commitsOf } from './sent.ts';

let directory: string;
let world: World<QuirkyPlugin>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'accept-'));
  world = await startWorld({ plugin: 'quirky', quirks: ['reject'] });
});
afterAll(async () => {
  await world.release();
  await rm(directory, { recursive: true });
});

let files = 0;

/** A lane of three, the second of which the plugin refuses; it has been applied, and the second has failed. */
async function refusedLane() {
  const lane = await plantLane(world, 'one', 'reject-me', 'three');
  expect((await lane.apply()).report).toMatchObject({ exitCode: 3, result: { written: 2, failed: 1 } });
  const id = lane.rows[1]?.id ?? '';
  const workspace = lane.rows[1]?.workspaceId ?? '';
  return { ...lane, id, verify: ['--verify', '--workspace', workspace] };
}

async function fileOf(...lines: string[]): Promise<string> {
  const path = join(directory, `${files++}.jsonl`);
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const accepting = (id: string) => fileOf(JSON.stringify({ id: id.toUpperCase(), reason: 'refused for good' }));

test('an accepted row is skipped by apply, which ends with 0, and kept in the ledger with who and why', async () => {
  const { args, rows, id } = await refusedLane();
  const before = await commitsOf(world, rows);
  const file = await accepting(id);

  const { report } = await world.backfill([...args, '--accept', file, '--actor', 'user:ada']);

  expect(report).toMatchObject({
    exitCode: 0,
    result: { scanned: 3, written: 0, recorded: 2, failed: 0, skipped: { accepted: 1 } },
  });
  expect(await commitsOf(world, rows)).toEqual(before);
  const accepted = { outcome: 'accepted', reason: 'refused for good', run: report.runId };
  expect((await entriesOf(world, id)).at(-1)).toEqual(accepted);
  expect((await runsOf(world)).at(-1)).toMatchObject({ id: report.runId, user: 'ada', service: null });

  await world.backfill([...args, '--accept', file]);
  expect((await entriesOf(world, id)).filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
});

test('verify misses a refused row, and with --accept expects it to be absent', async () => {
  const { verify, id } = await refusedLane();
  const file = await accepting(id);
  expect((await world.backfill(verify)).report).toMatchObject({ exitCode: 1, result: { findings: { missing: 1 } } });
  expect((await world.backfill([...verify, '--accept', file])).report).toMatchObject({
    exitCode: 0,
    result: { rows: { matched: 2, skipped: { accepted: 1 } } },
  });
});

test('an accepted row that the plugin shows all the same is unexpected: exit 1', async () => {
  const { verify, id, namespace } = await refusedLane();
  const file = await accepting(id);
  await world.plugin.insert({ id, namespace, content: 'reject-me' });
  expect((await world.backfill([...verify, '--accept', file])).report).toMatchObject({
    exitCode: 1,
    result: { findings: { leak: 1 }, listed: [{ kind: 'leak', id }] },
  });
});

test('without --accept, a row that was accepted once is to be sent again', async () => {
  const { args, apply, id } = await refusedLane();
  await world.backfill([...args, '--accept', await accepting(id)]);
  expect((await apply()).report).toMatchObject({ exitCode: 3, result: { failed: 1 } });
});

describe('exit code 2 and not a request, where the file', () => {
  const id = 'aaaaaaaa-0000-4000-8000-000000000000';
  const bad: Array<[string, string[], RegExp]> = [
    ['holds a line that is no JSON', [`{"id":"${id}","reason":"r"}`, 'not json'], /, line 2 is no JSON: /],
    ['names no UUID', ['{"id":"seven","reason":"r"}'], /, line 1: its "id" is no UUID\.$/],
    ['gives no reason', [`{"id":"${id}"}`], /, line 1 is not of the form /],
    ['gives an empty reason', [`{"id":"${id}","reason":" "}`], /, line 1: its "reason" is empty\./],
  ];
  test.each(bad)('%s', async (_, lines, complaint) => {
    const { args } = await plantLane(world, 'one');
    const { requests } = await world.plugin.counters();

    const { report } = await world.backfill([...args, '--accept', await fileOf(...lines)]);

    const message = expect.stringMatching(complaint);
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration', message }, result: null });
    expect((await world.plugin.counters()).requests).toEqual(requests);
  });

  test('is not there', async () => {
    const { args } = await plantLane(world, 'one');
    const { report } = await world.backfill([...args, '--accept', join(directory, 'nowhere.jsonl')]);
    const message = expect.stringMatching(/^The file of --accept \(.*\) could not be read: ENOENT\.$/);
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration', message } });
  });
});
