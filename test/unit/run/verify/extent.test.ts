/** What a verify looks at: everything that is planned into a namespace that a sampled workspace reads, and the rest to hunt in. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Workspace } from '../../../../src/model/memory.ts';
import { extentOf } from '../../../../src/run/verify/extent.ts';
import { anyForest, anyPolicy, chain, DEFAULTS, removed, resolverOf, workspace } from '../../plan/trees.ts';

const COMPANY = [workspace('acme'), workspace('sales', 'acme'), workspace('support', 'acme'), workspace('other')];
const OF_OTHER = ['org:other', 'team:other', 'workspace:other'];

const extent = (sampled: string[], strangers: string[] = [], workspaces: Workspace[] = COMPANY, policy = DEFAULTS) =>
  extentOf(sampled, strangers, { workspaces, resolver: resolverOf(workspaces, policy) });

const told = ({ places }: ReturnType<typeof extent>) =>
  places.map(({ workspaceId, scope, rank }) => `${rank} ${workspaceId} ${scope}`).sort();

test('of one workspace: its namespaces, those that are shared first, and every row that is planned into them', () => {
  const ofSales = extent(['sales']);

  expect(ofSales.namespaces).toEqual(['org:acme', 'team:acme', 'workspace:sales']);
  expect(told(ofSales)).toEqual([
    '0 acme GLOBAL',
    '1 acme TEAM',
    '1 sales TEAM',
    '1 support TEAM',
    '2 sales LOCAL',
    '2 sales null',
  ]);
  expect(ofSales.rankOf('sales')).toBe(2);
});

test('siblings share what they share, and a tree comes as one', () => {
  const { sampled, namespaces, rankOf } = extent(['support', 'other', 'sales']);

  expect(sampled).toEqual(['sales', 'support', 'other']);
  expect(namespaces).toEqual(['org:acme', 'team:acme', 'workspace:sales', 'workspace:support', ...OF_OTHER]);
  expect(sampled.map(rankOf)).toEqual([2, 3, 6]);
});

test('rows that go nowhere come with the own namespace of their workspace', () => {
  const { places } = extent(['acme', 'sales', 'support', 'other']);
  const rest = places.filter(({ scope }) => scope === null).map(({ workspaceId, rank }) => [workspaceId, rank]);
  expect(Object.fromEntries(rest)).toEqual({ acme: 2, sales: 3, support: 4, other: 7 });
});

describe('a workspace that is not in the tree', () => {
  const ofNobody = extent(['gone', 'other']);

  test('reads nothing, and its rows are read all the same', () => {
    expect(ofNobody.namespaces).toEqual(OF_OTHER);
    expect(ofNobody.rankOf('gone')).toBe(-1);
    expect(told(ofNobody)).toContain('0 gone null');
  });
});

test('rows that a removed workspace may not share have no place in the team', () => {
  const tree = [workspace('acme'), removed('sales', 'acme')];
  expect(told(extent(['acme'], [], tree))).not.toContain('1 sales TEAM');
  expect(told(extent(['acme'], [], tree, { ...DEFAULTS, removedWorkspaces: 'copy' }))).toContain('1 sales TEAM');
});

test('rows of which only the operator could say where they belong are asked for, so that the run is refused where there are any', () => {
  const deep = chain(3);
  expect(told(extent(['w2'], [], deep)).filter((place) => place.includes('w2'))).toEqual([
    '0 w2 TEAM',
    '2 w2 LOCAL',
    '2 w2 null',
  ]);
  // Also where another workspace of the tree is asked about, whose team they may belong to.
  expect(told(extent(['w1'], [], deep))).toContain('0 w2 TEAM');
  const decided = extent(['w2'], [], deep, { ...DEFAULTS, teamLevel: 'root' });
  expect(told(decided)).toContain('1 w2 TEAM');
});

describe('hunted is', () => {
  test('in the namespaces of relatives that were not sampled, and in those of strangers', () => {
    expect(extent(['sales'], ['other']).hunted.toSorted()).toEqual(
      [...OF_OTHER, 'workspace:acme', 'workspace:support'].sort(),
    );
    expect(extent(['sales']).hunted.toSorted()).toEqual(['workspace:acme', 'workspace:support']);
  });

  test('nowhere else where all were sampled', () => {
    expect(extent(['acme', 'sales', 'support', 'other']).hunted).toEqual([]);
  });

  test('in the namespaces of 200 relatives at the most', () => {
    const large = [workspace('acme'), ...Array.from({ length: 500 }, (_, index) => workspace(`w${index}`, 'acme'))];
    expect(extent(['acme'], [], large).hunted).toHaveLength(200);
  });
});

test('known are all namespaces that somebody reads', () => {
  expect(extent(['sales']).known).toBe(2 * 2 + 4);
});

test('in whatever forest, what a sampled workspace reads is judged once, with all that is planned there, and hunted nowhere', () => {
  fc.assert(
    fc.property(anyForest, anyPolicy, fc.nat(), (workspaces, policy, lot) => {
      const resolver = resolverOf(workspaces, policy);
      const ids = workspaces.map(({ id }) => id);
      const sampled = ids.filter((_, index) => (lot >> index) % 2 === 1);
      const drawn = extentOf(sampled, ids, { workspaces, resolver });
      const { namespaces, places, hunted, rankOf } = drawn;

      expect([...drawn.sampled].sort()).toEqual([...sampled].sort());
      const read = new Set(sampled.flatMap((id) => resolver.readable(id).map(({ name }) => name)));
      expect([...namespaces].sort()).toEqual([...read].sort());
      expect(hunted.filter((name) => read.has(name))).toEqual([]);
      const all = new Set(ids.flatMap((id) => resolver.readable(id).map(({ name }) => name)));
      expect(new Set([...namespaces, ...hunted])).toEqual(all);
      expect(drawn.known).toBe(all.size);

      for (const id of sampled) {
        const ranks = resolver.readable(id).map(({ name }) => namespaces.indexOf(name));
        expect(rankOf(id)).toBe(Math.max(-1, ...ranks));
      }
      const undecided = new Set(resolver.undecided());
      for (const id of ids) {
        for (const scope of ['LOCAL', 'TEAM', 'GLOBAL'] as const) {
          if (scope === 'TEAM' && undecided.has(id)) continue;
          const target = resolver.writable(id, scope);
          const rank = typeof target === 'string' ? -1 : namespaces.indexOf(target.name);
          const placed = places.filter((place) => place.workspaceId === id && place.scope === scope);
          expect(placed.map((place) => place.rank)).toEqual(rank < 0 ? [] : [rank]);
        }
      }
      // A workspace is judged to the end once the rank of its own namespace is: in that order they come.
      const order = drawn.sampled.map(rankOf).filter((rank) => rank >= 0);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }),
  );
});
