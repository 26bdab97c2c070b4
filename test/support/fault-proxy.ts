/**
 * An HTTP/1.1 proxy between the CLI and a plugin, in the test's own process, for faults that a real plugin does not produce
 * on demand. A request that no rule takes passes through: method, path, headers and body as they are, the bodies as streams,
 * the client's connection kept alive. Where the plugin is gone, or goes in the middle of an answer, the client's connection
 * is reset; the proxy never answers in the plugin's place unless a rule says so.
 *
 * State: the rules with what is left of them, and the requests so far. `stop` cuts whatever is held, delayed or under way;
 * nothing is forwarded after it.
 */
import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

export type Fault =
  /** The client's connection is reset; the plugin has seen nothing. */
  | { kind: 'reset-before' }
  /** The plugin answers in full, then the client's connection is reset: it has stored, and the client cannot know. */
  | { kind: 'reset-after' }
  /** Half of the plugin's body under its full Content-Length, then the end of the connection. A reset where it has none. */
  | { kind: 'truncate' }
  /** An answer of the proxy's own; the plugin has seen nothing. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Taken at once and forwarded so much later, even if the client has left by then. */
  | { kind: 'delay'; milliseconds: number }
  /** Taken at once and forwarded when the promise resolves, even if the client has left by then. */
  | { kind: 'hold'; until: Promise<void> }
  /** Never answered; the plugin has seen nothing. */
  | { kind: 'hang' }
  /** Bytes that are no HTTP, then the end of the connection; the plugin has seen nothing. */
  | { kind: 'garbage' }
  /** The plugin's body one byte at a time. */
  | { kind: 'slow-drip'; millisecondsPerByte: number };

export interface Match {
  /** In capitals. Default: any. */
  method?: string;
  /** Held against path and query as they were sent. Default: any. */
  path?: RegExp;
  /** Held against the body as text; where a rule asks for it, a request waits for its body before it is forwarded. Default: any. */
  body?: RegExp;
  /** How many matching requests the fault hits. Default: all. */
  times?: number;
  /** How many matching requests pass before the first hit. Default 0. */
  skip?: number;
}

export interface Rule {
  /** How often the fault has struck. */
  readonly fired: number;
  /** Resolves when it strikes for the first time; for `delay`, `hold` and `hang`, when the first request is held. */
  readonly firstFired: Promise<void>;
}

export interface FaultProxy {
  /** Where it listens, without a trailing slash. */
  url: string;
  /** Of several rules that match a request, the first one given takes it, as long as it has hits left. */
  on(match: Match, fault: Fault): Rule;
  /** @returns how many requests came in, by method (in capitals) and the beginning of their path; by default all. */
  requests(method?: string, pathPrefix?: string): number;
  /** Harmless where it has stopped already. */
  stop(): Promise<void>;
}

/** @param target the plugin's URL; only its host and port count. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const rules: RuleInForce[] = [];
  const arrivals: Array<{ method: string; path: string }> = [];
  const lifetime = new AbortController();

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.resetAndDestroy());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    arrivals.push({ method, path });
    const read = rules.some((candidate) => candidate.asksForBody(method, path)) ? await buffer(request) : null;
    const rule = rules.find((candidate) => candidate.takes(method, path, read?.toString() ?? ''));
    const sent = async () => read ?? (await buffer(request));
    const exchange: Exchange = { request, response, read, sent, upstream: { hostname, port }, ended: lifetime.signal };
    await (rule ? strike(exchange, rule) : passThrough(exchange));
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    on(match, fault) {
      const rule = new RuleInForce(match, fault);
      rules.push(rule);
      return rule;
    },
    requests: (method, pathPrefix = '') =>
      arrivals.filter((seen) => (method ?? seen.method) === seen.method && seen.path.startsWith(pathPrefix)).length,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      lifetime.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

class RuleInForce implements Rule {
  readonly fault: Fault;
  readonly firstFired: Promise<void>;
  fired = 0;
  readonly #match: Match;
  readonly #resolveFirst: () => void;
  #matched = 0;

  constructor(match: Match, fault: Fault) {
    const first = Promise.withResolvers<void>();
    this.#match = match;
    this.fault = fault;
    this.firstFired = first.promise;
    this.#resolveFirst = first.resolve;
  }

  /** Counts the request if it matches. A hit is used up here, on arrival: two requests at once cannot share one. */
  takes(method: string, path: string, body: string): boolean {
    const { skip = 0, times = Number.POSITIVE_INFINITY } = this.#match;
    if (!this.#leadsTo(method, path) || body.search(this.#match.body ?? '') < 0) return false;
    this.#matched += 1;
    return this.#matched > skip && this.#matched <= skip + times;
  }

  asksForBody(method: string, path: string): boolean {
    return this.#match.body !== undefined && this.#leadsTo(method, path);
  }

  #leadsTo(method: string, path: string): boolean {
    return (this.#match.method ?? method) === method && path.search(this.#match.path ?? '') >= 0;
  }

  strikes(): void {
    this.fired += 1;
    this.#resolveFirst();
  }
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The body, where a rule has asked for it. */
  read: Buffer | null;
  /** The whole body. */
  sent(): Promise<Buffer>;
  upstream: { hostname: string; port: string };
  /** Aborted when the proxy stops. */
  ended: AbortSignal;
}

async function passThrough(exchange: Exchange): Promise<void> {
  const { request, response, read } = exchange;
  const forwarded = forward(exchange);
  response.once('close', () => forwarded.destroy());
  if (read) forwarded.end(read);
  else request.pipe(forwarded);
  const answer = await answerTo(forwarded);
  writeHead(response, answer);
  for await (const bytes of answer) await written(response, bytes);
  response.end();
}

async function strike(exchange: Exchange, rule: RuleInForce): Promise<void> {
  const { request, response, sent, ended } = exchange;
  const { fault } = rule;
  switch (fault.kind) {
    case 'reset-before': {
      request.socket.resetAndDestroy();
      return rule.strikes();
    }
    case 'reset-after': {
      await wholeAnswer(exchange, await sent());
      request.socket.resetAndDestroy();
      return rule.strikes();
    }
    case 'truncate': {
      const { head, body } = await wholeAnswer(exchange, await sent());
      if (body.length === 0) request.socket.resetAndDestroy();
      else {
        writeHead(response, head, body.length);
        await written(response, body.subarray(0, Math.floor(body.length / 2)));
        request.socket.destroy();
      }
      return rule.strikes();
    }
    case 'answer': {
      await sent();
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return rule.strikes();
    }
    case 'delay':
    case 'hold': {
      const body = await sent();
      rule.strikes();
      await (fault.kind === 'hold' ? fault.until : pause(fault.milliseconds, undefined, { signal: ended }));
      const answer = await wholeAnswer(exchange, body);
      writeHead(response, answer.head, answer.body.length).end(answer.body);
      return;
    }
    case 'hang': {
      await sent();
      return rule.strikes();
    }
    case 'garbage': {
      await sent();
      request.socket.end('\u0000\u0001 this is no HTTP \r\n\r\n');
      return rule.strikes();
    }
    case 'slow-drip': {
      const { head, body } = await wholeAnswer(exchange, await sent());
      writeHead(response, head, body.length);
      rule.strikes();
      for (const [index] of body.entries()) {
        await pause(fault.millisecondsPerByte, undefined, { signal: ended });
        await written(response, body.subarray(index, index + 1));
      }
      response.end();
    }
  }
}

/** A connection of its own each time: a reused one could fail by itself, and only ordered faults may occur. */
function forward({ request, upstream, ended }: Exchange): ClientRequest {
  const { method, url: path, headers } = request;
  const forwarded = openRequest({ ...upstream, method, path, headers: endToEnd(headers), agent: false, signal: ended });
  // Trouble reaches whoever waits for the answer or reads it; what comes later than that concerns nobody.
  return forwarded.on('error', () => {});
}

async function wholeAnswer(exchange: Exchange, sent: Buffer): Promise<{ head: IncomingMessage; body: Buffer }> {
  const forwarded = forward(exchange);
  forwarded.end(sent);
  const head = await answerTo(forwarded);
  return { head, body: await buffer(head) };
}

async function answerTo(forwarded: ClientRequest): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(forwarded, 'response');
  if (!answer) throw new Error('A response comes with its message.');
  return answer;
}

/** @param length of the body where it is known; without it the plugin's own Content-Length stands, if it sent one. */
function writeHead(response: ServerResponse, head: IncomingMessage, length?: number): ServerResponse {
  const { 'transfer-encoding': chunked, ...headers } = endToEnd(head.headers);
  const framing = length ? { 'content-length': length } : {};
  return response.writeHead(head.statusCode ?? 502, head.statusMessage, { ...headers, ...framing });
}

/** Headers without those that concern one connection only. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection, 'keep-alive': keepAlive, ...others } = headers;
  return others;
}

function written(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
