/** Something at MEMORY_PLUGIN_URL that is no plugin, or none that serves: one sentence, exit code 3, and no write. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { type Quirk, type QuirkyPlugin, startQuirkyPlugin } from '../../support/quirky-plugin.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
});
afterAll(() => world.release());

/** Applies to what is at this address, and expects the one sentence; `%` in it stands for the address. */
async function expectRefusal(url: string, sentence: string, ...flags: string[]): Promise<void> {
  const run = await world.backfill(['--apply', ...flags], { MEMORY_PLUGIN_URL: url });
  const message = `What MEMORY_PLUGIN_URL names (${url}) ${sentence}`;
  expect(run.report).toMatchObject({ exitCode: 3, plugin: null, result: null, error: { code: 'plugin', message } });
  expect(Object.keys(run.report.traffic)).toEqual(['getHealth']);
}

describe.concurrent('a plugin', () => {
  const unhealthy: Array<{ quirk: Quirk; sentence: string }> = [
    {
      quirk: 'unhealthy',
      sentence: 'is not serving: The plugin answered 503 and calls itself degraded: it is not able to serve.',
    },
    {
      quirk: 'unhealthy-error',
      sentence: 'is not serving: The plugin answered 503 unavailable: The database does not answer.',
    },
    {
      quirk: 'not-a-plugin',
      sentence: 'is no memory plugin: The plugin answered 200, but with a body of type text/html; charset=utf-8.',
    },
    {
      quirk: 'redirect',
      sentence:
        "is no memory plugin: The plugin's address redirects elsewhere (302), and redirects are not followed: set MEMORY_PLUGIN_URL to the final address.",
    },
  ];

  test.each(unhealthy)('that is $quirk is sent nothing but the question', async ({ quirk, sentence }) => {
    const plugin = await startQuirkyPlugin({ quirks: [quirk] });
    try {
      await expectRefusal(plugin.url, sentence);
      expect(await plugin.counters()).toMatchObject({ writes: 0, requests: { commitMemory: 0, searchMemories: 0 } });
    } finally {
      await plugin.stop();
    }
  });

  test('that hangs is given up after four deadlines', async () => {
    const plugin = await startQuirkyPlugin();
    plugin.freeze();
    try {
      const sentence = 'is not serving: The plugin did not answer within 1 s.';
      await expectRefusal(plugin.url, sentence, '--request-timeout', '1');
    } finally {
      await plugin.stop();
    }
  });

  test('that is gone could not be reached', async () => {
    const plugin = await startQuirkyPlugin();
    await plugin.stop();
    await expectRefusal(plugin.url, 'is not serving: The plugin could not be reached (ECONNREFUSED).');
  });
});

describe.concurrent('another service', () => {
  const services: Record<string, { serve: RequestListener; sentence: string }> = {
    'that answers everything with some JSON': {
      serve: (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
      sentence:
        "is no memory plugin: The plugin answered 200, but its body is not the contract's: the body must have required property 'status'.",
    },
    'that knows no such path': {
      serve: (_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('not here'),
      sentence:
        'is no memory plugin: Something answered 404 with a body of type text/plain instead of an error of the contract.',
    },
    'that wants to know who asks': {
      serve: (_, response) => response.writeHead(401).end(),
      sentence: 'is no memory plugin: Something answered 401 with no body instead of an error of the contract.',
    },
  };

  test.each(Object.entries(services))('%s is told apart from a plugin', async (_, { serve, sentence }) => {
    const { server, url } = await listening(serve);
    try {
      await expectRefusal(url, sentence);
    } finally {
      server.close().closeAllConnections();
    }
  });
});

async function listening(serve: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return { server, url: `http://127.0.0.1:${address.port}` };
}
