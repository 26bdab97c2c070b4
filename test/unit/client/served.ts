/**
 * A client whose requests go through the global fetch, which msw serves: what the plugin answers is given, and what it was
 * sent is kept. Importing this file puts msw in place for the tests of the file that imports it.
 */
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type PluginClient, type PluginClientOptions, pluginClient } from '../../../src/client/plugin-client.ts';
import type { Transport } from '../../../src/client/transport.ts';
import { bodyCheck, type Schemas } from '../../../src/contract/bodies.ts';
import { readExample } from '../../contract/examples.ts';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

export interface Sent {
  method: string;
  /** As it was sent, without normalisation. */
  url: string;
  /** By their names in lower case. */
  headers: Map<string, string>;
  /** The body's JSON; undefined where there was none. */
  body: unknown;
}

export type WireAnswer = (request: Request) => Response | Promise<Response>;

/** A client of a plugin that answers every request like this, and the requests that reach it. */
export function clientOf(answer: WireAnswer, options: Partial<PluginClientOptions> = {}) {
  const sent: Sent[] = [];
  server.use(
    http.all('*', async ({ request }) => {
      const { method, url } = request;
      const text = await request.clone().text();
      const headers = new Map(request.headers.entries());
      sent.push({ method, url, headers, body: text === '' ? undefined : JSON.parse(text) });
      return await answer(request);
    }),
  );
  const client: PluginClient = pluginClient({
    url: new URL('http://plugin.test'),
    deadlineMs: 10_000,
    transport: globalFetch,
    abortReads: new AbortController().signal,
    ...options,
  });
  return { client, sent };
}

const globalFetch: Transport = {
  fetch: (request) => globalThis.fetch(request),
  close: () => Promise.resolve(),
};

export function json(status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer {
  return () =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

export function text(status: number, body: string, contentType = 'text/html'): WireAnswer {
  return () => new Response(body, { status, headers: { 'content-type': contentType } });
}

export function bodiless(status: number, headers: Record<string, string> = {}): WireAnswer {
  return () => new Response(null, { status, headers });
}

export const brokenConnection: WireAnswer = () => HttpResponse.error();

/** Headers and half of a body, and then a broken connection. */
export const answerThatBreaks: WireAnswer = () =>
  new Response(
    new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"status":"ok"'));
        stream.error(new Error('broken'));
      },
    }),
    { headers: { 'content-type': 'application/json' } },
  );

export const noAnswer: WireAnswer = () => new Promise<Response>(() => {});

/**
 * Headers and half of a body, and then nothing more: neither the rest nor an end. It stands in for the global fetch, since msw
 * does not bear that such a body is given up.
 *
 * @param begun told when the answer has begun
 */
export function unendingAnswers(begun: () => void = () => {}): Transport {
  return {
    async fetch({ signal }) {
      begun();
      const body = new ReadableStream({
        start(stream) {
          stream.enqueue(new TextEncoder().encode('{"status":"ok"'));
          signal.addEventListener('abort', () => stream.error(signal.reason));
        },
      });
      return new Response(body, { headers: { 'content-type': 'application/json' } });
    },
    close: () => Promise.resolve(),
  };
}

/** A golden example as the contract's type. */
export function example<Name extends keyof Schemas>(schema: Name, shows: string): Schemas[Name] {
  const body = readExample(`${schema}.${shows}`);
  const check = bodyCheck(schema);
  if (!check(body)) throw new Error(check.reason());
  return body;
}
