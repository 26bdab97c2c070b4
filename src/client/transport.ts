/**
 * How requests travel: over keep-alive connections of undici's, under the interface that openapi-fetch expects.
 *
 * The platform's own `fetch` would do, at several times the CPU a request: most of that goes into building `Request`, `Response`
 * and the streams between them, for bodies that are a few hundred bytes long. So a request here is a plain record, so is an
 * answer, and a body is read whole, straight from the parser. Redirects are not followed, and there is no timeout of its own: the
 * caller's signal is the deadline.
 *
 * A connection is opened where none is free, and the one that was given back last is taken first, without looking through all that
 * are busy, as undici's own pool would for each request. After an answer a connection rests until the event loop has looked at all
 * sockets once more, and shows whether the plugin has closed it without a word: some do, and a request that went out at once would be
 * lost with it. The answer is told of only then, so that the request which follows it finds the connection free.
 */
import { Client, type Dispatcher } from 'undici';

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

/** @param origin scheme, host and port of the plugin */
export function pooledTransport(origin: string): Transport {
  const connections: Client[] = [];
  const free: Client[] = [];

  function connection(): Client {
    const made = new Client(origin, { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });
    connections.push(made);
    return made;
  }

  return {
    Request: PlainRequest,
    close: async () => void (await Promise.all(connections.map((each) => each.destroy()))),
    fetch({ url, method, headers, body, signal }) {
      return new Promise((resolve, reject) => {
        const sent: unknown = body;
        const request = {
          path: url.slice(origin.length),
          method,
          headers,
          body: typeof sent === 'string' ? sent : null,
        };
        const client = free.pop() ?? connection();
        client.dispatch(request, answerTo(signal, { resolve, reject, over: () => free.push(client) }));
      });
    },
  };
}

const utf8 = new TextDecoder();

interface Waiting {
  resolve(answer: Response): void;
  reject(error: unknown): void;
  /** Told once, when the connection has done with this request, whatever became of it. */
  over(): void;
}

/** Gathers one answer. It is given up when the signal fires, and the connection that it would have come over is closed. */
function answerTo(signal: AbortSignal, { resolve, reject, over }: Waiting): Dispatcher.DispatchHandler {
  let connection: Dispatcher.DispatchController | null = null;
  let status = 0;
  let headers: Record<string, string> = {};
  const chunks: Buffer[] = [];

  function giveUp(): void {
    const why = new Error('The request was given up.');
    connection?.abort(why);
    reject(why);
  }
  const end = () => signal.removeEventListener('abort', giveUp);
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
      const [first] = chunks;
      // Where it is too long to be decoded, undici goes on with the error below.
      const text = utf8.decode(first && chunks.length === 1 ? first : Buffer.concat(chunks));
      end();
      setImmediate(() => {
        over();
        resolve(new PlainResponse(text, { status, headers }));
      });
    },
    onResponseError(_controller, error) {
      end();
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
