/** Rows that a plugin refuses, or cannot store at the moment: what is repeated, how often, and what it costs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { makeNamespace, remember } from './asking.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';
import { rowTraffic } from './traffic.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterEach(() => world.plugin.setQuirks([]));
afterAll(() => world.release());

/** How many commits of a row have reached the plugin. */
async function commitsOf(row: LegacyRow | undefined): Promise<number> {
  const { writeLog } = await world.plugin.counters();
  return writeLog.filter(({ operation, id }) => operation === 'commitMemory' && id === row?.id).length;
}

describe('a row that the plugin cannot store, ever', () => {
  test('is tried four times and named, and costs nothing but itself', async () => {
    await world.plugin.setQuirks(['poison']);
    const { namespace, rows, apply, kept } = await plantLane(world, 'good', 'poison', 'good again');

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 3,
      result: {
        written: 2,
        failed: 1,
        failures: [{ reason: '500 internal', count: 1, examples: [{ id: rows[1]?.id, namespace }] }],
      },
    });
    expect(await commitsOf(rows[1])).toBe(4);
    expect(await kept()).toEqual(['good', 'good again']);
  });

  test('is tried four times in all where it is the first in a namespace with memories, which is not put', async () => {
    await world.plugin.setQuirks(['poison']);
    const { namespace, rows, apply, kept } = await plantLane(world, 'poison', 'good');
    await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
    await remember(world.plugin.url, namespace, 'known before');

    const { report } = await apply();

    expect(report).toMatchObject({ exitCode: 3, result: { written: 1, failed: 1, namespacesCreated: 0 } });
    expect(await commitsOf(rows[0])).toBe(4);
    expect(await kept()).toEqual(['known before', 'good']);
  });

  test('is tried four times in all where it is the first in a missing namespace, which is made for the others', async () => {
    await world.plugin.setQuirks(['poison', 'missing-namespace-500']);
    const { rows, apply, kept } = await plantLane(world, 'poison', 'good');

    const { report } = await apply();

    expect(report).toMatchObject({ exitCode: 3, result: { written: 1, failed: 1, namespacesCreated: 1 } });
    expect(await commitsOf(rows[0])).toBe(4);
    expect(await kept()).toEqual(['good']);
  });

  test('is stored as soon as the plugin can: run again, nothing else is sent', async () => {
    await world.plugin.setQuirks(['poison']);
    const { rows, apply, kept } = await plantLane(world, 'good', 'poison');
    await apply();
    await world.plugin.setQuirks([]);
    const before = await commitsOf(rows[0]);
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 1, recorded: 1, failed: 0 } });
    expect(await commitsOf(rows[0])).toBe(before);
    expect(await kept()).toEqual(['good', 'poison']);
  });
});

describe('a row that the plugin refuses', () => {
  test('with 400 is sent once, and named', async () => {
    await world.plugin.setQuirks(['reject']);
    const { namespace, rows, apply } = await plantLane(world, 'good', 'reject-me', 'good again');

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 3,
      result: {
        written: 2,
        failed: 1,
        failures: [
          {
            reason: '400 bad_request',
            count: 1,
            examples: [
              {
                id: rows[1]?.id,
                namespace,
                sentence: 'The plugin answered 400 bad_request: Such content is not accepted.',
              },
            ],
          },
        ],
      },
    });
    expect(await commitsOf(rows[1])).toBe(1);
  });

  test('with a status that is about the request itself is sent once', async () => {
    const statuses = [400, 401, 403, 409, 413, 422];
    const { namespace, rows, apply } = await plantLane(world, ...statuses.map(String));
    await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
    for (const status of statuses) await world.plugin.failNext({ operation: 'commitMemory', status });

    const { report } = await apply();

    const failures = statuses.map((status, place) => ({
      reason: `${status} bad_request`,
      count: 1,
      examples: [{ id: rows[place]?.id }],
    }));
    expect(report).toMatchObject({ exitCode: 3, result: { written: 0, failed: 6, failures } });
    expect(rowTraffic(report, 'commitMemory')).toMatchObject({ attempts: 6, retries: 0 });
  });

  test('is one of a group by its reason, the largest first, which names ten at most and counts them all', async () => {
    await world.plugin.setQuirks(['reject']);
    const contents = Array.from({ length: 12 }, (_, made) => `reject-me ${made}`);
    const { rows, namespace, apply } = await plantLane(world, 'good', 'refused', ...contents);
    await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
    await world.plugin.failNext({ operation: 'commitMemory', status: 403 });

    const { report } = await apply();

    const first = rows.slice(2, 12).map(({ id }) => ({ id }));
    expect(report.result).toMatchObject({
      written: 1,
      failed: 13,
      failures: [
        { reason: '400 bad_request', count: 12, examples: first },
        { reason: '403 bad_request', count: 1, examples: [{ id: rows[0]?.id }] },
      ],
    });
  });

  test('in words that quote its content is named without them', async () => {
    const content = 'the launch code is 0000';
    const { apply } = await plantLane(world, content);
    const body = { code: 'bad_request', message: `"${content}" holds a secret` };
    await world.plugin.failNext({ operation: 'commitMemory', status: 400, body });

    const run = await apply();

    expect(run.report).toMatchObject({ exitCode: 3, result: { failed: 1 } });
    expect(run.stdout + run.stderr).not.toContain('launch code');
  });
});

test('an acknowledgement of something else is none: the row has failed, and is not sent again', async () => {
  const { namespace, rows, apply } = await plantLane(world, 'one', 'two', 'three', 'four', 'five');
  await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
  const elsewhere = { id: rows[3]?.id, namespace: 'custom:elsewhere' };
  for (const body of ['<h1>Created</h1>', { ok: true }, { id: rows[0]?.id, namespace }, elsewhere]) {
    await world.plugin.failNext({ operation: 'commitMemory', status: 201, body });
  }

  const { report } = await apply();

  const why = [
    'with a body of type text/html; charset=utf-8',
    "its body is not the contract's: the body must have required property 'id'",
    'for another id than was sent',
    'for another namespace than was sent',
  ];
  const examples = why.map((sentence, place) => ({
    id: rows[place]?.id,
    sentence: `The plugin answered 201, but ${sentence}.`,
  }));
  expect(report).toMatchObject({
    exitCode: 3,
    result: {
      written: 1,
      failed: 4,
      bytes: 'five'.length,
      failures: [{ reason: '201 malformed', count: 4, examples }],
    },
  });
  expect(rowTraffic(report, 'commitMemory')).toEqual({
    attempts: 5,
    successes: 1,
    retries: 0,
    failures: { '201 malformed': 4 },
  });
});

describe.each([
  { quirk: 'wrong-id', how: 'stores rows under ids of its own' },
  { quirk: 'wrong-shape', how: 'acknowledges in a shape of its own' },
  { quirk: 'html-201', how: 'acknowledges in HTML' },
  { quirk: 'wrong-namespace', how: 'acknowledges for another namespace' },
] as const)('a plugin that $how', ({ quirk }) => {
  test('is refused with exit code 1 before a row is sent', async () => {
    await world.plugin.setQuirks([quirk]);
    const { rows, apply, kept } = await plantLane(world, 'one', 'two');

    const { report } = await apply();

    const message = expect.stringMatching(
      /^The plugin is not fit to take the rows: .* No row was sent\. --preflight tells more\.$/,
    );
    expect(report).toMatchObject({
      exitCode: 1,
      error: { code: 'guard', message },
      result: { scanned: 0, written: 0, failed: 0 },
    });
    expect(await commitsOf(rows[0])).toBe(0);
    expect(await kept()).toEqual([]);
  });

  test('from its second row on gets none of those counted as written', async () => {
    const { rows, args } = await plantLane(world, 'one', 'two', 'three');
    // The first commit finds no namespace, the second stores row one; row two is on its way with the third.
    const hold = await holdBeforeCommit(world, 3);
    const run = world.start(args);
    await hold.reached();
    await world.plugin.setQuirks([quirk]);
    await hold.release();

    const { report } = await run.finished;

    expect(report).toMatchObject({
      exitCode: 3,
      error: null,
      result: { written: 1, failed: 2, failures: [{ reason: '201 malformed', count: 2 }] },
    });
    expect([await commitsOf(rows[1]), await commitsOf(rows[2])]).toEqual([1, 1]);
  });
});

describe('a plugin that cannot serve for a moment', () => {
  test('is asked again, four times in all, whatever the status with which it says so', async () => {
    const { namespace, apply, kept } = await plantLane(world, 'one', 'two', 'three');
    await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
    const proxy = await world.faultProxy();
    const statusesOfRows = [[408, 425, 429], [500, 502, 503], [504]];
    for (const [stored, statuses] of statusesOfRows.entries()) {
      for (const status of statuses) {
        proxy.on({ path: ROW_COMMITS, skip: stored, times: 1 }, { kind: 'answer', status });
      }
    }

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 0,
      result: { written: 3, failed: 0, namespacesCreated: 0 },
    });
    expect(rowTraffic(report, 'commitMemory')).toMatchObject({ attempts: 10, successes: 3, retries: 7 });
    expect(proxy.requests('POST', `/v1/namespaces/${namespace}/`)).toBe(10);
    expect(await kept()).toEqual(['one', 'two', 'three']);
  });

  test('behind a proxy that answers 502 in HTML is waited for, and no row is held against it', async () => {
    await world.plugin.setQuirks(['html-502']);
    const { args, rows, kept } = await plantLane(world, 'one');

    const { report } = await world.backfill([...args, '--max-outage', '1']);

    expect(report).toMatchObject({ exitCode: 3, error: { code: 'plugin' }, result: { written: 0, failed: 0 } });
    expect(report.error?.message).toContain(
      'Something answered 502 with a body of type text/html; charset=utf-8 instead of an error of the contract',
    );
    expect(await commitsOf(rows[0])).toBeGreaterThanOrEqual(4);
    expect(await kept()).toEqual([]);
  });

  test('is not asked again before the time that its Retry-After names', async () => {
    const { namespace, apply } = await plantLane(world, 'one');
    await makeNamespace(world.plugin.url, namespace, { kind: 'workspace' });
    await world.plugin.failNext({ operation: 'commitMemory', status: 429, retryAfter: '2' });

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 0,
      result: { written: 1 },
    });
    expect(rowTraffic(report, 'commitMemory')).toEqual({
      attempts: 2,
      successes: 1,
      retries: 1,
      failures: { '429 bad_request': 1 },
    });
    expect(report.durationMs).toBeGreaterThanOrEqual(2_000);
  });

  test('and refuses every third row once for a second gets them all in the end, in their order', async () => {
    const contents = ['1', '2', '3', '4', '5', '6', '7'];
    const { args, kept } = await plantLane(world, ...contents);
    const hold = await holdBeforeCommit(world, 1);
    const run = world.start(args);
    await hold.reached();
    await world.plugin.setQuirks(['too-many-requests']);
    await hold.release();

    const { report } = await run.finished;

    expect(report).toMatchObject({
      exitCode: 0,
      result: { written: 7, failed: 0 },
      traffic: { commitMemory: { retries: 2, failures: { '429 unavailable': 2 } } },
    });
    expect(await kept()).toEqual(contents);
    expect(report.durationMs).toBeGreaterThanOrEqual(2_000);
  });
});
