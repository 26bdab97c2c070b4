/**
 * Rows are looked for where they do not belong: in a namespace that can be listed whole nothing escapes, in a fuller one every row is
 * looked for by its words, and how much of the plugin was covered is told apart from the verdict on the rows.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, counted, found, verify, verifyAccepting } from './verifying.ts';

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  let tree: Tree<'alpha' | 'child' | 'beta' | 'crowd', 'the safe is opened by turning it left' | 'of the team'>;
  /** Of the safe's text, under an id of its own, older than all that the crowd's namespace lists. */
  const copy = randomUUID();

  beforeAll(async () => {
    world = await startWorld({ plugin });
    tree = await plantTree(world.sql, {
      workspaces: { alpha: {}, child: { parent: 'alpha' }, beta: {}, crowd: {} },
      memories: {
        'the safe is opened by turning it left': { of: 'child' },
        'of the team': { of: 'child', scope: 'TEAM' },
      },
    });
    const namespace = `workspace:${tree.workspace('crowd')}`;
    await tampering(world).insert({ id: copy, namespace, content: secret().content });
    await plantTickets(world, 110, { workspaceId: tree.workspace('crowd') });
    await apply(world);
  });
  afterAll(() => world.release());

  const secret = () => tree.memory('the safe is opened by turning it left');

  test('a copy among more memories than are listed, in another tenant’s namespace, is found by its words', async () => {
    const runs = [await verify(world, ...ALL), await verify(world, '--workspace', tree.workspace('child'))];

    for (const { code, result } of runs) {
      expect(result.listed).toMatchObject([
        {
          kind: 'leak',
          id: secret().id,
          foundAs: copy,
          foundIn: `workspace:${tree.workspace('crowd')}`,
          namespace: `workspace:${tree.workspace('child')}`,
          evidence: 'text',
        },
      ]);
      expect(result.findings).toEqual(found({ leak: 1 }));
      expect(result.hunt).toMatchObject({ listed: 9, probed: 1, uncovered: 0, known: 10, finished: true });
      expect(code).toBe(1);
    }
    const [all, one] = runs;
    // Who reads it, and whose it is.
    expect(all?.result.workspaces).toEqual(counted({ sampled: 4, matches: 2, empty: 2, mismatches: 2 }));
    expect(all?.result.hunt.rows).toEqual({ probed: 2, unsearchable: 0 });
    expect(one?.result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
  });

  test('what is known by its text alone passes where the operator accepts it by its id', async () => {
    const { code, result } = await verifyAccepting(world, [copy], ...ALL);

    expect(result).toMatchObject({ accepted: [copy], acceptedFindings: 1, findings: found({}) });
    expect(result.workspaces).toEqual(counted({ sampled: 4, matches: 4, empty: 2 }));
    expect(code).toBe(0);
  });

  test('a row that stands in another tenant’s namespace is found from both sides, and is no missing one', async () => {
    const { id } = tree.memory('of the team');
    const foundIn = `org:${tree.workspace('beta')}`;
    await tampering(world).edit(id, { namespace: foundIn });

    const leak = {
      kind: 'leak',
      id,
      foundAs: null,
      foundIn,
      namespace: `team:${tree.workspace('alpha')}`,
      evidence: 'id',
    };
    for (const asked of [
      ALL,
      ['--workspace', tree.workspace('alpha')],
      ['--workspace', tree.workspace('beta'), '--allow-empty'],
    ]) {
      const { code, result } = await verifyAccepting(world, [copy], ...asked);

      expect(result.listed).toEqual([expect.objectContaining(leak)]);
      expect(result.workspaces.mismatches).toBe(result.workspaces.sampled === 1 ? 1 : 3);
      expect(code).toBe(1);
    }
  });
});

test('where text search proves nothing the hunt is not called complete, and the rows are matched all the same', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['no-fts'] });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, crowd: {} },
    memories: { 'a remark': { of: 'acme' } },
  });
  const namespace = `workspace:${tree.workspace('crowd')}`;
  for (let told = 0; told < 110; told++) {
    await world.plugin.insert({ id: randomUUID(), namespace, content: `An agent said ${told}.` });
  }
  // Without a single row in the source that would have to be there.
  const { id, content } = tree.memory('a remark');
  await world.plugin.insert({ id, namespace: `workspace:${tree.workspace('acme')}`, content, kind: 'fact' });

  const { code, result } = await verify(world, ...ALL);

  expect(result.hunt).toMatchObject({ listed: 5, probed: 0, uncovered: 1, known: 6, finished: true });
  expect(result.hunt.rows).toEqual({ probed: 0, unsearchable: 0 });
  expect(result.findings).toEqual(found({ fields: 1 }));
  expect(code).toBe(1);
});
