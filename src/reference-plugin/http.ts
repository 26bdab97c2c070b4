/**
 * The HTTP server without its routes: bodies are JSON or refused, whatever goes wrong is answered with the contract's Error,
 * and closing lets running requests finish.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { badRequest, kindOf, notFound, Refusal, refusalOf } from './refusals.ts';

/** Bytes. Content of 2 MB fits, even where JSON needs several bytes for one of it. */
const BODY_LIMIT = 8 * 1024 * 1024;
/** Milliseconds that running requests have to finish once the server closes. */
const CLOSING_DEADLINE = 10_000;
/** Milliseconds that a client has to send its request. */
const REQUEST_DEADLINE = 60_000;

/** @param report gets one line, free of content and credentials, for each request that failed through no fault of its own */
export function createHttp(report: (line: string) => void): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_DEADLINE,
    return503OnClosing: false,
    // Longer than any name may be, so that it is the contract's check that refuses one.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: (_error, _request, reply) => refuse(badRequest('The path is not well-formed.'), reply),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJson(body),
  );
  server.setNotFoundHandler((_request, reply) => refuse(notFound('There is nothing under this path.'), reply));
  server.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) report(`${request.method} ${request.routeOptions.url} failed: ${kindOf(error)}`);
    if (refusal.status === 413) await readAway(request.raw);
    return refuse(refusal, reply);
  });
  dropConnectionsWhenClosing(server);
  return server;
}

/** Answers a request on a known path with a method that it does not have: 405, before its body is looked at. */
export function refuseOtherMethods(server: FastifyInstance, allowed: Record<string, readonly string[]>): void {
  for (const [url, methods] of Object.entries(allowed)) {
    server.route({
      url,
      method: server.supportedMethods.filter((method) => !methods.includes(method)),
      onRequest: async (_request, reply) => {
        reply.header('allow', methods.join(', '));
        throw new Refusal(405, 'bad_request', `The path takes ${methods.join(', ')} only.`);
      },
      handler: async () => {},
    });
  }
}

function refuse({ status, code, message }: Refusal, reply: FastifyReply): FastifyReply {
  return reply.code(status).send({ code, message });
}

/** Answered before its body has come, a client that is still sending would see its connection reset, and not the answer. */
async function readAway(request: IncomingMessage): Promise<void> {
  await finished(request.resume(), { writable: false }).catch(() => undefined);
}

/** A body that is not there at all is left to the check of the operation, since some have none. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  // Decoding would replace what is not UTF-8, and the memory would not be the one that was sent.
  if (!isUtf8(body)) throw badRequest('The body is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('The body is not JSON.');
  }
}

/**
 * A closing server ends the connections that are idle. One that has a request under way would become idle afterwards, be kept
 * alive, and hold the server up: it is ended with the answer, which says so. Whoever neither asks nor reads on is cut off.
 */
function dropConnectionsWhenClosing(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
    setTimeout(() => server.server.closeAllConnections(), CLOSING_DEADLINE).unref();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
}
