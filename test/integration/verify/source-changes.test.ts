/** What the platform does to its rows after they were copied, and while they are being compared. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { halfWay } from './half-way.ts';
import { plantBlanks } from './rows.ts';
import { ALL, allNamed, apply, counted, found, named, verify } from './verifying.ts';

describe('after the apply', () => {
  let world: World;
  let tree: Awaited<ReturnType<typeof plantChanging>>;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'reference' });
    tree = await plantChanging(world);
    await apply(world);
  });
  afterAll(() => world.release());

  test.concurrent('a row was edited, one was touched, one was deleted, and one was added', async () => {
    const [edited, touched, deleted] = [tree.memory('edited'), tree.memory('touched'), tree.memory('deleted')];
    await world.sql`update agent_memories set content = 'edited since' where id = ${edited.id}`;
    await world.sql`update agent_memories set updated_at = now() where id = ${touched.id}`;
    await world.sql`delete from agent_memories where id = ${deleted.id}`;
    const { memories } = await plantTree(world.sql, {
      workspaces: {},
      memories: { added: { workspaceId: tree.workspace('diary') } },
    });

    const { code, result } = await verify(world, '--workspace', tree.workspace('diary'));

    // The hunt may come upon what the other test leaves with the old team.
    const ofDiary = result.listed.filter(({ workspaceId }) => workspaceId === tree.workspace('diary'));
    expect(ofDiary.map(named).sort()).toEqual([
      ...allNamed('content', [edited]),
      ...allNamed('fields', [touched]),
      ...allNamed('missing', memories),
    ]);
    expect(result.rows).toMatchObject({ compared: 4, matched: 1, vanished: 0 });
    expect(code).toBe(1);
  });

  test.concurrent('a workspace was given another parent: its TEAM rows are still with the old team, and leak there', async () => {
    const { sql } = world;
    await sql`update workspaces set parent_id = ${tree.workspace('new')} where id = ${tree.workspace('child')}`;

    const { code, result } = await verify(world, '--workspace', tree.workspace('child'));

    expect(result.listed).toMatchObject([
      {
        kind: 'leak',
        id: tree.memory('the child to the team').id,
        namespace: `team:${tree.workspace('new')}`,
        foundIn: `team:${tree.workspace('old')}`,
      },
    ]);
    expect(result.findings).toEqual(found({ leak: 1 }));
    expect(result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
    expect(result.rows).toMatchObject({ compared: 2, matched: 1 });
    expect(code).toBe(1);
  });
});

const plantChanging = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { diary: {}, old: {}, new: {}, child: { parent: 'old' } },
    memories: {
      edited: { of: 'diary' },
      touched: { of: 'diary' },
      deleted: { of: 'diary' },
      untouched: { of: 'diary' },
      'the child to itself': { of: 'child' },
      'the child to the team': { of: 'child', scope: 'TEAM' },
    },
  });

test('a row that is deleted while the run is under way is counted as vanished, and is no finding', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { kept: { of: 'acme' }, deleted: { of: 'acme', createdAt: '2030-01-01 00:00:00+00' } },
  });
  // Between the two, so many rows that the last one is read when the first has been compared.
  await plantBlanks(world, 5_600, tree.workspace('acme'));
  await apply(world);

  const run = await halfWay(world, ALL);
  await world.sql`delete from agent_memories where id = ${tree.memory('deleted').id}`;
  const { code, result } = await run.goOn();

  expect(result.rows).toMatchObject({ compared: 1, matched: 1, vanished: 1, skipped: { 'empty-content': 5_600 } });
  expect(result.workspaces).toEqual(counted({ sampled: 1, matches: 1 }));
  expect(code).toBe(0);
});
