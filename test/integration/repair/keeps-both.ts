/**
 * A plugin that does not keep to the contract in one thing: a memory that is written again into another namespace stays where it
 * was, too. It forgets either the one that it is asked for, or both.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Kept {
  id: string;
  namespace: string;
  content: string;
  kind: string;
  source: string;
  propagation?: unknown;
}

export interface KeepsBoth extends AsyncDisposable {
  url: string;
  /** By namespace and id, in the order of writing. */
  memories: Map<string, Kept>;
}

/** @param forgets what a request to forget a memory in one namespace takes away */
export async function startKeepsBoth(forgets: 'one' | 'both'): Promise<KeepsBoth> {
  const memories = new Map<string, Kept>();
  const namespaces = new Set<string>();

  async function answer(request: IncomingMessage): Promise<[status: number, body?: object]> {
    const [, , what = '', name = ''] = new URL(request.url ?? '', 'http://here').pathname
      .split('/')
      .map(decodeURIComponent);
    const body = request.method === 'GET' ? {} : Object(await json(request).catch(() => ({})));
    const known = { name, kind: 'custom', created_at: new Date().toISOString() };
    switch (`${request.method} ${what}`) {
      case 'GET health':
        return [200, { status: 'ok', version: '1.0.0', capabilities: ['fts', 'propagation'] }];
      case 'PUT namespaces':
        namespaces.add(name);
        return [200, { ...known, kind: body.kind }];
      case 'DELETE namespaces':
        for (const [key, { namespace }] of memories) if (namespace === name) memories.delete(key);
        return namespaces.delete(name) ? [204] : [404, { code: 'not_found', message: 'No such namespace.' }];
      case 'POST namespaces':
        if (!namespaces.has(name)) return [404, { code: 'not_found', message: 'No such namespace.' }];
        memories.set(`${name} ${body.id}`, { ...body, namespace: name });
        return [201, { id: body.id, namespace: name }];
      case 'POST search':
        return [200, { memories: found(body.namespaces, body.query) }];
      case 'DELETE memories':
        return forget(name, body.requested_by_namespace);
      default:
        return [405];
    }
  }

  function found(within: string[], query: string | undefined): object[] {
    const words = query?.toLowerCase().split(' ') ?? [];
    return [...memories.values()]
      .filter(({ namespace }) => within.includes(namespace))
      .filter(({ content }) => words.every((word) => content.toLowerCase().includes(word)))
      .reverse()
      .map((memory) => ({ ...memory, created_at: new Date().toISOString() }));
  }

  function forget(id: string, namespace: string): [status: number, body?: object] {
    if (!memories.has(`${namespace} ${id}`)) return [404, { code: 'not_found', message: 'Not here.' }];
    for (const [key, memory] of memories) {
      if (memory.id === id && (forgets === 'both' || memory.namespace === namespace)) memories.delete(key);
    }
    return [204];
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body && JSON.stringify(body));
  }

  const server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The plugin has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    memories,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
