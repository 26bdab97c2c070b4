/** Trees of workspaces and rows in them, short enough that a test shows what it plants. */
import fc from 'fast-check';
import type { LegacyRow, Workspace } from '../../../src/model/memory.ts';
import { type Resolver, type TreePolicy, treeResolver } from '../../../src/plan/resolver.ts';

export const DEFAULTS: TreePolicy = { teamLevel: null, removedWorkspaces: 'skip' };

export function workspace(id: string, parentId: string | null = null): Workspace {
  return { id, parentId, removed: false };
}

export function removed(id: string, parentId: string | null = null): Workspace {
  return { id, parentId, removed: true };
}

export function resolverOf(workspaces: readonly Workspace[], policy: Partial<TreePolicy> = {}): Resolver {
  return treeResolver(workspaces, { ...DEFAULTS, ...policy });
}

/** `count` workspaces, `w0` the root and each of the others below the one before it. */
export function chain(count: number): Workspace[] {
  return Array.from({ length: count }, (_, depth) => workspace(`w${depth}`, depth === 0 ? null : `w${depth - 1}`));
}

export function row(values: Partial<LegacyRow> = {}): LegacyRow {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    workspaceId: 'acme',
    content: 'Deploys are frozen on Fridays.',
    scope: 'LOCAL',
    createdAt: null,
    updatedAt: null,
    tag: null,
    embedding: null,
    ...values,
  };
}

/** Forests as no platform should have them: any depth, circles, parents that are not in the table, removed workspaces. */
export const anyForest: fc.Arbitrary<Workspace[]> = fc
  .array(fc.record({ above: fc.oneof(fc.constant(null), fc.nat(11), fc.constant('ghost')), removed: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((drawn) =>
    drawn.map(({ above, removed }, index) => ({
      id: `w${index}`,
      parentId: typeof above === 'number' ? `w${above % drawn.length}` : above,
      removed,
    })),
  );

/** Forests as production has them: roots, and workspaces directly below a root. */
export const oneLevelForest: fc.Arbitrary<Workspace[]> = fc
  .array(fc.nat(4), { minLength: 1, maxLength: 5 })
  .map((children) =>
    children.flatMap((count, tree) => [
      workspace(`root${tree}`),
      ...Array.from({ length: count }, (_, child) => workspace(`child${tree}.${child}`, `root${tree}`)),
    ]),
  );

export const removedPolicy = fc.constantFrom<TreePolicy['removedWorkspaces']>('skip', 'copy');
export const saidTeamLevel = fc.constantFrom<TreePolicy['teamLevel']>('parent', 'root');

/** Policies under which every row can be placed. */
export const decidedPolicy: fc.Arbitrary<TreePolicy> = fc.record({
  teamLevel: saidTeamLevel,
  removedWorkspaces: removedPolicy,
});
export const anyPolicy: fc.Arbitrary<TreePolicy> = fc.record({
  teamLevel: fc.constantFrom<TreePolicy['teamLevel']>('parent', 'root', null),
  removedWorkspaces: removedPolicy,
});
