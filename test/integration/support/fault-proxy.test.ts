/**
 * Pins the fault proxy from both of its ends: a server that stands for the plugin, and clients on http and on bare sockets,
 * which see how a connection ends.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';

let plugin: Server;
let proxy: FaultProxy;
/** What the server behind the proxy does; each test may give it another. */
let serve: RequestListener;
/** What has reached the server behind the proxy, once the body was there in full. */
let stored: Array<{ method: string; path: string; headers: IncomingMessage['headers']; body: Buffer }>;

beforeEach(async () => {
  stored = [];
  serve = (_, response) => response.writeHead(201, { 'content-length': 10 }).end('0123456789');
  plugin = createServer(async (request, response) => {
    serve(request, response);
    const { method = '', url: path = '', headers } = request;
    stored.push({ method, path, headers, body: await buffer(request) });
  }).listen(0, '127.0.0.1');
  await once(plugin, 'listening');
  const address = plugin.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  proxy = await startFaultProxy(`http://127.0.0.1:${address.port}/`);
});
afterEach(async () => {
  await proxy.stop();
  plugin.close().closeAllConnections();
});

async function ask(method = 'GET', path = '/', body?: string, signal?: AbortSignal) {
  const response = await fetch(proxy.url + path, { method, body: body ?? null, signal: signal ?? null });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** @returns all that a bare connection receives, and how it ends: by an orderly end or with an error. */
async function bareExchange(method = 'POST'): Promise<{ received: string; end: string }> {
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1').on('data', (bytes: string) => {
    received += bytes;
  });
  socket.write(`${method} /bare HTTP/1.1\r\nHost: plugin\r\nContent-Length: 4\r\n\r\nbody`);
  const ended = once(socket, 'end').then(() => 'end');
  const failed = new Promise<string>((resolve) => socket.on('error', ({ message }) => resolve(message)));
  const end = await Promise.race([ended, failed]);
  socket.destroy();
  return { received, end };
}

const RESET = 'read ECONNRESET';

describe('without a rule', () => {
  it('passes everything on as it is, in both directions, byte for byte', async () => {
    const [sent, answered] = [randomBytes(300_000), randomBytes(300_000)];
    serve = (incoming, response) =>
      incoming.on('end', () => response.writeHead(418, 'Short And Stout', { 'x-answer': 'yes' }).end(answered));
    const client = request(`${proxy.url}/v1/a%20b?c=d`, {
      method: 'PATCH',
      headers: { 'x-asked': 'yes', authorization: 'Bearer t' },
    });
    client.end(sent);
    const [answer]: IncomingMessage[] = await once(client, 'response');
    expect(answer).toMatchObject({
      statusCode: 418,
      statusMessage: 'Short And Stout',
      headers: { 'x-answer': 'yes' },
    });
    expect(answer && answered.equals(await buffer(answer))).toBe(true);
    expect(stored).toMatchObject([
      { method: 'PATCH', path: '/v1/a%20b?c=d', headers: { 'x-asked': 'yes', authorization: 'Bearer t' } },
    ]);
    expect(stored[0]?.body.equals(sent)).toBe(true);
  });

  it('passes on a DELETE with a body, and an answer without one', async () => {
    serve = (_, response) => response.writeHead(204).end();
    expect(await ask('DELETE', '/v1/memories/1', '{"a":1}')).toMatchObject({ status: 204, text: '' });
    expect(String(stored[0]?.body)).toBe('{"a":1}');
  });

  it('streams: the plugin reads the beginning of a request, and the client that of an answer, before the end exists', async () => {
    serve = (incoming, response) => void incoming.once('data', (bytes) => response.write(`seen ${bytes}`));
    const client = request(`${proxy.url}/`, { method: 'POST' });
    const reached = once(plugin, 'request');
    client.write('first');
    const [, response] = await reached;
    client.end('last');
    const [answer]: IncomingMessage[] = await once(client, 'response');
    if (!answer) throw new Error('no answer');
    expect(String((await once(answer, 'data'))[0])).toBe('seen first');
    response.end(' and done');
    expect(await text(answer)).toBe(' and done');
  });

  it('keeps the connection of the client alive', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const reused of [false, true, true]) {
      const client = request(`${proxy.url}/`, { agent }).end();
      const [answer]: IncomingMessage[] = await once(client, 'response');
      if (answer) await text(answer);
      expect(client.reusedSocket).toBe(reused);
    }
    agent.destroy();
  });

  it('resets the client where the plugin is gone, or goes in the middle of an answer', async () => {
    serve = ({ socket }, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('01234', () => socket.destroy());
    };
    expect((await bareExchange()).end).toBe(RESET);
    plugin.close().closeAllConnections();
    expect(await bareExchange()).toEqual({ received: '', end: RESET });
  });

  it('leaves the plugin where the client leaves', async () => {
    serve = () => {};
    const reached = once(plugin, 'request');
    const leaving = new AbortController();
    const asked = ask('GET', '/', undefined, leaving.signal);
    const [, response] = await reached;
    leaving.abort();
    await expect(asked).rejects.toThrow('abort');
    if (!response.closed) await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });

  it('counts the requests by method and by the beginning of their path', async () => {
    await ask('GET', '/v1/health');
    await ask('POST', '/v1/search', '{}');
    await ask('POST', '/v1/namespaces/team:a/memories', '{}');
    expect(proxy.requests()).toBe(3);
    expect(proxy.requests('POST')).toBe(2);
    expect(proxy.requests('POST', '/v1/namespaces/')).toBe(1);
    expect(proxy.requests('PUT')).toBe(0);
  });
});

describe('faults', () => {
  it('reset-before: resets, and the plugin sees nothing', async () => {
    proxy.on({}, { kind: 'reset-before' });
    expect(await bareExchange()).toEqual({ received: '', end: RESET });
    expect(stored).toEqual([]);
  });

  it('reset-after: resets without a byte of the answer, after the plugin has stored', async () => {
    const rule = proxy.on({}, { kind: 'reset-after' });
    const exchange = bareExchange();
    await rule.firstFired;
    expect(stored).toMatchObject([{ method: 'POST', path: '/bare', body: Buffer.from('body') }]);
    expect(await exchange).toEqual({ received: '', end: RESET });
  });

  it('truncate: half of the body under the full length, then the end', async () => {
    proxy.on({}, { kind: 'truncate' });
    const { received, end } = await bareExchange();
    expect(received).toMatch(/^HTTP\/1\.1 201 Created\r\ncontent-length: 10\r\n[\s\S]*\r\n\r\n01234$/);
    expect(end).toBe('end');
    await expect(ask()).rejects.toThrow('terminated');
    expect(stored).toHaveLength(2);
  });

  it('truncate: tells the length where the plugin did not, and resets where there is nothing to cut', async () => {
    proxy.on({}, { kind: 'truncate' });
    serve = (_, response) => {
      response.write('0123');
      response.end('45');
    };
    const { received } = await bareExchange();
    expect(received).toMatch(/\r\ncontent-length: 6\r\n[\s\S]*\r\n\r\n012$/);
    expect(received).not.toContain('chunked');
    serve = (_, response) => response.writeHead(204).end();
    expect(await bareExchange()).toEqual({ received: '', end: RESET });
  });

  it('answer: says what it is told to, and the plugin sees nothing', async () => {
    const headers = { 'retry-after': '3', 'content-type': 'text/html' };
    proxy.on({}, { kind: 'answer', status: 503, headers, body: '<h1>Away</h1>' });
    const reply = await ask('POST', '/', 'x'.repeat(100_000));
    expect(reply).toMatchObject({ status: 503, text: '<h1>Away</h1>' });
    expect(Object.fromEntries(reply.headers)).toMatchObject(headers);
    expect(stored).toEqual([]);
  });

  it('delay: holds the request for a while, then passes it on', async () => {
    const rule = proxy.on({}, { kind: 'delay', milliseconds: 200 });
    const start = performance.now();
    const asked = ask('POST', '/late', 'body');
    await rule.firstFired;
    expect(stored).toEqual([]);
    expect(await asked).toMatchObject({ status: 201, text: '0123456789' });
    expect(performance.now() - start).toBeGreaterThanOrEqual(199);
    expect(stored).toMatchObject([{ path: '/late', body: Buffer.from('body') }]);
  });

  it('delay: passes it on even where the client has left', async () => {
    const rule = proxy.on({}, { kind: 'delay', milliseconds: 200 });
    const leaving = new AbortController();
    const asked = ask('POST', '/late', 'body', leaving.signal);
    await rule.firstFired;
    const reached = once(plugin, 'request');
    leaving.abort();
    await expect(asked).rejects.toThrow('abort');
    const [incoming] = await reached;
    expect(incoming.url).toBe('/late');
  });

  it('hang: never answers until the proxy stops, and the plugin sees nothing', async () => {
    const rule = proxy.on({}, { kind: 'hang' });
    const asked = ask('POST', '/', 'body');
    const gone = expect(asked).rejects.toThrow('fetch failed');
    await rule.firstFired;
    await expect(ask('POST', '/', 'body', AbortSignal.timeout(200))).rejects.toThrow('timeout');
    await proxy.stop();
    await gone;
    expect(stored).toEqual([]);
  });

  it('garbage: answers with what is no HTTP, and the plugin sees nothing', async () => {
    proxy.on({}, { kind: 'garbage' });
    expect(await bareExchange()).toEqual({ received: '\u0000\u0001 this is no HTTP \r\n\r\n', end: 'end' });
    await expect(ask()).rejects.toThrow('fetch failed');
    expect(stored).toEqual([]);
  });

  it('slow-drip: gives the whole body, one byte at a time', async () => {
    proxy.on({}, { kind: 'slow-drip', millisecondsPerByte: 20 });
    const response = await fetch(proxy.url);
    const start = performance.now();
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString());
    expect(pieces.join('')).toBe('0123456789');
    expect(pieces.length).toBeGreaterThan(5);
    expect(performance.now() - start).toBeGreaterThanOrEqual(150);
    expect(response.headers.get('content-length')).toBe('10');
  });
});

describe('rules', () => {
  const away: Fault = { kind: 'answer', status: 503 };
  const statuses = async (asked: Array<[method: string, path: string]>) => {
    const seen = [];
    for (const [method, path] of asked) seen.push((await ask(method, path)).status);
    return seen;
  };

  it('take requests by method and by path', async () => {
    proxy.on({ method: 'PUT', path: /\/namespaces\/[^/]+$/g }, away);
    const put: [string, string] = ['PUT', '/v1/namespaces/team:a'];
    expect(
      await statuses([put, put, ['POST', '/v1/namespaces/team:a'], ['PUT', '/v1/namespaces/team:a/memories']]),
    ).toEqual([503, 503, 201, 201]);
  });

  it('take requests by their body, which goes on as it came where they do not', async () => {
    proxy.on({ method: 'POST', body: /"team:a"/ }, away);
    const posted = async (body: string) => (await ask('POST', '/v1/search', body)).status;

    expect([await posted('["team:a"]'), await posted('["team:b"]'), await posted('')]).toEqual([503, 201, 201]);
    expect(await statuses([['GET', '/']])).toEqual([201]);
    expect(stored.map(({ body }) => body.toString())).toEqual(['["team:b"]', '', '']);
  });

  it('strike as often as they are told, after as many as they are told to let pass, and count it', async () => {
    const rule = proxy.on({ method: 'POST', skip: 1, times: 2 }, away);
    const post: [string, string] = ['POST', '/'];
    expect(await statuses([['GET', '/'], post])).toEqual([201, 201]);
    expect(rule.fired).toBe(0);
    expect(await statuses([post, post, post])).toEqual([503, 503, 201]);
    expect(rule.fired).toBe(2);
    await rule.firstFired;
  });

  it('yield to the ones given before them, until those are used up', async () => {
    const first = proxy.on({ times: 1 }, away);
    const second = proxy.on({ times: 1 }, { kind: 'answer', status: 500 });
    expect(await statuses(Array(3).fill(['GET', '/']))).toEqual([503, 500, 201]);
    expect([first.fired, second.fired]).toEqual([1, 1]);
  });

  it('use up a hit when a request arrives, not when the fault is over', async () => {
    const rule = proxy.on({ times: 1 }, { kind: 'reset-after' });
    const second = Promise.withResolvers<void>();
    serve = async ({ url }, response) => {
      if (url === '/first') await second.promise;
      response.end('fine');
    };
    const reached = once(plugin, 'request');
    const first = expect(ask('GET', '/first')).rejects.toThrow('fetch failed');
    await reached;
    expect(await ask('GET', '/second')).toMatchObject({ status: 200, text: 'fine' });
    expect(rule.fired).toBe(0);
    second.resolve();
    await first;
    expect(rule.fired).toBe(1);
  });
});

describe('stop', () => {
  it('forwards nothing that it still holds, and may be repeated', async () => {
    const rule = proxy.on({}, { kind: 'delay', milliseconds: 100 });
    const asked = ask();
    const gone = expect(asked).rejects.toThrow('fetch failed');
    await rule.firstFired;
    await proxy.stop();
    await gone;
    await proxy.stop();
    await expect(ask()).rejects.toThrow('fetch failed');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(stored).toEqual([]);
  });

  it('cuts a request that the plugin is still at', async () => {
    serve = () => {};
    const reached = once(plugin, 'request');
    const gone = expect(ask()).rejects.toThrow('fetch failed');
    const [, response] = await reached;
    await proxy.stop();
    await gone;
    if (!response.closed) await once(response, 'close');
  });
});
