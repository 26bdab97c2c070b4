/**
 * Plugins whose answers look like more than they are: cut where nobody expects it, or silent on a part of what was asked. What they hide
 * is found by other ways, or said not to be proven; it never passes for absent.
 */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantTickets } from './rows.ts';
import { ALL, allNamed, apply, copiedTree, counted, found, listed, verified, verify } from './verifying.ts';

/** Before everything that a test copies. */
const LONG_AGO = '2020-01-01T00:00:00Z';

test('rows that share their words are not called missing by a plugin that shows fewer of what it finds than of what it lists', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, { workspaces: { acme: {} } });
  const workspaceId = tree.workspace('acme');
  const alike = await plantTickets(world, 30, { workspaceId, content: 'Nobody waters the plants in August.' });
  await plantTickets(world, 100, { workspaceId });
  await apply(world);
  await world.plugin.setQuirks(['query-limit-10']);

  const { code, result } = await verify(world, ...ALL);

  // Ten of them are shown, and that the others are absent cannot be told.
  expect(listed(result)).toEqual(allNamed('unproven', alike.slice(0, 20)));
  expect(result.rows).toMatchObject({ compared: 130, matched: 110 });
  expect(code).toBe(1);
});

test('and neither copies nor leaks are called absent by it, where its answers have no room for them', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, crowd: {} },
    memories: { 'waters the plants in August': { of: 'acme' } },
  });
  const workspaceId = tree.workspace('crowd');
  await plantTickets(world, 110, { workspaceId });
  // Every search for words of it ranks it before the other text.
  const content = 'Nobody waters the plants in August, plants in August, plants in August.';
  await plantTickets(world, 12, { workspaceId, content });
  await apply(world);
  const namespace = `workspace:${workspaceId}`;
  await world.plugin.insert({ namespace, content, created_at: LONG_AGO });
  await world.plugin.insert({ namespace, content: 'waters the plants in August', created_at: LONG_AGO });
  await world.plugin.setQuirks(['query-limit-10']);

  const { result } = await verify(world, ...ALL);

  expect(result.findings).toEqual(found({}));
  expect(result.hunt.rows).toEqual({ probed: 0, unsearchable: 1 });
  expect(result.rows).toMatchObject({ matched: 123, copiesUnseen: 12 });
});

test('nor is a row counted as looked for in the full namespaces where one of them has no room in its answers, and another has', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, crowd: {}, other: {} },
    memories: { 'waters the plants in August': { of: 'acme' } },
  });
  await plantTickets(world, 110, { workspaceId: tree.workspace('crowd') });
  await plantTickets(world, 110, { workspaceId: tree.workspace('other') });
  const content = 'Nobody waters the plants in August, plants in August, plants in August.';
  await plantTickets(world, 12, { workspaceId: tree.workspace('crowd'), content });
  await apply(world);
  await world.plugin.setQuirks(['query-limit-10']);

  const { result } = await verify(world, ...ALL);

  expect(result.hunt).toMatchObject({ probed: 2, uncovered: 0, rows: { probed: 232, unsearchable: 1 } });
});

test('an id that stands twice in a namespace is a duplicate, with the same content or another, listed or beyond the listing', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {}, crowd: {} },
    memories: {
      'a twin of itself': { of: 'acme' },
      'an odd twin, which says something else': { of: 'acme' },
      'without a double': { of: 'acme' },
      'the oldest twin of the crowd': { of: 'crowd' },
      'the oldest odd twin of the crowd': { of: 'crowd' },
    },
  });
  await plantTickets(world, 110, { workspaceId: tree.workspace('crowd') });
  await apply(world);
  await world.plugin.setQuirks(['twins']);

  const { code, result } = await verify(world, ...ALL);

  const twins = tree.memories.filter(({ content }) => content.includes('twin'));
  expect(listed(result)).toEqual(allNamed('duplicate', twins));
  for (const finding of result.listed) {
    expect(finding).toMatchObject({ foundAs: null, foundIn: finding.namespace, evidence: 'id' });
    expect(finding.sentence).toContain('is shown more than once in workspace:');
    expect(finding.next).toContain('Have all but one of them removed');
  }
  expect(result.rows).toMatchObject({ compared: 115, matched: 111 });
  expect(code).toBe(1);
});

test('a twin of what is nothing of the source is looked at like any other memory: it may be a leak', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {}, rival: {}, empty: {} },
    memories: { 'the odd another twin knows the safe': { of: 'acme' }, 'a remark': { of: 'rival' } },
  });
  for (const name of ['rival', 'empty'] as const) {
    const namespace = `workspace:${tree.workspace(name)}`;
    await world.plugin.insert({ namespace, content: 'the odd twin knows the safe' });
  }
  await world.plugin.setQuirks(['twins']);

  const { result } = await verify(world, ...ALL);

  expect(result.findings).toEqual(found({ leak: 2, duplicate: 1 }));
});

test('a plugin that overlooks all but the first namespaces of a request hides neither rows nor leaks in the others', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['first-10-namespaces'] });
  const names = Array.from({ length: 25 }, (_, index) => `w${index}` as const);
  const tree = await copiedTree(world, {
    workspaces: Object.fromEntries(names.map((name) => [name, {}])),
    memories: Object.fromEntries(names.map((name) => [`a remark of ${name}`, { of: name }])),
  });

  const clean = await verify(world, ...ALL);
  expect(clean.result.workspaces).toEqual(counted({ sampled: 25, matches: 25 }));
  expect(clean.result.hunt).toMatchObject({ listed: 75, probed: 0, uncovered: 0, known: 75 });
  expect(clean.code).toBe(0);

  const secret = tree.memory('a remark of w3');
  const copies = names.slice(0, 24).map((name) => ({ id: randomUUID(), namespace: `org:${tree.workspace(name)}` }));
  for (const { id, namespace } of copies.filter(({ namespace }) => !namespace.includes(secret.workspaceId ?? ''))) {
    await world.plugin.insert({ id, namespace, content: secret.content });
  }

  const { code, result } = await verify(world, ...ALL);

  expect(result.findings).toEqual(found({ leak: 23 }));
  expect(code).toBe(1);
});

test('nor does one that overlooks all but the last namespace of a request, where nothing is expected in the others', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['last-namespace'] });
  const tree = await copiedTree(world, {
    workspaces: { acme: {}, rival: {} },
    memories: { 'the safe is opened by turning it left': { of: 'acme' } },
  });
  const { content } = tree.memory('the safe is opened by turning it left');
  await world.plugin.insert({ namespace: `org:${tree.workspace('rival')}`, content });

  const { code, result } = await verify(world, ...ALL);

  expect(result.findings).toEqual(found({ leak: 1 }));
  expect(result.hunt).toMatchObject({ listed: 6, uncovered: 0 });
  expect(code).toBe(1);
});

for (const quirk of ['first-10-namespaces', 'last-namespace'] as const)
  test(`nor does it hide a leak where rows have to be looked for by their words (${quirk})`, async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const names = Array.from({ length: 12 }, (_, index) => `crowd${index}`);
    const tree = await copiedTree(world, {
      workspaces: Object.fromEntries(['acme', ...names].map((name) => [name, {}])),
      memories: { 'the safe is opened by turning it left': { of: 'acme' } },
    });
    const { content } = tree.memory('the safe is opened by turning it left');
    for (const name of names) {
      const namespace = `workspace:${tree.workspace(name)}`;
      await world.plugin.insert({ namespace, content, created_at: LONG_AGO });
      await insertRemarks(world, namespace, 101);
    }
    await world.plugin.setQuirks([quirk]);

    const { code, result } = await verify(world, ...ALL);

    expect(result.findings).toEqual(found({ leak: 12 }));
    expect(result.hunt).toMatchObject({ probed: 12, uncovered: 0 });
    expect(code).toBe(1);
  });

test('a plugin that shares its limit out among the namespaces of a request hides no leak in those that fill their share', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['shares-limit'] });
  const names = Array.from({ length: 60 }, (_, index) => `w${index}`);
  const tree = await plantTree(world.sql, {
    workspaces: Object.fromEntries(['acme', 'crowd', ...names].map((name) => [name, {}])),
  });
  // It shows that an answer of a hundred is no rarity, so that one of sixty does not count as full.
  await plantTickets(world, 110, { workspaceId: tree.workspace('crowd') });
  const [secret] = await plantTickets(world, 1, { workspaceId: tree.workspace('acme') });
  for (const name of names) await plantTickets(world, 1, { workspaceId: tree.workspace(name) });
  await apply(world);
  const namespace = `workspace:${tree.workspace('w3')}`;
  await world.plugin.insert({ namespace, content: secret?.content ?? '', created_at: LONG_AGO });

  const { code, result } = await verify(world, ...ALL);

  expect(result.listed).toMatchObject([{ kind: 'leak', id: secret?.id, foundIn: namespace }]);
  expect(result.rows).toMatchObject({ compared: 171, matched: 171 });
  expect(code).toBe(1);
});

test('a plugin that picks kinds from what it would have listed does not make a full namespace look whole', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {}, crowd: {} },
    memories: { 'the safe is opened by turning it left': { of: 'acme' } },
  });
  const namespace = `workspace:${tree.workspace('crowd')}`;
  const { content } = tree.memory('the safe is opened by turning it left');
  await world.plugin.insert({ namespace, content, created_at: LONG_AGO });
  await insertRemarks(world, namespace, 60);
  await insertRemarks(world, namespace, 60, 'summary');
  await world.plugin.setQuirks(['kinds-late']);

  const { code, result } = await verify(world, ...ALL);

  expect(result.listed).toMatchObject([{ kind: 'leak', foundIn: namespace, evidence: 'text' }]);
  expect(result.hunt).toMatchObject({ probed: 1, uncovered: 0 });
  expect(code).toBe(1);
});

for (const { quirk, does, crowd } of [
  { quirk: 'limit-10', does: 'lists fewer memories than anybody expects', crowd: 12 },
  { quirk: 'limit-early', does: 'lists of a namespace what is among the newest of all', crowd: 130 },
] as const)
  test(`a plugin that ${does} hides no leak behind the listings that look whole, once it has hidden a row there`, async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const tree = await plantTree(world.sql, { workspaces: { acme: {}, rival: {}, crowd: {} } });
    const [secret] = await plantTickets(world, 9, { workspaceId: tree.workspace('acme') });
    const namespace = `workspace:${tree.workspace('rival')}`;
    await plantTickets(world, 10, { workspaceId: tree.workspace('rival') });
    await plantTickets(world, crowd, { workspaceId: tree.workspace('crowd') });
    await apply(world);
    await world.plugin.setQuirks([quirk]);

    const clean = await verify(world, ...ALL);

    expect(clean.result.findings).toEqual(found({}));
    expect(clean.result.rows).toMatchObject({ compared: 19 + crowd, matched: 19 + crowd });
    // Of the teams and orgs, which hold nothing, that cannot be told any more.
    expect(clean.result.hunt).toMatchObject({ listed: 0, probed: 3, uncovered: 6, known: 9 });
    expect(clean.stderr).toContain('takes no listing for complete');
    expect(clean.code).toBe(0);

    await world.plugin.insert({ namespace, content: secret?.content ?? '', created_at: LONG_AGO });

    const { code, result } = await verify(world, ...ALL);

    expect(result.listed).toMatchObject([{ kind: 'leak', id: secret?.id, foundIn: namespace }]);
    expect(code).toBe(1);
  });

test('a row that is written between a listing and the search for its words costs the listings no credit', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {} },
    memories: { 'the safe is opened by turning it left': { of: 'acme' } },
  });
  const { id } = tree.memory('the safe is opened by turning it left');
  const written = (await world.contents()).memories;
  await world.plugin.remove([id]);
  const proxy = await world.faultProxy();
  const until = Promise.withResolvers<void>();
  const search = { method: 'POST', path: /^\/v1\/search$/, body: /"query":/, times: 1 };
  const asked = proxy.on(search, { kind: 'hold', until: until.promise });

  const running = world.start(['--verify', ...ALL]);
  await asked.firstFired;
  for (const memory of written) await world.plugin.insert(memory);
  until.resolve();
  const { code, result, stderr } = verified(await running.finished);

  expect(result.rows).toMatchObject({ compared: 1, matched: 1 });
  expect(result.hunt).toMatchObject({ listed: 3, uncovered: 0, known: 3 });
  expect(stderr).not.toContain('begins anew');
  expect(code).toBe(0);
});

test('that a copy is one too many is an error where nobody can say whether the row is in its place', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {}, other: {} },
    memories: { 'said twice': { of: 'acme' }, 'said once': { of: 'other' } },
  });
  const namespace = `workspace:${tree.workspace('acme')}`;
  await world.plugin.insert({ namespace, content: 'said twice' });
  const proxy = await world.faultProxy();
  // Rows are judged many namespaces at a time; only whoever asks after the one row asks for its namespace alone.
  proxy.on(
    { method: 'POST', path: /^\/v1\/search$/, body: new RegExp(`"namespaces":\\["${namespace}"\\]`) },
    { kind: 'answer', status: 400, headers: { 'content-type': 'application/json' }, body: '{}' },
  );

  const { code, result } = await verify(world, ...ALL);

  expect(result.errors).toMatchObject([{ workspaceId: tree.workspace('acme') }]);
  expect(result.workspaces).toEqual(counted({ sampled: 2, matches: 1, errors: 1 }));
  expect(code).toBe(3);
});

async function insertRemarks(
  world: World<QuirkyPlugin>,
  namespace: string,
  count: number,
  kind: 'fact' | 'summary' = 'fact',
) {
  for (let told = 0; told < count; told++) {
    await world.plugin.insert({ namespace, content: `An agent remarked number ${told} on ${kind}.`, kind });
  }
}
