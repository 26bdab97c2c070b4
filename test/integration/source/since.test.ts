/**
 * What was written since a moment comes, all of it, and of the rest as little as can be. On a server of their own: on the one that all
 * tests share, some transaction is always under way.
 */
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { legacySource } from '../../../src/source/legacy-source.ts';
import type { Moment } from '../../../src/source/moment.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import { type Cluster, startCluster } from '../../support/postgres.ts';
import { allPages, idsIn, idsOf, type LegacyDatabase, legacyDatabase, OLDEST_FIRST } from './legacy-database.ts';

let cluster: Cluster;
let legacy: LegacyDatabase;
beforeAll(async () => {
  cluster = await startCluster();
  legacy = await legacyDatabase({}, 'UTF8', cluster.url);
});
beforeEach(() => legacy.empty());
afterAll(async () => {
  await legacy.release();
  await cluster.stop();
});

async function now(): Promise<Moment> {
  const { moment } = await legacy.source.rows(OLDEST_FIRST, false, () => {});
  if (moment === null) throw new Error('An ordinary table has moments.');
  return moment;
}

async function writtenSince(since: Moment | null, source = legacy.source): Promise<string[]> {
  return idsIn(await allPages(source, { order: 'unsorted', since }));
}

/** Kills a server process as a kernel would that is short of memory, and waits until all others have gone with it, and the server serves again. */
async function recovered(): Promise<void> {
  const connected = () => postgres(legacy.url, { max: 1, onnotice: () => {} });
  const [victim, witness] = [connected(), connected()];
  const pidOf = async (sql: postgres.Sql) =>
    (await sql<Array<{ pid: number }>>`select pg_backend_pid() as pid`)[0]?.pid ?? 0;
  const [killed, seen] = [await pidOf(victim), await pidOf(witness)];
  process.kill(killed, 'SIGKILL');
  await vi.waitFor(async () => expect(await pidOf(witness)).not.toBe(seen), { timeout: 20_000, interval: 50 });
  await Promise.all([victim.end({ timeout: 1 }), witness.end({ timeout: 1 })]);
}

const rows = Array.from({ length: 5 }, (_row, number) => memory({ content: `row ${number}` }));
const [edited, deleted, restored] = idsOf(rows);
const edit = (id: string | undefined) =>
  legacy.sql`update agent_memories set content = 'edited' where id = ${id ?? ''}`;

test('rows that were inserted or edited come; those that are as they were, or are gone, do not', async () => {
  await insertMemories(legacy.sql, rows);
  const since = await now();
  expect(await writtenSince(since)).toEqual([]);

  const added = memory();
  await insertMemories(legacy.sql, [added]);
  await edit(edited);
  await legacy.sql`delete from agent_memories where id = ${deleted ?? ''}`;
  await legacy.sql.begin(async (sql) => {
    await sql`savepoint before`;
    await sql`update agent_memories set content = 'never mind' where id = ${restored ?? ''}`;
    await sql`rollback to savepoint before`;
  });

  expect((await writtenSince(since)).sort()).toEqual([added.id, edited].sort());
  expect(await writtenSince(await now())).toEqual([]);
});

test('what a transaction wrote before the moment, and committed after it, comes', async () => {
  const early = memory({ content: 'by the oldest one that was under way' });
  const later = memory({ content: 'in a transaction within the transaction' });
  const written = Promise.withResolvers<void>();
  const listed = Promise.withResolvers<void>();
  const transaction = legacy.sql.begin(async (sql) => {
    const insert = (row: LegacyRow) =>
      sql`insert into agent_memories (id, content, scope) values (${row.id}, ${row.content}, 'LOCAL')`;
    await insert(early);
    await sql`savepoint inner_one`;
    await insert(later);
    await sql`release savepoint inner_one`;
    written.resolve();
    await listed.promise;
  });
  await written.promise;
  // Younger transactions that are over by then: the oldest alone sets the bound.
  await insertMemories(legacy.sql, [rows[0] ?? memory()]);
  const since = await now();
  listed.resolve();
  await transaction;

  expect(await writtenSince(since)).toEqual(expect.arrayContaining([early.id, later.id]));
});

test('rows that vacuum has frozen since are told from those that were frozen before', async () => {
  await insertMemories(legacy.sql, rows);
  await legacy.sql`vacuum freeze agent_memories`;
  const since = await now();
  await edit(edited);
  await legacy.sql`vacuum freeze agent_memories`;
  expect(await writtenSince(since)).toEqual([edited]);
});

test('a table that was written anew as a whole may come as a whole, and what was edited comes', async () => {
  await insertMemories(legacy.sql, rows);
  const since = await now();
  await edit(edited);
  await legacy.sql`vacuum (full, freeze) agent_memories`;
  expect(await writtenSince(since)).toContain(edited);
});

test('transactions are told apart on every lap of their numbers', async () => {
  await insertMemories(legacy.sql, rows);
  const since = await now();
  await edit(edited);
  const laps = String(BigInt(since.xid) + 3n * 2n ** 32n);
  expect(await writtenSince({ ...since, xid: laps })).toEqual([edited]);
});

test('what another table brings along that has become a part of this one comes, whenever it was written', async () => {
  await legacy.sql`create table part (like agent_memories including all)`;
  const brought = memory({ content: 'brought along' });
  await legacy.sql`insert into part (id, content, scope) values (${brought.id}, ${brought.content}, 'LOCAL')`;
  const since = await now();
  await legacy.sql`alter table part inherit agent_memories`;
  expect(await writtenSince(since)).toEqual([brought.id]);
  await legacy.sql`drop table part`;
});

describe('everything comes', () => {
  beforeEach(() => insertMemories(legacy.sql, rows));

  test('where the server has been started since, or is another one', async () => {
    const since = await now();
    expect((await writtenSince({ ...since, server: '2001-01-01 00:00:00+00' })).sort()).toEqual(idsOf(rows).sort());
  });

  test('where the server has recovered from a crash, which may give numbers out anew', async () => {
    const since = await now();
    await recovered();
    // Whoever was connected has been sent away: as a run would, this reads on with new connections.
    const source = legacySource(legacy.url, new AbortController().signal);
    expect((await writtenSince(since, source)).sort()).toEqual(idsOf(rows).sort());
    await source.close();
  });

  test('where the table has given its name to another', async () => {
    await legacy.sql`create table newer (like agent_memories including all)`;
    await legacy.sql`insert into newer (id, content, scope) select id, content, scope from agent_memories`;
    const since = await now();
    await legacy.sql`alter table agent_memories rename to older`;
    await legacy.sql`alter table newer rename to agent_memories`;
    const source = legacySource(legacy.url, new AbortController().signal);
    expect((await writtenSince(since, source)).sort()).toEqual(idsOf(rows).sort());
    await source.close();
    await legacy.sql`drop table agent_memories`;
    await legacy.sql`alter table older rename to agent_memories`;
  });

  test('where no moment is given', async () => {
    expect((await writtenSince(null)).sort()).toEqual(idsOf(rows).sort());
  });
});

test.each([
  ['a view', 'create view agent_memories as select * from memories_of_agents'],
  [
    'a table in parts',
    `create table agent_memories (like memories_of_agents) partition by hash (id);
     create table part partition of agent_memories for values with (modulus 1, remainder 0)`,
  ],
])('%s does not tell what wrote its rows, and has no moments', async (_what, made) => {
  await using other = await legacyDatabase();
  await other.sql`alter table agent_memories rename to memories_of_agents`;
  await other.sql.unsafe(made);
  const { moment } = await other.source.rows(OLDEST_FIRST, false, () => {});
  expect(moment).toBeNull();
});
