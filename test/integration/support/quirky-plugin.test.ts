/**
 * Pins the quirky plugin from outside, with plain requests: strict by itself, each quirk what it says, the controls exact,
 * and the process one that can be frozen and killed. The suites that use it rely on all of that.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Operation, type QuirkyPlugin, startQuirkyPlugin } from '../../support/quirky-plugin.ts';

let plugin: QuirkyPlugin;

beforeAll(async () => {
  plugin = await startQuirkyPlugin();
});
afterEach(() => plugin.setQuirks([]));
afterAll(() => plugin.kill());

async function ask(method: string, path: string, sent?: object, to = plugin) {
  const init = sent ? { method, body: JSON.stringify(sent) } : { method };
  const response = await fetch(to.url + path, { ...init, redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const body: unknown = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body };
}

const aMemory = (content: string, more: object = {}) => ({ content, kind: 'fact', source: 'agent', ...more });
const commit = (namespace: string, content: string, more: object = {}, to = plugin) =>
  ask('POST', `/v1/namespaces/${namespace}/memories`, aMemory(content, more), to);
const search = (namespace: string, more: object = {}, to = plugin) =>
  ask('POST', '/v1/search', { namespaces: [namespace], ...more }, to);
const forget = (id: string, namespace: string) =>
  ask('DELETE', `/v1/memories/${id}`, { requested_by_namespace: namespace });

async function aNamespace(to = plugin): Promise<string> {
  const name = `workspace:${randomUUID()}`;
  await ask('PUT', `/v1/namespaces/${name}`, { kind: 'workspace' }, to);
  return name;
}

/** The contents that a search finds, in its order. */
async function contents(namespace: string, more: object = {}): Promise<unknown[]> {
  const { body } = await search(namespace, more);
  if (!isRecord(body) || !Array.isArray(body.memories)) throw new Error('not the answer to a search');
  return body.memories.map((memory: unknown) => (isRecord(memory) ? memory.content : undefined));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const storedIn = async (namespace: string) =>
  (await plugin.dump()).memories.filter((memory) => memory.namespace === namespace);
const refused = (status: number, code: string) => ({ status, body: expect.objectContaining({ code }) });

describe('without quirks, the contract strictly', () => {
  it('is healthy and announces what it can do', async () => {
    expect(await ask('GET', '/v1/health')).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        version: expect.any(String),
        capabilities: ['fts', 'ttl', 'pin', 'propagation', 'embedding'],
      },
    });
  });

  it('stores a memory with all that it was sent, and returns all of it', async () => {
    const namespace = await aNamespace();
    const sent = {
      id: randomUUID(),
      expires_at: '2999-01-01T00:00:00Z',
      propagation: { backfill: { run_id: 'r' } },
      pin: true,
      embedding: [0.1, -2, 3e-7],
    };
    expect(await commit(namespace, 'line\u2028separator 🦉', sent)).toMatchObject({
      status: 201,
      body: { id: sent.id, namespace },
    });
    expect((await search(namespace)).body).toEqual({
      memories: [{ ...aMemory('line\u2028separator 🦉', sent), namespace, created_at: expect.any(String) }],
    });
  });

  it('makes an id where none is sent', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'one');
    await commit(namespace, 'one');
    expect(new Set((await storedIn(namespace)).map(({ id }) => id)).size).toBe(2);
  });

  it('replaces on the same id, whole, and moves it to the namespace written to last', async () => {
    const [from, to, id] = [await aNamespace(), await aNamespace(), randomUUID()];
    await commit(from, 'before', { id, pin: true, propagation: { a: 1 } });
    await commit(to, 'after', { id: id.toUpperCase() });
    expect(await storedIn(from)).toEqual([]);
    expect(await storedIn(to)).toEqual([
      expect.objectContaining({ id, content: 'after', pin: false, propagation: null }),
    ]);
  });

  it.each([
    ['blank content', { content: ' \n\t ' }],
    ['content of another type', { content: 1 }],
    ['an id that is no UUID', { id: 'seven' }],
    ['an unknown kind', { kind: 'rumour' }],
    ['an unknown source', { source: 'oracle' }],
    ['a pin that is no boolean', { pin: 'yes' }],
    ['an expiry that is no time', { expires_at: 'tomorrow' }],
    ['an empty embedding', { embedding: [] }],
  ])('refuses a commit with %s', async (_what, damage) => {
    const namespace = await aNamespace();
    expect(await commit(namespace, 'fine', damage)).toMatchObject(refused(400, 'bad_request'));
    expect(await storedIn(namespace)).toEqual([]);
  });

  it('refuses a vector of another length than the first one, in a commit and in a search', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'three', { embedding: [1, 2, 3] });
    expect(await commit(namespace, 'two', { embedding: [1, 2] })).toMatchObject(refused(400, 'bad_request'));
    expect(await search(namespace, { embedding: [1, 2] })).toMatchObject(refused(400, 'bad_request'));
  });

  it('refuses a commit into a namespace that does not exist', async () => {
    expect(await commit('team:nobody', 'fine')).toMatchObject(refused(404, 'not_found'));
  });

  it('lists newest first, pinned ones before, the later one first where the times are equal', async () => {
    const namespace = await aNamespace();
    const at = (created_at: string) => ({ namespace, created_at });
    await plugin.insert({ ...at('2024-01-01T00:00:00Z'), content: 'tie, earlier' });
    await plugin.insert({ ...at('2023-01-01T00:00:00Z'), content: 'oldest' });
    await plugin.insert({ ...at('2024-01-01T00:00:00Z'), content: 'tie, later' });
    await plugin.insert({ ...at('2020-01-01T00:00:00Z'), content: 'pinned', pin: true });
    expect(await contents(namespace)).toEqual(['pinned', 'tie, later', 'tie, earlier', 'oldest']);
  });

  it('lists 20 unless told otherwise, and 100 at most', async () => {
    const namespace = await aNamespace();
    for (let n = 0; n < 101; n++) await plugin.insert({ namespace, content: `row ${n}` });
    expect(await contents(namespace)).toHaveLength(20);
    expect(await contents(namespace, { limit: 100 })).toHaveLength(100);
  });

  it.each([
    ['a limit of 101', { limit: 101 }],
    ['a limit of 0', { limit: 0 }],
    ['a limit of 1.5', { limit: 1.5 }],
    ['no namespace', { namespaces: [] }],
    ['an unknown kind', { kinds: ['rumour'] }],
  ])('refuses a search with %s', async (_what, damage) => {
    expect(await search('team:any', damage)).toMatchObject(refused(400, 'bad_request'));
  });

  it('does not find what has expired, nor what lies in other namespaces or is of other kinds', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'expired', { expires_at: '2001-01-01T00:00:00Z' });
    await commit(namespace, 'summary', { kind: 'summary' });
    await commit(namespace, 'fact');
    await commit(await aNamespace(), 'elsewhere');
    expect(await contents(namespace)).toEqual(['fact', 'summary']);
    expect(await contents(namespace, { kinds: ['summary'] })).toEqual(['summary']);
  });

  it('finds by all words of a query, stemmed, and nothing by stop words, punctuation or emoji', async () => {
    const namespace = await aNamespace();
    for (const content of ['Deploys are planned for Friday.', 'The plan is to deploy.', 'to be or not to be', '🦉 … !'])
      await commit(namespace, content);
    const both = ['The plan is to deploy.', 'Deploys are planned for Friday.'];
    expect(await contents(namespace, { query: 'planning the DEPLOY' })).toEqual(both);
    expect(await contents(namespace, { query: 'plan, friday' })).toEqual(['Deploys are planned for Friday.']);
    expect(await contents(namespace, { query: 'deploy lions' })).toEqual([]);
    for (const query of ['to be or not to be', '🦉', '… !']) expect(await contents(namespace, { query })).toEqual([]);
  });

  it('finds the best answer to a query first, and tells its score', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'owls');
    await commit(namespace, 'owls and mice and voles');
    const { body } = await search(namespace, { query: 'owl' });
    expect(body).toMatchObject({
      memories: [
        { content: 'owls', score: 1 },
        { content: 'owls and mice and voles', score: expect.closeTo(1 / 3) },
      ],
    });
  });

  it('finds by embedding what has one, nearest first', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'far', { embedding: [0, 1, 0] });
    await commit(namespace, 'near', { embedding: [1, 0.1, 0] });
    await commit(namespace, 'none');
    expect(await contents(namespace, { embedding: [1, 0, 0] })).toEqual(['near', 'far']);
  });

  it('forgets for the namespace that holds the memory only', async () => {
    const [namespace, id] = [await aNamespace(), randomUUID()];
    await commit(namespace, 'mine', { id });
    expect(await forget(id, 'team:other')).toMatchObject(refused(403, 'forbidden'));
    expect(await storedIn(namespace)).toHaveLength(1);
    expect(await forget(id, namespace)).toMatchObject({ status: 204, text: '' });
    expect(await forget(id, namespace)).toMatchObject(refused(404, 'not_found'));
    expect(await forget('seven', namespace)).toMatchObject(refused(400, 'bad_request'));
  });

  it('replaces a namespace whole on PUT, and changes what is named on PATCH', async () => {
    const name = await aNamespace();
    const path = `/v1/namespaces/${name}`;
    const created = await ask('PUT', path, { kind: 'team', metadata: { a: 1 }, expires_at: '2999-01-01T00:00:00Z' });
    expect(created).toMatchObject({ status: 200, body: { name, kind: 'team', metadata: { a: 1 } } });
    expect((await ask('PATCH', path, { metadata: { b: 2 } })).body).toMatchObject({
      kind: 'team',
      metadata: { b: 2 },
      expires_at: '2999-01-01T00:00:00Z',
    });
    expect((await ask('PUT', path, { kind: 'team' })).body).toEqual({
      ...(isRecord(created.body) && created.body),
      metadata: null,
      expires_at: null,
    });
  });

  it('refuses a PATCH without fields before it looks, and one of a missing namespace after', async () => {
    expect(await ask('PATCH', '/v1/namespaces/team:nobody', {})).toMatchObject(refused(400, 'bad_request'));
    expect(await ask('PATCH', '/v1/namespaces/team:nobody', { metadata: null })).toMatchObject(
      refused(404, 'not_found'),
    );
  });

  it('deletes a namespace with its memories and no others', async () => {
    const [doomed, other] = [await aNamespace(), await aNamespace()];
    await commit(doomed, 'a');
    await commit(doomed, 'b');
    await commit(other, 'c');
    expect(await ask('DELETE', `/v1/namespaces/${doomed}`)).toMatchObject({ status: 204, text: '' });
    expect(await storedIn(doomed)).toEqual([]);
    expect(await storedIn(other)).toHaveLength(1);
    expect(await ask('DELETE', `/v1/namespaces/${doomed}`)).toMatchObject(refused(404, 'not_found'));
  });

  it.each(['Workspace:x', 'workspace', 'workspace:a%20b', 'workspace:%', `team:${'x'.repeat(252)}`])(
    'refuses %s as the name of a namespace',
    async (name) => {
      expect(await ask('PUT', `/v1/namespaces/${name}`, { kind: 'custom' })).toMatchObject(refused(400, 'bad_request'));
    },
  );

  it('refuses bodies that are no JSON, methods that a path does not take, and paths that do not exist', async () => {
    const noJson = await fetch(`${plugin.url}/v1/search`, { method: 'POST', body: '{"namespaces":' });
    expect(noJson.status).toBe(400);
    expect((await ask('GET', '/v1/search')).status).toBe(405);
    expect((await ask('GET', '/v2/health')).status).toBe(404);
  });
});

describe('quirks', () => {
  const html = { body: undefined, text: expect.stringMatching(/^<.*>$/) };

  it('null-memories: an empty search answers null, any other as before', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['null-memories']);
    expect((await search(namespace)).body).toEqual({ memories: null });
    await commit(namespace, 'here');
    expect(await contents(namespace)).toEqual(['here']);
  });

  it('missing-namespace-500: a commit into a missing namespace answers 500', async () => {
    await plugin.setQuirks(['missing-namespace-500']);
    expect(await commit('team:nobody', 'fine')).toMatchObject(refused(500, 'internal'));
    expect((await commit(await aNamespace(), 'fine')).status).toBe(201);
  });

  it("forget-404: another namespace's memory is not found, and not forgotten", async () => {
    const [namespace, id] = [await aNamespace(), randomUUID()];
    await commit(namespace, 'mine', { id });
    await plugin.setQuirks(['forget-404']);
    expect(await forget(id, 'team:other')).toMatchObject(refused(404, 'not_found'));
    expect(await storedIn(namespace)).toHaveLength(1);
  });

  it('unhealthy: 503 with a HealthResponse', async () => {
    await plugin.setQuirks(['unhealthy']);
    expect(await ask('GET', '/v1/health')).toMatchObject({
      status: 503,
      body: { status: 'degraded', version: expect.any(String), capabilities: expect.arrayContaining(['fts']) },
    });
  });

  it('unhealthy-error: 503 with an Error', async () => {
    await plugin.setQuirks(['unhealthy-error']);
    expect(await ask('GET', '/v1/health')).toMatchObject(refused(503, 'unavailable'));
  });

  it('invalid-500: bad UUIDs and vectors of the wrong size answer 500, blank content still 400', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'three', { embedding: [1, 2, 3] });
    await plugin.setQuirks(['invalid-500']);
    expect(await commit(namespace, 'fine', { id: 'seven' })).toMatchObject(refused(500, 'internal'));
    expect(await commit(namespace, 'fine', { embedding: [1] })).toMatchObject(refused(500, 'internal'));
    expect(await commit(namespace, ' ')).toMatchObject(refused(400, 'bad_request'));
  });

  it('ignores-query: finds everything', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'owls');
    await plugin.setQuirks(['ignores-query']);
    expect(await contents(namespace, { query: 'lions' })).toEqual(['owls']);
  });

  it('shuffled: finds the same in another order, the same one each time, and limits after that', async () => {
    const namespace = await aNamespace();
    for (let n = 0; n < 40; n++) await plugin.insert({ namespace, content: `row ${n}` });
    const sorted = await contents(namespace, { limit: 40 });
    await plugin.setQuirks(['shuffled']);
    const shuffled = await contents(namespace, { limit: 40 });
    expect(shuffled).not.toEqual(sorted);
    expect(shuffled.toSorted()).toEqual(sorted.toSorted());
    expect(await contents(namespace, { limit: 10 })).toEqual(shuffled.slice(0, 10));
  });

  it('no-capabilities: announces none, ignores queries, and stores none of what it cannot', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['no-capabilities']);
    expect((await ask('GET', '/v1/health')).body).toMatchObject({ capabilities: [] });
    await commit(namespace, 'owls', { expires_at: '2001-01-01T00:00:00Z', pin: true, propagation: {}, embedding: [1] });
    expect(await contents(namespace, { query: 'lions' })).toEqual(['owls']);
    expect(await storedIn(namespace)).toMatchObject([
      { expires_at: null, pin: false, propagation: null, embedding: null },
    ]);
  });

  it.each([
    ['no-propagation', 'propagation', { propagation: { a: 1 } }],
    ['no-embedding', 'embedding', { embedding: [1] }],
  ] as const)('%s: does not announce it and stores none', async (quirk, capability, sent) => {
    const namespace = await aNamespace();
    await plugin.setQuirks([quirk]);
    const { body } = await ask('GET', '/v1/health');
    expect(body).toMatchObject({ capabilities: expect.not.arrayContaining([capability]) });
    expect(body).toMatchObject({ capabilities: expect.arrayContaining(['ttl', 'pin']) });
    expect((await commit(namespace, 'owls', sent)).status).toBe(201);
    expect(await storedIn(namespace)).toMatchObject([{ [capability]: null }]);
  });

  it('no-capabilities: still knows the expiry of a namespace', async () => {
    await plugin.setQuirks(['no-capabilities']);
    const expires_at = '2999-01-01T00:00:00Z';
    const reply = await ask('PUT', `/v1/namespaces/team:${randomUUID()}`, { kind: 'team', expires_at });
    expect(reply.body).toMatchObject({ expires_at });
  });

  it('no-fts: does not announce it and ignores queries', async () => {
    const namespace = await aNamespace();
    await commit(namespace, 'owls');
    await plugin.setQuirks(['no-fts']);
    expect((await ask('GET', '/v1/health')).body).toMatchObject({
      capabilities: ['ttl', 'pin', 'propagation', 'embedding'],
    });
    expect(await contents(namespace, { query: 'lions' })).toEqual(['owls']);
  });

  it('wrong-id: stores under another id and answers that one', async () => {
    const [namespace, id] = [await aNamespace(), randomUUID()];
    await plugin.setQuirks(['wrong-id']);
    const { status, body } = await commit(namespace, 'mine', { id });
    const [memory] = await storedIn(namespace);
    expect(status).toBe(201);
    expect(memory?.id).not.toBe(id);
    expect(body).toEqual({ id: memory?.id, namespace });
  });

  it.each([
    ['wrong-shape', { body: { ok: true } }],
    ['html-201', html],
    ['wrong-namespace', { body: { id: expect.any(String), namespace: 'custom:elsewhere' } }],
  ] as const)('%s: answers 201 with something else than the contract wants, and stores', async (quirk, answer) => {
    const namespace = await aNamespace();
    await plugin.setQuirks([quirk]);
    expect(await commit(namespace, 'mine')).toMatchObject({ status: 201, ...answer });
    expect(await storedIn(namespace)).toHaveLength(1);
    expect(await commit('team:nobody', 'mine')).toMatchObject(refused(404, 'not_found'));
  });

  it('html-502: answers 502 with HTML and stores nothing', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['html-502']);
    expect(await commit(namespace, 'mine')).toMatchObject({ status: 502, ...html });
    expect(await storedIn(namespace)).toEqual([]);
  });

  it('redirect: answers every call with a 302 and acts on none', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['redirect']);
    for (const reply of [await ask('GET', '/v1/health'), await commit(namespace, 'mine'), await search(namespace)]) {
      expect(reply.status).toBe(302);
      expect(reply.headers.get('location')).toBe('/elsewhere');
    }
    expect(await storedIn(namespace)).toEqual([]);
  });

  it('not-a-plugin: health answers 200 with HTML', async () => {
    await plugin.setQuirks(['not-a-plugin']);
    expect(await ask('GET', '/v1/health')).toMatchObject({ status: 200, ...html });
  });

  it('too-many-requests: refuses every third new id once, with Retry-After, and stores it the second time', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['too-many-requests']);
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const statuses = async () => {
      const replies = [];
      for (const id of ids) replies.push(await commit(namespace, 'mine', { id }));
      return replies.map(({ status, headers }) => [status, headers.get('retry-after')]);
    };
    const [stored, refusedOnce] = [
      [201, null],
      [429, '1'],
    ];
    expect(await statuses()).toEqual([stored, stored, refusedOnce, stored, stored, refusedOnce]);
    expect(await storedIn(namespace)).toHaveLength(4);
    expect(await statuses()).toEqual(Array(6).fill(stored));
  });

  it('poison: one content answers 500 each time', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['poison']);
    for (const _ of [1, 2]) expect(await commit(namespace, 'a poison pill')).toMatchObject(refused(500, 'internal'));
    expect((await commit(namespace, 'a pill')).status).toBe(201);
  });

  it('reject: one content answers 400', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['reject']);
    expect(await commit(namespace, 'please reject-me')).toMatchObject(refused(400, 'bad_request'));
    expect((await commit(namespace, 'please')).status).toBe(201);
  });

  it('future-capability: announces an unknown capability, and adds unknown fields to every answer', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['future-capability']);
    const unknown = { x_later: expect.anything() };
    expect((await ask('GET', '/v1/health')).body).toMatchObject({
      ...unknown,
      capabilities: ['fts', 'ttl', 'pin', 'propagation', 'embedding', 'time-travel'],
    });
    expect((await commit(namespace, 'owls')).body).toMatchObject({ ...unknown, namespace });
    expect((await search(namespace)).body).toMatchObject({ ...unknown, memories: [{ ...unknown, content: 'owls' }] });
    expect((await commit(namespace, ' ')).body).toMatchObject({ ...unknown, code: 'bad_request' });
  });

  it('limit-50: never returns more than 50', async () => {
    const namespace = await aNamespace();
    for (let n = 0; n < 60; n++) await plugin.insert({ namespace, content: `row ${n}` });
    await plugin.setQuirks(['limit-50']);
    expect(await contents(namespace, { limit: 100 })).toHaveLength(50);
    expect(await contents(namespace, { limit: 7 })).toHaveLength(7);
  });

  it('query-limit-10: answers a query with no more than 10, and lists as ever', async () => {
    const namespace = await aNamespace();
    for (let n = 0; n < 15; n++) await plugin.insert({ namespace, content: `row ${n}` });
    await plugin.setQuirks(['query-limit-10']);
    expect(await contents(namespace, { limit: 100, query: 'row' })).toHaveLength(10);
    expect(await contents(namespace, { limit: 100 })).toHaveLength(15);
  });

  it('first-10-namespaces: heeds no more than 10', async () => {
    const namespace = await aNamespace();
    await plugin.insert({ namespace, content: 'here' });
    await plugin.setQuirks(['first-10-namespaces']);
    const others = Array.from({ length: 10 }, (_, n) => `team:${n}`);
    expect(await contents(namespace, { namespaces: [...others, namespace] })).toEqual([]);
    expect(await contents(namespace, { namespaces: [...others.slice(1), namespace] })).toEqual(['here']);
  });

  it('kinds-late: picks kinds from what it would have returned', async () => {
    const namespace = await aNamespace();
    await plugin.insert({ namespace, content: 'a fact' });
    await plugin.insert({ namespace, content: 'a summary', kind: 'summary' });
    await plugin.setQuirks(['kinds-late']);
    expect(await contents(namespace, { limit: 1, kinds: ['fact'] })).toEqual([]);
    expect(await contents(namespace, { limit: 2, kinds: ['fact'] })).toEqual(['a fact']);
  });

  it('twins: shows a twin twice, and an odd one with another content', async () => {
    const namespace = await aNamespace();
    await plugin.insert({ namespace, content: 'an odd twin' });
    await plugin.setQuirks(['twins']);
    expect(await contents(namespace)).toEqual(['an odd twin', 'an odd another twin']);
  });

  it('several at once, each with its effect, and none of them once they are withdrawn', async () => {
    const namespace = await aNamespace();
    await plugin.setQuirks(['null-memories', 'missing-namespace-500', 'future-capability']);
    expect((await search(namespace)).body).toMatchObject({ memories: null, x_later: expect.anything() });
    expect((await commit('team:nobody', 'fine')).status).toBe(500);
    await plugin.setQuirks([]);
    expect((await search(namespace)).body).toEqual({ memories: [] });
    expect((await commit('team:nobody', 'fine')).status).toBe(404);
  });
});

describe('controls', () => {
  let fresh: QuirkyPlugin;

  beforeAll(async () => {
    fresh = await startQuirkyPlugin();
  });
  afterAll(() => fresh.kill());

  it('counts what it was asked, logs what might have written in order of arrival, and leaves itself out', async () => {
    const id = randomUUID();
    await ask('GET', '/v1/health', undefined, fresh);
    await commit('team:a', 'first', { id }, fresh);
    await ask('PUT', '/v1/namespaces/team:a', { kind: 'team' }, fresh);
    await ask('PUT', '/v1/namespaces/team:a', { kind: 'team' }, fresh);
    await search('team:a', {}, fresh);
    await ask('DELETE', `/v1/memories/${id}`, { requested_by_namespace: 'team:a' }, fresh);
    await ask('POST', '/elsewhere', {}, fresh);
    await fresh.dump();
    expect(await fresh.counters()).toEqual({
      requests: {
        getHealth: 1,
        commitMemory: 1,
        upsertNamespace: 2,
        searchMemories: 1,
        forgetMemory: 1,
        unknown: 1,
        patchNamespace: 0,
        deleteNamespace: 0,
      },
      writes: 5,
      writeLog: [
        { method: 'POST', path: '/v1/namespaces/team:a/memories', operation: 'commitMemory', id, namespace: 'team:a' },
        { method: 'PUT', path: '/v1/namespaces/team:a', operation: 'upsertNamespace', id: null, namespace: 'team:a' },
        { method: 'PUT', path: '/v1/namespaces/team:a', operation: 'upsertNamespace', id: null, namespace: 'team:a' },
        { method: 'DELETE', path: `/v1/memories/${id}`, operation: 'forgetMemory', id, namespace: 'team:a' },
        { method: 'POST', path: '/elsewhere', operation: 'unknown', id: null, namespace: null },
      ],
      namespacePuts: { 'team:a': 2 },
      maxCommitsInFlight: 1,
    });
  });

  it('tells the most commits that were under way at once, and never counts one that was answered', async () => {
    const namespace = await aNamespace(fresh);
    for (let n = 0; n < 20; n++) await commit(namespace, 'one by one', {}, fresh);
    expect((await fresh.counters()).maxCommitsInFlight).toBe(1);
    await fresh.delay('commitMemory', 100);
    await Promise.all(['a', 'b', 'c'].map((content) => commit(namespace, content, {}, fresh)));
    await fresh.delay('commitMemory', 0);
    expect((await fresh.counters()).maxCommitsInFlight).toBe(3);
  });

  it('delays one operation, and only as long as that is wanted', async () => {
    await plugin.delay('getHealth', 300);
    const start = performance.now();
    await ask('GET', '/v1/health');
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
    await plugin.delay('getHealth', 600_000);
    expect((await search('team:any')).status).toBe(200);
    await plugin.delay('getHealth', 0);
    expect((await ask('GET', '/v1/health')).status).toBe(200);
  });

  it('shows everything stored as it is, the expired and the namespaces included', async () => {
    const namespace = await aNamespace();
    const expires_at = '2001-01-01T00:00:00Z';
    await commit(namespace, 'expired', { expires_at, embedding: [1, 2, 3] });
    expect(await storedIn(namespace)).toEqual([
      {
        ...aMemory('expired', { namespace, expires_at, embedding: [1, 2, 3], pin: false, propagation: null }),
        id: expect.any(String),
        created_at: expect.any(String),
      },
    ]);
    expect((await plugin.dump()).namespaces).toContainEqual(
      expect.objectContaining({ name: namespace, kind: 'workspace' }),
    );
  });

  it('edits, moves, duplicates, inserts and removes stored memories', async () => {
    const [namespace, other, id] = [await aNamespace(), await aNamespace(), randomUUID()];
    await commit(namespace, 'as written', { id });
    await plugin.edit(id, { content: 'as edited', kind: 'summary', expires_at: '2999-01-01T00:00:00Z' });
    expect(await contents(namespace, { query: 'edit' })).toEqual(['as edited']);
    const copy = await plugin.duplicate(id);
    await plugin.edit(copy, { namespace: other });
    expect(await storedIn(other)).toEqual([
      expect.objectContaining({ id: copy, content: 'as edited', kind: 'summary', expires_at: '2999-01-01T00:00:00Z' }),
    ]);
    const planted = await plugin.insert({ namespace: 'team:never-made', content: 'planted', pin: true });
    expect(await storedIn('team:never-made')).toMatchObject([
      { id: planted, kind: 'fact', source: 'agent', pin: true },
    ]);
    await plugin.remove([id, copy]);
    expect(await storedIn(namespace)).toEqual([]);
    expect(await storedIn(other)).toEqual([]);
  });

  it('says so where a memory that is to be damaged is not there', async () => {
    await expect(plugin.remove([randomUUID()])).rejects.toThrow('no such memory');
    await expect(plugin.edit(randomUUID(), { content: 'x' })).rejects.toThrow('no such memory');
  });

  it('fails as many requests of one operation as ordered, without effect, and as ordered', async () => {
    const namespace = await aNamespace();
    await plugin.failNext({ operation: 'commitMemory', times: 2, status: 503, retryAfter: '7' });
    await plugin.failNext({ operation: 'commitMemory', status: 504, body: '<h1>Gateway Timeout</h1>' });
    await plugin.failNext({ operation: 'commitMemory', status: 400, body: { code: 'bad_request', message: 'No.' } });
    for (const _ of [1, 2]) {
      const reply = await commit(namespace, 'mine');
      expect(reply).toMatchObject(refused(503, 'unavailable'));
      expect(reply.headers.get('retry-after')).toBe('7');
    }
    expect((await search(namespace)).status).toBe(200);
    expect(await commit(namespace, 'mine')).toMatchObject({ status: 504, text: '<h1>Gateway Timeout</h1>' });
    expect(await commit(namespace, 'mine')).toMatchObject({ status: 400, body: { message: 'No.' } });
    expect(await storedIn(namespace)).toEqual([]);
    expect((await commit(namespace, 'mine')).status).toBe(201);
  });

  it('fails no request about the namespace of a preflight, unless that is what was ordered', async () => {
    const namespace = await aNamespace();
    const trial = `custom:backfill-preflight-${randomUUID()}`;
    const id = randomUUID();
    const requests = [
      { operation: 'upsertNamespace', send: (name) => ask('PUT', `/v1/namespaces/${name}`, { kind: 'custom' }) },
      { operation: 'commitMemory', send: (name) => commit(name, 'mine', { id }) },
      { operation: 'searchMemories', send: (name) => search(name) },
      { operation: 'forgetMemory', send: (name) => forget(id, name) },
      { operation: 'deleteNamespace', send: (name) => ask('DELETE', `/v1/namespaces/${name}`) },
    ] as const satisfies Array<{ operation: Operation; send: (name: string) => ReturnType<typeof ask> }>;
    for (const { operation, send } of requests) {
      await plugin.failNext({ operation, status: 503 });
      await plugin.failNext({ operation, status: 504, ofTrial: true });
      expect((await send(trial)).status).toBe(504);
      expect((await send(trial)).status).toBeLessThan(300);
      expect((await send(namespace)).status).toBe(503);
    }
  });

  it('keeps the headers of the last request for an operation', async () => {
    for (const authorization of ['Bearer first', 'Bearer last'])
      await fetch(`${plugin.url}/v1/health`, { headers: { authorization } });
    expect(await plugin.lastHeaders('getHealth')).toMatchObject({ authorization: 'Bearer last' });
  });
});

describe('the process', () => {
  it('starts with the quirks that are asked for', async () => {
    const quirky = await startQuirkyPlugin({ quirks: ['unhealthy', 'no-fts'] });
    expect(await ask('GET', '/v1/health', undefined, quirky)).toMatchObject({
      status: 503,
      body: { capabilities: ['ttl', 'pin', 'propagation', 'embedding'] },
    });
    await quirky.kill();
  });

  it('says why it does not start: a port that is taken, a quirk that it does not know', async () => {
    await expect(startQuirkyPlugin({ port: Number(new URL(plugin.url).port) })).rejects.toThrow('EADDRINUSE');
    const main = fileURLToPath(new URL('../../support/quirky-plugin/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--quirks=moody,poison']);
    const [complaint] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(complaint).toMatch(/Not a quirk: moody\. There are:\n {2}null-memories: /);
    expect(child.exitCode).toBe(2);
  });

  it('is empty again on the same port after it was killed', async () => {
    const first = await startQuirkyPlugin();
    await first.insert({ namespace: 'team:a', content: 'gone soon' });
    await first.kill();
    await expect(fetch(`${first.url}/v1/health`)).rejects.toThrow();
    const second = await startQuirkyPlugin({ port: Number(new URL(first.url).port) });
    expect(second.url).toBe(first.url);
    expect(await second.dump()).toEqual({ memories: [], namespaces: [] });
    await second.stop();
  });

  it('answers nothing while it is frozen, and everything once it is thawed', async () => {
    const freezing = await startQuirkyPlugin();
    freezing.freeze();
    const health = (signal?: AbortSignal) => fetch(`${freezing.url}/v1/health`, signal ? { signal } : {});
    await expect(health(AbortSignal.timeout(300))).rejects.toThrow('timeout');
    const held = health();
    freezing.thaw();
    expect((await held).status).toBe(200);
    await freezing.stop();
  });

  it('stops even while it is frozen, and a second time without harm', async () => {
    const freezing = await startQuirkyPlugin();
    freezing.freeze();
    await freezing.stop();
    await freezing.stop();
    await freezing.kill();
    expect(() => process.kill(freezing.pid, 0)).toThrow('ESRCH');
  });

  it('ends with the process that started it, even where that one is killed', async () => {
    const launcher = new URL('../../support/quirky-plugin.ts', import.meta.url).href;
    const script = `const { startQuirkyPlugin } = await import(${JSON.stringify(launcher)});
      console.log((await startQuirkyPlugin()).url);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
    const url = String(line).trim();
    const body = JSON.stringify({ operation: 'getHealth', milliseconds: 600_000 });
    expect((await fetch(`${url}/__control/delay`, { method: 'POST', body })).status).toBe(200);
    const held = fetch(`${url}/v1/health`);
    parent.kill('SIGKILL');
    await expect(held).rejects.toThrow('fetch failed');
  });
});
