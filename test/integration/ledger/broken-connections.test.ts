/**
 * The ledger over a connection that breaks while a question is under way. It is asked once more, and not before the connection has
 * come to its end: what is sent in between is never answered.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArchive } from '../../../src/ledger/archive.ts';
import { startResettingProxy } from '../../support/resetting-proxy.ts';
import { entry, type LedgerDatabase, ledgerDatabase, request, runStart } from './ledgers.ts';

let database: LedgerDatabase;
beforeAll(async () => {
  database = await ledgerDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test('a question whose connection breaks is answered all the same, at once, though there is no other connection', async () => {
  await (await database.open()).begin(runStart());
  await using proxy = await startResettingProxy(database.url, 'select clock_timestamp() as now');
  const archive = await openArchive(request(proxy.url));

  expect(Date.parse(await archive.now())).not.toBeNaN();

  expect(proxy.resets()).toBe(1);
  await archive.close();
});

test('what the run writes is announced once more, and a batch is not: whether it was recorded is not known', async () => {
  await using announcing = await startResettingProxy(database.url, 'namespaces_seen_clean (pair');
  const log = await (await database.open({ url: announcing.url })).begin(runStart());
  await log.announce(null, ['team:a']);
  expect(announcing.resets()).toBe(1);

  await using recording = await startResettingProxy(database.url, 'insert into memory_backfill.entries');
  const other = await (await database.open({ url: recording.url })).begin(runStart());
  await expect(other.record([entry()], null, {})).rejects.toThrow('The ledger could not record a batch');
  expect(recording.resets()).toBe(1);
});
