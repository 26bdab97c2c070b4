/** What stands beside the copied rows: memories of siblings and of agents are nobody's mistake, and stand in for nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { tampering } from './tampering.ts';
import { allNamed, apply, counted, found, listed, verify, verifyAccepting } from './verifying.ts';

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  let family: Awaited<ReturnType<typeof plantFamily>>;
  let twins: Awaited<ReturnType<typeof plantTwins>>;
  let cycle: Awaited<ReturnType<typeof plantCycle>>;
  beforeAll(async () => {
    world = await startWorld({ plugin });
    [family, twins, cycle] = [await plantFamily(world), await plantTwins(world), await plantCycle(world)];
    await apply(world);
  });
  afterAll(() => world.release());

  // One after the other: a verify of one workspace comes upon what leaks from the others.
  test('rows of siblings, and memories that agents have written since, are fine', async () => {
    const [root, left] = [family.workspace('root'), family.workspace('left')];
    const { insert } = tampering(world);
    for (const namespace of [`workspace:${left}`, `team:${root}`, `org:${root}`]) {
      await insert({ id: randomUUID(), namespace, content: 'said by an agent since' });
    }
    // The same words as a row of its own team's, where nobody else reads them.
    for (const namespace of [`workspace:${left}`, `org:${root}`]) {
      await insert({ id: randomUUID(), namespace, content: 'left to the team' });
    }

    const { code, result } = await verify(world, '--workspace', left);

    expect(result.findings).toEqual(found({}));
    expect(result.workspaces).toEqual(counted({ sampled: 1, matches: 1 }));
    // Its own, and all that stands beside it in the namespaces that it reads.
    expect(result.rows).toMatchObject({ compared: 5, matched: 5, extra: 5 });
    expect(code).toBe(0);
  });

  test('a cycle in the tree costs TEAM and GLOBAL rows only: the LOCAL ones are compared', async () => {
    const lost = cycle.memory('the egg to itself');
    await tampering(world).remove([lost.id]);

    const [hen, egg] = await Promise.all([
      verify(world, '--workspace', cycle.workspace('hen')),
      verify(world, '--workspace', cycle.workspace('egg')),
    ]);

    expect(hen.result.workspaces).toEqual(counted({ sampled: 1, matches: 1 }));
    expect(hen.result.rows).toMatchObject({ compared: 1, matched: 1, skipped: { 'workspace-cycle': 2 } });
    expect(listed(egg.result)).toEqual(allNamed('missing', [lost]));
    expect(egg.result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
    expect([hen.code, egg.code]).toEqual([0, 1]);
  });

  test('one memory too many with the text of a row in its own namespace is a duplicate, known by its text alone', async () => {
    const team = `team:${family.workspace('root')}`;
    const said = family.memory('left to the team');
    const copy = { id: randomUUID(), namespace: team, content: said.content };
    await tampering(world).insert(copy);

    const noticed = await verify(world, '--workspace', family.workspace('right'));
    const accepted = await verifyAccepting(world, [copy.id], '--workspace', family.workspace('right'));
    await tampering(world).remove([copy.id]);

    const sentence = `is there again as ${copy.id}: its text is 2 times in ${team}, and 1 times in the source`;
    const finding = { kind: 'duplicate', id: said.id, foundAs: copy.id, foundIn: team, evidence: 'text', sentence };
    expect(noticed.result.listed).toEqual([expect.objectContaining(finding)]);
    expect(noticed.result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
    expect(accepted.result.listed).toEqual([]);
    expect(accepted.result.workspaces).toEqual(counted({ sampled: 1, matches: 1, empty: 0 }));
    expect(accepted.result).toMatchObject({ accepted: [copy.id], acceptedFindings: 1 });
    expect([noticed.code, accepted.code]).toEqual([1, 0]);
  });

  test('a lost row is not made up for by other memories with its text, and those are no copies too many', async () => {
    const lost = twins.memory('first');
    await tampering(world).remove([lost.id]);
    const namespace = `workspace:${twins.workspace('acme')}`;
    await tampering(world).insert({ id: randomUUID(), namespace, content: lost.content });

    const { code, result } = await verify(world, '--workspace', twins.workspace('acme'));

    expect(listed(result)).toEqual(allNamed('missing', [lost]));
    expect(result.rows).toMatchObject({ compared: 2, matched: 1 });
    expect(code).toBe(1);
  });
});

const plantFamily = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { root: {}, left: { parent: 'root' }, right: { parent: 'root' } },
    memories: {
      'the root to the team': { of: 'root', scope: 'TEAM' },
      'left to the team': { of: 'left', scope: 'TEAM' },
      'right to the team': { of: 'right', scope: 'TEAM' },
      'the root to the org': { of: 'root', scope: 'GLOBAL' },
      'left to itself': { of: 'left' },
    },
  });

const plantTwins = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { acme: {} },
    memories: { first: { of: 'acme', content: 'said twice' }, second: { of: 'acme', content: 'said twice' } },
  });

const plantCycle = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { hen: { parent: 'egg' }, egg: { parent: 'hen' } },
    memories: {
      'the hen to itself': { of: 'hen' },
      'the hen to the team': { of: 'hen', scope: 'TEAM' },
      'the hen to everybody': { of: 'hen', scope: 'GLOBAL' },
      'the egg to itself': { of: 'egg' },
    },
  });
