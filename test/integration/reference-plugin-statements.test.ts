/** What the reference plugin asks of Postgres for a commit, seen on the wire between the two. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase, type Database } from '../support/postgres.ts';
import { type PluginProcess, startReferencePlugin } from '../support/reference-plugin.ts';

let database: Database;
let tap: Tap;
let plugin: PluginProcess;
beforeAll(async () => {
  database = await createDatabase(clusterUrl(), 'plugin_statements');
  tap = await openTap(database.url);
  plugin = await startReferencePlugin({ databaseUrl: tap.url, flags: ['--pool=1'] });
  for (const name of ['custom:a', 'custom:b']) await send('PUT', `/v1/namespaces/${name}`, { kind: 'custom' });
});
afterAll(async () => {
  await plugin.stop();
  await tap.close();
  await database.drop();
});

test('a connection is told the statement of a commit once, however commits differ, and prepares it', async () => {
  const id = randomUUID();
  const memory = { content: 'The depot opens at six.', kind: 'fact', source: 'agent' };
  const commits = [
    memory,
    { ...memory, id },
    { ...memory, id, kind: 'summary', source: 'user', content: 'The depot opens at five.' },
    { ...memory, pin: true, expires_at: '2091-01-01T00:00:00Z', propagation: { colour: 'blue' } },
    { ...memory, expires_at: null, propagation: null, embedding: null },
    { ...memory, embedding: [1, 2, 3] },
  ];
  const told = tap.count('insert into memory_plugin.memories');
  for (const body of commits) {
    for (const name of ['custom:a', 'custom:b', 'custom:a']) {
      expect(await send('POST', `/v1/namespaces/${name}/memories`, body)).toBe(201);
    }
    expect(await send('POST', '/v1/namespaces/custom:missing/memories', body)).toBe(404);
  }
  expect(tap.count('insert into memory_plugin.memories') - told).toBe(1);
});

test('a commit that Postgres refuses fails alone among those that share its connection', async () => {
  const outOfRange = '0000-01-01T00:00:00Z';
  const answers = Array.from({ length: 60 }, (_commit, index) => {
    const memory = { content: `one of many, ${index}`, kind: 'fact', source: 'agent' };
    const body = index % 5 === 2 ? { ...memory, expires_at: outOfRange } : memory;
    return send('POST', '/v1/namespaces/custom:a/memories', body);
  });
  expect(await Promise.all(answers)).toEqual(answers.map((_answer, index) => (index % 5 === 2 ? 400 : 201)));
});

async function send(method: string, path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(plugin.url + path, { method, headers, body: JSON.stringify(body) });
  await response.arrayBuffer();
  return response.status;
}

/** Stands between the plugin and Postgres, and keeps what the plugin says. */
interface Tap {
  url: string;
  /** How often it has said this so far. */
  count(words: string): number;
  close(): Promise<void>;
}

async function openTap(databaseUrl: string): Promise<Tap> {
  const target = new URL(databaseUrl);
  const said: Buffer[] = [];
  const sockets = new Set<Socket>();

  function join(plugin: Socket): void {
    const postgres = connect(Number(target.port || 5432), target.hostname);
    const pair = [plugin, postgres];
    for (const socket of pair) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        for (const each of pair) each.destroy();
      });
    }
    plugin.on('data', (chunk: Buffer) => void said.push(chunk));
    plugin.pipe(postgres).pipe(plugin);
  }

  const server: Server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(address.port) }).href,
    count: (words) => Buffer.concat(said).toString('latin1').split(words).length - 1,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
