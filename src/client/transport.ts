/**
 * How requests travel: keep-alive connections from an undici pool, under the interface that openapi-fetch expects.
 *
 * The platform's own `fetch` would do, at four times the CPU a request: most of that goes into building `Request` objects
 * and streaming bodies that are a few hundred bytes long. So a request here is a plain record, and a body is read whole.
 * Redirects are not followed, and there is no timeout of its own: the caller's signal is the deadline.
 */
import { Pool } from 'undici';

export interface Transport {
  fetch: (request: Request) => Promise<Response>;
  /** Makes the requests that `fetch` is given; the platform's own where it is left out. */
  Request?: typeof Request;
  close(): Promise<void>;
}

/** Statuses for which `Response` refuses a body, even an empty one. */
const BODILESS = new Set([204, 205, 304]);

/** The headers of an answer that the client looks at. */
const HEADERS_READ = ['content-type', 'content-length', 'retry-after'] as const;

/** A `Request` whose construction costs nothing: openapi-fetch only hands it on to `fetch` below. */
const PlainRequest = new Proxy(Request, {
  construct: (_target, [url, init]) => ({ url, ...init }),
});

/**
 * @param origin scheme, host and port of the plugin
 * @param connections the most connections that are open at a time, 1 or more
 */
export function pooledTransport(origin: string, connections: number): Transport {
  const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });

  return {
    Request: PlainRequest,
    close: () => pool.destroy(),
    async fetch(request) {
      const body: unknown = request.body;
      const answer = await pool.request({
        path: request.url.slice(origin.length),
        method: request.method,
        headers: request.headers,
        body: typeof body === 'string' ? body : null,
        signal: request.signal,
      });
      const text = await answer.body.text();
      return new Response(BODILESS.has(answer.statusCode) ? null : text, {
        status: answer.statusCode,
        headers: headersRead(answer.headers),
      });
    },
  };
}

function headersRead(headers: Record<string, string | string[] | undefined>): Array<[string, string]> {
  return HEADERS_READ.flatMap((name): Array<[string, string]> => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
}
