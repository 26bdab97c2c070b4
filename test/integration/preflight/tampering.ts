/**
 * A server between the preflight and a plugin that misbehaves as a test says: it answers in the plugin's place, or changes
 * what the plugin is sent or what it answers. All bodies are JSON.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export type Json = Record<string, unknown>;

export interface Call {
  method: string;
  path: string;
  /** Empty where there was none. */
  body: Json;
  /** How many requests came before it. */
  earlier: number;
}

export interface WireAnswer {
  status: number;
  body?: unknown;
}

export interface Twist {
  /** Answers without asking the plugin, or never. */
  instead?(call: Call): WireAnswer | Promise<never> | undefined;
  /** What the plugin is sent instead. */
  request?(call: Call): Json;
  answer?(answer: WireAnswer, call: Call): WireAnswer;
}

export interface Tampering extends AsyncDisposable {
  url: string;
  /** Method and path of each request, in the order of their coming. */
  calls: Array<Pick<Call, 'method' | 'path'>>;
}

export async function startTampering(target: string, twist: Twist): Promise<Tampering> {
  const calls: Tampering['calls'] = [];

  async function answerTo(request: IncomingMessage): Promise<WireAnswer> {
    const { method = 'GET', url: path = '/' } = request;
    const earlier = calls.push({ method, path }) - 1;
    const call = { method, path, body: parsed(await text(request)) ?? {}, earlier };
    return (await twist.instead?.(call)) ?? (await forwarded(call));
  }

  async function forwarded(call: Call): Promise<WireAnswer> {
    const { method, path } = call;
    const body = method === 'GET' ? null : JSON.stringify(twist.request?.(call) ?? call.body);
    const response = await fetch(target + path, { method, body, headers: { 'content-type': 'application/json' } });
    const answer = { status: response.status, body: parsed(await response.text()) };
    return twist.answer?.(answer, call) ?? answer;
  }

  const server = createServer((request, response) => {
    answerTo(request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      },
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export const isCommit = ({ method, path }: Pick<Call, 'method' | 'path'>) =>
  method === 'POST' && path.endsWith('/memories');
export const isSearch = ({ path }: Pick<Call, 'path'>) => path === '/v1/search';

/** The answer to a search with its memories changed, or left out; any other answer as it is. */
export function memoriesOf(answer: WireAnswer, change: (memories: Json[]) => Json[]): WireAnswer {
  const { body } = answer;
  if (!isJson(body) || !Array.isArray(body.memories)) return answer;
  return { ...answer, body: { ...body, memories: change(body.memories.filter(isJson)) } };
}

function parsed(body: string): Json | undefined {
  if (body === '') return undefined;
  const json: unknown = JSON.parse(body);
  return isJson(json) ? json : undefined;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
