/**
 * How requests travel: keep-alive connections from an undici pool, under the interface that openapi-fetch expects.
 *
 * The platform's own `fetch` would do, at several times the CPU a request: most of that goes into building `Request`, `Response`
 * and the streams between them, for bodies that are a few hundred bytes long. So a request here is a plain record, so is an
 * answer, and a body is read whole, straight from the parser. Redirects are not followed, and there is no timeout of its own: the
 * caller's signal is the deadline.
 */
import { type Dispatcher, Pool } from 'undici';

export interface Transport {
  fetch: (request: Request) => Promise<Response>;
  /** Makes the requests that `fetch` is given; the platform's own where it is left out. */
  Request?: typeof Request;
  close(): Promise<void>;
}

/** The headers of an answer that the client looks at. */
const HEADERS_READ = ['content-type', 'content-length', 'transfer-encoding', 'retry-after'] as const;

/** A `Request` whose construction costs nothing: openapi-fetch only hands it on to `fetch` below. */
const PlainRequest = new Proxy(Request, {
  construct: (_target, [url, init]) => ({ url, ...init }),
});

/** A `Response` of which the status, the headers and the text can be had, which is what openapi-fetch and the client ask of it. */
const PlainResponse = new Proxy(Response, {
  construct: (_target, [text, { status, headers }]) => ({
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name: string): string | null => headers[name.toLowerCase()] ?? null },
    text: async () => text,
  }),
});

/**
 * @param origin scheme, host and port of the plugin
 * @param connections the most connections that are open at a time, 1 or more; each is opened when no other is free
 */
export function pooledTransport(origin: string, connections: number): Transport {
  const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });

  return {
    Request: PlainRequest,
    close: () => pool.destroy(),
    fetch({ url, method, headers, body, signal }) {
      return new Promise((resolve, reject) => {
        const sent: unknown = body;
        const request = {
          path: url.slice(origin.length),
          method,
          headers,
          body: typeof sent === 'string' ? sent : null,
        };
        pool.dispatch(request, answerTo(signal, resolve, reject));
      });
    },
  };
}

const utf8 = new TextDecoder();

/** Gathers one answer. It is given up when the signal fires, and the connection that it would have come over is closed. */
function answerTo(
  signal: AbortSignal,
  resolve: (answer: Response) => void,
  reject: (error: unknown) => void,
): Dispatcher.DispatchHandler {
  let connection: Dispatcher.DispatchController | null = null;
  let status = 0;
  let headers: Record<string, string> = {};
  const chunks: Buffer[] = [];

  function giveUp(): void {
    const why = new Error('The request was given up.');
    connection?.abort(why);
    reject(why);
  }
  const over = () => signal.removeEventListener('abort', giveUp);
  signal.addEventListener('abort', giveUp, { once: true });

  return {
    onRequestStart(controller) {
      connection = controller;
      // It was given up before a connection was free for it.
      if (signal.aborted) giveUp();
    },
    onResponseStart(_controller, statusCode, received) {
      status = statusCode;
      headers = headersRead(received);
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      over();
      const [first] = chunks;
      const text = utf8.decode(first && chunks.length === 1 ? first : Buffer.concat(chunks));
      resolve(new PlainResponse(text, { status, headers }));
    },
    onResponseError(_controller, error) {
      over();
      reject(error);
    },
  };
}

function headersRead(received: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of HEADERS_READ) {
    const value = received[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
