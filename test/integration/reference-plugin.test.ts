/** The reference plugin as a program: its options, its output, its exit codes, and how it starts and stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase, type Database } from '../support/postgres.ts';
import { PLUGIN_FILE, startReferencePlugin } from '../support/reference-plugin.ts';

let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await createDatabase(clusterUrl(), 'plugin_program');
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('refuses, with exit code 2 and one sentence,', () => {
  test.each<[what: string, args: string[], sentence: RegExp]>([
    ['a start without a database', [], /No database is named/],
    ['a database URL that is none', ['--database-url', 'my database'], /not one of the form postgres:/],
    [
      'a database URL of another kind',
      ['--database-url', 'mysql://root:hunter2@db/x'],
      /not one of the form postgres:/,
    ],
    ['a port that is no number', ['--port', 'http', '--database-url', 'postgres://a'], /--port takes a whole number/],
    [
      'a port that does not exist',
      ['--port', '65536', '--database-url', 'postgres://a'],
      /--port takes a whole number/,
    ],
    ['a pool without a connection', ['--pool', '0', '--database-url', 'postgres://a'], /--pool takes a whole number/],
    ['a schema that needs quoting', ['--schema', 'a"b', '--database-url', 'postgres://a'], /--schema takes/],
    ['a schema of Postgres’s own', ['--schema', 'pg_mine', '--database-url', 'postgres://a'], /--schema takes/],
    ['an unknown flag', ['--databaseurl', 'postgres://a'], /see --help/],
    ['a flag without its value', ['--port'], /see --help/],
    ['an argument that is no flag', ['postgres://me:hunter2@db/x'], /see --help/],
  ])('%s', async (_what, args, sentence) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(/^memory-plugin: [^\n]+\.\n$/);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('hunter2');
    expect([code, stdout]).toEqual([2, '']);
  });

  test('a port that is taken', async () => {
    const plugin = await startReferencePlugin({ databaseUrl: database.url });
    const { code, stdout, stderr } = await run(['--port', new URL(plugin.url).port, '--database-url', database.url]);
    await plugin.stop();
    expect(stderr).toMatch(/^memory-plugin: It cannot listen on port \d+ of 127\.0\.0\.1: .*EADDRINUSE\.\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('refuses, with exit code 3 and one sentence without credentials,', () => {
  const withUser = (url: string, changes: Partial<Pick<URL, 'port' | 'pathname'>> = {}) =>
    Object.assign(new URL(url), { username: 'secret_role', password: 'hunter2', ...changes }).href;

  test.each<[what: string, url: () => string, sentence: RegExp]>([
    ['a login that Postgres refuses', () => withUser(database.url), /refuses the login \(28\w+\)/],
    ['a database where none listens', () => withUser(database.url, { port: '1' }), /cannot be reached: .*ECONNREFUSED/],
    [
      'a database that does not exist',
      () => Object.assign(new URL(database.url), { pathname: '/nowhere' }).href,
      /"nowhere" does not exist \(3D000\)/,
    ],
  ])('%s', async (_what, url, sentence) => {
    const { code, stdout, stderr } = await run(['--port=0'], { MEMORY_PLUGIN_DATABASE_URL: url() });
    expect(stderr).toMatch(/^memory-plugin: [^\n]+\.\n$/);
    expect(stderr).toMatch(sentence);
    for (const secret of ['secret_role', 'hunter2', new URL(database.url).password].filter((each) => each !== '')) {
      expect(stderr).not.toContain(secret);
    }
    expect([code, stdout]).toEqual([3, '']);
  });

  test('tables of a later version', async () => {
    await (await startReferencePlugin({ databaseUrl: database.url, flags: ['--schema=later'] })).stop();
    await sql`insert into later.migrations (number) values (999)`;
    const { code, stderr } = await run(['--port=0', '--schema=later', '--database-url', database.url]);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^memory-plugin: [^\n]*later version[^\n]*\.\n$/)]);
  });
});

test('--help names every flag, and exits 0', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  for (const flag of ['--database-url', '--host', '--port', '--schema', '--pool'])
    expect(stdout).toContain(`\n  ${flag} `);
  expect([code, stderr]).toEqual([0, '']);
});

test('listens on the loopback address only, unless told otherwise', async () => {
  const byDefault = await startReferencePlugin({ databaseUrl: database.url });
  const everywhere = await startReferencePlugin({ databaseUrl: database.url, flags: ['--host=0.0.0.0'] });
  // The whole of 127/8 is this machine; a server on 127.0.0.1 has nothing of it but that.
  expect(await accepts(byDefault.url, '127.0.0.1')).toBe(true);
  expect(await accepts(byDefault.url, '127.0.0.2')).toBe(false);
  expect(await accepts(everywhere.url, '127.0.0.2')).toBe(true);
  await Promise.all([byDefault.stop(), everywhere.stop()]);
});

test('prints exactly one line on stdout, nothing on stderr, and exits 0 when stopped', async () => {
  const plugin = await startWatched();
  const health = await fetch(`${plugin.url}/v1/health`);
  expect(health.status).toBe(200);
  plugin.child.kill('SIGINT');
  const { code, stdout, stderr } = await plugin.ended;
  expect(stdout).toBe(`memory-plugin listening on ${plugin.url}\n`);
  expect([code, stderr]).toEqual([0, '']);
});

test('what goes wrong within answers 500 `internal`, and one line on stderr, both without content', async () => {
  const plugin = await startWatched(['--schema=broken']);
  await put(plugin.url, '/v1/namespaces/custom:a', { kind: 'custom' });
  const memory = { content: 'hunter2', kind: 'fact', source: 'agent' };
  await sql`alter table broken.memories drop column source`;
  const answer = await put(plugin.url, '/v1/namespaces/custom:a/memories', memory, 'POST');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ code: 'internal', message: expect.not.stringContaining('hunter2') });
  plugin.child.kill('SIGTERM');
  const { stderr } = await plugin.ended;
  expect(stderr).toBe('memory-plugin: POST /v1/namespaces/:name/memories failed: PostgresError 42703\n');
});

describe('with a request under way', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s takes no new one, lets it finish, and exits 0', async (signal) => {
    const plugin = await startWatched();
    const content = `held up by ${signal}`;
    const { commit, release } = await commitHeldUp(plugin.url, content);
    plugin.child.kill(signal);
    await vi.waitFor(async () => expect(await accepts(plugin.url, '127.0.0.1')).toBe(false));
    await release();
    const answer = await commit;
    expect([answer.status, answer.headers.get('connection')]).toEqual([201, 'close']);
    expect((await plugin.ended).code).toBe(0);
    expect(await sql`select from memory_plugin.memories where content = ${content}`).toHaveLength(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('a %s after a first signal ends it at once', async (signal) => {
    const plugin = await startWatched();
    const { commit, release } = await commitHeldUp(plugin.url);
    const lost = expect(commit).rejects.toThrow();
    plugin.child.kill('SIGTERM');
    await vi.waitFor(async () => expect(await accepts(plugin.url, '127.0.0.1')).toBe(false));
    plugin.child.kill(signal);
    expect(await plugin.ended).toMatchObject({ code: null, signal });
    await lost;
    await release();
  });
});

test('a connection on which nothing is asked holds up its end for no more than ten seconds', async () => {
  const plugin = await startWatched();
  const silent = connect(Number(new URL(plugin.url).port), '127.0.0.1');
  await once(silent, 'connect');
  const asked = performance.now();
  plugin.child.kill('SIGTERM');
  expect((await plugin.ended).code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(15_000);
  silent.destroy();
});

describe('the tables', () => {
  test('are made once by plugins that start at the same time', async () => {
    const start = () => startReferencePlugin({ databaseUrl: database.url, flags: ['--schema=raced'] });
    const plugins = await Promise.all([start(), start(), start(), start()]);
    const statuses = plugins.map(async ({ url }) => (await fetch(`${url}/v1/health`)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200]);
    await Promise.all(plugins.map((plugin) => plugin.stop()));
    const numbers = (await sql`select number from raced.migrations order by number`).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
  });

  test('and what is in them are left alone by the next start', async () => {
    const first = await startReferencePlugin({ databaseUrl: database.url, flags: ['--schema=kept'] });
    await put(first.url, '/v1/namespaces/custom:kept', { kind: 'custom', metadata: { kept: true } });
    await first.kill();
    const applied = await sql`select * from kept.migrations`;
    const second = await startReferencePlugin({ databaseUrl: database.url, flags: ['--schema=kept'] });
    expect(await sql`select * from kept.migrations`).toEqual(applied);
    expect(await sql`select metadata from kept.namespaces`).toEqual([{ metadata: { kept: true } }]);
    await second.stop();
  });

  test('of two schemas have nothing to do with each other', async () => {
    const flags = (schema: string) => ({ databaseUrl: database.url, flags: [`--schema=${schema}`] });
    const [one, two] = await Promise.all([startReferencePlugin(flags('one')), startReferencePlugin(flags('two'))]);
    await put(one.url, '/v1/namespaces/custom:a', { kind: 'custom' });
    expect((await put(two.url, '/v1/namespaces/custom:a/memories', {}, 'POST')).status).toBe(400);
    const memory = { content: 'a', kind: 'fact', source: 'agent' };
    expect((await put(two.url, '/v1/namespaces/custom:a/memories', memory, 'POST')).status).toBe(404);
    expect((await put(one.url, '/v1/namespaces/custom:a/memories', memory, 'POST')).status).toBe(201);
    await Promise.all([one.stop(), two.stop()]);
  });

  test('are made by a user who owns no more than the schema', async () => {
    const role = `owner_${process.pid}`;
    await sql.unsafe(`create role ${role} login password 'hunter2'; create schema owned authorization ${role}`);
    const url = Object.assign(new URL(database.url), { username: role, password: 'hunter2' }).href;
    const plugin = await startReferencePlugin({ databaseUrl: url, flags: ['--schema=owned'] });
    expect((await put(plugin.url, '/v1/namespaces/custom:a', { kind: 'custom' })).status).toBe(200);
    await plugin.stop();
    await sql.unsafe(`drop schema owned cascade; drop role ${role}`);
  });
});

/** Runs the plugin where it ends by itself. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  return outcomeOf(spawnPlugin(args, env));
}

/** Starts it without the launcher, so that its output and its end can be seen. */
async function startWatched(flags: readonly string[] = []) {
  const child = spawnPlugin(['--port=0', ...flags], { MEMORY_PLUGIN_DATABASE_URL: database.url });
  const ended = outcomeOf(child);
  const [line] = await once(child.stdout, 'data');
  return { child, ended, url: String(line).trim().split(' ').at(-1) ?? '' };
}

function spawnPlugin(args: readonly string[], env: Record<string, string>) {
  const { PATH } = process.env;
  return spawn(process.execPath, [PLUGIN_FILE, ...args], {
    env: { ...(PATH !== undefined && { PATH }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outcomeOf(child: ReturnType<typeof spawnPlugin>) {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)]);
  process.off('exit', kill);
  return { code, signal, stdout, stderr };
}

function endOf(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve([code, signal])));
}

/** Starts a commit that waits for a lock in the database, and resolves once it does; `release` lets it go on. */
async function commitHeldUp(url: string, content = 'held up') {
  await put(url, '/v1/namespaces/custom:held', { kind: 'custom' });
  const session = await sql.reserve();
  await session`begin`;
  await session`lock table memory_plugin.memories in exclusive mode`;
  const memory = { content, kind: 'fact', source: 'agent' };
  const commit = put(url, '/v1/namespaces/custom:held/memories', memory, 'POST');
  await vi.waitFor(async () => {
    const waiting = await sql`select from pg_locks where not granted and relation = 'memory_plugin.memories'::regclass`;
    expect(waiting).toHaveLength(1);
  });
  return {
    commit,
    async release() {
      await session`rollback`;
      session.release();
    },
  };
}

function put(url: string, path: string, body: object, method = 'PUT'): Promise<Response> {
  return fetch(url + path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

/** Whether a TCP connection to the plugin's port on this address comes about. */
async function accepts(url: string, host: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
