/** Who may open a ledger, what those who may not are told, and what opening it leaves behind. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedger, readLedger } from '../../../src/ledger/postgres-ledger.ts';
import { ENTRY_OUTCOMES } from '../../../src/model/ledger.ts';
import {
  collected,
  DIGEST,
  entry,
  type LedgerDatabase,
  ledgerDatabase,
  PAIR,
  refusal,
  request,
  runStart,
} from './ledgers.ts';

let database: LedgerDatabase;
/** A user with no rights but to log in, with a name that has to be quoted. */
let user: string;
let asUser: string;
let name: string;
beforeAll(async () => {
  database = await ledgerDatabase();
  name = new URL(database.url).pathname.slice(1);
  user = `"app ${name}"`;
  await database.sql.unsafe(`create role ${user} login password 'salt & pepper/1'`);
  const url = new URL(database.url);
  url.username = user.slice(1, -1);
  url.password = 'salt & pepper/1';
  asUser = url.href;
});
afterAll(async () => {
  await database.sql.unsafe(`drop owned by ${user}; drop role ${user}`);
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.sql.unsafe(`drop schema if exists memory_backfill cascade; drop owned by ${user}`);
});

const WAYS = 'name another database in LEDGER_DATABASE_URL, or pass --no-ledger.';
const open = (url = asUser) => database.open({ url });
const read = (url = asUser) => readLedger(request(url));

async function refused(attempt: Promise<unknown>): Promise<string> {
  const error = await refusal(attempt);
  expect(error).toMatchObject({ name: 'RunError', code: 'configuration' });
  expect(error.message).not.toContain('pepper');
  return error.message;
}

describe('a user', () => {
  test('who may not create the ledger is told the three ways out, and the first of them leads out', async () => {
    expect(await refused(open())).toBe(
      `DATABASE_URL names the user ${user}, who may not create the ledger (schema memory_backfill): GRANT CREATE ON DATABASE ${name} TO ${user}, ${WAYS}`,
    );
    await database.sql.unsafe(`grant create on database ${name} to ${user}`);
    const ledger = await open();
    await (await ledger.begin(runStart())).record([entry()], null, {});
  });

  test('who may not use the ledger there is told so, and what is said to be granted is enough', async () => {
    await open(database.url);
    expect(await refused(open())).toBe(
      `DATABASE_URL names the user ${user}, who may not use the ledger there: GRANT USAGE ON SCHEMA memory_backfill, GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA memory_backfill and GRANT UPDATE ON memory_backfill.runs, each TO ${user}, ${WAYS}`,
    );
    await database.sql.unsafe(`
      grant usage on schema memory_backfill to ${user};
      grant select, insert on all tables in schema memory_backfill to ${user};
      grant update on memory_backfill.runs to ${user}`);
    const ledger = await open();
    const lock = await ledger.lock({ proven() {}, lost() {}, regained() {}, overtaken() {} });
    const log = await ledger.begin(runStart());
    await log.announce(null, ['team:a']);
    await log.record([entry()], null, {});
    await log.end('done', {}, { code: 0, interruptedBy: null });
    await lock.release();
  });

  test('who may only read writes nothing, and reads what is there', async () => {
    const writing = await open(database.url);
    const start = runStart();
    const copied = entry();
    await (await writing.begin(start)).record([copied], null, {});
    await database.sql.unsafe(`
      grant usage on schema memory_backfill to ${user}; grant select on all tables in schema memory_backfill to ${user}`);
    expect(await refused(open())).toContain('who may not use the ledger there');
    const ledger = await read();
    expect((await ledger?.recall([copied.memoryId]))?.get(copied.memoryId)?.copy?.digest).toBe(DIGEST);
    expect(await ledger?.unfinished()).toMatchObject({ id: start.id });
    await expect(ledger?.begin(runStart())).rejects.toThrow('for reading');
    await expect(ledger?.lock({ proven() {}, lost() {}, regained() {}, overtaken() {} })).rejects.toThrow(
      'for reading',
    );
    await ledger?.close();
  });

  test('who may not even read is told the ways out, and what is said to be granted is enough', async () => {
    await open(database.url);
    expect(await refused(read())).toBe(
      `DATABASE_URL names the user ${user}, who may not read the ledger there: GRANT USAGE ON SCHEMA memory_backfill TO ${user} and GRANT SELECT ON ALL TABLES IN SCHEMA memory_backfill TO ${user}, ${WAYS}`,
    );
    await database.sql.unsafe(`
      grant usage on schema memory_backfill to ${user}; grant select on all tables in schema memory_backfill to ${user}`);
    await (await read())?.close();
  });

  test('who may use the ledger but does not own it cannot bring it up to date', async () => {
    await open(database.url);
    await database.sql.unsafe(`
      delete from memory_backfill.migrations where number > 1;
      grant usage on schema memory_backfill to ${user};
      grant select, insert, update on all tables in schema memory_backfill to ${user}`);
    expect(await refused(open())).toBe(
      `DATABASE_URL names the user ${user}, who may not bring the ledger there up to this version: GRANT postgres TO ${user}, ${WAYS}`,
    );
  });

  test('of an empty schema without the right to create in it is told so', async () => {
    await database.sql.unsafe(`create schema memory_backfill; grant usage on schema memory_backfill to ${user}`);
    expect(await refused(open())).toContain(`GRANT CREATE ON SCHEMA memory_backfill TO ${user}`);
  });
});

describe('a URL', () => {
  test('that is none is told by its variable', async () => {
    const attempt = openLedger(request('postgres://app:hunter2@db:no-port/x', { variable: 'LEDGER_DATABASE_URL' }));
    expect(await refused(attempt)).toBe(
      'LEDGER_DATABASE_URL is not a URL of the form postgres://user:password@host:port/database.',
    );
  });

  test('that sets the time zone is refused', async () => {
    const url = new URL(database.url);
    url.searchParams.set('TimeZone', 'Asia/Tokyo');
    expect(await refused(open(url.href))).toContain('DATABASE_URL sets TimeZone or DateStyle itself');
  });

  test('of sessions that only read cannot have a ledger made', async () => {
    const url = new URL(database.url);
    url.searchParams.set('default_transaction_read_only', 'on');
    expect(await refused(open(url.href))).toMatch(
      /^DATABASE_URL leads to a database that takes no writes .*--no-ledger\.$/,
    );
    expect(await read(url.href)).toBeNull();
  });

  test('where nothing listens is an error of the ledger', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const expected = { code: 'ledger', message: 'The ledger could not be reached: connect ECONNREFUSED 127.0.0.1:1.' };
    expect(await refusal(open(url.href))).toMatchObject(expected);
    expect(await refusal(read(url.href))).toMatchObject(expected);
  });
});

describe('reading', () => {
  test('makes no ledger where there is none', async () => {
    expect(await read(database.url)).toBeNull();
    expect(await database.sql`select from pg_namespace where nspname = 'memory_backfill'`).toEqual([]);
    await database.sql.unsafe('create schema memory_backfill');
    expect(await read(database.url)).toBeNull();
  });

  test('knows nothing of a pair that has had no run, and writes it nowhere', async () => {
    await open(database.url);
    const ledger = await readLedger(request(database.url, { pair: { ...PAIR, plugin: 'http://staging.test' } }));
    expect(await ledger?.copies(1)).toEqual([]);
    expect(await ledger?.unfinished()).toBeNull();
    await ledger?.close();
    expect(await database.sql`select plugin from memory_backfill.pairs`).toEqual([{ plugin: PAIR.plugin }]);
  });

  test('works on a ledger of an earlier version, and leaves it at that', async () => {
    const start = runStart({ actor: { userId: null, serviceId: null } });
    await (await open(database.url)).begin(start);
    await database.sql.unsafe(`
      delete from memory_backfill.migrations where number > 1;
      alter table memory_backfill.runs drop column actor_user_id, drop column actor_service_id`);
    const ledger = await read(database.url);
    expect(await ledger?.run(start.id)).toMatchObject(start);
    await ledger?.close();
    expect(await database.sql`select max(number) from memory_backfill.migrations`).toEqual([{ max: 1 }]);
  });
});

test.each(['entries', 'namespaces_seen_clean', 'keys'])('%s are append-only, even for a superuser', async (table) => {
  const log = await (await open(database.url)).begin(runStart());
  await log.announce(null, ['team:a']);
  await log.record([entry()], null, {});
  const column = table === 'entries' ? 'reason' : table === 'keys' ? 'made_at' : 'seen_at';
  const rows = () => database.sql.unsafe(`select * from memory_backfill.${table}`);
  const before = [...(await rows())];
  expect(before).toHaveLength(1);
  for (const statement of [
    `update memory_backfill.${table} set ${column} = null`,
    `delete from memory_backfill.${table}`,
    `truncate memory_backfill.${table}`,
  ]) {
    expect(await refusal(database.sql.unsafe(statement)), statement).toMatchObject({
      code: '23001',
      message: `the ledger is append-only: ${statement.split(' ')[0]?.toUpperCase()} of memory_backfill.${table} is refused`,
    });
  }
  expect([...(await rows())]).toEqual(before);
});

test('what the ledger takes is what the model has: every outcome, and a copy only with its digest', async () => {
  const log = await (await open(database.url)).begin(runStart());
  await log.record(
    ENTRY_OUTCOMES.map((outcome) => entry({ outcome })),
    null,
    {},
  );
  for (const outcome of ['written', 'adopted'] as const) {
    expect(await refusal(log.record([entry({ outcome, digest: null })], null, {}))).toMatchObject({ code: 'ledger' });
    expect(await refusal(log.record([entry({ outcome, namespace: null })], null, {}))).toMatchObject({
      code: 'ledger',
    });
  }
});

test('a batch that cannot be stored leaves neither its other entries nor its checkpoint', async () => {
  const ledger = await open(database.url);
  const start = runStart();
  const log = await ledger.begin(start);
  const at = { createdAt: null, id: '11111111-1111-4111-8111-111111111111' };
  await refusal(log.record([entry(), entry({ digest: null })], at, { written: 2 }));
  expect(await ledger.run(start.id)).toMatchObject({ checkpoint: null, counts: {} });
  expect(await collected(ledger.entries(start.id, ENTRY_OUTCOMES))).toEqual([]);
});

describe('two pairs', () => {
  test('know nothing of each other, but share the key of the digests', async () => {
    const first = await open(database.url);
    const copied = entry();
    await (await first.begin(runStart())).record([copied], null, {});
    const other = await database.open({ pair: { ...PAIR, plugin: 'http://staging.test' } });
    expect(await other.recall([copied.memoryId])).toEqual(new Map());
    expect(await other.copies(1)).toEqual([]);
    const memory = {
      id: copied.memoryId,
      namespace: 'team:a',
      content: 'x',
      kind: 'fact',
      source: 'agent',
      pinned: false,
      createdAt: '2025-01-01T00:00:00Z',
      expiresAt: null,
      provenance: null,
    };
    expect(other.digester.ofObserved(memory)).toBe(first.digester.ofObserved(memory));
  });
});

describe('starting over', () => {
  const over = () => database.open({ startOver: true });

  async function copied(ledger: Ledger): Promise<string> {
    const written = entry();
    const log = await ledger.begin(runStart());
    await log.announce(null, ['team:a']);
    await log.record([written], null, {});
    return written.memoryId;
  }

  test('makes the entries there are count no longer, from the first run on, and keeps them', async () => {
    const before = await open(database.url);
    const old = await copied(before);
    const ledger = await over();
    // It has not begun: whoever opens the ledger meanwhile still finds what was there.
    expect((await (await open(database.url)).recall([old])).size).toBe(1);
    for (const known of [ledger, ledger]) {
      expect(await known.recall([old])).toEqual(new Map());
      expect(await known.outstanding([{ id: old, updatedAt: null }])).toEqual([old]);
      expect(await known.seenClean(['team:a'])).toEqual(new Set());
      expect([await known.copies(1), await known.failures(null), await known.unfinished()]).toEqual([[], [], null]);
    }
    const fresh = await copied(ledger);
    const after = await open(database.url);
    expect([...(await after.recall([old, fresh])).keys()]).toEqual([fresh]);
    expect(await database.sql`select memory_id from memory_backfill.entries order by seq`).toEqual([
      { memory_id: old },
      { memory_id: fresh },
    ]);
  });

  test('needs no new generation where nothing has run yet', async () => {
    await copied(await over());
    expect(await database.sql`select generation from memory_backfill.pairs`).toEqual([{ generation: 1 }]);
  });

  test('by another run ends this one before it begins', async () => {
    await copied(await open(database.url));
    const [slow, slower, quick] = [await open(database.url), await over(), await over()];
    await copied(quick);
    for (const ledger of [slow, slower]) {
      expect(await refusal(ledger.begin(runStart()))).toMatchObject({
        code: 'ledger',
        message: expect.stringContaining('has started the ledger of this source and plugin over'),
      });
    }
    expect(await database.sql`select generation from memory_backfill.pairs order by generation`).toEqual([
      { generation: 1 },
      { generation: 2 },
    ]);
  });
});
