/** The reference plugin's connections: as many as are needed at a time, none of them in a queue that grows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool, type Pool } from '../../src/reference-plugin/pool.ts';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase, type Database } from '../support/postgres.ts';

const SIZE = 3;

let database: Database;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase(clusterUrl(), 'pool');
  pool = openPool(database.url, SIZE);
});
afterAll(async () => {
  await pool.end(1);
  await database.drop();
});

/** Which connection a statement went by. */
const connection = () =>
  pool.ask(async (sql) => (await sql<[{ pid: number }]>`select pg_backend_pid() as pid, pg_sleep(0.01)`)[0].pid);

const connections = async (statements: number) =>
  await Promise.all(Array.from({ length: statements }, () => connection()));

test('statements one after the other take one connection', async () => {
  const taken = [await connection(), await connection(), await connection()];
  expect(new Set(taken).size).toBe(1);
});

test('statements at a time take one each, and are shared out evenly where there are more than connections', async () => {
  expect(new Set(await connections(SIZE)).size).toBe(SIZE);
  const taken = await connections(4 * SIZE);
  const shares = [...new Set(taken)].map((pid) => taken.filter((other) => other === pid).length);
  expect(shares).toEqual([4, 4, 4]);
});

test('one that fails leaves its connection to the next', async () => {
  const before = await connection();
  await expect(pool.ask((sql) => sql`select 1 / 0`)).rejects.toThrow('division by zero');
  expect(await connection()).toBe(before);
});
