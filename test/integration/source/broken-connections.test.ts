/**
 * Connections that are reset while an answer is on its way. A driver may send the next query onto a socket that is dead already,
 * and that query is never answered: the run must neither hang nor end in silence, and no row may be lost.
 */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';

interface ResettingProxy extends AsyncDisposable {
  /** The database's URL, by way of the proxy. */
  url: string;
  resets(): number;
}

/** Lets everything through, but resets connections at the first fetch from a cursor: the one that asks, or all there are. */
async function startResettingProxy(databaseUrl: string, which: 'the one' | 'all'): Promise<ResettingProxy> {
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
      if (resets === 0 && chunk.includes('fetch 2000 from')) {
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

describe.each(['the one', 'all'] as const)('a reset of %s of the connections at a fetch', (which) => {
  test.each(['--dry-run', '--verify'])('costs %s no row, and is told', async (mode) => {
    await using world = await startWorld({ plugin: 'quirky' });
    const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: {} });
    const rows = Array.from({ length: 60 }, (_, index) =>
      memory({ workspaceId: tree.workspace('acme'), content: `Invoice ${index} was paid.` }),
    );
    await insertMemories(world.sql, rows);
    if (mode === '--verify') await world.backfill(['--apply']);
    await using proxy = await startResettingProxy(world.databaseUrl, which);

    const { report, code } = await world.backfill([mode], { DATABASE_URL: proxy.url });

    expect(proxy.resets()).toBe(1);
    expect(report.notices).toEqual([expect.stringContaining('The cursor over the source was lost')]);
    expect(report.result).toMatchObject(
      mode === '--verify' ? { rows: { compared: 60, matched: 60 } } : { changes: { new: 60 } },
    );
    expect(code).toBe(0);
  });
});
