/** The source read by place: the rows of one rank together, and which rows match a place at all. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { comparePositions } from '../../../src/model/position.ts';
import type { Place } from '../../../src/source/places.ts';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { allPages, collect, idsIn, idsOf, type LegacyDatabase, legacyDatabase } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase({ scopeCheck: false, foreignKey: false });
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

async function read(places: readonly Place[], rest = false): Promise<string[]> {
  return idsIn(await allPages(legacy.source, { order: 'by-place', places, rest }));
}

const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('rows come by rank, and those of one rank, of whatever workspace, oldest first', async () => {
  const tree = await plantTree(legacy.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, support: { parent: 'acme' } },
    memories: {
      ownOfAcme: { of: 'acme', createdAt: null },
      newOfSales: { of: 'sales', scope: 'TEAM', createdAt: '2025-01-01 00:00:00.000003+00' },
      ofSupport: { of: 'support', scope: 'TEAM', createdAt: '2025-01-01 00:00:00.000002+00' },
      oldOfSales: { of: 'sales', scope: 'TEAM', createdAt: '2025-01-01 00:00:00.000001+00' },
      ageless: { of: 'support', scope: 'TEAM', createdAt: null },
      ownOfSales: { of: 'sales', createdAt: '2024-01-01 00:00:00+00' },
    },
  });
  const places = [
    { workspaceId: tree.workspace('acme'), scope: 'LOCAL', rank: 7 },
    { workspaceId: tree.workspace('sales'), scope: 'TEAM', rank: 3 },
    { workspaceId: tree.workspace('support'), scope: 'TEAM', rank: 3 },
    { workspaceId: tree.workspace('sales'), scope: 'LOCAL', rank: -1 },
  ];
  expect(await read(places)).toEqual(
    idsOf([
      tree.memory('ownOfSales'),
      tree.memory('ageless'),
      tree.memory('oldOfSales'),
      tree.memory('ofSupport'),
      tree.memory('newOfSales'),
      tree.memory('ownOfAcme'),
    ]),
  );
});

describe('of a place without a scope', () => {
  test('come the rows of all scopes but those that another place of its workspace names', async () => {
    const tree = await plantTree(legacy.sql, {
      workspaces: { acme: {}, sales: {} },
      memories: {
        local: { of: 'acme' },
        team: { of: 'acme', scope: 'TEAM' },
        global: { of: 'acme', scope: 'GLOBAL' },
        unheard: { of: 'acme', scope: 'PUBLIC' },
        teamOfSales: { of: 'sales', scope: 'TEAM' },
      },
    });
    const places = [
      { workspaceId: tree.workspace('acme'), scope: 'TEAM', rank: 9 },
      { workspaceId: tree.workspace('acme'), scope: null, rank: 1 },
      { workspaceId: tree.workspace('sales'), scope: null, rank: 0 },
    ];
    expect(await read(places)).toEqual(
      idsOf([
        tree.memory('teamOfSales'),
        tree.memory('local'),
        tree.memory('global'),
        tree.memory('unheard'),
        tree.memory('team'),
      ]),
    );
  });
});

describe('rows that match no place', () => {
  const plant = () =>
    plantTree(legacy.sql, {
      workspaces: { acme: {}, sales: {} },
      memories: {
        wanted: { of: 'acme', createdAt: null },
        otherScope: { of: 'acme', scope: 'GLOBAL' },
        ofNobody: {},
        ofSales: { of: 'sales' },
        dangling: { workspaceId: uuid(404), createdAt: null },
      },
    });

  test('are left out', async () => {
    const tree = await plant();
    expect(await read([{ workspaceId: tree.workspace('acme'), scope: 'LOCAL', rank: 0 }])).toEqual([
      tree.memory('wanted').id,
    ]);
    expect(await read([])).toEqual([]);
  });

  test('stand first, oldest first, where the rest is asked for', async () => {
    const tree = await plant();
    const rest = idsOf([
      tree.memory('dangling'),
      tree.memory('otherScope'),
      tree.memory('ofNobody'),
      tree.memory('ofSales'),
    ]);
    const places = [{ workspaceId: tree.workspace('acme'), scope: 'LOCAL', rank: -5 }];
    expect(await read(places, true)).toEqual([...rest, tree.memory('wanted').id]);
    expect(await read([], true)).toEqual([tree.memory('wanted').id, ...rest]);
  });
});

test.each(['LOCAL', null])(
  'of places that are alike, of scope %s, the lowest rank counts, and the row comes once',
  async (scope) => {
    const rows = [memory({ workspaceId: uuid(1) }), memory({ workspaceId: uuid(2) })];
    await insertMemories(legacy.sql, rows);
    const place = (number: number, rank: number) => ({ workspaceId: uuid(number), scope, rank });
    expect(await read([place(1, 4), place(1, 2), place(2, 3), place(1, 2)])).toEqual(idsOf(rows));
  },
);

test('scopes are compared to the letter, whatever the letters are', async () => {
  const scopes = ['a"b', 'a\\b', '{', 'a,b', 'NULL', '', ' LOCAL', "it's", 'local'];
  const tree = await plantTree(legacy.sql, { workspaces: { acme: {} } });
  const workspaceId = tree.workspace('acme');
  const rows = scopes.map((scope) => memory({ workspaceId, scope }));
  await insertMemories(legacy.sql, rows);
  const places = scopes.map((scope, index) => ({ workspaceId, scope, rank: -index }));
  expect(await read(places)).toEqual(idsOf(rows).toReversed());
});

test('the total and the watermark are those of the rows that match, and what is inserted later is in neither', async () => {
  const rows = [
    memory({ workspaceId: uuid(1), createdAt: '2025-03-01 00:00:00+00' }),
    memory({ workspaceId: uuid(2), createdAt: '2025-02-01 00:00:00+00' }),
    memory({ workspaceId: uuid(3), createdAt: '2025-04-01 00:00:00+00' }),
  ];
  await insertMemories(legacy.sql, rows);
  const places = [1, 2].map((number) => ({ workspaceId: uuid(number), scope: null, rank: number }));
  const stream = await legacy.source.rows({ order: 'by-place', places, rest: false }, false, () => {});
  await insertMemories(legacy.sql, [memory({ workspaceId: uuid(1), createdAt: null })]);

  expect(stream.total).toBe(2);
  expect(stream.watermark).toMatchObject({ id: rows[1]?.id, rank: 2 });
  expect(idsIn(await collect(stream.pages()))).toEqual(idsOf(rows.slice(0, 2)));
});

test('with 60,000 places among 20,000 rows, each row comes once, and within seconds', { timeout: 30_000 }, async () => {
  const rows = Array.from({ length: 20_000 }, (_, number) => memory({ workspaceId: uuid(number) }));
  await insertMemories(legacy.sql, [...rows, memory(), memory({ workspaceId: uuid(20_000) })]);
  const places = rows.flatMap((_, number): Place[] => [
    { workspaceId: uuid(number), scope: 'LOCAL', rank: -number },
    { workspaceId: uuid(number), scope: 'TEAM', rank: number },
    { workspaceId: uuid(number), scope: null, rank: 0 },
  ]);
  expect(await read(places)).toEqual(idsOf(rows).toReversed());
});

test('for any rows and any places, the order is that of the definition, and each row comes at most once', async () => {
  const anyScope = fc.constantFrom('LOCAL', 'TEAM', 'GLOBAL');
  const anyRow = fc.record({
    workspaceId: fc.oneof(fc.constant(null), fc.nat(3).map(uuid)),
    scope: anyScope,
    createdAt: fc.oneof(
      fc.constant(null),
      fc.nat(2).map((time) => `2025-05-01 00:00:00.00000${time + 1}+00`),
    ),
  });
  const anyPlace = fc.record({
    workspaceId: fc.nat(4).map(uuid),
    scope: fc.oneof(fc.constant(null), anyScope),
    rank: fc.integer({ min: -2, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { maxLength: 12 }),
      fc.array(anyPlace, { maxLength: 6 }),
      fc.boolean(),
      async (drawn, places, rest) => {
        await legacy.empty();
        const rows = drawn.map((given) => memory(given));
        await insertMemories(legacy.sql, rows);
        expect(await read(places, rest)).toEqual(defined(rows, places, rest));
      },
    ),
    { numRuns: 40 },
  );
});

/** The definition, row by row. */
function defined(rows: readonly LegacyRow[], places: readonly Place[], rest: boolean): string[] {
  const lowest = (matching: readonly Place[]) =>
    matching.length === 0 ? null : Math.min(...matching.map(({ rank }) => rank));
  const ranked = rows.map(({ workspaceId, scope, createdAt, id }) => {
    const ofWorkspace = places.filter((place) => place.workspaceId === workspaceId);
    const exact = lowest(ofWorkspace.filter((place) => place.scope === scope));
    return { id, createdAt, rank: exact ?? lowest(ofWorkspace.filter((place) => place.scope === null)) };
  });
  return ranked
    .filter(({ rank }) => rest || rank !== null)
    .sort((a, b) => (a.rank ?? -Infinity) - (b.rank ?? -Infinity) || comparePositions(a, b))
    .map(({ id }) => id);
}
