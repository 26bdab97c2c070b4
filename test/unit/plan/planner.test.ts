/** What becomes of a row: a write with everything that is sent, or a skip with the first reason that holds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LegacyRow, type Planned, SKIP_REASONS } from '../../../src/model/memory.ts';
import { type Carried, type Policy, placeOf, planRow } from '../../../src/plan/planner.ts';
import { type Resolver, treeResolver } from '../../../src/plan/resolver.ts';
import { anyForest, decidedPolicy, removed, resolverOf, row, workspace } from './trees.ts';

const NOTHING: Carried = { propagation: false, embedding: false };
const resolver = resolverOf([
  workspace('acme'),
  workspace('sales', 'acme'),
  removed('gone', 'acme'),
  removed('fallen'),
  workspace('dog', 'tail'),
  workspace('tail', 'dog'),
]);

const policyOf = (carried: Carried): Policy => ({ carried, accepted: new Map(), runId: 'run-1' });
const planned = (values: Partial<LegacyRow>, carried = NOTHING): Planned =>
  planRow(row(values), resolver, policyOf(carried));
/** The namespace of a row that is written, or the reason why it is not. */
const target = (values: Partial<LegacyRow>) => {
  const plan = planned(values);
  return plan.verdict === 'write' ? plan.namespace.name : plan.reason;
};

test('a row that is written carries its id, its content as it is, and the kind and source of a copied memory', () => {
  const content = '  Ask the platform team first.\n\t ';
  expect(planned({ workspaceId: 'sales', scope: 'TEAM', content })).toEqual({
    verdict: 'write',
    id: '11111111-1111-4111-8111-111111111111',
    createdAt: row().createdAt,
    updatedAt: row().updatedAt,
    workspaceId: 'sales',
    scope: 'TEAM',
    namespace: { name: 'team:acme', kind: 'team' },
    content,
    kind: 'fact',
    source: 'agent',
  });
});

test('a row that is skipped says which and why, and what to look for where it should not be', () => {
  const content = 'Nobody knows whose this is.';
  expect(planned({ workspaceId: null, scope: 'TEAM', content })).toEqual({
    verdict: 'skip',
    id: '11111111-1111-4111-8111-111111111111',
    createdAt: row().createdAt,
    updatedAt: row().updatedAt,
    workspaceId: null,
    scope: 'TEAM',
    content,
    reason: 'no-workspace',
  });
});

test('a row that was given up by its id is skipped for that, whatever else would become of it', () => {
  const { id } = row();
  const policy = { ...policyOf(NOTHING), accepted: new Map([[id, 'The customer has left.']]) };
  for (const workspaceId of ['sales', null]) {
    expect(planRow(row({ workspaceId }), resolver, policy)).toMatchObject({ verdict: 'skip', id, reason: 'accepted' });
  }
  const another = '22222222-2222-4222-8222-222222222222';
  expect(planRow(row({ id: another, workspaceId: 'sales' }), resolver, policy)).toMatchObject({ verdict: 'write' });
});

describe('each scope', () => {
  test.each([
    ['LOCAL', 'sales', 'workspace:sales'],
    ['TEAM', 'sales', 'team:acme'],
    ['TEAM', 'acme', 'team:acme'],
    ['GLOBAL', 'acme', 'org:acme'],
    ['GLOBAL', 'sales', 'global-from-non-root'],
    ['LOCAL', 'gone', 'workspace:gone'],
    ['TEAM', 'gone', 'workspace-removed'],
    ['GLOBAL', 'fallen', 'workspace-removed'],
    ['LOCAL', 'dog', 'workspace:dog'],
    ['TEAM', 'dog', 'workspace-cycle'],
    ['GLOBAL', 'tail', 'workspace-cycle'],
  ])('%s of %s leads to %s', (scope, workspaceId, expected) => {
    expect(target({ scope, workspaceId })).toBe(expected);
  });

  test.each(['local', 'Team', 'PUBLIC', '', ' LOCAL', 'LOCAL\n'])('%j is no scope of the platform', (scope) => {
    expect(target({ scope })).toBe('unknown-scope');
  });
});

describe('a row without a workspace is skipped', () => {
  test.each([
    ['NULL', null],
    ['dangling', 'ghost'],
    ['the empty text', ''],
  ])('where that is %s', (_, workspaceId) => {
    expect(target({ workspaceId })).toBe('no-workspace');
  });
});

describe('where several reasons hold, the first of the list is given', () => {
  test.each([
    ['no workspace before an unknown scope', { workspaceId: null, scope: 'PUBLIC' }, 'no-workspace'],
    ['an unknown scope before a circle', { workspaceId: 'dog', scope: 'PUBLIC' }, 'unknown-scope'],
    ['a circle before blank content', { workspaceId: 'dog', scope: 'TEAM', content: ' ' }, 'workspace-cycle'],
    ['no root before a removed workspace', { workspaceId: 'gone', scope: 'GLOBAL' }, 'global-from-non-root'],
    [
      'a removed workspace before blank content',
      { workspaceId: 'gone', scope: 'TEAM', content: '' },
      'workspace-removed',
    ],
  ])('%s', (_, values, reason) => {
    expect(target(values)).toBe(reason);
  });
});

describe('content is blank, which plugins refuse, where it is', () => {
  test.each([
    ['empty', ''],
    ['a space', ' '],
    ['a tab, a line feed and a carriage return', '\t\n\r'],
    ['a vertical tab and a form feed', '\v\f'],
    ['U+0085 next line', '\u0085'],
    ['U+00A0 no-break space', '\u00a0'],
    ['U+1680 ogham space', '\u1680'],
    ['U+2000 to U+200A', '\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'],
    ['U+2028 and U+2029 separators', '\u2028\u2029'],
    ['U+202F, U+205F and U+3000', '\u202f\u205f\u3000'],
    ['a megabyte of spaces', ' '.repeat(1_000_000)],
  ])('%s', (_, content) => {
    expect(target({ content })).toBe('empty-content');
  });
});

describe('content is not blank where it is', () => {
  test.each([
    ['a letter among spaces', ' \n a \n '],
    ['a full stop', '.'],
    ['U+200B zero-width space, which Unicode does not count as white space', '\u200b'],
    ['U+FEFF byte order mark, which Unicode does not count as white space', '\ufeff'],
    ['U+0000', '\u0000'],
    ['an emoji', '🚀'],
    ['a combining mark alone', '\u0301'],
  ])('%s', (_, content) => {
    expect(target({ content })).toBe('workspace:acme');
    expect(planned({ content })).toMatchObject({ content });
  });
});

describe('where the row came from', () => {
  const values = {
    workspaceId: 'sales',
    scope: 'TEAM',
    tag: 'general',
    createdAt: '2024-03-01 08:15:30.123456+00',
    updatedAt: '0044-03-15 12:00:00+00 BC',
  };

  test('is told to a plugin that announces propagation, with timestamps as the text that was read', () => {
    expect(planned(values, { propagation: true, embedding: false })).toMatchObject({
      provenance: {
        run_id: 'run-1',
        source: 'agent_memories',
        workspace_id: 'sales',
        scope: 'TEAM',
        tag: 'general',
        created_at: '2024-03-01 08:15:30.123456+00',
        updated_at: '0044-03-15 12:00:00+00 BC',
      },
    });
  });

  test('keeps NULLs as nulls', () => {
    const nulls = { tag: null, createdAt: null, updatedAt: null };
    expect(planned(nulls, { propagation: true, embedding: false })).toMatchObject({
      provenance: { tag: null, created_at: null, updated_at: null },
    });
  });

  test('is not told to a plugin that does not announce it', () => {
    expect(planned(values, { propagation: false, embedding: true })).not.toHaveProperty('provenance');
  });
});

describe('the embedding', () => {
  const embedding = [0.25, -1, 1.401298464324817e-45, 0];

  test('goes to a plugin that announces it, number for number', () => {
    expect(planned({ embedding }, { propagation: false, embedding: true })).toMatchObject({ embedding });
  });

  test('does not go to a plugin that does not announce it', () => {
    expect(planned({ embedding }, { propagation: true, embedding: false })).not.toHaveProperty('embedding');
  });

  test('is absent, not null, where the row has none', () => {
    expect(planned({ embedding: null }, { propagation: false, embedding: true })).not.toHaveProperty('embedding');
  });
});

describe('for any row in any forest', () => {
  const anyRow = fc.record({
    workspaceId: fc.oneof(
      fc.constantFrom(null, 'ghost'),
      fc.nat(11).map((index) => `w${index}`),
    ),
    scope: fc.oneof(fc.constantFrom('LOCAL', 'TEAM', 'GLOBAL', 'local'), fc.string()),
    content: fc.oneof(fc.constantFrom('', ' ', '\u2028'), fc.string({ unit: 'binary' })),
    createdAt: fc.oneof(fc.constant(null), fc.string()),
    tag: fc.oneof(fc.constant(null), fc.string()),
    embedding: fc.oneof(fc.constant(null), fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 3 })),
  });
  const anyCarried: fc.Arbitrary<Carried> = fc.record({ propagation: fc.boolean(), embedding: fc.boolean() });

  function lawfully(law: (plan: Planned, from: LegacyRow, by: Resolver) => void) {
    fc.assert(
      fc.property(anyForest, decidedPolicy, anyRow, anyCarried, (forest, policy, values, carried) => {
        const [from, by] = [row(values), treeResolver(forest, policy)];
        law(planRow(from, by, policyOf(carried)), from, by);
        expect(planRow(from, treeResolver(forest, policy), policyOf(carried))).toEqual(
          planRow(from, by, policyOf(carried)),
        );
      }),
      { numRuns: 300 },
    );
  }

  test('the plan is a write or a skip with a known reason, and the same each time', () => {
    lawfully((plan) => {
      if (plan.verdict === 'skip') expect(SKIP_REASONS).toContain(plan.reason);
      else expect(plan.verdict).toBe('write');
    });
  });

  test('the place of a row is where it is planned into, or why not, but for blank content, which its place says nothing of', () => {
    lawfully((plan, from, by) => {
      const { id, workspaceId, scope } = from;
      for (const accepted of [new Map(), new Map([[id, 'The customer has left.']])]) {
        const place = placeOf({ id, workspaceId, scope }, by, accepted);
        if (accepted.has(id)) expect(place).toBe('accepted');
        else if (plan.verdict === 'write') expect(place).toEqual(plan.namespace);
        else if (plan.reason !== 'empty-content') expect(place).toBe(plan.reason);
        else
          expect(planRow({ ...from, content: 'Something.' }, by, policyOf(NOTHING))).toMatchObject({
            namespace: place,
          });
      }
    });
  });

  test('what is written keeps the id and every character, and goes where its workspace reads', () => {
    lawfully((plan, from, by) => {
      if (plan.verdict === 'skip') return;
      expect({ id: plan.id, content: plan.content }).toEqual({ id: from.id, content: from.content });
      expect(by.readable(plan.workspaceId)).toContainEqual(plan.namespace);
    });
  });
});
