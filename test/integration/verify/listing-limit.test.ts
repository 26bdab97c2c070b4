/**
 * A search lists at most 100 memories and has no second page. That must cost neither a false alarm nor a false all-clear:
 * what lies beyond the listing is looked for by its words, and what words cannot settle is said to be unproven.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { nthOfEach, plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, apply, counted, found, listed, verify } from './verifying.ts';

const SIZES = [99, 100, 101, 250, 600] as const;

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  test(`namespaces of ${SIZES.join(', ')} memories are equal until they are not, and then every loss is found`, async () => {
    await using world = await startWorld({ plugin });
    const namespaces: Array<readonly LegacyRow[]> = [];
    for (const size of SIZES) {
      const tree = await plantTree(world.sql, { workspaces: { acme: {} } });
      namespaces.push(await plantTickets(world, size, { workspaceId: tree.workspace('acme') }));
    }
    await apply(world);

    const before = await verify(world, ...ALL);
    expect(before.result.rows).toMatchObject({ compared: 1_150, matched: 1_150 });
    expect(before.result.workspaces).toEqual(counted({ sampled: 5, matches: 5 }));
    expect([before.result.findings, before.code]).toEqual([found({}), 0]);

    // The oldest are the first to fall off a listing.
    const oldest = nthOfEach(0, ...namespaces);
    const second = nthOfEach(1, ...namespaces);
    const third = nthOfEach(2, ...namespaces);
    const { remove, edit } = tampering(world);
    await remove(oldest.map(({ id }) => id));
    for (const { id, content } of second) await edit(id, { content: `${content} Edited since.` });
    for (const { id } of third) await edit(id, { content: 'Not one word is as it was.' });

    const after = await verify(world, ...ALL);
    // Beyond a listing, a memory that has none of its words left cannot be told from one that is gone.
    const [known, gone] = [third.slice(0, 3), third.slice(3)];
    expect(listed(after.result)).toEqual(
      [...allNamed('missing', [...oldest, ...gone]), ...allNamed('content', [...second, ...known])].sort(),
    );
    expect(after.result.workspaces).toEqual(counted({ sampled: 5, mismatches: 5 }));
    expect(after.result.rows).toMatchObject({ compared: 1_150, matched: 1_135 });
    expect(after.code).toBe(1);
  });
});

describe.each(PLUGINS)('with the %s plugin, in namespaces of more than 100 memories', (plugin) => {
  let world: World;
  let trees: Awaited<ReturnType<typeof plantAll>>;
  beforeAll(async () => {
    world = await startWorld({ plugin });
    trees = await plantAll(world);
    await apply(world);
  });
  afterAll(() => world.release());

  test.concurrent('rows without a word to search for are unproven, whether they are there or not', async () => {
    const wordless = trees.wordless.memories;

    const there = await verify(world, '--workspace', trees.wordless.workspace('acme'));
    await tampering(world).remove(wordless.map(({ id }) => id));
    const gone = await verify(world, '--workspace', trees.wordless.workspace('acme'));

    for (const { code, result } of [there, gone]) {
      expect(listed(result)).toEqual(allNamed('unproven', wordless));
      expect(result.workspaces).toEqual(counted({ sampled: 1, unproven: 1 }));
      expect(result.rows).toMatchObject({ compared: 150, matched: 147 });
      expect(code).toBe(1);
    }
  });

  test.concurrent('more rows with the same words than a search shows are unproven, but for those that it shows', async () => {
    const { code, result } = await verify(world, '--workspace', trees.identical.workspace('acme'));

    expect(listed(result)).toEqual(allNamed('unproven', trees.identicalRows.slice(0, 20)));
    expect(result.rows).toMatchObject({ compared: 150, matched: 130 });
    expect(code).toBe(1);
  });

  test.concurrent('fewer rows with the same words are told apart by their ids', async () => {
    const lost = trees.alikeRows.slice(7, 9);

    const before = await verify(world, '--workspace', trees.alike.workspace('acme'));
    await tampering(world).remove(lost.map(({ id }) => id));
    const after = await verify(world, '--workspace', trees.alike.workspace('acme'));

    expect(before.result.rows).toMatchObject({ compared: 150, matched: 150 });
    expect(before.code).toBe(0);
    expect(listed(after.result)).toEqual(allNamed('missing', lost));
    expect(after.result.rows).toMatchObject({ compared: 150, matched: 148 });
    expect(after.code).toBe(1);
  });

  test.concurrent('memories of other kinds that agents have added do not hide the copied ones', async () => {
    const namespace = `workspace:${trees.busy.workspace('acme')}`;
    const lost = trees.busy.memories.slice(0, 1);
    await tampering(world).remove(lost.map(({ id }) => id));
    for (let added = 0; added < 90; added++) {
      await tampering(world).insert({ id: randomUUID(), namespace, content: `Summary ${added}.`, kind: 'summary' });
    }

    const { code, result } = await verify(world, '--workspace', trees.busy.workspace('acme'));

    expect(listed(result)).toEqual(allNamed('missing', lost));
    expect(result.rows).toMatchObject({ compared: 90, matched: 89 });
    expect(code).toBe(1);
  });

  test.concurrent('rows that an index cuts up in its own way are found, or unproven, and never called missing', async () => {
    const { result } = await verify(world, '--workspace', trees.odd.workspace('acme'));

    const alarms = result.listed.filter(({ kind }) => kind !== 'unproven').map(({ id }) => id);
    expect(trees.odd.memories.filter(({ id }) => alarms.includes(id)).map(({ content }) => content)).toEqual([]);
    expect(result.rows.compared).toBe(150);
  });

  test.concurrent('a row that was to be skipped is found even where it is older than all that is listed', async () => {
    const { code, result } = await verify(world, '--workspace', trees.leaked.workspace('child'));

    expect(listed(result)).toEqual(allNamed('leak', [trees.leaked.memory('for the root alone to tell')]));
    expect(result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
    expect(code).toBe(1);
  });

  test.concurrent('rows that went astray are found even where they are older than all that is listed', async () => {
    const secret = trees.astray.memory('a private remark of the child');
    const shared = trees.astray.memory('something for the whole team');
    const [team, org] = [`team:${trees.astray.workspace('root')}`, `org:${trees.astray.workspace('root')}`];
    await tampering(world).edit(secret.id, { namespace: team });
    await tampering(world).edit(shared.id, { namespace: org });

    const { code, result } = await verify(world, '--workspace', trees.astray.workspace('child'));

    expect(result.listed).toMatchObject([
      { kind: 'leak', id: secret.id, foundIn: team },
      { kind: 'misplaced', id: shared.id, foundIn: org },
    ]);
    expect(result.hunt.rows).toEqual({ probed: 2, unsearchable: 0 });
    expect(code).toBe(1);
  });
});

/** Trees whose oldest rows, the ones with a name, fall off the listing of their namespace. */
async function plantAll(world: World) {
  const { sql } = world;
  const wordless = await plantTree(sql, {
    workspaces: { acme: {} },
    memories: { 'it is what it is': { of: 'acme' }, '🤷🏽‍♀️ 👍': { of: 'acme' }, '?!… — (#)': { of: 'acme' } },
  });
  await plantTickets(world, 147, { workspaceId: wordless.workspace('acme') });

  const identical = await plantTree(sql, { workspaces: { acme: {} } });
  const content = 'Nobody waters the plants in August.';
  const identicalRows = await plantTickets(world, 120, { workspaceId: identical.workspace('acme'), content });
  await plantTickets(world, 30, { workspaceId: identical.workspace('acme') });

  const alike = await plantTree(sql, { workspaces: { acme: {} } });
  const alikeRows = await plantTickets(world, 40, { workspaceId: alike.workspace('acme'), content });
  await plantTickets(world, 110, { workspaceId: alike.workspace('acme') });

  const busy = await plantTree(sql, {
    workspaces: { acme: {} },
    memories: { 'not now': { of: 'acme' }, '🚀': { of: 'acme' } },
  });
  await plantTickets(world, 88, { workspaceId: busy.workspace('acme') });

  const odd = await plantTree(sql, {
    workspaces: { acme: {} },
    memories: Object.fromEntries(ODD_TEXTS.map((text) => [text, { of: 'acme' as const }])),
  });
  await plantTickets(world, 150 - ODD_TEXTS.length, { workspaceId: odd.workspace('acme') });

  const leaked = await plantTree(sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: { 'for the root alone to tell': { of: 'child', scope: 'GLOBAL' }, 'a remark': { of: 'child' } },
  });
  const { id, content: told } = leaked.memory('for the root alone to tell');
  await tampering(world).insert({ id, content: told, namespace: `org:${leaked.workspace('root')}` });
  await plantTickets(world, 149, { workspaceId: leaked.workspace('root'), scope: 'GLOBAL' });

  const astray = await plantTree(sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: {
      'a private remark of the child': { of: 'child' },
      'something for the whole team': { of: 'child', scope: 'TEAM' },
    },
  });
  await plantTickets(world, 149, { workspaceId: astray.workspace('root'), scope: 'TEAM' });
  await plantTickets(world, 149, { workspaceId: astray.workspace('root'), scope: 'GLOBAL' });

  return { wordless, identical, identicalRows, alike, alikeRows, busy, odd, leaked, astray };
}

/** Words of which some indexes make something else, or nothing: mark-up, addresses, words that run on, signs. */
const ODD_TEXTS = [
  '<script> const answer = nothing useful here </script> was pasted into the form',
  'The banner <img alt="three important words" src="x.png"> was removed',
  'Hidden <!-- an internal remark of somebody --> in the visible text',
  'If a <b then c> d while the counter grows',
  'Look at https://example.com/a/b?c=d and at /var/log/messages first',
  'AT&T &amp; partners &copy; right since 1999-12-31T23:59:59Z',
  'Zürich\u00a0and\u2003Genève\u200bjoined\u2028over two lines',
  '“Never say never,” said O’Brien — naïve, café, ﬁnancial, soft\u00adware',
  'हिन्दी में लिखा गया पाठ; ภาษาไทย; 日本語テキスト; Ⅻ ①②; ١٢٣',
  'İstanbul, ISPARTA and ΣΊΣΥΦΟΣ were spelt in capitals',
  'e-mail me: first.last+tag@example.co.uk, or call +49-30-123456',
  'snake_case, kebab-case, camelCase, v1.2.3, 1e10, 0x7f, 50%, #4711, $HOME',
];
