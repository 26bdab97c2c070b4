/** A network between the tool and its database that breaks once, at a moment of the test's choosing. */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export interface ResettingProxy extends AsyncDisposable {
  /** The database's URL, by way of the proxy. */
  url: string;
  resets(): number;
}

/**
 * Lets everything through, but resets connections when the first query with this text comes by: the one that it came over, or all there
 * are.
 */
export async function startResettingProxy(
  databaseUrl: string,
  at: string,
  which: 'the one' | 'all' = 'the one',
): Promise<ResettingProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let resets = 0;
  const server = createServer((client) => {
    const upstream = dial(Number(target.port), target.hostname);
    open.add(client);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('close', () => {
      open.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
    upstream.pipe(client);
    client.on('data', (chunk) => {
      if (resets === 0 && chunk.includes(at)) {
        resets++;
        for (const socket of which === 'all' ? open : [client]) socket.resetAndDestroy();
      } else upstream.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    resets: () => resets,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
