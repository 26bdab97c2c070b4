/** One run at a time: who holds the lock keeps the others out, whoever loses it is told, and a crash frees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOCK_CLASS } from '../../../src/ledger/advisory.ts';
import type { Ledger, LockWatch } from '../../../src/ledger/ledger.ts';
import { type PairLock, type Rhythm, takeLock } from '../../../src/ledger/lock.ts';
import { asking } from '../../../src/ledger/session.ts';
import { connect, type Sql } from '../../../src/postgres/connection.ts';
import { reader } from '../../../src/postgres/reading.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { entry, type LedgerDatabase, ledgerDatabase, PAIR, refusal, request, runStart } from './ledgers.ts';
import { startPooler } from './pooler.ts';

const QUICK: Rhythm = { beat: 20, provenWithin: 2_000, pauses: [10, 50] };
const NEVER = new AbortController().signal;
const silent = { proven() {}, lost() {}, regained() {}, overtaken() {} };

let database: LedgerDatabase;
let first: Ledger;
let second: Ledger;
beforeEach(async () => {
  database = await ledgerDatabase();
  first = await database.open({ rhythm: QUICK });
  second = await database.open({ rhythm: QUICK });
});
afterEach(() => database[Symbol.asyncDispose]());

/** What a run is told of its lock, and a promise for each. */
function watching() {
  const told: string[] = [];
  const lost = Promise.withResolvers<void>();
  const regained = Promise.withResolvers<void>();
  const overtaken = Promise.withResolvers<void>();
  const watch = {
    proven() {},
    lost() {
      told.push('lost');
      lost.resolve();
    },
    regained() {
      told.push('regained');
      regained.resolve();
    },
    overtaken() {
      told.push('overtaken');
      overtaken.resolve();
    },
  };
  return { watch, told, lost: lost.promise, regained: regained.promise, overtaken: overtaken.promise };
}

/** The server sessions that hold an advisory lock of the ledger here. */
async function holders(): Promise<number[]> {
  const rows = await database.sql<{ pid: number }[]>`
    select pid from pg_locks
     where locktype = 'advisory' and granted and classid::bigint = ${LOCK_CLASS}
       and database = (select oid from pg_database where datname = current_database())`;
  return rows.map(({ pid }) => pid);
}

/** Ends the session that holds the lock, as a restart of the server would. */
async function cutHolder(): Promise<void> {
  const [pid, ...others] = await holders();
  expect([pid, others]).toEqual([expect.any(Number), []]);
  await database.sql`select pg_terminate_backend(${pid ?? 0}, 5000)`;
}

describe('a second run of the same pair', () => {
  test('is refused with the run that holds the lock, its actor and its start', async () => {
    await first.lock(silent);
    const start = runStart({ actor: { userId: null, serviceId: 'nightly' } });
    await first.begin(start);
    const error = await refusal(second.lock(silent));
    expect(error).toMatchObject({ name: 'RunError', code: 'ledger' });
    expect(error.message).toMatch(
      new RegExp(
        `: apply ${start.id} of service:nightly, begun at \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC; nothing was sent`,
      ),
    );
  });

  test('is refused with the server session, while the first has not recorded its start; a run that died before is not blamed', async () => {
    const dead = runStart();
    await first.begin(dead);
    await second.lock(silent);
    const third = await database.open();
    const { message } = await refusal(third.lock(silent));
    expect(message).toMatch(/: one that has not recorded its start yet \(server session \d+, there since .* UTC\);/);
    expect(message).not.toContain(dead.id);
  });

  test('is refused in another generation too', async () => {
    await (await first.begin(runStart())).end('done', {}, { code: 0, interruptedBy: null });
    await first.lock(silent);
    const over = await database.open({ startOver: true });
    expect((await refusal(over.lock(silent))).message).toContain('Another run is at work');
  });

  test('is let in when the first has released the lock, or closed its ledger', async () => {
    const lock = await first.lock(silent);
    await lock.release();
    await lock.release();
    await second.lock(silent);
    await second.close();
    await first.lock(silent);
  });
});

test('a run of another pair is kept out by nobody', async () => {
  await first.lock(silent);
  const other = await database.open({ pair: { ...PAIR, plugin: 'http://staging.test' } });
  await other.lock(silent);
});

test('a run whose lock session is ended is told, has the lock again, is told so, and goes on', async () => {
  const { watch, told, lost, regained } = watching();
  await first.lock(watch);
  const log = await first.begin(runStart());
  await cutHolder();
  await lost;
  await regained;
  expect(told).toEqual(['lost', 'regained']);
  expect((await refusal(second.lock(silent))).message).toContain('Another run is at work');
  await log.record([entry()], null, {});
});

test('a run is told again and again that its lock is proven, and once more when it has it again', async () => {
  const events: string[] = [];
  const beats = Promise.withResolvers<void>();
  const regained = Promise.withResolvers<void>();
  await first.lock({
    proven() {
      events.push('proven');
      if (events.length === 4) beats.resolve();
    },
    lost: () => events.push('lost'),
    regained() {
      events.push('regained');
      regained.resolve();
    },
    overtaken() {},
  });
  expect(events).toEqual(['proven']);
  await beats.promise;
  await cutHolder();
  await regained.promise;
  const since = events.indexOf('lost');
  expect(events.slice(since, since + 3)).toEqual(['lost', 'proven', 'regained']);
});

test('a lock that is regained and lost again is regained again', async () => {
  const events: string[] = [];
  await first.lock({
    proven() {},
    lost: () => events.push('lost'),
    regained: () => events.push('regained'),
    overtaken() {},
  });
  for (const times of [1, 2, 3]) {
    await cutHolder();
    await vi.waitFor(() => expect(events).toHaveLength(2 * times));
  }
  expect(events).toEqual(['lost', 'regained', 'lost', 'regained', 'lost', 'regained']);
});

test('a lock that is given up in the session behind the run’s back counts as lost', async () => {
  const { connections, take } = await direct();
  const { watch, lost, regained } = watching();
  await take(watch);
  const [lock] = connections;
  await lock?.sql.unsafe('select pg_advisory_unlock_all()');
  await lost;
  await regained;
});

test('a release says nothing, and neither does a run that is told to stop', async () => {
  const stop = new AbortController();
  const stopped = await database.open({ rhythm: QUICK, stop: stop.signal });
  const { watch, told } = watching();
  await stopped.lock(watch);
  const [pid] = await holders();
  stop.abort();
  // Some beats of the other's lock later, on the same server and in the same rhythm.
  await database.sql`select pg_sleep(0.2)`;
  expect(await holders()).toEqual([pid]);
  await stopped.close();
  expect(told).toEqual([]);
  expect(await holders()).toEqual([]);
});

interface Connection {
  sql: Sql;
  /** Resolves when the connection has ended. */
  ended: Promise<void>;
}

/** The lock by itself, with a look at the connections that it opens; `urlOf` says where each of them goes. */
async function direct(urlOf: (connection: number) => string = () => database.url) {
  const connections: Connection[] = [];
  const sql = connect(database.url, 3);
  onTestFinished(() => sql.end({ timeout: 1 }));
  const [pair] = await sql<{ id: number }[]>`
    select min(id) as id from memory_backfill.pairs where source = ${PAIR.source} and plugin = ${PAIR.plugin}`;
  const family = pair?.id ?? 0;
  let own: string | null = null;
  const read = reader(NEVER, 'ledger');
  const session = { sql, ask: asking(read), tell: asking(read), pair: PAIR, generation: () => family, own: () => own };
  return {
    family,
    connections,
    owned: (runId: string) => {
      own = runId;
    },
    async take(watch: LockWatch, rhythm = QUICK): Promise<PairLock> {
      const open = (onclose: () => void) => {
        const ended = Promise.withResolvers<void>();
        const opened = connect(urlOf(connections.length), 1, {
          onclose() {
            onclose();
            ended.resolve();
          },
        });
        connections.push({ sql: opened, ended: ended.promise });
        return opened;
      };
      const lock = await takeLock({ session, connect: open, read, variable: 'DATABASE_URL', family, watch, rhythm });
      onTestFinished(() => lock.release());
      return lock;
    },
  };
}

test('a lost lock that another run has by now stays lost, even when that run has ended', async () => {
  const { family, connections, take } = await direct();
  const { watch, told, lost } = watching();
  await take(watch);
  const taking = connections.length;
  // Whoever stands in the queue gets the lock in the moment in which the session ends.
  const queue = await database.sql.reserve();
  const turn = queue`select pg_advisory_lock(${LOCK_CLASS}, ${family})`.execute();
  await vi.waitFor(async () => {
    expect(await database.sql`select from pg_locks where locktype = 'advisory' and not granted`).toHaveLength(1);
  });
  await cutHolder();
  await turn;
  await lost;
  await vi.waitFor(() => expect(connections).toHaveLength(taking + 1));
  await connections[taking]?.ended;
  await queue`select pg_advisory_unlock(${LOCK_CLASS}, ${family})`;
  queue.release();
  for (let round = 0; round < 5; round += 1) {
    const lock = await second.lock(silent);
    await (await second.begin(runStart())).end('done', {}, { code: 0, interruptedBy: null });
    await lock.release();
  }
  expect(connections).toHaveLength(taking + 1);
  expect(told).toEqual(['lost', 'overtaken']);
});

test('a lost lock is not taken again where another run has come and gone meanwhile', async () => {
  let reachable = true;
  const { connections, take, owned } = await direct(() =>
    reachable ? database.url : 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
  );
  const { watch, told, lost } = watching();
  await take(watch);
  const start = runStart();
  await first.begin(start);
  owned(start.id);
  reachable = false;
  await cutHolder();
  await lost;
  const lock = await second.lock(silent);
  await (await second.begin(runStart())).end('done', {}, { code: 0, interruptedBy: null });
  await lock.release();
  const tried = connections.length;
  reachable = true;
  await vi.waitFor(() => expect(connections.length).toBeGreaterThan(tried));
  await vi.waitFor(async () => {
    await Promise.all(connections.slice(1).map(({ ended }) => ended));
    expect(await holders()).toEqual([]);
  });
  expect(told).toEqual(['lost', 'overtaken']);
});

test('a session that no longer answers is given up in time, and ended where it still holds the lock', async () => {
  await using proxy = await startFreezingProxy(database.url);
  const { connections, take } = await direct((connection) => (connection === 0 ? proxy.url : database.url));
  const { watch, told, lost, regained } = watching();
  await take(watch, { ...QUICK, provenWithin: 300 });
  const [frozen] = await holders();
  proxy.freeze();
  await lost;
  expect(told).toEqual(['lost']);
  await regained;
  const [now, ...others] = await holders();
  expect(others).toEqual([]);
  expect(now).not.toBe(frozen);
  expect(connections.length).toBeGreaterThan(1);
});

/** Lets everything through until it is frozen, and then nothing, with all connections open. */
async function startFreezingProxy(databaseUrl: string) {
  const proxy = await startTcpProxy(databaseUrl, (client, upstream) => {
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return {
    ...proxy,
    freeze() {
      for (const socket of proxy.sockets) socket.unpipe().pause();
    },
  };
}

test('a run that is killed frees the lock', async () => {
  const script = `
    const { openLedger } = await import(${JSON.stringify(new URL('../../../src/ledger/postgres-ledger.ts', import.meta.url).href)});
    const asked = ${JSON.stringify({ ...request(database.url), stop: undefined })};
    const ledger = await openLedger({ ...asked, stop: new AbortController().signal });
    await ledger.lock({ proven() {}, lost() {}, regained() {} });
    console.log('locked');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    const [printed] = await once(child.stdout, 'data');
    expect(String(printed)).toBe('locked\n');
    expect((await refusal(first.lock(silent))).message).toContain('Another run is at work');
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  await vi.waitFor(() => first.lock(silent), { timeout: 10_000 });
});

describe('a pooler in transaction mode', () => {
  const POOLED =
    /^LEDGER_DATABASE_URL leads to the ledger through a pooler in transaction mode, .* give the ledger a direct connection/;

  test('is found out, and told with the way out; no lock is left behind', async () => {
    await using pooler = await startPooler(database.url);
    const pooled = await database.open({ url: pooler.url, variable: 'LEDGER_DATABASE_URL' });
    const error = await refusal(pooled.lock(silent));
    expect(error).toMatchObject({ name: 'RunError', code: 'configuration' });
    expect(error.message).toMatch(POOLED);
    expect(await holders()).toEqual([]);
  });

  test('is found out where it lends its sessions in turn', async () => {
    await using pooler = await startPooler(database.url, 'first');
    const { take } = await direct(() => pooler.url);
    await logIn(pooler.url, 3);
    expect((await refusal(take(silent))).message).toContain('a pooler in transaction mode');
  });

  test('is found out by a session that bears the mark of another run', async () => {
    await using pooler = await startPooler(database.url, 'first');
    const [session] = await logIn(pooler.url, 1);
    await session?.begin((tx) => tx`select set_config('memory_backfill.mark', 'another run', false)`);
    const { take } = await direct(() => pooler.url);
    expect((await refusal(take(silent))).message).toContain('a pooler in transaction mode');
    // It was told before it had locked anything.
    expect(await holders()).toEqual([]);
  });
});

/** Connections that have each brought the pooler a session. */
async function logIn(url: string, clients: number): Promise<Sql[]> {
  const opened = Array.from({ length: clients }, () => connect(url, 1));
  onTestFinished(async () => void (await Promise.all(opened.map((sql) => sql.end({ timeout: 1 })))));
  for (const sql of opened) await sql`select 1`;
  return opened;
}
