/**
 * Makes a Postgres that has but one session fit for a client with several connections.
 *
 * PGlite's server takes turns by message, so that of two connections at a time the one binds what the other has prepared.
 * Here the turn goes by exchange: the connection that has it keeps it from its first byte until the server is ready for a
 * query again, and the bytes of the others wait.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TurnTaker {
  /** The URL that was given, by way of this. */
  url: string;
  stop(): Promise<void>;
}

export async function takingTurns(databaseUrl: string): Promise<TurnTaker> {
  const { hostname, port } = new URL(databaseUrl);
  const turns = new Turns();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    }
    const answers = new Answers();
    client.on('data', (bytes) => turns.take(client, () => upstream.write(bytes)));
    upstream.on('data', (bytes) => {
      client.write(bytes);
      if (answers.end(bytes)) turns.leave(client);
    });
    client.once('close', () => {
      upstream.destroy();
      turns.forget(client);
    });
    upstream.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

class Turns {
  #holder: Socket | undefined;
  #waiting: Array<{ whose: Socket; speak: () => void }> = [];

  take(whose: Socket, speak: () => void): void {
    this.#holder ??= whose;
    if (this.#holder === whose) speak();
    else this.#waiting.push({ whose, speak });
  }

  /** The turn goes to whoever has waited longest, with all that it had to say meanwhile. */
  leave(whose: Socket): void {
    if (this.#holder !== whose) return;
    const next = this.#waiting[0]?.whose;
    const said = this.#waiting.filter((waiting) => waiting.whose === next);
    this.#waiting = this.#waiting.filter((waiting) => waiting.whose !== next);
    this.#holder = next;
    for (const { speak } of said) speak();
  }

  /** One that has hung up has nothing to say any more. */
  forget(whose: Socket): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.whose !== whose);
    this.leave(whose);
  }
}

/** Follows the messages of one server: a byte of type, then four of length, which count themselves, then the rest. */
class Answers {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns whether the last whole message says that the server is ready, and in no transaction. */
  end(bytes: Buffer): boolean {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    let ready = false;
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < length) return false;
      ready = this.#rest.toString('latin1', 0, 1) === 'Z' && this.#rest.toString('latin1', 5, 6) === 'I';
      this.#rest = this.#rest.subarray(length);
    }
    return ready && this.#rest.length === 0;
  }
}
