/**
 * A pooler in transaction mode, as small as can be: it lends a server session out for as long as a transaction lasts. Every client brings a session in by logging in with it, so there are as many as clients.
 */
import type { Socket } from 'node:net';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

interface Upstream {
  socket: Socket;
  /** The client that has the session; null while it is idle. */
  client: Socket | null;
  /** Whether it has been lent since its login. */
  used: boolean;
  /** What has come from the server, and is no whole message yet. */
  rest: Buffer;
}

/** @param lending which of the idle sessions is lent next: the one that was given back last, or first */
export async function startPooler(databaseUrl: string, lending: 'last' | 'first' = 'last'): Promise<TcpProxy> {
  const idle: Upstream[] = [];
  const waiting: Array<{ client: Socket; chunk: Buffer }> = [];
  const borrowed = new Map<Socket, Upstream>();

  function lend(client: Socket, chunk: Buffer): void {
    const upstream = borrowed.get(client) ?? (lending === 'last' ? idle.pop() : idle.shift());
    if (!upstream) {
      waiting.push({ client, chunk });
      return;
    }
    upstream.client = client;
    borrowed.set(client, upstream);
    upstream.socket.write(chunk);
  }

  function giveBack(upstream: Upstream): void {
    if (upstream.client) borrowed.delete(upstream.client);
    upstream.client = null;
    // A session that has just been brought in is the last to be lent, as one that nobody has used yet would be.
    if (upstream.used || lending === 'first') idle.push(upstream);
    else idle.unshift(upstream);
    upstream.used = true;
    const next = waiting.shift();
    if (next) lend(next.client, next.chunk);
  }

  return await startTcpProxy(databaseUrl, (client, socket) => {
    const upstream: Upstream = { socket, client, used: false, rest: Buffer.alloc(0) };
    borrowed.set(client, upstream);
    client.on('data', (chunk) => {
      // A goodbye is for the pooler alone: the session stays.
      if (chunk.length === 5 && chunk[0] === 0x58) client.end();
      else lend(client, chunk);
    });
    socket.on('data', (chunk) => {
      const { client: borrower } = upstream;
      const { idle: isIdle, rest } = messages(Buffer.concat([upstream.rest, chunk]));
      upstream.rest = rest;
      borrower?.write(chunk);
      if (isIdle) giveBack(upstream);
    });
  });
}

/** Whether the last whole message says that the session is ready and outside a transaction, and what is left over. */
function messages(received: Buffer): { idle: boolean; rest: Buffer } {
  let idle = false;
  let at = 0;
  while (received.length - at >= 5) {
    const end = at + 1 + received.readUInt32BE(at + 1);
    if (end > received.length) break;
    idle = received[at] === 0x5a && received[at + 5] === 0x49;
    at = end;
  }
  return { idle, rest: received.subarray(at) };
}
