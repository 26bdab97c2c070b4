/**
 * Which workspaces are compared, and what it means where there was nothing to compare. Nothing is ever copied here, so that
 * each row that is compared is missing, and tells by its workspace that this one was drawn.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { ALL, counted, found, type Verified, verify, verifyInText } from './verifying.ts';

let world: World;
let tree: Awaited<ReturnType<typeof plantWorkspaces>>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky', shape: { foreignKey: false } });
  tree = await plantWorkspaces(world);
});
afterAll(() => world.release());

const plantWorkspaces = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: {
      ada: {},
      ben: { status: 'paused' },
      cleo: { status: 'failed' },
      dan: { status: null },
      eve: { status: null },
      finn: { status: 'removed' },
      gwen: { status: 'removed' },
      hermit: {},
    },
    memories: {
      'of ada': { of: 'ada' },
      'of ben': { of: 'ben' },
      'of cleo': { of: 'cleo' },
      'of dan': { of: 'dan' },
      'of eve': { of: 'eve' },
      'of finn': { of: 'finn' },
      'of gwen': { of: 'gwen' },
    },
  });
type Name = Parameters<(typeof tree)['workspace']>[0];

/** The workspaces that were compared, by name. */
function compared({ result }: Verified): Name[] {
  const names = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gwen'] as const;
  return names.filter((name) => result.listed.some(({ workspaceId }) => workspaceId === tree.workspace(name)));
}

describe('a sample', () => {
  test.concurrent('of 50, the default, leaves removed workspaces out and keeps those without a status in', async () => {
    const run = await verify(world);

    expect(compared(run)).toEqual(['ada', 'ben', 'cleo', 'dan', 'eve']);
    expect(run.result).toMatchObject({ asked: { sample: 50 }, population: 6 });
    expect(run.result.workspaces).toEqual(counted({ sampled: 6, matches: 1, empty: 1, mismatches: 5 }));
  });

  test.concurrent('of all has the removed workspaces in it, and is not drawn by lot', async () => {
    const run = await verify(world, ...ALL);

    expect(compared(run)).toEqual(['ada', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gwen']);
    expect(run.result).toMatchObject({ asked: { sample: 'all' }, population: 8, seed: null });
    expect(run.result.workspaces).toEqual(counted({ sampled: 8, matches: 1, empty: 1, mismatches: 7 }));
  });

  test.concurrent('is the same again with the same seed, and another one with another', async () => {
    const drawn = (seed: string) => verify(world, '--verify-sample', '3', '--seed', seed);
    const [spring, springAgain, autumn] = await Promise.all([drawn('spring'), drawn('spring'), drawn('autumn')]);

    expect(spring).toMatchObject({ result: { seed: 'spring', population: 6, workspaces: { sampled: 3 } } });
    expect(compared(springAgain)).toEqual(compared(spring));
    expect(compared(autumn)).not.toEqual(compared(spring));
  });

  test.concurrent('holds every smaller one that the same seed draws', async () => {
    const drawn = (size: number) => verify(world, '--verify-sample', String(size), '--seed', 'summer');
    const [two, four] = await Promise.all([drawn(2), drawn(4)]);

    const ids = ({ result }: Verified) => result.judged.map(({ id }) => id);
    expect([ids(two).length, ids(four).length]).toEqual([2, 4]);
    expect(ids(four)).toEqual(expect.arrayContaining(ids(two)));
  });

  test.concurrent('without a seed prints the one that it was drawn with', async () => {
    const first = await verify(world, '--verify-sample', '3');
    const seed = first.result.seed ?? '';
    const [again, inText] = await Promise.all([
      verify(world, '--verify-sample', '3', '--seed', seed),
      verifyInText(world, ['--verify-sample', '3', '--seed', seed]),
    ]);

    expect(seed).toMatch(/^[0-9a-f]{8}$/);
    expect(compared(again)).toEqual(compared(first));
    expect(inText.stdout).toContain('3 of 6 workspaces drawn by lot');
    expect(inText.stdout).toContain(`--seed ${seed} draws the same sample again.`);
  });
});

describe('--workspace takes exactly that one:', () => {
  test.concurrent('one of many', async () => {
    const run = await verify(world, '--workspace', tree.workspace('cleo'));

    expect(compared(run)).toEqual(['cleo']);
    expect(run.result).toMatchObject({ asked: { workspace: tree.workspace('cleo') }, seed: null });
    expect(run.result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
  });

  test.concurrent('a removed one, too', async () => {
    const run = await verify(world, '--workspace', tree.workspace('finn').toUpperCase());

    expect(compared(run)).toEqual(['finn']);
    expect(run.result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
  });

  test.concurrent('one that is not in the table but has rows can read no namespace: a mismatch', async () => {
    const dangling = memory({ workspaceId: 'dddddddd-0000-4000-8000-000000000001' });
    await insertMemories(world.sql, [dangling]);

    const { code, result } = await verify(world, '--workspace', 'dddddddd-0000-4000-8000-000000000001');

    expect(result.listed).toMatchObject([
      {
        kind: 'missing',
        id: dangling.id,
        namespace: null,
        sentence: 'belongs to a workspace that can read no namespace',
      },
    ]);
    expect(result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
    expect(code).toBe(1);
  });
});

describe('nothing was verified, which fails unless --allow-empty,', () => {
  test.concurrent.each<[what: string, flags: () => string[], sampled: number]>([
    ['in a sample of none', () => ['--verify-sample', '0'], 0],
    ['in a workspace without rows', () => ['--workspace', tree.workspace('hermit')], 1],
    ['in a workspace that does not exist', () => ['--workspace', 'eeeeeeee-0000-4000-8000-000000000001'], 1],
  ])('%s', async (_what, flags, sampled) => {
    const [refused, allowed] = await Promise.all([
      verify(world, ...flags()),
      verify(world, ...flags(), '--allow-empty'),
    ]);

    for (const { result } of [refused, allowed]) {
      expect(result.workspaces).toEqual(counted({ sampled, matches: sampled, empty: sampled }));
      expect(result.rows.compared).toBe(0);
      expect(result.findings).toEqual(found({}));
    }
    expect([refused.code, allowed.code]).toEqual([1, 0]);
  });
});
