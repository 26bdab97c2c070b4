/** Connections against a server that is no polite one: it closes each after its answer, and says nothing of that. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { pooledTransport } from '../../../src/client/transport.ts';

type Parting = (socket: Socket) => void;

/** Answers each request with its own body, and then parts. @returns its origin, and how many connections it has taken */
async function server(part: Parting) {
  let taken = 0;
  const listening = createServer((socket) => {
    taken++;
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk;
      const [head = '', body] = received.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      received = '';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n${body}`);
      part(socket);
    });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => void listening.close());
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return { origin: `http://127.0.0.1:${address.port}`, taken: () => taken };
}

/** Sends so many requests one after the other, each of them in several lanes. @returns what was answered to whom */
async function exchanged(origin: string, lanes: number, requests: number): Promise<Map<string, string>> {
  const { fetch, Request: Made = Request, close } = pooledTransport(origin);
  const answers = new Map<string, string>();
  const { signal } = new AbortController();
  const headers = { 'content-type': 'text/plain' };
  const lane = async (_: unknown, number: number) => {
    for (let each = 0; each < requests; each++) {
      const body = `${number}-${each}`;
      const answer = fetch(new Made(`${origin}/v1/x`, { method: 'POST', headers, body, signal }));
      answers.set(body, await answer.then((response) => response.text()).catch((error: Error) => error.message));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await close();
  return answers;
}

const lost = (answers: ReadonlyMap<string, string>) => [...answers].filter(([sent, answered]) => sent !== answered);

test('no request is lost to a server that ends each connection after its answer', async () => {
  const { origin } = await server((socket) => socket.end());
  expect(lost(await exchanged(origin, 8, 50))).toEqual([]);
});

test('a server that resets each connection some time after its answer loses requests, and none gets the answer of another', async () => {
  const { origin } = await server((socket) => setImmediate(() => socket.resetAndDestroy()));
  const answers = await exchanged(origin, 8, 50);
  expect(answers.size).toBe(8 * 50);
  expect(lost(answers).filter(([, answered]) => /^\d+-\d+$/.test(answered))).toEqual([]);
});

test('there are as many connections as requests under way, and each is used again', async () => {
  const { origin, taken } = await server(() => {});
  expect(lost(await exchanged(origin, 8, 200))).toEqual([]);
  expect(taken()).toBe(8);
});
