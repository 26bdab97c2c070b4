/** What the platform, its tree and the plugin's users do while a verify is under way is no finding: nothing counts that was seen once. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { SEARCH } from './half-way.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, counted, found, verified } from './verifying.ts';

test('rows that change in the source or the plugin between two looks are matched by the second', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' }, other: {} },
    memories: {
      'copied late': { of: 'child' },
      'put right': { of: 'child' },
      'moved back': { of: 'child', scope: 'TEAM' },
      'edited at both ends': { of: 'child' },
      'deleted at both ends': { of: 'child' },
      'never touched either': { of: 'other', scope: 'TEAM' },
      'let in for a while': { of: 'child', scope: 'GLOBAL' },
      'never touched': { of: 'root' },
    },
  });
  await apply(world);
  const { sql } = world;
  const { edit, remove, insert } = tampering(world);
  const [root, child, other] = [tree.workspace('root'), tree.workspace('child'), tree.workspace('other')];
  const late = tree.memory('copied late');
  const [stored] = (await world.plugin.dump()).memories.filter(({ id }) => id === late.id);
  const letIn = tree.memory('let in for a while');
  const [copy, anotherCopy] = [randomUUID(), randomUUID()];

  // What the first look is to see.
  await remove([late.id]);
  await edit(tree.memory('put right').id, { content: 'put wrong' });
  await edit(tree.memory('moved back').id, { namespace: `org:${root}` });
  await insert({ id: letIn.id, namespace: `org:${root}`, content: letIn.content });
  await insert({ id: copy, namespace: `org:${other}`, content: 'never touched' });
  await insert({ id: anotherCopy, namespace: `workspace:${root}`, content: 'never touched' });

  const proxy = await world.faultProxy();
  const held = (match: object) => {
    const release = Promise.withResolvers<void>();
    return { rule: proxy.on({ ...SEARCH, ...match, times: 1 }, { kind: 'hold', until: release.promise }), ...release };
  };
  // The first search is for all rows; the next one for the child's is the second look, at those with which something was wrong.
  const [firstLook, secondLook] = [held({}), held({ body: new RegExp(`workspace:${child}`) })];
  // The third one for the team's org is asked for what stands there; the second one lists it, since no row belongs there.
  const lookAtStrangers = held({ body: new RegExp(`org:${root}`), skip: 1 });
  const run = world.start(['--verify', ...ALL]);

  await firstLook.rule.firstFired;
  await sql`update agent_memories set content = 'edited' where id = ${tree.memory('edited at both ends').id}`;
  await edit(tree.memory('edited at both ends').id, { content: 'edited' });
  await sql`delete from agent_memories where id = ${tree.memory('deleted at both ends').id}`;
  await remove([tree.memory('deleted at both ends').id]);
  firstLook.resolve();

  await secondLook.rule.firstFired;
  if (stored) await world.plugin.insert(stored);
  await edit(tree.memory('put right').id, { content: 'put right' });
  await edit(tree.memory('moved back').id, { namespace: `team:${root}` });
  secondLook.resolve();

  await lookAtStrangers.rule.firstFired;
  await remove([letIn.id, copy, anotherCopy]);
  lookAtStrangers.resolve();

  const { code, result } = verified(await run.finished);
  expect(result.listed).toEqual([]);
  expect(result.findings).toEqual(found({}));
  expect(result.errors).toEqual([]);
  expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 3 }));
  expect(result.rows).toMatchObject({ compared: 6, matched: 6, vanished: 1, skipped: { 'global-from-non-root': 1 } });
  expect(code).toBe(0);
});

test.each([
  ['was moved as well is no finding', true, 0],
  ['was left where it was is a leak', false, 1],
])(
  'where a workspace is given another parent on the way, its row in the plugin that %s',
  async (_says, along, exit) => {
    await using world = await startWorld({ plugin: 'quirky' });
    const tree = await plantTree(world.sql, {
      workspaces: { old: {}, new: {}, child: { parent: 'old' } },
      memories: { 'to the team': { of: 'child', scope: 'TEAM' }, 'to itself': { of: 'child' } },
    });
    await apply(world);
    const proxy = await world.faultProxy();
    const release = Promise.withResolvers<void>();
    const held = proxy.on({ ...SEARCH, times: 1 }, { kind: 'hold', until: release.promise });
    const run = world.start(['--verify', ...ALL]);

    await held.firstFired;
    await world.sql`update workspaces set parent_id = ${tree.workspace('new')} where id = ${tree.workspace('child')}`;
    const { id } = tree.memory('to the team');
    if (along) await tampering(world).edit(id, { namespace: `team:${tree.workspace('new')}` });
    release.resolve();

    const { code, result, report } = verified(await run.finished);
    expect(report.notices).toMatchObject([expect.stringContaining('it begins anew')]);
    expect(result.findings).toEqual(found({ leak: exit }));
    expect(result.rows).toMatchObject({ compared: 2, matched: 2 - exit });
    expect(code).toBe(exit);
  },
);

test('a row that never stands still could not be checked: neither match nor mismatch', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { 'always another': { of: 'acme' } } });
  await apply(world);
  const { id } = tree.memory('always another');
  const proxy = await world.faultProxy();
  const looks = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const rules = looks.map(({ promise }) =>
    proxy.on({ ...SEARCH, body: /"workspace:/, times: 1 }, { kind: 'hold', until: promise }),
  );
  const run = world.start(['--verify', ...ALL]);

  for (const [look, rule] of rules.entries()) {
    await rule.firstFired;
    await tampering(world).edit(id, { content: `edited ${look}` });
    looks[look]?.resolve();
  }

  const { code, result } = verified(await run.finished);
  expect(result.findings).toEqual(found({}));
  expect(result.errors).toEqual([
    { workspaceId: tree.workspace('acme'), sentence: `Row ${id} was another at each of 4 looks.` },
  ]);
  expect(result.workspaces).toEqual(counted({ sampled: 1, errors: 1 }));
  expect(code).toBe(3);
});
