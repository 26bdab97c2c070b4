/** What the operator lets pass, by number, by name or not at all: the findings stay the same, and the exit code follows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, apply, counted, found, listed, verify, verifyAccepting, verifyInText } from './verifying.ts';

let world: World;
let tree: Tree<'root' | 'child', 'it is what it is' | '👍' | 'only a root may tell this'>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: {
      'it is what it is': { of: 'root' },
      '👍': { of: 'root' },
      'only a root may tell this': { of: 'child', scope: 'GLOBAL' },
    },
  });
  // They push the first two off the listing, and no word finds those.
  await plantTickets(world, 105, { workspaceId: tree.workspace('root') });
  await apply(world);
});
afterAll(() => world.release());

const wordless = () => [tree.memory('it is what it is'), tree.memory('👍')];

test('unproven rows fail, unless so many are let pass', async () => {
  const allowing = (rows: string) => verify(world, ...ALL, '--allow-unproven', rows);
  const runs = [await verify(world, ...ALL), await allowing('1'), await allowing('2')];

  for (const { result } of runs) {
    expect(listed(result)).toEqual(allNamed('unproven', wordless()));
    expect(result.workspaces).toEqual(counted({ sampled: 2, matches: 1, unproven: 1 }));
    expect(result.rows).toMatchObject({ compared: 107, matched: 105 });
  }
  expect(runs.map(({ result: { allowUnproven }, code }) => [allowUnproven, code])).toEqual([
    [null, 1],
    [1, 1],
    [2, 0],
  ]);
});

test('an unproven row can be accepted by its id: it is skipped then', async () => {
  const [first] = wordless();
  const { code, result } = await verifyAccepting(world, [first?.id ?? ''], ...ALL, '--allow-unproven', '1');

  expect(listed(result)).toEqual(allNamed('unproven', wordless().slice(1)));
  expect(result).toMatchObject({ accepted: [first?.id], rows: { skipped: { accepted: 1 } } });
  expect(code).toBe(0);
});

test('skipped rows pass, unless none is to', async () => {
  const child = ['--workspace', tree.workspace('child'), '--allow-empty'];
  const [lenient, strict] = [await verify(world, ...child), await verify(world, ...child, '--fail-on-skipped')];
  const without = await verify(
    world,
    '--workspace',
    tree.workspace('root'),
    '--fail-on-skipped',
    '--allow-unproven',
    '2',
  );

  for (const { result } of [lenient, strict]) {
    expect(result.rows.skipped).toMatchObject({ 'global-from-non-root': 1 });
    expect(result.findings).toEqual(found({}));
    expect(result.workspaces).toEqual(counted({ sampled: 1, matches: 1 }));
  }
  expect([lenient.code, strict.code, without.code]).toEqual([0, 1, 0]);
  expect((await verifyInText(world, [...child, '--fail-on-skipped'])).stdout).toContain('NOT EQUAL');
});

test('no number of unproven rows lets a difference pass', async () => {
  const [lost] = await plantTickets(world, 1, { workspaceId: tree.workspace('child') });
  await apply(world);
  await tampering(world).remove([lost?.id ?? '']);

  const { code, result } = await verify(world, ...ALL, '--allow-unproven', '1000');

  expect(result.findings).toEqual(found({ missing: 1, unproven: 2 }));
  expect(code).toBe(1);
});
