/** The reference plugin when its database goes away, hangs and comes back: it says so, and recovers by itself. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase, type Database } from '../support/postgres.ts';
import { type PluginProcess, startReferencePlugin } from '../support/reference-plugin.ts';

let database: Database;
let gate: Gate;
let plugin: PluginProcess;
beforeAll(async () => {
  database = await createDatabase(clusterUrl(), 'plugin_database');
  gate = await openGate(database.url);
  plugin = await startReferencePlugin({ databaseUrl: gate.url });
  await send('PUT', '/v1/namespaces/custom:a', { kind: 'custom' });
});
afterAll(async () => {
  await plugin.stop();
  await gate.shut();
  await database.drop();
});
beforeEach(async () => {
  expect((await send('GET', '/v1/health')).status).toBe(200);
});

const unavailable = { status: 503, body: { code: 'unavailable', message: expect.any(String) } };
const memory = { content: 'a', kind: 'fact', source: 'agent' };

test('a database that went away: health and everything else answer 503 `unavailable`, until it is back', async () => {
  await gate.shut();
  for (const [method, path, body] of [
    ['GET', '/v1/health', undefined],
    ['POST', '/v1/namespaces/custom:a/memories', memory],
    ['POST', '/v1/search', { namespaces: ['custom:a'] }],
  ] as const) {
    expect(await send(method, path, body)).toEqual(unavailable);
  }
  await gate.reopen();
  await vi.waitFor(async () => expect((await send('GET', '/v1/health')).status).toBe(200), { timeout: 10_000 });
  expect((await send('POST', '/v1/namespaces/custom:a/memories', memory)).status).toBe(201);
});

test('a database that hangs: health answers 503 within seconds, to all who ask, and 200 once it goes on', async () => {
  gate.hold();
  const asked = performance.now();
  const answers = await Promise.all(Array.from({ length: 30 }, () => send('GET', '/v1/health')));
  expect(performance.now() - asked).toBeLessThan(8000);
  expect(answers).toEqual(Array.from({ length: 30 }, () => unavailable));
  gate.letGo();
  await vi.waitFor(async () => expect((await send('GET', '/v1/health')).status).toBe(200), { timeout: 10_000 });
});

test('a database that drops a connection under a running commit: that commit answers 503, the next one 201', async () => {
  gate.hold();
  const commit = send('POST', '/v1/namespaces/custom:a/memories', memory);
  await gate.heldBack();
  gate.dropConnections();
  gate.letGo();
  expect(await commit).toEqual(unavailable);
  await vi.waitFor(async () => {
    expect((await send('POST', '/v1/namespaces/custom:a/memories', memory)).status).toBe(201);
  });
});

async function send(method: string, path: string, body?: object) {
  const response = await fetch(plugin.url + path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: await response.json() };
}

/** What stands between the plugin and Postgres, and can make it look gone or hung. */
interface Gate {
  url: string;
  /** Drops all connections, and accepts no more. */
  shut(): Promise<void>;
  reopen(): Promise<void>;
  dropConnections(): void;
  /** Keeps back whatever the plugin sends from now on. */
  hold(): void;
  /** Resolves once something is being kept back. */
  heldBack(): Promise<void>;
  letGo(): void;
}

async function openGate(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl);
  const pairs = new Set<[plugin: Socket, postgres: Socket]>();
  let holding = false;

  function join(plugin: Socket): void {
    const postgres = connect(Number(target.port || 5432), target.hostname);
    const pair: [Socket, Socket] = [plugin, postgres];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    postgres.pipe(plugin);
    if (!holding) plugin.pipe(postgres);
  }

  const listen = async (port: number): Promise<Server> => {
    const server = createServer(join).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');

  const dropConnections = () => {
    for (const [plugin] of pairs) plugin.destroy();
  };
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(address.port) }).href,
    async shut() {
      const closed = once(server, 'close');
      server.close();
      dropConnections();
      await closed;
    },
    async reopen() {
      server = await listen(address.port);
    },
    dropConnections,
    hold() {
      holding = true;
      for (const [plugin, postgres] of pairs) plugin.unpipe(postgres);
    },
    async heldBack() {
      await Promise.race([...pairs].map(([plugin]) => once(plugin, 'readable')));
    },
    letGo() {
      holding = false;
      for (const [plugin, postgres] of pairs) plugin.pipe(postgres);
    },
  };
}
