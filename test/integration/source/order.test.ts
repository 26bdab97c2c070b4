/** In which order the source is read, and which rows are in it at all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import {
  allPages,
  collect,
  idsIn,
  idsOf,
  type LegacyDatabase,
  legacyDatabase,
  OLDEST_FIRST,
} from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

/** Ids that sort in the order in which they are made here, and after or before those that `memory` makes. */
const id = (first: '0' | 'f', number: number) =>
  `${first.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** In the order in which they are to be read. Their ids, taken alone, would put most of them elsewhere. */
const inOrder = [
  memory({ id: id('f', 1), createdAt: null }),
  memory({ id: id('f', 2), createdAt: null }),
  memory({ id: id('f', 9), createdAt: '1969-12-31 23:59:59.999999+00' }),
  memory({ id: id('0', 9), createdAt: '2025-01-01 00:00:00.000001+00' }),
  memory({ id: id('0', 8), createdAt: '2025-01-01 00:00:00.000002+00' }),
  memory({ id: id('0', 3), createdAt: '2025-01-01 00:00:00.000003+00' }),
  memory({ id: id('0', 4), createdAt: '2025-01-01 00:00:00.000003+00' }),
  memory({ id: id('f', 3), createdAt: '2025-01-01 00:00:00.000003+00' }),
  memory({ id: id('0', 1), createdAt: '2025-01-01 00:00:00.1+00' }),
];

describe('oldest first', () => {
  test('rows without a time come first, then by time to the microsecond, ties by id', async () => {
    await insertMemories(legacy.sql, inOrder);
    expect(idsIn(await allPages(legacy.source))).toEqual(idsOf(inOrder));
  });

  test('times come as text in UTC with their microseconds, whatever zone and style the database sets', async () => {
    await using legacy = await legacyDatabase();
    const [{ name }] = await legacy.sql<[{ name: string }]>`select current_database() as name`;
    await legacy.sql.unsafe(`alter database "${name}" set timezone to 'America/St_Johns'`);
    await legacy.sql.unsafe(`alter database "${name}" set datestyle to 'German'`);
    const row = memory({ createdAt: '2025-06-30 23:59:59.000001+00', updatedAt: '2025-07-01 00:00:00+00' });
    await insertMemories(legacy.sql, [row]);
    expect(await allPages(legacy.source)).toEqual([{ rows: [row], vanished: [] }]);
  });
});

test('a selection of workspaces takes their rows and no others', async () => {
  const tree = await plantTree(legacy.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, labs: {} },
    memories: { one: { of: 'acme' }, two: { of: 'sales' }, three: { of: 'labs' }, four: {} },
  });
  const workspaces = [tree.workspace('acme'), tree.workspace('labs')];
  const stream = await legacy.source.rows({ ...OLDEST_FIRST, workspaces }, false, () => {});
  expect(stream.total).toBe(2);
  expect(idsIn(await collect(stream.pages()))).toEqual(idsOf([tree.memory('one'), tree.memory('three')]));
});

test('of 12,000 rows, a third of them without a time and many with the same, each comes exactly once and in order', async () => {
  const times = ['2025-05-01 00:00:00.000002+00', null, '2025-05-01 00:00:00.000001+00'];
  const rows = Array.from({ length: 12_000 }, (_, made) => memory({ createdAt: times[made % 3] ?? null }));
  await insertMemories(legacy.sql, rows);
  const pages = await allPages(legacy.source);
  const [second, ageless, first] = [0, 1, 2].map((time) => rows.filter((_, made) => made % 3 === time));
  expect(idsIn(pages)).toEqual(idsOf([...(ageless ?? []), ...(first ?? []), ...(second ?? [])]));
  expect(pages.flatMap(({ vanished }) => vanished)).toEqual([]);
});

describe('the watermark', () => {
  test('rows that are inserted after the start are not in it, wherever they would stand', async () => {
    const rows = Array.from({ length: 3 }, () => memory());
    await insertMemories(legacy.sql, rows);
    const stream = await legacy.source.rows(OLDEST_FIRST, false, () => {});
    await insertMemories(legacy.sql, [
      memory({ createdAt: null }),
      memory({ createdAt: '2024-01-01 00:00:00+00' }),
      memory({ createdAt: rows[1]?.createdAt ?? null }),
      memory({ id: id('0', 70), createdAt: rows[2]?.createdAt ?? null }),
      memory({ createdAt: '2099-01-01 00:00:00+00' }),
    ]);
    expect(stream.total).toBe(3);
    expect(idsIn(await collect(stream.pages()))).toEqual(idsOf(rows));
  });

  test('a row that is dated in the future is in it, if it is there at the start', async () => {
    const rows = [memory(), memory({ createdAt: '2999-12-31 00:00:00+00' })];
    await insertMemories(legacy.sql, rows);
    expect(idsIn(await allPages(legacy.source))).toEqual(idsOf(rows));
  });

  test('an empty table has none, and no page', async () => {
    const stream = await legacy.source.rows(OLDEST_FIRST, false, () => {});
    expect(stream.total).toBe(0);
    expect(await collect(stream.pages())).toEqual([]);
  });
});
