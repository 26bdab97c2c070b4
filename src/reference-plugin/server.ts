/**
 * The contract on HTTP: every operation of api-protocol/memory-plugin-v1.yaml, and the contract's Error for whatever goes
 * wrong, down to unknown paths and bodies that are no JSON.
 *
 * Bodies are checked by the contract's own schemas, compiled once. What those cannot say (white space only, the size of a
 * vector) is checked in requests.ts. Fields that the contract does not know are ignored.
 */
import { isUtf8 } from 'node:buffer';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { KNOWN_CAPABILITIES } from '../contract/limits.ts';
import { badRequest, kindOf, notFound, Refusal, refusalOf, unavailable } from './refusals.ts';
import {
  checkForget,
  checkId,
  checkMemory,
  checkNamespace,
  checkNamespaceName,
  checkPatch,
  checkSearch,
} from './requests.ts';
import type { Store } from './store.ts';

/** The version of the contract that is served. */
const CONTRACT_VERSION = '1.0.0';
const BODY_LIMIT = 8 * 1024 * 1024;
/** Milliseconds in which the database must answer for the plugin to call itself healthy. */
const HEALTH_DEADLINE = 3000;
/** Milliseconds that running requests have to finish once the server closes. */
const CLOSING_DEADLINE = 10_000;

type Named = { Params: { name: string } };
type Identified = { Params: { id: string } };

/**
 * @param report gets one line, free of content and credentials, for each request that failed through no fault of its own
 * @returns the server, not yet listening; closing it lets running requests finish, for ten seconds
 */
export function createServer(store: Store, report: (line: string) => void): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_LIMIT,
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
  server.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) report(`${request.method} ${request.routeOptions.url} failed: ${kindOf(error)}`);
    return refuse(refusal, reply);
  });

  dropConnectionsWhenClosing(server);

  const health = healthOf(store);
  const capabilities = KNOWN_CAPABILITIES.filter((capability) => capability !== 'embedding' || store.embeds);

  server.get('/v1/health', async () => {
    await health();
    return { status: 'ok', version: CONTRACT_VERSION, capabilities };
  });

  server.put<Named>('/v1/namespaces/:name', async ({ params, body }) =>
    store.upsertNamespace(checkNamespaceName(params.name), checkNamespace(body)),
  );

  server.patch<Named>('/v1/namespaces/:name', async ({ params, body }) => {
    const patched = await store.patchNamespace(checkNamespaceName(params.name), checkPatch(body));
    if (!patched) throw noNamespace();
    return patched;
  });

  server.delete<Named>('/v1/namespaces/:name', async ({ params }, reply) => {
    if (!(await store.deleteNamespace(checkNamespaceName(params.name)))) throw noNamespace();
    return reply.code(204).send();
  });

  server.post<Named>('/v1/namespaces/:name/memories', async ({ params, body }, reply) => {
    const namespace = checkNamespaceName(params.name);
    const id = await store.commit(namespace, checkMemory(body, store.embeds));
    if (id === undefined) throw noNamespace();
    reply.code(201);
    return { id, namespace };
  });

  server.post('/v1/search', async ({ body }) => ({ memories: await store.search(checkSearch(body, store.embeds)) }));

  server.delete<Identified>('/v1/memories/:id', async ({ params, body }, reply) => {
    const outcome = await store.forget(checkId(params.id), checkForget(body).requested_by_namespace);
    if (outcome === 'unknown') throw notFound('There is no such memory.');
    if (outcome === 'of another namespace') {
      throw new Refusal(403, 'forbidden', 'The memory belongs to another namespace than the one that asks.');
    }
    return reply.code(204).send();
  });

  refuseOtherMethods(server, {
    '/v1/health': ['GET', 'HEAD'],
    '/v1/namespaces/:name': ['PUT', 'PATCH', 'DELETE'],
    '/v1/namespaces/:name/memories': ['POST'],
    '/v1/search': ['POST'],
    '/v1/memories/:id': ['DELETE'],
  });
  return server;
}

const noNamespace = () => notFound('There is no such namespace.');

function refuse({ status, code, message }: Refusal, reply: FastifyReply): FastifyReply {
  return reply.code(status).send({ code, message });
}

/** A request on a path of the contract with a method that it does not have there: 405, before its body is looked at. */
function refuseOtherMethods(server: FastifyInstance, allowed: Record<string, readonly string[]>): void {
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

/**
 * A closing server ends the connections that are idle. One that has a request under way would become idle afterwards, kept
 * alive, and hold the server up for as long: it is announced as closing, and ended once the answer is out. Whoever neither
 * asks nor reads on is cut off in the end.
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
  server.addHook('onResponse', (request, _reply, done) => {
    if (closing) request.raw.socket.destroySoon();
    done();
  });
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
 * Asks the database, once for all who ask at the same time: one that does not answer is not asked again before it does.
 * The promise rejects with 503 `unavailable` where it refuses, or does not answer in time.
 */
function healthOf(store: Store): () => Promise<void> {
  let asking: Promise<void> | undefined;
  return async () => {
    asking ??= store.ping().finally(() => {
      asking = undefined;
    });
    const deadline = AbortSignal.timeout(HEALTH_DEADLINE);
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    deadline.addEventListener('abort', () => reject(unavailable()));
    await Promise.race([asking.catch(() => Promise.reject(unavailable())), tooLate]);
  };
}
