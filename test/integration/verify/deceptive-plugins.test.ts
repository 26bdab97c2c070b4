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
import { ALL, allNamed, apply, copiedTree, counted, found, listed, verify } from './verifying.ts';

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

test('nor does it hide a leak where rows have to be looked for by their words', async () => {
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
  await world.plugin.setQuirks(['first-10-namespaces']);

  const { code, result } = await verify(world, ...ALL);

  expect(result.findings).toEqual(found({ leak: 12 }));
  expect(result.hunt).toMatchObject({ probed: 12, uncovered: 0 });
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
