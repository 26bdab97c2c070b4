/** Plugins that do what a copy needs: all is found to be well, and nothing of the preflight stays in them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readiness } from '../../../src/model/preflight.ts';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { makeNamespace, remember } from '../apply/asking.ts';
import { startTampering } from './tampering.ts';
import { troubles, tryPlugin, tryQuickly } from './trying.ts';

const NAMES = [
  'source',
  'rows',
  'ledger',
  'health',
  'version',
  'namespace',
  'commit',
  'read-after-write',
  'upsert',
  'content',
  'missing-namespace',
  'fresh-ids',
  'propagation',
  'ttl',
  'fts',
  'forget',
  'errors',
  'limit',
  'clocks',
  'throughput',
  'listing',
  'removal',
];

async function plant(world: World): Promise<void> {
  await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: { one: { of: 'acme' }, two: { of: 'sales', scope: 'TEAM' }, '  ': { of: 'sales' } },
  });
  await makeNamespace(world.plugin.url, 'custom:theirs', { kind: 'custom', metadata: { kept: true } });
  await remember(world.plugin.url, 'custom:theirs', 'kept as it is');
}

describe.each(PLUGINS)('the %s plugin', (name) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin: name });
    await plant(world);
  });
  afterAll(() => world.release());

  test('passes every check, and keeps nothing of them', async () => {
    const before = await world.contents();
    const checks = await tryPlugin(world);
    expect(troubles(checks)).toEqual([]);
    expect(checks.map((check) => check.name)).toEqual(NAMES);
    expect(readiness(checks)).toBe('ready');
    expect(await world.contents()).toEqual(before);
  });

  test('passes the short form, and keeps nothing of it', async () => {
    const before = await world.contents();
    const checks = await tryQuickly(world);
    expect(checks.map(({ name: check, outcome }) => `${check} ${outcome}`)).toEqual([
      'version passed',
      'namespace passed',
      'commit passed',
      'read-after-write passed',
      'upsert passed',
      'propagation passed',
      'removal passed',
    ]);
    expect(await world.contents()).toEqual(before);
  });

  test('is told of in sentences that say what was seen', async () => {
    const checks = await tryPlugin(world, { announcing: [] });
    const said = Object.fromEntries(checks.map((check) => [check.name, check.sentence]));
    expect(said.source).toBe(
      'The tables are in the schema "public" and can be read; agent_memories has a column "namespace" and no column "embedding".',
    );
    expect(said.rows).toBe('2 of 3 rows would be copied, to 2 namespaces; skipped would be: 1 empty-content.');
    expect(said.throughput).toMatch(
      /^Memories a second: [\d,.]+ with 1, [\d,.]+ with 4 under way at a time\. Copying 2 rows takes less than a minute at this rate, with 2 under way at a time\.$/,
    );
    expect(said.ttl).toBe('The plugin does not announce "ttl".');
    expect(said.removal).toMatch(/^custom:backfill-preflight-[0-9a-f-]{36} was removed, and its memories with it\.$/);
  });
});

describe('a plugin with quirks that are seen in the field', () => {
  let world: World<QuirkyPlugin>;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky' });
    await plant(world);
  });
  afterAll(() => world.release());

  test('passes: null for nothing, 500 for a missing namespace, 404 for another’s memory, any order, unknown fields', async () => {
    await world.plugin.setQuirks([
      'null-memories',
      'missing-namespace-500',
      'forget-404',
      'invalid-500',
      'shuffled',
      'future-capability',
    ]);
    const before = await world.contents();
    const checks = await tryPlugin(world);
    expect(troubles(checks)).toEqual([]);
    expect(checks.find((check) => check.name === 'missing-namespace')?.sentence).toContain('500, not 404');
    expect(await world.contents()).toEqual(before);
  });

  test('is asked again where it says that it has too much to do, no sooner than it wants to be', async () => {
    await world.plugin.setQuirks([]);
    await world.plugin.failNext({ operation: 'commitMemory', status: 429, retryAfter: '1', ofTrial: true });
    const began = performance.now();
    expect(troubles(await tryQuickly(world))).toEqual([]);
    expect(performance.now() - began).toBeGreaterThan(995);
  });

  test('makes namespaces by itself, and that one is removed, too', async () => {
    await world.plugin.setQuirks([]);
    await using tampering = await startTampering(world.plugin.url, {
      instead: ({ path, body }) => {
        const missing = /^\/v1\/namespaces\/(.*-missing)\/memories$/.exec(path)?.[1];
        return missing ? { status: 201, body: { id: body.id, namespace: missing } } : undefined;
      },
    });
    expect(troubles(await tryPlugin(world, { announcing: [], url: tampering.url }))).toEqual([]);
    expect(tampering.calls).toContainEqual({
      method: 'DELETE',
      path: expect.stringMatching(/^\/v1\/namespaces\/custom:backfill-preflight-.*-missing$/),
    });
  });

  test('is given no more memories than a search may list, where that is all that they are for', async () => {
    await world.plugin.setQuirks([]);
    let written = 0;
    await using tampering = await startTampering(world.plugin.url, {
      request({ body }) {
        if (String(body.content).includes('how fast')) written++;
        return body;
      },
    });
    const pace = { levels: [1], levelMs: 1_000, levelRows: 1 };
    expect(troubles(await tryPlugin(world, { announcing: [], url: tampering.url, tools: { pace } }))).toEqual([]);
    expect(written).toBe(100);
  });

  test('announces nothing, and is not asked for what it does not announce', async () => {
    await world.plugin.setQuirks(['no-capabilities']);
    const checks = await tryPlugin(world);
    expect(troubles(checks)).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === 'not-announced').map((check) => check.name)).toEqual([
      'propagation',
      'ttl',
      'fts',
    ]);
  });

  test.each([
    ['limit-50', /^listing failed warns: A search for 100 memories of at least as many lists 50, /],
    ['ignores-query', /^fts failed warns: A search by words finds memories that have none of them\.$/],
  ] as const)('is warned of where it has the quirk %s', async (quirk, trouble) => {
    await world.plugin.setQuirks([quirk]);
    const checks = await tryPlugin(world);
    expect(troubles(checks)).toEqual([expect.stringMatching(trouble)]);
    expect(readiness(checks)).toBe('ready');
  });
});
