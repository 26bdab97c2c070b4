/**
 * The contract's shape over plain node:http, for plugins that the benchmark makes up: what becomes of a commit, and how long that takes,
 * is the caller's affair. All else is answered at once, every namespace exists, and nothing is kept but what lies in `custom:`
 * namespaces, so that the trial finds again what it wrote before an apply sends its first row.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Memory {
  id: string;
  namespace: string;
  content: string;
  kind: string;
  source: string;
  propagation?: object;
}

export interface ContractServer {
  /** Resolves when the row may be acknowledged. */
  commit(memory: Memory): Promise<void>;
  /** Answers what is not in the contract; undefined for a 404. */
  control?(url: URL): Promise<object | undefined>;
}

interface Answer {
  status: number;
  body?: object;
}

const TRIAL = 'custom:';

/** Listens on any free port of this machine, and says on stdout where. */
export function serveContract({ commit, control }: ContractServer): void {
  const trial = new Map<string, Memory & { created_at: string }>();

  const server = createServer((request, response) => {
    answer(request).then(
      (answered) => send(response, answered),
      (error: unknown) => send(response, { status: 500, body: { code: 'internal', message: String(error) } }),
    );
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
    process.stdout.write(`bench-plugin listening on http://127.0.0.1:${address.port}\n`);
  });

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method, url = '/' } = request;
    const [, version, collection, name, memories] = url.split('/');
    if (version !== 'v1') {
      const body = await control?.(new URL(url, 'http://control'));
      return body ? { status: 200, body } : { status: 404, body: { code: 'not_found', message: 'No such thing.' } };
    }
    if (collection === 'health') {
      return { status: 200, body: { status: 'ok', version: '1.0.0', capabilities: ['propagation'] } };
    }
    const sent = await text(request);
    if (method === 'DELETE') return forget(decodeURIComponent(name ?? ''));
    if (collection === 'search') return search(JSON.parse(sent));
    const namespace = decodeURIComponent(name ?? '');
    if (memories === undefined) {
      const { kind } = JSON.parse(sent);
      return { status: 200, body: { name: namespace, kind, created_at: new Date().toISOString() } };
    }
    const memory: Memory = { ...JSON.parse(sent), namespace };
    if (namespace.startsWith(TRIAL)) trial.set(memory.id, { ...memory, created_at: new Date().toISOString() });
    else await commit(memory);
    return { status: 201, body: { id: memory.id, namespace } };
  }

  function search({ namespaces }: { namespaces: string[] }): Answer {
    const found = [...trial.values()].filter(({ namespace }) => namespaces.includes(namespace)).reverse();
    return { status: 200, body: { memories: found } };
  }

  /** A namespace, or a memory. */
  function forget(name: string): Answer {
    for (const { id, namespace } of trial.values()) if (name === id || name === namespace) trial.delete(id);
    return { status: 204 };
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (!body) return void response.writeHead(status).end();
  const json = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    .end(json);
}
