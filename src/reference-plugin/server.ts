/**
 * The contract on HTTP: every operation of api-protocol/memory-plugin-v1.yaml.
 *
 * Bodies are checked by the contract's own schemas, compiled once; what those cannot say (white space only, the size of a
 * vector) is checked beside them, in requests.ts. Fields that the contract does not know are ignored.
 */
import type { FastifyInstance } from 'fastify';
import { KNOWN_CAPABILITIES } from '../contract/limits.ts';
import { healthOf } from './health.ts';
import { createHttp, refuseOtherMethods } from './http.ts';
import { notFound, Refusal } from './refusals.ts';
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

type Named = { Params: { name: string } };
type Identified = { Params: { id: string } };

/**
 * @param report gets one line, free of content and credentials, for each request that failed through no fault of its own
 * @returns the server, not yet listening; closing it lets running requests finish, for ten seconds
 */
export function createServer(store: Store, report: (line: string) => void): FastifyInstance {
  const server = createHttp(report);
  serveHealth(server, store);
  serveNamespaces(server, store);
  serveMemories(server, store);
  refuseOtherMethods(server, {
    '/v1/health': ['GET', 'HEAD'],
    '/v1/namespaces/:name': ['PUT', 'PATCH', 'DELETE'],
    '/v1/namespaces/:name/memories': ['POST'],
    '/v1/search': ['POST'],
    '/v1/memories/:id': ['DELETE'],
  });
  return server;
}

function serveHealth(server: FastifyInstance, store: Store): void {
  const checkHealth = healthOf(store);
  const capabilities = KNOWN_CAPABILITIES.filter((capability) => capability !== 'embedding' || store.embeds);

  server.get('/v1/health', async () => {
    await checkHealth();
    return { status: 'ok', version: CONTRACT_VERSION, capabilities };
  });
}

function serveNamespaces(server: FastifyInstance, store: Store): void {
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
}

function serveMemories(server: FastifyInstance, store: Store): void {
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
}

const noNamespace = () => notFound('There is no such namespace.');
