/** How much of the source is held at a time, and how fresh it is: pages, the one ahead, and rows that change on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import {
  allPages,
  collect,
  idsIn,
  idsOf,
  type LegacyDatabase,
  legacyDatabase,
  OLDEST_FIRST,
  readAhead,
  toolSessions,
} from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

const PAGE_ROWS = 500;

const rowsOf = (count: number) => Array.from({ length: count }, () => memory());

const positionsOf = (rows: readonly LegacyRow[]) => rows.map(({ createdAt, id }) => ({ createdAt, id }));

describe('a page', () => {
  test('holds 500 rows, the last one what is left', async () => {
    await insertMemories(legacy.sql, rowsOf(1_001));
    expect((await allPages(legacy.source)).map(({ rows }) => rows.length)).toEqual([PAGE_ROWS, PAGE_ROWS, 1]);
  });

  test('ends before the row with which it would hold more than 4 MiB, counted in bytes and not in characters', async () => {
    const megabyte = '\u{1F600}'.repeat(250_000);
    await insertMemories(
      legacy.sql,
      Array.from({ length: 10 }, () => memory({ content: megabyte })),
    );
    const pages = await allPages(legacy.source);
    expect(pages.map((page) => page.rows.length)).toEqual([4, 4, 2]);
    expect(pages.flatMap((page) => page.rows).every(({ content }) => content === megabyte)).toBe(true);
  });

  test('of one row holds it however large it is', async () => {
    const rows = [memory(), memory({ content: 'x'.repeat(5_000_000) }), memory()];
    await insertMemories(legacy.sql, rows);
    expect((await allPages(legacy.source)).map((page) => idsIn([page]))).toEqual(rows.map(({ id }) => [id]));
  });
});

test('one page is read ahead and no further: edits reach the page after the next, and not the next', async () => {
  const rows = rowsOf(4 * PAGE_ROWS);
  await insertMemories(legacy.sql, rows);
  const stream = await legacy.source.rows(OLDEST_FIRST, false, () => {});
  const pages = stream.pages();

  await pages.next();
  await readAhead(legacy.sql);
  await legacy.sql`update agent_memories set content = 'edited'`;
  const rest = await collect(pages);

  const edited = rest.map((page) => page.rows.filter(({ content }) => content === 'edited').length);
  expect(edited).toEqual([0, PAGE_ROWS, PAGE_ROWS]);
});

test('a row that is deleted on the way is named as vanished, with its position, and one that is edited comes as it is now', async () => {
  const rows = rowsOf(3);
  await insertMemories(legacy.sql, rows);
  const stream = await legacy.source.rows(OLDEST_FIRST, false, () => {});

  const [kept, deleted, edited] = rows;
  await legacy.sql`delete from agent_memories where id = ${deleted?.id ?? ''}`;
  await legacy.sql`update agent_memories set content = 'as it is now' where id = ${edited?.id ?? ''}`;

  expect(await collect(stream.pages())).toEqual([
    { rows: [kept, { ...edited, content: 'as it is now' }], vanished: positionsOf(rows.slice(1, 2)) },
  ]);
});

test('a page whose rows have all vanished is a page without rows, and the next one follows', async () => {
  const rows = rowsOf(PAGE_ROWS + 2);
  await insertMemories(legacy.sql, rows);
  const stream = await legacy.source.rows(OLDEST_FIRST, false, () => {});
  const gone = rows.slice(0, PAGE_ROWS);
  await legacy.sql`delete from agent_memories where id = any(${idsOf(gone)}::uuid[])`;

  const [first, second] = await collect(stream.pages());
  expect(first).toEqual({ rows: [], vanished: positionsOf(gone) });
  expect(second).toEqual({ rows: rows.slice(PAGE_ROWS), vanished: [] });
});

test('between two pages the source holds no transaction and no snapshot, so vacuum can clean up behind the platform', async () => {
  await using own = await legacyDatabase();
  await insertMemories(own.sql, rowsOf(3 * PAGE_ROWS));
  const stream = await own.source.rows(OLDEST_FIRST, false, () => {});
  const pages = stream.pages();
  await pages.next();
  await readAhead(own.sql);

  const sessions = await toolSessions(own.sql);
  expect(sessions.length).toBe(3);
  for (const session of sessions) expect(session).toMatchObject({ state: 'idle', snapshot: false, transaction: false });
  await pages.return();
});
