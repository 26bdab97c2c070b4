/** Rows are fetched from where they lay when they were listed. What has moved since, and what lies there now, must not be mistaken. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertMemories, memory } from '../../support/legacy.ts';
import { collect, type LegacyDatabase, legacyDatabase, OLDEST_FIRST } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

const rows = Array.from({ length: 20 }, (_row, number) => memory({ content: `row ${number}` }));
const ids = rows.map(({ id }) => id);

async function listed() {
  await insertMemories(legacy.sql, rows);
  return await legacy.source.rows(OLDEST_FIRST, false, () => {});
}

const places = async () =>
  new Map(
    (await legacy.sql<Array<{ id: string; ctid: string }>>`select id, ctid::text from agent_memories`).map(
      ({ id, ctid }) => [ctid, id],
    ),
  );

test('a row that has been written anew elsewhere arrives as it is now, whoever lies in its old place', async () => {
  const stream = await listed();
  const before = await places();
  const newcomers = Array.from({ length: 10 }, () => memory({ content: 'came later' }));
  await legacy.sql`update agent_memories set content = content || ', edited' where id = any(${ids.slice(0, 10)}::uuid[])`;
  await legacy.sql`vacuum agent_memories`;
  await insertMemories(legacy.sql, newcomers);
  const after = await places();
  const taken = newcomers.filter(({ id }) => [...after].some(([ctid, who]) => who === id && before.has(ctid)));
  expect(taken.length).toBeGreaterThan(0);

  const [page] = await collect(stream.pages());

  expect(page?.rows.map(({ content }) => content)).toEqual(
    rows.map(({ content }, number) => (number < 10 ? `${content}, edited` : content)),
  );
  expect(page?.vanished).toEqual([]);
});

test('rows that have changed places with each other are told apart by their ids', async () => {
  const stream = await listed();
  await legacy.sql`create table shuffled as select * from agent_memories`;
  await legacy.sql`delete from agent_memories`;
  await legacy.sql`vacuum agent_memories`;
  const columns = legacy.sql`id, workspace_id, content, scope, created_at, updated_at, namespace`;
  await legacy.sql`
    insert into agent_memories (${columns}) select ${columns} from shuffled where id <> ${ids[3] ?? ''} order by content desc`;
  await legacy.sql`drop table shuffled`;

  const [page] = await collect(stream.pages());

  expect(page?.rows).toEqual(rows.filter((_row, number) => number !== 3));
  expect(page?.vanished.map(({ id }) => id)).toEqual([ids[3]]);
});

test('where a whole table has been written anew, its rows are all there', async () => {
  const stream = await listed();
  await legacy.sql`vacuum full agent_memories`;
  expect((await collect(stream.pages())).flatMap((page) => page.rows)).toEqual(rows);
});

test('a view, whose rows lie nowhere, is read by ids', async () => {
  await using other = await legacyDatabase();
  await insertMemories(other.sql, rows);
  await other.sql`alter table agent_memories rename to memories_of_agents`;
  await other.sql`create view agent_memories as select * from memories_of_agents`;
  const stream = await other.source.rows(OLDEST_FIRST, false, () => {});
  expect((await collect(stream.pages())).flatMap((page) => page.rows)).toEqual(rows);
});
