/** A network between the tool and its database that breaks once, at a moment of the test's choosing. */
import type { Socket } from 'node:net';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface ResettingProxy extends TcpProxy {
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
  const clients = new Set<Socket>();
  let resets = 0;
  const proxy = await startTcpProxy(databaseUrl, (client, upstream) => {
    clients.add(client);
    client.on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
    upstream.pipe(client);
    client.on('data', (chunk) => {
      if (resets === 0 && chunk.includes(at)) {
        resets++;
        for (const socket of which === 'all' ? clients : [client]) socket.resetAndDestroy();
      } else upstream.write(chunk);
    });
  });
  return { ...proxy, resets: () => resets };
}
