/**
 * One request an operation: what goes over the wire, what a right answer becomes, and every way of failing as a value. The
 * bodies are the contract's golden examples wherever there is one.
 */
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type PluginClient,
  type PluginClientOptions,
  pluginClient,
  type Reply,
} from '../../../src/client/plugin-client.ts';
import { OPERATIONS, type Operation } from '../../../src/model/failure.ts';
import { examplesOf, readExample } from '../../contract/examples.ts';
import {
  answerThatBreaks,
  bodiless,
  brokenConnection,
  clientOf,
  example,
  json,
  noAnswer,
  text,
  unendingAnswers,
  type WireAnswer,
} from './served.ts';

const NAME = 'workspace:7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b';
const NAMES = { method: 'PUT', url: `http://plugin.test/v1/namespaces/${NAME}` };
const ID = '3d1f6a52-9c0b-4e77-8a3e-5b2c4d6e8f10';
const WRITE = example('MemoryWrite', 'nulls');

/** One request of each operation, with bodies that do not matter to the test. */
const ask: Record<Operation, (client: PluginClient) => Promise<Reply<unknown>>> = {
  getHealth: (client) => client.getHealth(),
  upsertNamespace: (client) => client.upsertNamespace(NAME, { kind: 'workspace' }),
  patchNamespace: (client) => client.patchNamespace(NAME, { expires_at: null }),
  deleteNamespace: (client) => client.deleteNamespace(NAME),
  commitMemory: (client) => client.commitMemory(NAME, WRITE),
  searchMemories: (client) => client.searchMemories({ namespaces: [NAME] }),
  forgetMemory: (client) => client.forgetMemory(ID, { requested_by_namespace: NAME }),
};

async function failureOf(operation: Operation, answer: WireAnswer) {
  const reply = await ask[operation](clientOf(answer).client);
  if (reply.ok) throw new Error('It succeeded.');
  return reply.failure;
}

const shownBy = (schema: Parameters<typeof examplesOf>[0]) =>
  examplesOf(schema).map((name) => name.slice(schema.length + 1));

describe('the golden examples go out as they are', () => {
  const stored = json(201, { id: ID, namespace: NAME });

  test.each(shownBy('MemoryWrite'))('MemoryWrite.%s', async (shows) => {
    const body = example('MemoryWrite', shows);
    const { client, sent } = clientOf(json(201, { id: body.id ?? ID, namespace: NAME }));
    expect(await client.commitMemory(NAME, body)).toEqual({ ok: true, value: { id: body.id ?? ID, namespace: NAME } });
    expect(sent).toMatchObject([{ method: 'POST', url: `http://plugin.test/v1/namespaces/${NAME}/memories` }]);
    expect(sent[0]?.body).toStrictEqual(readExample(`MemoryWrite.${shows}`));
  });

  test.each(shownBy('NamespaceUpsert'))('NamespaceUpsert.%s', async (shows) => {
    const { client, sent } = clientOf(json(200, example('Namespace', 'minimal')));
    expect(await client.upsertNamespace(NAME, example('NamespaceUpsert', shows))).toMatchObject({ ok: true });
    expect(sent).toMatchObject([NAMES]);
    expect(sent[0]?.body).toStrictEqual(readExample(`NamespaceUpsert.${shows}`));
  });

  test.each(shownBy('NamespacePatch'))('NamespacePatch.%s', async (shows) => {
    const { client, sent } = clientOf(json(200, example('Namespace', 'minimal')));
    expect(await client.patchNamespace(NAME, example('NamespacePatch', shows))).toMatchObject({ ok: true });
    expect(sent).toMatchObject([{ ...NAMES, method: 'PATCH' }]);
    expect(sent[0]?.body).toStrictEqual(readExample(`NamespacePatch.${shows}`));
  });

  test.each(shownBy('SearchRequest'))('SearchRequest.%s', async (shows) => {
    const { client, sent } = clientOf(json(200, { memories: [] }));
    expect(await client.searchMemories(example('SearchRequest', shows))).toEqual({ ok: true, value: [] });
    expect(sent).toMatchObject([{ method: 'POST', url: 'http://plugin.test/v1/search' }]);
    expect(sent[0]?.body).toStrictEqual(readExample(`SearchRequest.${shows}`));
  });

  test.each(shownBy('ForgetRequest'))('ForgetRequest.%s', async (shows) => {
    const { client, sent } = clientOf(bodiless(204));
    expect(await client.forgetMemory(ID, example('ForgetRequest', shows))).toEqual({ ok: true, value: undefined });
    expect(sent).toMatchObject([{ method: 'DELETE', url: `http://plugin.test/v1/memories/${ID}` }]);
    expect(sent[0]?.body).toStrictEqual(readExample(`ForgetRequest.${shows}`));
  });

  test.each([
    ['getHealth', 'GET', 'http://plugin.test/v1/health', json(200, example('HealthResponse', 'bare'))],
    ['deleteNamespace', 'DELETE', `http://plugin.test/v1/namespaces/${NAME}`, bodiless(204)],
  ] as const)('%s sends no body', async (operation, method, url, answer) => {
    const { client, sent } = clientOf(answer);
    expect(await ask[operation](client)).toMatchObject({ ok: true });
    expect(sent).toMatchObject([{ method, url, body: undefined }]);
  });

  test('as JSON, and with what every plugin can read', async () => {
    const { client, sent } = clientOf(stored);
    await client.commitMemory(NAME, WRITE);
    expect(sent[0]?.headers.get('content-type')).toBe('application/json');
  });
});

describe('the golden examples come in as they are', () => {
  test.each(shownBy('HealthResponse'))('HealthResponse.%s', async (shows) => {
    const { client } = clientOf(json(200, readExample(`HealthResponse.${shows}`)));
    expect(await client.getHealth()).toStrictEqual({ ok: true, value: readExample(`HealthResponse.${shows}`) });
  });

  test.each(shownBy('Namespace'))('Namespace.%s, from an upsert and from a patch', async (shows) => {
    const body = example('Namespace', shows);
    const { client } = clientOf(json(200, body));
    expect(await client.upsertNamespace(body.name, { kind: body.kind })).toStrictEqual({ ok: true, value: body });
    expect(await client.patchNamespace(body.name, { metadata: null })).toStrictEqual({ ok: true, value: body });
  });

  test.each(shownBy('MemoryWriteResponse'))('MemoryWriteResponse.%s', async (shows) => {
    const body = example('MemoryWriteResponse', shows);
    const { client } = clientOf(json(201, body));
    expect(await client.commitMemory(body.namespace, { ...WRITE, id: body.id })).toStrictEqual({
      ok: true,
      value: body,
    });
  });

  test.each(shownBy('SearchResponse'))('SearchResponse.%s', async (shows) => {
    const { client } = clientOf(json(200, readExample(`SearchResponse.${shows}`)));
    const { memories } = example('SearchResponse', shows);
    expect(await client.searchMemories({ namespaces: [NAME] })).toStrictEqual({ ok: true, value: memories ?? [] });
  });

  test.each(shownBy('Error'))('Error.%s, from every operation', async (shows) => {
    const { code, message } = example('Error', shows);
    for (const operation of OPERATIONS) {
      expect(await failureOf(operation, json(400, readExample(`Error.${shows}`)))).toStrictEqual({
        cause: 'refused',
        reason: `400 ${code}`,
        status: 400,
        transient: false,
        sentence:
          operation === 'searchMemories'
            ? `The plugin answered 400 ${code} to a search (its message may quote a memory, and is left out).`
            : `The plugin answered 400 ${code}: ${message}`,
      });
    }
  });
});

describe('the address', () => {
  test.each([
    ['http://plugin.test', 'http://plugin.test/v1/health'],
    ['http://plugin.test/', 'http://plugin.test/v1/health'],
    ['http://plugin.test:8080', 'http://plugin.test:8080/v1/health'],
    ['https://plugin.test/memory', 'https://plugin.test/memory/v1/health'],
    ['https://plugin.test/memory/', 'https://plugin.test/memory/v1/health'],
    ['https://plugin.test/teams/a%20b/memory', 'https://plugin.test/teams/a%20b/memory/v1/health'],
  ])('%s leads to %s', async (url, expected) => {
    const { client, sent } = clientOf(json(200, example('HealthResponse', 'bare')), { url: new URL(url) });
    await client.getHealth();
    expect(sent.map((request) => request.url)).toEqual([expected]);
  });

  test('keeps the colons of a name as they are, and encodes what would change the path', async () => {
    const { client, sent } = clientOf(bodiless(204));
    await client.deleteNamespace('org:acme.example:prod-1');
    await client.deleteNamespace('team:a/b?c#d e');
    expect(sent.map(({ url }) => url)).toEqual([
      'http://plugin.test/v1/namespaces/org:acme.example:prod-1',
      'http://plugin.test/v1/namespaces/team:a%2Fb%3Fc%23d%20e',
    ]);
  });
});

describe('the Authorization header', () => {
  test('is sent with every operation where there is one', async () => {
    for (const operation of OPERATIONS) {
      const { client, sent } = clientOf(bodiless(503), { authorization: 'Bearer abc' });
      await ask[operation](client);
      expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer abc']);
    }
  });

  test('is absent where there is none', async () => {
    const { client, sent } = clientOf(bodiless(503), { authorization: undefined });
    await client.getHealth();
    expect(sent[0]?.headers.has('authorization')).toBe(false);
  });
});

describe('how real plugins differ from the paper', () => {
  const NOT_FOUND = readExample('Error.not-found');
  const INTERNAL = readExample('Error.internal');

  test('an empty search that answers null is an empty list', async () => {
    const { client } = clientOf(json(200, { memories: null }));
    expect(await client.searchMemories({ namespaces: [NAME] })).toEqual({ ok: true, value: [] });
  });

  test('a commit that is answered with 404 says that its namespace is missing', async () => {
    expect(await failureOf('commitMemory', json(404, NOT_FOUND))).toMatchObject({
      suggests: 'namespace-missing',
      transient: false,
    });
  });

  test('a 404 that is not of the contract says nothing about a namespace: it may come from a proxy', async () => {
    expect(await failureOf('commitMemory', text(404, '<h1>Not Found</h1>'))).not.toHaveProperty('suggests');
  });

  test.each([
    ['an Error', json(500, INTERNAL)],
    ['anything else', text(500, 'Internal Server Error', 'text/plain')],
  ])('a commit that is answered with 500 and %s leaves its namespace doubtful', async (_, answer) => {
    expect(await failureOf('commitMemory', answer)).toMatchObject({ suggests: 'namespace-doubtful', transient: true });
  });

  test('a 500 says nothing about namespaces to other operations', async () => {
    expect(await failureOf('searchMemories', json(500, INTERNAL))).not.toHaveProperty('suggests');
    expect(await failureOf('upsertNamespace', json(500, INTERNAL))).not.toHaveProperty('suggests');
  });

  test('a memory that another namespace holds is answered with 403 by the paper', async () => {
    expect(await failureOf('forgetMemory', json(403, readExample('Error.forbidden')))).toMatchObject({
      suggests: 'memory-elsewhere',
    });
  });

  test('and with 404 in the field, where it may also be absent', async () => {
    expect(await failureOf('forgetMemory', json(404, NOT_FOUND))).toMatchObject({
      suggests: 'memory-absent-or-elsewhere',
    });
    expect(await failureOf('forgetMemory', text(404, 'gone'))).not.toHaveProperty('suggests');
  });

  test('a 503 may come with a HealthResponse', async () => {
    expect(await failureOf('getHealth', json(503, readExample('HealthResponse.degraded')))).toStrictEqual({
      cause: 'refused',
      reason: '503 unhealthy',
      status: 503,
      transient: true,
      sentence: 'The plugin answered 503 and calls itself degraded: it is not able to serve.',
    });
  });

  test('or with an Error', async () => {
    expect(await failureOf('getHealth', json(503, readExample('Error.unavailable')))).toStrictEqual({
      cause: 'refused',
      reason: '503 unavailable',
      status: 503,
      transient: true,
      sentence: 'The plugin answered 503 unavailable: The database does not answer at the moment.',
    });
  });

  test('PATCH may be refused with 400, which the paper does not know', async () => {
    expect(await failureOf('patchNamespace', json(400, readExample('Error.bad-request')))).toMatchObject({
      cause: 'refused',
      reason: '400 bad_request',
      transient: false,
    });
  });

  test('405 is a refusal like any other, with or without a body', async () => {
    expect(await failureOf('patchNamespace', json(405, readExample('Error.bad-request')))).toMatchObject({
      cause: 'refused',
      reason: '405 bad_request',
      transient: false,
    });
    expect(await failureOf('patchNamespace', bodiless(405))).toMatchObject({
      cause: 'foreign',
      reason: '405 foreign',
      transient: false,
    });
  });

  test('fields that the contract does not know are handed on', async () => {
    const { client } = clientOf(json(200, { memories: [], took_ms: 3 }));
    expect(await client.searchMemories({ namespaces: [NAME] })).toEqual({ ok: true, value: [] });
  });

  test('an id that comes back in capitals is the same id', async () => {
    const { client } = clientOf(json(201, { id: ID.toUpperCase(), namespace: NAME }));
    expect(await client.commitMemory(NAME, WRITE)).toMatchObject({ ok: true });
  });

  test('a commit without an id takes the one that the plugin makes', async () => {
    const { client } = clientOf(json(201, { id: ID, namespace: NAME }));
    const fresh = await client.commitMemory(NAME, example('MemoryWrite', 'minimal'));
    expect(fresh).toEqual({ ok: true, value: { id: ID, namespace: NAME } });
  });
});

describe('an answer that is not of the contract', () => {
  test.each<[string, WireAnswer, string, string]>([
    [
      'an error page of a proxy',
      text(502, '<h1>Bad Gateway</h1>', 'text/html; charset=utf-8'),
      '502 foreign',
      'Something answered 502 with a body of type text/html; charset=utf-8 instead of an error of the contract.',
    ],
    [
      'another JSON body',
      json(404, { detail: 'Not Found' }),
      '404 foreign',
      'Something answered 404 with another JSON body instead of an error of the contract.',
    ],
    [
      'an Error of an unknown code',
      json(418, { code: 'teapot', message: 'No.' }),
      '418 foreign',
      'Something answered 418 with another JSON body instead of an error of the contract.',
    ],
    [
      'no body at all',
      bodiless(500),
      '500 foreign',
      'Something answered 500 with no body instead of an error of the contract.',
    ],
  ])('and an error is foreign: %s', async (_, answer, reason, sentence) => {
    expect(await failureOf('searchMemories', answer)).toMatchObject({ cause: 'foreign', reason, sentence });
  });

  test.each<[string, Operation, WireAnswer, string]>([
    [
      '200 for a commit',
      'commitMemory',
      json(200, { id: ID, namespace: NAME }),
      "the contract's status for success is 201",
    ],
    [
      '201 for an upsert',
      'upsertNamespace',
      json(201, readExample('Namespace.minimal')),
      "the contract's status for success is 200",
    ],
    [
      '202 for health',
      'getHealth',
      json(202, readExample('HealthResponse.full')),
      "the contract's status for success is 200",
    ],
    ['204 for a search', 'searchMemories', bodiless(204), "the contract's status for success is 200"],
    ['200 for a deletion', 'deleteNamespace', json(200, {}), "the contract's status for success is 204"],
    ['200 for forgetting', 'forgetMemory', json(200, {}), "the contract's status for success is 204"],
    [
      'health of another service',
      'getHealth',
      json(200, { status: 'UP' }),
      "its body is not the contract's: the body must have required property 'version'",
    ],
    ['a page', 'getHealth', text(200, '<h1>Welcome</h1>'), 'with a body of type text/html'],
    [
      'text without a type',
      'getHealth',
      () => new Response(new TextEncoder().encode('ok')),
      'with a body that is no JSON',
    ],
    [
      'half of a JSON body',
      'searchMemories',
      text(200, '{"memories": [', 'application/json'),
      'with a body of type application/json',
    ],
    ['no body', 'searchMemories', () => new Response(null, { headers: { 'content-length': '0' } }), 'with no body'],
    ['an empty body', 'searchMemories', text(200, '', 'application/json'), 'with no body'],
    ['null', 'searchMemories', json(200, null), "its body is not the contract's: the body must be object"],
    ['a list', 'searchMemories', json(200, []), "its body is not the contract's: the body must be object"],
    [
      'a search result without a list',
      'searchMemories',
      json(200, {}),
      "its body is not the contract's: the body must have required property 'memories'",
    ],
    [
      'a memory without content',
      'searchMemories',
      json(200, { memories: [{ id: ID, namespace: NAME }] }),
      "its body is not the contract's: /memories/0 must have required property 'content'",
    ],
    [
      'an id that is no UUID',
      'commitMemory',
      json(201, { id: '7', namespace: NAME }),
      'its body is not the contract\'s: /id must match format "uuid"',
    ],
    [
      'another id',
      'commitMemory',
      json(201, { id: '00000000-0000-4000-8000-000000000000', namespace: NAME }),
      'for another id than was sent',
    ],
    [
      'another name, from an upsert',
      'upsertNamespace',
      json(200, { ...example('Namespace', 'minimal'), name: 'workspace:another' }),
      'for another name than was sent',
    ],
    [
      'another name, from a patch',
      'patchNamespace',
      json(200, { ...example('Namespace', 'minimal'), name: 'workspace:another' }),
      'for another name than was sent',
    ],
    [
      'another namespace',
      'commitMemory',
      json(201, { id: ID, namespace: 'team:other' }),
      'for another namespace than was sent',
    ],
  ])('and a success is malformed: %s', async (_, operation, answer, why) => {
    const failure = await failureOf(operation, answer);
    const status = failure.status;
    expect(failure).toStrictEqual({
      cause: 'malformed',
      reason: `${status} malformed`,
      status,
      transient: false,
      sentence: `The plugin answered ${status}, but ${why}.`,
    });
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%d is refused and not followed', async (status) => {
    const { client, sent } = clientOf(bodiless(status, { location: 'http://elsewhere.test/v1/search' }));
    const reply = await client.searchMemories({ namespaces: [NAME] });
    expect(reply).toStrictEqual({
      ok: false,
      failure: {
        cause: 'foreign',
        reason: `redirect ${status}`,
        status,
        transient: false,
        sentence: `The plugin's address redirects elsewhere (${status}), and redirects are not followed: set MEMORY_PLUGIN_URL to the final address.`,
      },
    });
    expect(sent).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  test('in seconds comes along in milliseconds', async () => {
    expect(await failureOf('commitMemory', bodiless(429, { 'retry-after': '7' }))).toMatchObject({
      transient: true,
      retryAfterMs: 7_000,
    });
  });

  test('as a date comes along as the time until then', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const { retryAfterMs } = await failureOf('commitMemory', bodiless(503, { 'retry-after': inAnHour }));
    expect(retryAfterMs).toBeGreaterThan(3_590_000);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test('is absent where the plugin sent none', async () => {
    expect(await failureOf('commitMemory', bodiless(429))).not.toHaveProperty('retryAfterMs');
  });
});

describe('without a whole answer', () => {
  test('a connection that cannot be made or breaks is a failure of the transport', async () => {
    expect(await failureOf('getHealth', brokenConnection)).toMatchObject({ cause: 'transport', transient: true });
  });

  test('so is one that breaks in the middle of the body', async () => {
    const failure = await failureOf('getHealth', answerThatBreaks);
    expect(failure).toMatchObject({ cause: 'transport', transient: true });
    expect(failure.sentence).toMatch(/^The connection to the plugin broke before its answer was whole \(\w+\)\.$/);
  });

  test.each([
    ['no answer', {}],
    ['an answer that does not end', { transport: unendingAnswers() }],
  ])('the deadline ends %s', async (_, options) => {
    const { client } = clientOf(noAnswer, { ...options, deadlineMs: 50 });
    expect(await client.getHealth()).toStrictEqual({
      ok: false,
      failure: {
        cause: 'deadline',
        reason: 'deadline',
        transient: true,
        sentence: 'The plugin did not answer within 0.05 s.',
      },
    });
  });
});

describe('the signal to stop', () => {
  const READS = ['getHealth', 'searchMemories'] as const;
  const WRITES = OPERATIONS.filter((operation) => !READS.some((read) => read === operation));
  const STOPPED = { cause: 'stopped', reason: 'stopped', transient: false, sentence: 'This run was told to stop.' };

  type UnderWay = (begun: () => void, options: Partial<PluginClientOptions>) => PluginClient;
  const withoutAnswer: UnderWay = (begun, options) =>
    clientOf((request) => {
      begun();
      return noAnswer(request);
    }, options).client;
  const withoutEnd: UnderWay = (begun, options) =>
    clientOf(noAnswer, { ...options, transport: unendingAnswers(begun) }).client;

  /** The reply to a request that is under way when the signal comes. */
  async function stoppedWhileUnderWay(operation: Operation, underWay: UnderWay, deadlineMs = 10_000) {
    const stop = new AbortController();
    const { promise: isUnderWay, resolve: begun } = Promise.withResolvers<void>();
    const reply = ask[operation](underWay(begun, { abortReads: stop.signal, deadlineMs }));
    await isUnderWay;
    stop.abort();
    return await reply;
  }

  describe.each(READS)('ends the read %s', (operation) => {
    test.each([
      ['while there is no answer', withoutAnswer],
      ['while its answer does not end', withoutEnd],
    ])('%s', async (_, underWay) => {
      expect(await stoppedWhileUnderWay(operation, underWay)).toStrictEqual({ ok: false, failure: STOPPED });
    });

    test('before it is sent', async () => {
      const { client, sent } = clientOf(bodiless(503), { abortReads: AbortSignal.abort() });
      expect(await ask[operation](client)).toStrictEqual({ ok: false, failure: STOPPED });
      expect(sent).toEqual([]);
    });
  });

  describe.each(WRITES)('lets the write %s', (operation) => {
    test('finish, within its deadline', async () => {
      expect(await stoppedWhileUnderWay(operation, withoutEnd, 50)).toMatchObject({ failure: { cause: 'deadline' } });
    });

    test('be sent even so, since it may be the second half of something', async () => {
      const { client, sent } = clientOf(bodiless(503), { abortReads: AbortSignal.abort() });
      expect(await ask[operation](client)).toMatchObject({ failure: { status: 503 } });
      expect(sent).toHaveLength(1);
    });
  });
});

describe('after its answer a request', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ['a success', () => Promise.resolve(new Response(null, { status: 204 }))],
    ['a refusal', () => Promise.resolve(new Response(null, { status: 500 }))],
    ['a broken connection', () => Promise.reject(new Error('broken'))],
  ])('leaves no listener behind, nor a timer of its own: %s', async (_, fetch) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { signal } = new AbortController();
    const transport = { fetch, close: () => Promise.resolve() };
    const client = pluginClient({
      url: new URL('http://plugin.test'),
      deadlineMs: 1_000,
      transport,
      abortReads: signal,
    });
    for (let each = 0; each < 20; each++) await client.getHealth();
    // One for a tenth of a second, in which all twenty may or may not have gone out.
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('closing the client closes its transport', async () => {
  const close = vi.fn(() => Promise.resolve());
  const transport = { fetch: () => Promise.reject(new Error('unused')), close };
  const abortReads = new AbortController().signal;
  await pluginClient({ url: new URL('http://plugin.test'), deadlineMs: 1_000, transport, abortReads }).close();
  expect(close).toHaveBeenCalledOnce();
});
