/**
 * A PUT replaces a namespace whole, with its metadata and its expiry, and nothing in the contract asks whether one exists.
 * So none that exists is ever put, and one that is missing is put once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { type Run, startWorld, type World, type WorldOptions } from '../../support/migration.ts';
import type { Dump, QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { makeNamespace, remember } from './asking.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';
import { rowTraffic } from './traffic.ts';

const plugins: Array<{ name: string; options: WorldOptions }> = [
  { name: 'the reference plugin', options: { plugin: 'reference' } },
  { name: 'a plugin that answers 404 where a namespace is missing', options: { plugin: 'quirky' } },
  {
    name: 'a plugin that answers 500 where a namespace is missing',
    options: { plugin: 'quirky', quirks: ['missing-namespace-500'] },
  },
];

const OWNED = {
  kind: 'workspace',
  metadata: { owner: 'ops', tiers: [1, 2] },
  expires_at: '2999-01-01T00:00:00Z',
} as const;

describe.each(plugins)('with $name', ({ options }) => {
  let world: World;
  let run: Run;
  let before: Dump;
  let after: Dump;
  /** Of three workspaces: the namespace of one holds a memory already, that of another is empty, that of the last is missing. */
  let ids: { used: string; empty: string; missing: string };

  beforeAll(async () => {
    world = await startWorld(options);
    const { workspace } = await plantTree(world.sql, {
      workspaces: { used: {}, empty: {}, missing: {} },
      memories: {
        one: { of: 'used' },
        two: { of: 'used' },
        three: { of: 'empty' },
        four: { of: 'empty' },
        five: { of: 'missing' },
        six: { of: 'missing' },
        seven: { of: 'missing', scope: 'TEAM' },
        eight: { of: 'missing', scope: 'TEAM' },
        nine: { of: 'missing', scope: 'GLOBAL' },
      },
    });
    ids = { used: workspace('used'), empty: workspace('empty'), missing: workspace('missing') };
    for (const id of [ids.used, ids.empty]) await makeNamespace(world.plugin.url, `workspace:${id}`, OWNED);
    await remember(world.plugin.url, `workspace:${ids.used}`, 'known before');
    before = await world.contents();
    run = await world.backfill(['--apply']);
    after = await world.contents();
  });
  afterAll(() => world.release());

  const namespace = (contents: Dump, name: string) => contents.namespaces.find((kept) => kept.name === name);

  test('a namespace that holds memories keeps its metadata and its expiry', () => {
    const kept = namespace(after, `workspace:${ids.used}`);
    expect(kept).toEqual(namespace(before, `workspace:${ids.used}`));
    expect(kept?.metadata).toEqual(OWNED.metadata);
  });

  test('a namespace that exists and is empty keeps them too', () => {
    const kept = namespace(after, `workspace:${ids.empty}`);
    expect(kept).toEqual(namespace(before, `workspace:${ids.empty}`));
    expect(kept?.metadata).toEqual(OWNED.metadata);
  });

  test('a namespace that is missing is put once, of its kind, however many rows go there', () => {
    expect(namespace(after, `workspace:${ids.missing}`)).toMatchObject({ kind: 'workspace' });
    expect(namespace(after, `team:${ids.missing}`)).toMatchObject({ kind: 'team' });
    expect(namespace(after, `org:${ids.missing}`)).toMatchObject({ kind: 'org' });
    expect(run.report).toMatchObject({
      exitCode: 0,
      result: { written: 9, namespacesCreated: 3 },
    });
    expect(rowTraffic(run.report, 'upsertNamespace')).toMatchObject({ attempts: 3, successes: 3 });
  });
});

describe('with a plugin that has its troubles', () => {
  let world: World<QuirkyPlugin>;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky' });
  });
  afterAll(() => world.release());

  const threeRows = () => plantLane(world, 'one', 'two', 'three');

  test('a 500 at the first commit does not lead to a PUT where a search shows that the namespace exists', async () => {
    const { namespace, apply } = await threeRows();
    await makeNamespace(world.plugin.url, namespace, OWNED);
    await remember(world.plugin.url, namespace, 'known before');
    await world.plugin.failNext({ operation: 'commitMemory', status: 500 });

    const { report } = await apply();

    expect(report).toMatchObject({ exitCode: 0, result: { written: 3, namespacesCreated: 0 } });
    expect((await world.plugin.counters()).namespacePuts[namespace]).toBe(1);
    expect((await world.contents()).namespaces.find(({ name }) => name === namespace)).toMatchObject(OWNED);
  });

  test('where nothing can be found out, since the search fails as well, nothing is put', async () => {
    const { namespace, args, rows } = await threeRows();
    await makeNamespace(world.plugin.url, namespace, OWNED);
    // Only once the namespace has been seen to be empty: what cannot be looked up is not sent in the first place.
    const hold = await holdBeforeCommit(world, 1);
    const run = world.start(args);
    await hold.reached();
    await world.plugin.failNext({ operation: 'commitMemory', status: 500 });
    await world.plugin.failNext({ operation: 'searchMemories', status: 500, times: 4 });
    await hold.release();

    const { report } = await run.finished;

    expect(report).toMatchObject({
      exitCode: 3,
      result: {
        written: 2,
        failed: 1,
        failures: [{ reason: '500 unavailable', examples: [{ id: rows[0]?.id, namespace }] }],
      },
    });
    expect((await world.plugin.counters()).namespacePuts[namespace]).toBe(1);
  });

  test('a 404 that a proxy has made up is a failed row, and no reason to put a namespace', async () => {
    const { namespace, apply, rows } = await threeRows();
    await makeNamespace(world.plugin.url, namespace, OWNED);
    await world.plugin.failNext({ operation: 'commitMemory', status: 404, body: '<h1>404 Not Found</h1>' });

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 3,
      result: { written: 2, failed: 1, failures: [{ reason: '404 foreign', examples: [{ id: rows[0]?.id }] }] },
    });
    expect((await world.plugin.counters()).namespacePuts[namespace]).toBe(1);
  });

  test('a PUT that is refused costs the row that asked for it, and the next row asks again', async () => {
    const { namespace, apply, rows } = await threeRows();
    await world.plugin.failNext({ operation: 'upsertNamespace', status: 400 });

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 3,
      result: {
        written: 2,
        failed: 1,
        failures: [{ reason: '400 bad_request', count: 1, examples: [{ id: rows[0]?.id, namespace }] }],
        namespacesCreated: 1,
      },
    });
    expect(rowTraffic(report, 'upsertNamespace')).toEqual({
      attempts: 2,
      successes: 1,
      retries: 0,
      failures: { '400 bad_request': 1 },
    });
  });

  test('a PUT that fails for a while is repeated', async () => {
    const { apply } = await threeRows();
    await world.plugin.failNext({ operation: 'upsertNamespace', status: 503, times: 2 });

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 0,
      result: { written: 3, namespacesCreated: 1 },
    });
    expect(rowTraffic(report, 'upsertNamespace')).toEqual({
      attempts: 3,
      successes: 1,
      retries: 2,
      failures: { '503 unavailable': 2 },
    });
  });

  test('a PUT that fails four times costs its row, and the run goes on', async () => {
    const { apply, rows } = await threeRows();
    await world.plugin.failNext({
      operation: 'upsertNamespace',
      status: 500,
      body: '<h1>500 Internal Server Error</h1>',
      times: 4,
    });

    const { report } = await apply();

    expect(report).toMatchObject({
      exitCode: 3,
      result: { written: 2, failed: 1, failures: [{ reason: '500 foreign', examples: [{ id: rows[0]?.id }] }] },
    });
    expect(rowTraffic(report, 'upsertNamespace')).toMatchObject({ attempts: 5, successes: 1, retries: 3 });
  });
});
