/**
 * Plugins that keep to the contract loosely. What they show cannot be taken at its word, and still: what is there is never
 * called lost, what is lost is never called there, and what their search cannot settle is unproven.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { Quirk, QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { nthOfEach, plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, apply, counted, found, listed, verify } from './verifying.ts';

type Rows = readonly LegacyRow[];

describe('two namespaces of 30 and two of 130 memories, one of each with a loss and an edit:', () => {
  let world: World<QuirkyPlugin>;
  let whole: { small: Rows; large: Rows };
  let hurt: { small: Rows; large: Rows };

  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky' });
    whole = { small: await plantWorkspace(world, 30), large: await plantWorkspace(world, 130) };
    hurt = { small: await plantWorkspace(world, 30), large: await plantWorkspace(world, 130) };
    await apply(world);
    const { remove, edit } = tampering(world);
    await remove(nthOfEach(0, hurt.small, hurt.large).map(({ id }) => id));
    for (const { id, content } of nthOfEach(1, hurt.small, hurt.large)) {
      await edit(id, { content: `${content} Edited since.` });
    }
  });
  afterAll(() => world.release());

  test.each<[does: string, quirk: Quirk]>([
    ['answers an empty search with null', 'null-memories'],
    ['lists in no order', 'shuffled'],
    ['lists at most 50 memories, whatever it is asked for', 'limit-50'],
    ['announces what nobody knows', 'future-capability'],
  ])(
    'a plugin that %s is seen through: both losses and both edits are found, and nothing else',
    async (_does, quirk) => {
      await world.plugin.setQuirks([quirk]);

      const { code, result } = await verify(world);

      const [lost, edited] = [nthOfEach(0, hurt.small, hurt.large), nthOfEach(1, hurt.small, hurt.large)];
      expect(listed(result)).toEqual([...allNamed('content', edited), ...allNamed('missing', lost)]);
      expect(result.workspaces).toEqual(counted({ sampled: 4, matches: 2, mismatches: 2 }));
      expect(result.rows).toMatchObject({ compared: 320, matched: 316 });
      expect(code).toBe(1);
    },
  );

  test.each<[does: string, quirk: Quirk]>([
    ['announces no full-text search', 'no-fts'],
    ['announces nothing at all', 'no-capabilities'],
    ['announces full-text search, and overlooks the query', 'ignores-query'],
  ])('a plugin that %s proves nothing beyond its listing: neither match nor mismatch', async (_does, quirk) => {
    await world.plugin.setQuirks([quirk]);

    const { code, result } = await verify(world);

    const [lost, edited] = [nthOfEach(0, hurt.small), nthOfEach(1, hurt.small)];
    const beyond = [...whole.large.slice(0, 30), ...hurt.large.slice(0, 30)];
    expect(listed(result)).toEqual(
      [...allNamed('content', edited), ...allNamed('missing', lost), ...allNamed('unproven', beyond)].sort(),
    );
    expect(result.workspaces).toEqual(counted({ sampled: 4, matches: 1, mismatches: 1, unproven: 2 }));
    expect(result.rows).toMatchObject({ compared: 320, matched: 258 });
    expect(code).toBe(1);
  });

  test('a plugin that searches well, and does not announce it, is believed what it shows and not what it does not', async () => {
    await world.plugin.setQuirks([]);
    const proxy = await world.faultProxy();
    proxy.on(
      { path: /^\/v1\/health$/ },
      answered({ status: 'ok', version: 'modest 1', capabilities: ['propagation'] }),
    );

    const { code, result } = await verify(world);

    expect(listed(result)).toEqual([
      ...allNamed('content', nthOfEach(1, hurt.small, hurt.large)),
      ...allNamed('missing', nthOfEach(0, hurt.small)),
      ...allNamed('unproven', nthOfEach(0, hurt.large)),
    ]);
    expect(result.rows).toMatchObject({ compared: 320, matched: 316 });
    expect(code).toBe(1);
  });
});

test('a plugin that lists at most 50 memories causes no false alarm over rows that words cannot tell apart', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { '👍': { of: 'acme' } } });
  const workspaceId = tree.workspace('acme');
  const alike = await plantTickets(world, 60, { workspaceId, content: 'Nobody waters the plants in August.' });
  await apply(world);
  await world.plugin.setQuirks(['limit-50']);

  const { code, result } = await verify(world, ...ALL);

  // Fifty are listed; that the others are there cannot be shown, nor that they are not.
  expect(listed(result)).toEqual(allNamed('unproven', [...tree.memories, ...alike.slice(0, 10)]));
  expect(result.rows).toMatchObject({ compared: 61, matched: 50 });
  expect(code).toBe(1);
});

test('a plugin whose text search finds nothing, not even what it lists, proves nothing beyond its listing', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const rows = await plantWorkspace(world, 103);
  await apply(world);
  const proxy = await world.faultProxy();
  // What comes after the listing, which is asked for once and then by each of the three kinds, has words to search for.
  proxy.on({ method: 'POST', path: /^\/v1\/search$/, skip: 4 }, answered({ memories: [] }));

  const { code, result } = await verify(world, '--concurrency', '1');

  expect(listed(result)).toEqual(allNamed('unproven', rows.slice(0, 3)));
  expect(code).toBe(1);
});

test('a row that was to be skipped is not called absent where it cannot be looked for: it is counted', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['no-fts'] });
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: {
      'for the root alone to tell': { of: 'child', scope: 'GLOBAL' },
      'a remark': { of: 'child' },
    },
  });
  const namespace = `org:${tree.workspace('root')}`;
  const { id, content } = tree.memory('for the root alone to tell');
  await apply(world);
  await world.plugin.insert({ id, content, namespace });
  for (let told = 0; told < 110; told++) {
    await world.plugin.insert({ id: randomUUID(), content: `An agent said ${told}.`, namespace });
  }

  const { code, result } = await verify(world, '--workspace', tree.workspace('child'));

  expect(result.rows).toMatchObject({
    compared: 1,
    matched: 1,
    skipped: { 'global-from-non-root': 1 },
    absenceUnproven: 1,
    extra: 100,
  });
  expect(result.hunt).toMatchObject({ listed: 3, probed: 0, uncovered: 1, known: 4 });
  expect(result.findings).toEqual(found({}));
  expect(code).toBe(0);
});

function answered(body: object): Fault {
  return {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A child's own rows; and a row that is to be skipped, for which the empty namespaces of its team and org are read. */
async function plantWorkspace(world: World, rows: number): Promise<Rows> {
  const tree = await plantTree(world.sql, {
    workspaces: { root: { status: 'removed' }, child: { parent: 'root' } },
    memories: { 'for the root alone to tell': { of: 'child', scope: 'GLOBAL' } },
  });
  return plantTickets(world, rows, { workspaceId: tree.workspace('child') });
}
