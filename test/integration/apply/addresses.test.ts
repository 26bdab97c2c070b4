/** Where a plugin may live, and how it is talked to: slashes, path prefixes, tokens, users. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantLane } from './lane.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterAll(() => world.release());

/** A gateway that serves the plugin under a path, and nothing beside it. */
async function gateway(path: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith(`${path}/v1/`)) return void outgoing.writeHead(404).end('no such service');
    const { method, headers } = incoming;
    const forwarded = request(
      `${world.plugin.url}${incoming.url.slice(path.length)}`,
      { method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return {
    url: `http://127.0.0.1:${address.port}${path}`,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
    },
  };
}

/** Applies a row of its own to the plugin at this address, and expects it to arrive. */
async function applyTo(url: string, env: Record<string, string> = {}) {
  const { args, kept } = await plantLane(world, 'one');
  const run = await world.backfill(args, { MEMORY_PLUGIN_URL: url, ...env });
  expect(run.report).toMatchObject({ exitCode: 0, result: { written: 1 } });
  expect(await kept()).toEqual(['one']);
  return run;
}

test('a trailing slash makes no difference', async () => {
  const { report } = await applyTo(`${world.plugin.url}/`);
  expect(report.plugin?.url).toBe(world.plugin.url);
  // It is the same plugin to the ledger, too.
  const again = await world.backfill(['--apply'], { MEMORY_PLUGIN_URL: world.plugin.url });
  expect(again.report.result).toMatchObject({ written: 0, recorded: 1 });
});

test('a plugin may live under a path, with a trailing slash and without', async () => {
  await using behind = await gateway('/team-a/memory plugin'.replace(' ', '%20'));
  expect((await applyTo(behind.url)).report.plugin?.url).toBe(behind.url);
  expect((await applyTo(`${behind.url}/`)).report.plugin?.url).toBe(behind.url);
});

test('MEMORY_PLUGIN_TOKEN arrives as a bearer token with every request, and is never printed', async () => {
  const token = 'token.of-the/operator~42==';
  const run = await applyTo(world.plugin.url, { MEMORY_PLUGIN_TOKEN: token });
  for (const operation of ['getHealth', 'commitMemory'] as const) {
    expect(await world.plugin.lastHeaders(operation)).toMatchObject({ authorization: `Bearer ${token}` });
  }
  expect(run.stdout + run.stderr).not.toContain(token);
});

test('a user in MEMORY_PLUGIN_URL arrives as Basic authorization, and is never printed', async () => {
  const url = new URL(world.plugin.url);
  url.username = 'operator';
  url.password = 'salt & pepper';
  const run = await applyTo(url.href);
  const credentials = Buffer.from('operator:salt & pepper').toString('base64');
  expect(await world.plugin.lastHeaders('commitMemory')).toMatchObject({ authorization: `Basic ${credentials}` });
  expect(run.report.plugin?.url).toBe(world.plugin.url);
  for (const secret of ['pepper', credentials]) expect(run.stdout + run.stderr).not.toContain(secret);
});

test('without a token and a user no Authorization header is sent', async () => {
  await applyTo(world.plugin.url);
  expect(await world.plugin.lastHeaders('commitMemory')).not.toHaveProperty('authorization');
});
