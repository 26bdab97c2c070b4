/** Who may write where and who may read what: the table of the platform row by row, and the laws that hold in any forest. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RunError } from '../../../src/model/errors.ts';
import { type Namespace, SCOPES, type Scope, type Workspace } from '../../../src/model/memory.ts';
import { type Resolver, teamLevelNeeded, treeResolver } from '../../../src/plan/resolver.ts';
import { anyForest, anyPolicy, chain, decidedPolicy, oneLevelForest, removed, resolverOf, workspace } from './trees.ts';

const names = (namespaces: readonly Namespace[]) => namespaces.map(({ name }) => name);

describe('in a tree of one level', () => {
  const resolver = resolverOf([workspace('acme'), workspace('sales', 'acme'), workspace('support', 'acme')]);

  test.each<[Scope, string, Namespace]>([
    ['LOCAL', 'sales', { name: 'workspace:sales', kind: 'workspace' }],
    ['LOCAL', 'acme', { name: 'workspace:acme', kind: 'workspace' }],
    ['TEAM', 'sales', { name: 'team:acme', kind: 'team' }],
    ['TEAM', 'acme', { name: 'team:acme', kind: 'team' }],
    ['GLOBAL', 'acme', { name: 'org:acme', kind: 'org' }],
  ])('a %s row of %s goes to its namespace and kind', (scope, id, expected) => {
    expect(resolver.writable(id, scope)).toEqual(expected);
  });

  test('a GLOBAL row of a workspace that is not the root has no target: only roots may write to an org', () => {
    expect(resolver.writable('sales', 'GLOBAL')).toBe('global-from-non-root');
  });

  test('a workspace reads its own namespace, its team and its org, in this order', () => {
    expect(resolver.readable('sales')).toEqual([
      { name: 'workspace:sales', kind: 'workspace' },
      { name: 'team:acme', kind: 'team' },
      { name: 'org:acme', kind: 'org' },
    ]);
    expect(names(resolver.readable('acme'))).toEqual(['workspace:acme', 'team:acme', 'org:acme']);
  });

  test('nothing is undecided', () => {
    expect(resolver.undecided()).toEqual([]);
  });
});

describe('the readers of a namespace', () => {
  const workspaces = [
    workspace('acme'),
    workspace('sales', 'acme'),
    removed('gone', 'acme'),
    workspace('emea', 'sales'),
    workspace('orphan', 'ghost'),
    workspace('dog', 'tail'),
    workspace('tail', 'dog'),
    workspace('other'),
  ];

  test.each<[string, string[]]>([
    ['workspace:sales', ['sales']],
    ['team:acme', ['acme', 'sales', 'gone']],
    ['org:acme', ['acme', 'sales', 'gone', 'emea']],
    ['team:sales', ['emea']],
    ['team:ghost', ['orphan']],
    ['org:ghost', ['orphan']],
    ['workspace:dog', ['dog']],
    ['team:tail', []],
    ['org:other', ['other']],
  ])('%s are %j: with removed ones, without those below a circle', (name, expected) => {
    expect(resolverOf(workspaces, { teamLevel: 'parent' }).readers(name)).toEqual(new Set(expected));
  });

  test('follow the team level', () => {
    const resolver = resolverOf(workspaces, { teamLevel: 'root' });
    expect(resolver.readers('team:acme')).toEqual(new Set(['acme', 'sales', 'gone', 'emea']));
    expect(resolver.readers('team:sales')).toEqual(new Set());
  });

  test.each(['', 'acme', 'team:', 'custom:acme', 'TEAM:acme', 'constructor'])('of %j, there are none', (name) => {
    expect(resolverOf(workspaces).readers(name)).toEqual(new Set());
  });
});

describe('a workspace that does not exist', () => {
  const resolver = resolverOf([workspace('acme')]);

  test.each(SCOPES)('takes no %s row, whether it is NULL or dangling', (scope) => {
    expect(resolver.writable(null, scope)).toBe('no-workspace');
    expect(resolver.writable('ghost', scope)).toBe('no-workspace');
  });

  test('is not known, reads nothing, and is no reader of anything', () => {
    expect(resolver.knows('ghost')).toBe(false);
    expect(resolver.readable('ghost')).toEqual([]);
    expect(resolver.readers('workspace:ghost')).toEqual(new Set());
    expect(resolver.knows('acme')).toBe(true);
  });
});

describe.each<[string, string, Workspace[]]>([
  ['a workspace that is its own parent', 'a', [workspace('a', 'a')]],
  ['a circle of two', 'a', [workspace('a', 'b'), workspace('b', 'a')]],
  ['a circle of two, from its other side', 'b', [workspace('a', 'b'), workspace('b', 'a')]],
  ['a workspace below a circle', 'below', [workspace('a', 'b'), workspace('b', 'a'), workspace('below', 'b')]],
  [
    'a workspace two levels below a circle',
    'deep',
    [workspace('deep', 'below'), workspace('below', 'a'), workspace('a', 'a')],
  ],
])('%s', (_, id, workspaces) => {
  const resolver = resolverOf(workspaces);

  test('has no team and no org to write to', () => {
    expect(resolver.writable(id, 'TEAM')).toBe('workspace-cycle');
    expect(resolver.writable(id, 'GLOBAL')).toBe('workspace-cycle');
  });

  test('keeps its LOCAL rows, which need no parent', () => {
    expect(resolver.writable(id, 'LOCAL')).toEqual({ name: `workspace:${id}`, kind: 'workspace' });
  });

  test('reads its own namespace alone', () => {
    expect(names(resolver.readable(id))).toEqual([`workspace:${id}`]);
  });

  test('is no case for --team-level, and none is needed for it', () => {
    expect(resolver.undecided()).toEqual([]);
    expect(resolverOf(workspaces, { teamLevel: 'root' }).writable(id, 'TEAM')).toBe('workspace-cycle');
  });
});

test('a circle is still a circle for a removed workspace: the reason that no flag can lift comes first', () => {
  expect(resolverOf([removed('a', 'a')]).writable('a', 'TEAM')).toBe('workspace-cycle');
});

test('a circle in one tree does not touch another', () => {
  const resolver = resolverOf([workspace('a', 'a'), workspace('acme'), workspace('sales', 'acme')]);
  expect(resolver.writable('a', 'TEAM')).toBe('workspace-cycle');
  expect(resolver.writable('sales', 'TEAM')).toEqual({ name: 'team:acme', kind: 'team' });
});

describe('a parent that is not in the table counts as a root that nobody sees', () => {
  const resolver = resolverOf([workspace('orphan', 'ghost'), workspace('grandchild', 'orphan')]);

  test('its child writes to its team and not to its org, and reads both', () => {
    expect(resolver.writable('orphan', 'TEAM')).toEqual({ name: 'team:ghost', kind: 'team' });
    expect(resolver.writable('orphan', 'GLOBAL')).toBe('global-from-non-root');
    expect(names(resolver.readable('orphan'))).toEqual(['workspace:orphan', 'team:ghost', 'org:ghost']);
  });

  test('its grandchild is two levels down, so that its team is undecided', () => {
    expect(resolver.undecided()).toEqual(['grandchild']);
    expect(names(resolver.readable('grandchild'))).toEqual(['workspace:grandchild', 'team:orphan', 'org:ghost']);
  });
});

describe('two levels and more below the root, where parent and root differ', () => {
  const workspaces = [
    workspace('acme'),
    workspace('sales', 'acme'),
    workspace('emea', 'sales'),
    workspace('uk', 'emea'),
  ];

  test('without a team level a TEAM row is an error of configuration, not a guess', () => {
    const resolver = resolverOf(workspaces);
    expect(() => resolver.writable('emea', 'TEAM')).toThrow(teamLevelNeeded());
    expect(() => resolver.writable('uk', 'TEAM')).toThrow(RunError);
  });

  test('without a team level all other rows have their place', () => {
    const resolver = resolverOf(workspaces);
    expect(resolver.writable('emea', 'LOCAL')).toEqual({ name: 'workspace:emea', kind: 'workspace' });
    expect(resolver.writable('emea', 'GLOBAL')).toBe('global-from-non-root');
    expect(resolver.writable('sales', 'TEAM')).toEqual({ name: 'team:acme', kind: 'team' });
  });

  test('with the parent as team level the team is the parent', () => {
    const resolver = resolverOf(workspaces, { teamLevel: 'parent' });
    expect(resolver.writable('uk', 'TEAM')).toEqual({ name: 'team:emea', kind: 'team' });
    expect(names(resolver.readable('uk'))).toEqual(['workspace:uk', 'team:emea', 'org:acme']);
  });

  test('with the root as team level the team is the whole tree', () => {
    const resolver = resolverOf(workspaces, { teamLevel: 'root' });
    expect(resolver.writable('uk', 'TEAM')).toEqual({ name: 'team:acme', kind: 'team' });
    expect(names(resolver.readable('uk'))).toEqual(['workspace:uk', 'team:acme', 'org:acme']);
  });

  test('the undecided are those two or more levels down, and nobody once the team level is said', () => {
    expect(resolverOf(workspaces).undecided()).toEqual(['emea', 'uk']);
    expect(resolverOf(workspaces, { teamLevel: 'parent' }).undecided()).toEqual([]);
    expect(resolverOf(workspaces, { teamLevel: 'root' }).undecided()).toEqual([]);
  });

  test('a removed workspace whose TEAM rows are skipped anyway is not undecided; one whose rows are copied is', () => {
    const withRemoved = [workspace('acme'), workspace('sales', 'acme'), removed('emea', 'sales')];
    expect(resolverOf(withRemoved, { removedWorkspaces: 'skip' }).undecided()).toEqual([]);
    expect(resolverOf(withRemoved, { removedWorkspaces: 'skip' }).writable('emea', 'TEAM')).toBe('workspace-removed');
    expect(resolverOf(withRemoved, { removedWorkspaces: 'copy' }).undecided()).toEqual(['emea']);
    expect(() => resolverOf(withRemoved, { removedWorkspaces: 'copy' }).writable('emea', 'TEAM')).toThrow(RunError);
  });
});

describe('a removed workspace', () => {
  const workspaces = [removed('acme'), removed('sales', 'acme'), workspace('support', 'acme')];

  test('keeps its LOCAL rows under either policy', () => {
    const own = { name: 'workspace:sales', kind: 'workspace' };
    expect(resolverOf(workspaces, { removedWorkspaces: 'skip' }).writable('sales', 'LOCAL')).toEqual(own);
    expect(resolverOf(workspaces, { removedWorkspaces: 'copy' }).writable('sales', 'LOCAL')).toEqual(own);
  });

  test('shows its TEAM and GLOBAL rows to nobody unless they are to be copied', () => {
    const skipping = resolverOf(workspaces, { removedWorkspaces: 'skip' });
    expect(skipping.writable('sales', 'TEAM')).toBe('workspace-removed');
    expect(skipping.writable('acme', 'GLOBAL')).toBe('workspace-removed');

    const copying = resolverOf(workspaces, { removedWorkspaces: 'copy' });
    expect(copying.writable('sales', 'TEAM')).toEqual({ name: 'team:acme', kind: 'team' });
    expect(copying.writable('acme', 'GLOBAL')).toEqual({ name: 'org:acme', kind: 'org' });
  });

  test('that is no root may not write to an org, whatever the policy', () => {
    expect(resolverOf(workspaces, { removedWorkspaces: 'skip' }).writable('sales', 'GLOBAL')).toBe(
      'global-from-non-root',
    );
    expect(resolverOf(workspaces, { removedWorkspaces: 'copy' }).writable('sales', 'GLOBAL')).toBe(
      'global-from-non-root',
    );
  });

  test('reads what it read before, and takes nothing from its siblings', () => {
    const resolver = resolverOf(workspaces);
    expect(names(resolver.readable('sales'))).toEqual(['workspace:sales', 'team:acme', 'org:acme']);
    expect(resolver.writable('support', 'TEAM')).toEqual({ name: 'team:acme', kind: 'team' });
  });
});

describe('the error that asks for --team-level', () => {
  test.each([
    [undefined, 'A TEAM row belongs to a workspace two or more levels below its root, '],
    [1, '1 TEAM row belongs to a workspace two or more levels below its root, '],
    [2, '2 TEAM rows belong to a workspace two or more levels below its root, '],
  ])('says how many rows it is about (%s)', (rows, beginning) => {
    const error = teamLevelNeeded(rows);
    expect(error.code).toBe('configuration');
    expect(error.message).toBe(
      `${beginning}where "the team" may be its parent's or the root's: say which with --team-level parent or --team-level root.`,
    );
  });
});

describe('a tree of 100,000 levels', { timeout: 30_000 }, () => {
  const DEPTH = 100_000;
  const workspaces = chain(DEPTH);
  const deepest = `w${DEPTH - 1}`;

  test('neither overflows nor hangs, asked from the bottom for every workspace', () => {
    const resolver = resolverOf(workspaces, { teamLevel: 'root' });
    expect(names(resolver.readable(deepest))).toEqual([`workspace:${deepest}`, 'team:w0', 'org:w0']);
    const teams = new Set(workspaces.map(({ id }) => resolver.readable(id)[1]?.name));
    expect(teams).toEqual(new Set(['team:w0']));
  });

  test('tells the readers of every namespace', () => {
    const resolver = resolverOf(workspaces, { teamLevel: 'parent' });
    expect(resolver.readers('org:w0').size).toBe(DEPTH);
    const ofTeams = workspaces.map(({ id }) => resolver.readers(`team:${id}`).size);
    expect(ofTeams).toEqual([2, ...Array(DEPTH - 2).fill(1), 0]);
  });

  test('names all of its undecided workspaces in one go', () => {
    expect(resolverOf(workspaces).undecided()).toHaveLength(DEPTH - 2);
  });

  test('is refused as a circle where its root hangs below its deepest workspace', () => {
    const circle = [workspace('w0', deepest), ...workspaces.slice(1)];
    const resolver = resolverOf(circle);
    expect(resolver.writable(deepest, 'TEAM')).toBe('workspace-cycle');
    expect(circle.every(({ id }) => resolver.readable(id).length === 1)).toBe(true);
  });
});

describe('in any forest', () => {
  test('whatever a workspace may write to, it reads', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        for (const { id } of forest) {
          const written = SCOPES.map((scope) => answerOf(resolver, id, scope)).filter((to) => typeof to === 'object');
          expect(resolver.readable(id)).toEqual(expect.arrayContaining(written));
        }
      }),
    );
  });

  test('a workspace reads no namespace twice: its own alone below a circle, three elsewhere, none if it does not exist', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        for (const { id } of forest) {
          const read = names(resolver.readable(id));
          expect(new Set(read).size).toBe(read.length);
          expect(read).toHaveLength(climbingEnds(forest, id) ? 3 : 1);
        }
        expect(resolver.readable('ghost')).toEqual([]);
      }),
    );
  });

  test('TEAM and GLOBAL rows are refused for a circle exactly where climbing from parent to parent never ends', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        for (const { id } of forest) {
          const endless = !climbingEnds(forest, id);
          expect(answerOf(resolver, id, 'TEAM') === 'workspace-cycle').toBe(endless);
          expect(answerOf(resolver, id, 'GLOBAL') === 'workspace-cycle').toBe(endless);
        }
      }),
    );
  });

  test('no LOCAL row leaves its own workspace, and no other workspace reads it', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        for (const { id } of forest) {
          const own = { name: `workspace:${id}`, kind: 'workspace' };
          expect(resolver.writable(id, 'LOCAL')).toEqual(own);
          const readers = forest.filter((other) => names(resolver.readable(other.id)).includes(own.name));
          expect(readers.map((reader) => reader.id)).toEqual([id]);
        }
      }),
    );
  });

  test('the readers of a namespace are those who can read it, and nobody else', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        const kinds = ['workspace', 'team', 'org', 'custom'];
        const ids = [...forest.map(({ id }) => id), 'ghost'];
        for (const name of kinds.flatMap((kind) => ids.map((id) => `${kind}:${id}`))) {
          const reading = forest.filter(({ id }) => names(resolver.readable(id)).includes(name));
          expect(resolver.readers(name)).toEqual(new Set(reading.map(({ id }) => id)));
        }
      }),
    );
  });

  test('a TEAM row throws for exactly the undecided workspaces', () => {
    fc.assert(
      fc.property(anyForest, anyPolicy, (forest, policy) => {
        const resolver = treeResolver(forest, policy);
        const throwing = forest.filter(({ id }) => answerOf(resolver, id, 'TEAM') === 'throws').map(({ id }) => id);
        expect(resolver.undecided()).toEqual(throwing);
      }),
    );
  });

  test('nothing depends on the order in which the workspaces are listed, or are asked for', () => {
    const shuffled = anyForest.chain((forest) =>
      fc.tuple(fc.constant(forest), fc.shuffledSubarray(forest, { minLength: forest.length })),
    );
    fc.assert(
      fc.property(shuffled, anyPolicy, ([forest, other], policy) => {
        const [one, two] = [treeResolver(forest, policy), treeResolver(other, policy)];
        // Each is asked in its own order, since what it learns on the way is remembered.
        const answers = (resolver: Resolver, order: readonly Workspace[]) =>
          Object.fromEntries(
            order.map(({ id }) => [
              id,
              { reads: resolver.readable(id), writes: SCOPES.map((scope) => answerOf(resolver, id, scope)) },
            ]),
          );
        expect(answers(two, other)).toEqual(answers(one, forest));
        expect([...two.undecided()].sort()).toEqual([...one.undecided()].sort());
      }),
    );
  });
});

test('in any forest of one level siblings read the same team, and it is their root’s', () => {
  fc.assert(
    fc.property(oneLevelForest, decidedPolicy, (forest, policy) => {
      const resolver = treeResolver(forest, policy);
      for (const { id, parentId } of forest) {
        expect(names(resolver.readable(id)).slice(1)).toEqual([`team:${parentId ?? id}`, `org:${parentId ?? id}`]);
      }
    }),
  );
});

function answerOf(resolver: Resolver, id: string, scope: Scope) {
  try {
    return resolver.writable(id, scope);
  } catch (error) {
    expect(error).toBeInstanceOf(RunError);
    return 'throws';
  }
}

/** Whether a root, or a parent that is not in the table, is reached within as many steps as there are workspaces. */
function climbingEnds(forest: readonly Workspace[], id: string): boolean {
  let at = forest.find((each) => each.id === id);
  for (let steps = 0; steps <= forest.length; steps++) {
    if (!at) return true;
    const { parentId } = at;
    at = forest.find((each) => each.id === parentId);
  }
  return false;
}
