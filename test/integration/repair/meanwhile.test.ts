/** What has happened between the verify and the repair: each memory is held against what is there now, and not against the report. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { holdBeforeCommit } from '../apply/held.ts';
import { apply } from '../verify/verifying.ts';
import { holdings, left, mended, plantCopy, provenanceOf, type Scene, startScene, withResult } from './repairing.ts';

const MEMORIES = {
  'apples are in the cellar': { of: 'sales' },
  'bread is baked on fridays': { of: 'sales' },
  'cheese comes from the valley': { of: 'sales' },
  'dates are out of stock': { of: 'sales' },
} as const;

async function copied({ world }: Scene) {
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, beta: {} },
    memories: MEMORIES,
  });
  await apply(world, '--no-ledger');
  return tree;
}

test('what is right by now is left alone, and what differs in another way than the verify saw is left and named', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await copied(scene);
  const [apples, bread, cheese, dates] = tree.memories.map(({ id }) => id);
  const team = `team:${tree.workspace('acme')}`;
  if (!apples || !bread || !cheese || !dates) throw new Error('A row is missing.');
  await tamper.edit(apples, { content: 'apples are gone' });
  await tamper.edit(bread, { content: 'bread is gone' });
  await tamper.edit(cheese, { kind: 'summary' });
  await tamper.remove([dates]);
  await scene.verify();
  await tamper.edit(apples, { content: 'apples are in the cellar' });
  await tamper.remove([bread]);
  await tamper.edit(cheese, { content: 'cheese as a user wants it' });
  await tamper.insert({ id: dates, namespace: team, content: 'dates are here' });
  const before = await holdings(world);

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended({ already: 1 }), left({ changed: 3 })]);
  expect(result.listed.map(({ id, outcome, sentence }) => [id, outcome, sentence])).toEqual([
    [apples, 'already', 'is as planned'],
    [bread, 'left', 'is not there any more'],
    [cheese, 'left', 'differs by now in another way: content'],
    [dates, 'left', `is in ${team} by now`],
  ]);
  expect(report.traffic.commitMemory).toBeUndefined();
  expect(await holdings(world)).toEqual(before);
});

test('a row that was edited, or whose workspace has moved, is sent as it is now to where it belongs now', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, beta: {}, sales: { parent: 'acme' } },
    memories: { edited: { of: 'sales' }, shared: { of: 'sales', scope: 'TEAM' } },
  });
  await apply(world, '--no-ledger');
  await tamper.remove(tree.memories.map(({ id }) => id));
  await scene.verify();
  await world.sql`update agent_memories set content = 'edited since', updated_at = now() where content = 'edited'`;
  await world.sql`update workspaces set parent_id = ${tree.workspace('beta')} where id = ${tree.workspace('sales')}`;

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ sent: 2 }));
  expect(await holdings(world)).toEqual([
    `team:${tree.workspace('beta')}: shared`,
    `workspace:${tree.workspace('sales')}: edited since`,
  ]);
});

test('what happens while it is under way is seen, too: each memory is looked at, and read, when its turn has come', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await copied(scene);
  const [apples, bread, cheese, dates] = tree.memories;
  if (!apples || !bread || !cheese || !dates) throw new Error('A row is missing.');
  await tamper.remove([apples.id, bread.id, cheese.id]);
  await tamper.edit(dates.id, { content: 'dates were damaged' });
  const hold = await holdBeforeCommit(world, 1);
  await scene.verify();
  const running = world.start(scene.flags());
  await hold.reached();
  const own = `workspace:${tree.workspace('sales')}`;
  await tamper.insert({ id: bread.id, namespace: own, content: 'bread as a user wants it' });
  await world.sql`update agent_memories set content = 'cheese is made here', updated_at = now() where id = ${cheese.id}`;
  await tamper.edit(dates.id, { content: dates.content });
  await hold.release();

  const { report, result } = withResult(await running.finished);

  expect(report.exitCode).toBe(1);
  expect(result.listed.map(({ id, outcome }) => [id, outcome])).toEqual([
    [apples.id, 'sent'],
    [bread.id, 'left'],
    [cheese.id, 'sent'],
    [dates.id, 'already'],
  ]);
  expect(result.left).toEqual(left({ changed: 1 }));
  expect(await holdings(world)).toEqual([
    `${own}: apples are in the cellar`,
    `${own}: bread as a user wants it`,
    `${own}: cheese is made here`,
    `${own}: dates are out of stock`,
  ]);
});

test('of rows that are gone from the source, a copy that proves itself a leak is taken away; what cannot is left', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await copied(scene);
  const [apples, bread, cheese] = tree.memories;
  if (!apples || !bread || !cheese) throw new Error('A row is missing.');
  const team = `team:${tree.workspace('acme')}`;
  await plantCopy(scene, apples, 'LOCAL', team);
  await plantCopy(scene, { ...apples, content: 'figs were in season' }, 'LOCAL', team);
  await tamper.edit(bread.id, { namespace: team, propagation: {} });
  await tamper.remove([cheese.id]);
  await scene.verify();
  await world.sql`delete from agent_memories where id = any(${[apples.id, bread.id, cheese.id]}::uuid[])`;

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended({ forgotten: 2, already: 1 }), left({ gone: 1 })]);
  expect(await holdings(world)).toEqual([
    `${team}: bread is baked on fridays`,
    `workspace:${tree.workspace('sales')}: apples are in the cellar`,
    `workspace:${tree.workspace('sales')}: dates are out of stock`,
  ]);
});

test('a row that is to be skipped by now is taken from where it had leaked to, and left where it was to be written', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, beta: {} },
    memories: {
      leaking: { of: 'sales', scope: 'TEAM' },
      changed: { of: 'sales', scope: 'TEAM' },
      back: { of: 'sales', scope: 'TEAM' },
    },
  });
  await apply(world, '--no-ledger');
  const team = `team:${tree.workspace('acme')}`;
  await tamper.edit(tree.memory('leaking').id, { namespace: `workspace:${tree.workspace('beta')}` });
  await tamper.edit(tree.memory('changed').id, { content: 'changed indeed' });
  await tamper.remove([tree.memory('back').id]);
  await scene.verify();
  await tamper.insert({ ...tree.memory('back'), namespace: team });
  await world.sql`update workspaces set status = 'removed' where id = ${tree.workspace('sales')}`;

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended({ forgotten: 1 }), left({ changed: 2 })]);
  expect(await holdings(world)).toEqual([`${team}: back`, `${team}: changed indeed`]);
});

test('a copy that does not prove itself a leak of that row any more is left, and the id of another row is never one', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, beta: {} },
    memories: {
      'ducks are in the pond': { of: 'sales' },
      'eels are in the river': { of: 'sales', scope: 'TEAM' },
      'frogs are in the well': { of: 'sales' },
      'geese are on the lawn': { of: 'sales' },
    },
  });
  await apply(world, '--no-ledger');
  const [ducks, eels, frogs, geese] = tree.memories;
  if (!ducks || !eels || !frogs || !geese) throw new Error('A row is missing.');
  const beta = `workspace:${tree.workspace('beta')}`;
  const [ofDucks, ofEels, ofFrogs] = [
    await plantCopy(scene, ducks, 'LOCAL', beta),
    await plantCopy(scene, eels, 'TEAM', beta),
    await plantCopy(scene, frogs, 'LOCAL', beta),
  ];
  const { report: verified, result: found } = await scene.verify();
  expect(found.findings).toMatchObject({ leak: 3 });
  // Somebody writes over one, of another workspace; one is of a row that is gone, and its workspace with it.
  const backfill = provenanceOf(tree.workspace('acme'), 'LOCAL', null);
  await tamper.edit(ofDucks, { propagation: { backfill } });
  await world.sql`delete from agent_memories where id = ${eels.id}`;
  await world.sql`update workspaces set status = 'removed' where id = ${tree.workspace('sales')}`;
  // And the report takes the row's own memory for the copy of another.
  await tamper.edit(geese.id, { namespace: beta });
  const listed = found.listed.map((finding) =>
    finding.foundAs === ofFrogs ? { ...finding, foundAs: geese.id } : finding,
  );
  await scene.keep({ ...verified, result: { ...found, listed } });
  const before = await holdings(world);

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended(), left({ changed: 3 })]);
  expect(result.listed.map(({ foundAs }) => foundAs).sort()).toEqual([ofDucks, ofEels, geese.id].sort());
  expect(await holdings(world)).toEqual(before);
});

test('the leaks are mended first, and rows are sent oldest first, in whatever order the report has them', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { tamper } = scene;
  const tree = await copied(scene);
  const [apples, bread, cheese, dates] = tree.memories.map(({ id }) => id);
  if (!apples || !bread || !cheese || !dates) throw new Error('A row is missing.');
  await tamper.remove([apples, bread, cheese]);
  await tamper.edit(dates, { namespace: `team:${tree.workspace('acme')}` });
  const { report: verified, result: found } = await scene.verify();
  const by = new Map(found.listed.map((finding) => [finding.id, finding]));
  const listed = [bread, dates, cheese, apples].flatMap((id) => by.get(id) ?? []);
  await scene.keep({ ...verified, result: { ...found, listed } });

  const { result } = await scene.repair();

  expect(result.listed.map(({ id }) => id)).toEqual([dates, apples, bread, cheese]);
  expect(result.mended).toEqual(mended({ moved: 1, sent: 3 }));
});
