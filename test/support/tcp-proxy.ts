/** A place between a program and its database, where a test decides what becomes of the bytes. */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  /** The database's URL, by way of the proxy. */
  url: string;
  /** Those that are open, of both sides. */
  sockets: ReadonlySet<Socket>;
}

/** @param meet told of every client and of the connection that was opened for it; to have anything pass between them is its affair */
export async function startTcpProxy(
  databaseUrl: string,
  meet: (client: Socket, upstream: Socket) => void,
): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // A connection that breaks is what is being tested.
      socket.on('close', () => sockets.delete(socket));
    }
    meet(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
