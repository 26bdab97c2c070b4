/** What a verify comes across outside of what it was asked about: never a false alarm, and never an all-clear for what was not asked. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { halfWay, SEARCH } from './half-way.ts';
import { plantBlanks, plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, verify } from './verifying.ts';

const two = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { acme: {}, other: {} },
    memories: { 'of acme and nobody else': { of: 'acme' }, 'the rival opens at nine': { of: 'other' } },
  });

test('a row that was lost elsewhere, and said again there, is no duplicate for a verify of somebody else', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await two(world);
  await apply(world);
  const { id, content } = tree.memory('the rival opens at nine');
  const namespace = `workspace:${tree.workspace('other')}`;
  await tampering(world).remove([id]);
  await tampering(world).insert({ id: randomUUID(), namespace, content });

  const { code, result } = await verify(world, '--workspace', tree.workspace('acme'));

  expect(result.listed).toEqual([]);
  expect(code).toBe(0);
});

test('a hunt that could not ask for a listing, or for words, is incomplete: exit 3', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await two(world);
  await plantTickets(world, 105, { workspaceId: tree.workspace('other') });
  await apply(world);
  const refused = { kind: 'answer', status: 400, headers: {}, body: 'no' } as const;

  (await world.faultProxy()).on({ ...SEARCH, body: new RegExp(tree.workspace('other')) }, refused);
  const unlisted = await verify(world, '--workspace', tree.workspace('acme'));
  (await world.faultProxy()).on({ ...SEARCH, body: /nobody/ }, refused);
  const unprobed = await verify(world, ...ALL);

  for (const { code, result } of [unlisted, unprobed]) {
    expect(result.findings).toMatchObject({ leak: 0, missing: 0, unproven: 0 });
    expect(result.errors).toMatchObject([{ workspaceId: null }]);
    expect(code).toBe(3);
  }
  expect(unlisted.result.hunt.uncovered).toBe(3);
});

test('a workspace whose namespace has shown a leak is no match where the run is cut off before that was traced', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { read: {}, 'cut off': {}, 'not reached': {} },
    memories: { first: { of: 'read' }, last: { of: 'not reached' }, 'very last': { of: 'not reached' } },
  });
  await apply(world);
  await plantBlanks(world, 2_100, tree.workspace('cut off'));
  const shown = `workspace:${tree.workspace('read')}`;
  await tampering(world).edit(tree.memory('last').id, { namespace: shown });

  const run = await halfWay(world, ALL, { namespace: `workspace:${tree.workspace('not reached')}` });
  run.child.kill('SIGINT');
  const { result } = await run.giveUp();

  expect(result.workspaces.matches).toBe(0);
});
