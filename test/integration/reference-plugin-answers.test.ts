/** What the reference plugin promises beyond the contract: where version 1 leaves something open, or the field is careless. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bodyCheck, type Schemas } from '../../src/contract/bodies.ts';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase, type Database } from '../support/postgres.ts';
import { type PluginProcess, startReferencePlugin } from '../support/reference-plugin.ts';

let database: Database;
let plugin: PluginProcess;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await createDatabase(clusterUrl(), 'plugin_answers');
  plugin = await startReferencePlugin({ databaseUrl: database.url });
  sql = postgres(database.url, { max: 2 });
});
afterAll(async () => {
  await sql.end();
  await plugin.stop();
  await database.drop();
});

const isSearchResponse = bodyCheck('SearchResponse');
const aMemory = { content: 'The build takes nine minutes.', kind: 'fact', source: 'agent' };
const refusal = (status: number, code: string) => ({ status, body: { code, message: expect.stringMatching(/\.$/) } });

describe('refuses in the shape of the contract', () => {
  test.each([
    ['GET', '/v1/search', 'POST'],
    ['PUT', '/v1/health', 'GET, HEAD'],
    ['GET', '/v1/namespaces/custom:a', 'PUT, PATCH, DELETE'],
    ['POST', '/v1/namespaces/custom:a', 'PUT, PATCH, DELETE'],
    ['GET', '/v1/namespaces/custom:a/memories', 'POST'],
    ['OPTIONS', '/v1/memories/00000000-0000-4000-8000-000000000000', 'DELETE'],
  ])('with 405, %s %s', async (method, path, allowed) => {
    const answer = await sendText(method, path, undefined);
    expect(answer).toMatchObject(refusal(405, 'bad_request'));
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  test.each(['/', '/v1', '/v1/health/', '/v2/health'])('with 404, the path %s', async (path) => {
    expect(await sendText('GET', path, undefined)).toMatchObject(refusal(404, 'not_found'));
  });

  test('with 400, a path that is not well-formed, and a name of a thousand characters', async () => {
    for (const name of ['%zz', `custom:${'x'.repeat(1000)}`]) {
      expect(await send('PUT', `/v1/namespaces/${name}`, { kind: 'custom' })).toMatchObject(
        refusal(400, 'bad_request'),
      );
    }
  });

  test('with 415, a body that is not announced as JSON', async () => {
    const answer = await sendText('POST', '/v1/search', '{"namespaces":["custom:a"]}', 'text/plain');
    expect(answer).toMatchObject(refusal(415, 'bad_request'));
  });

  test('with 413, a body of more than 8 MB, but not before it has come: the client would see a reset', async () => {
    const namespace = await aNamespace();
    const body = Buffer.from(JSON.stringify({ ...aMemory, content: 'x'.repeat(9 * 1024 * 1024) }));
    const upload = request(`${plugin.url}/v1/namespaces/${namespace}/memories`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    const response = once(upload, 'response');
    upload.write(body.subarray(0, 1000));
    // Whatever the plugin had to say to the beginning, it would have said by the time it answers this.
    await Promise.race([
      send('GET', '/v1/health'),
      response.then(() => Promise.reject(new Error('Answered too early.'))),
    ]);
    upload.end(body.subarray(1000));
    const [answer] = await response;
    expect({ status: answer.statusCode, body: await json(answer) }).toEqual(refusal(413, 'bad_request'));
    expect(await contentsOf(namespace)).toEqual([]);
  });

  test('with 413, a body of more than 8 MB whose length is not announced', async () => {
    const response = await fetch(`${plugin.url}/v1/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob(['x'.repeat(9 * 1024 * 1024)]).stream(),
      duplex: 'half',
    });
    expect({ status: response.status, body: await response.json() }).toEqual(refusal(413, 'bad_request'));
  });

  test('with 400, a patch without fields, before it looks whether there is such a namespace', async () => {
    expect(await send('PATCH', `/v1/namespaces/${aName()}`, {})).toMatchObject(refusal(400, 'bad_request'));
  });

  test.each(['x', '00000000000040008000000000000000', 'urn:uuid:00000000-0000-4000-8000-000000000000'])(
    'with 400, %s as the id to forget',
    async (id) => {
      const answer = await send('DELETE', `/v1/memories/${id}`, { requested_by_namespace: 'custom:a' });
      expect(answer).toMatchObject(refusal(400, 'bad_request'));
    },
  );

  test.each([
    ['an expiry in the year 0', '0000-01-01T00:00:00Z'],
    ['an expiry in a second that does not exist', '2031-02-03T23:59:61Z'],
  ])('with 400, %s', async (_what, expires_at) => {
    expect(await commit(await aNamespace(), { ...aMemory, expires_at })).toMatchObject(refusal(400, 'bad_request'));
  });

  test('with 400, a search for U+0000', async () => {
    const answer = await send('POST', '/v1/search', { namespaces: ['custom:a'], query: 'a\0b' });
    expect(answer).toMatchObject(refusal(400, 'bad_request'));
  });

  test('without a word of what was sent', async () => {
    const namespace = await aNamespace();
    const secret = 'hunter2';
    const answers = await Promise.all([
      send('PUT', `/v1/namespaces/${secret}`, { kind: 'custom' }),
      send('PUT', `/v1/namespaces/${aName()}`, { kind: secret }),
      commit(namespace, { ...aMemory, kind: secret }),
      commit(namespace, { ...aMemory, id: secret }),
      commit(namespace, { ...aMemory, content: `${secret}\0` }),
      commit(`custom:${secret}`, aMemory),
      sendText('POST', '/v1/search', `{"query": "${secret}`),
      send('POST', '/v1/search', { namespaces: ['custom:a'], query: `${secret}\0` }),
      sendText('GET', `/v1/${secret}`, undefined),
    ]);
    for (const { status, text } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(secret);
    }
  });
});

describe('content', () => {
  test.each([
    [
      'every kind of white space',
      'is nothing but white space',
      ' \t\n\v\f\r\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000',
    ],
    ['U+0000', 'holds U+0000', 'a\0b'],
    ['half a surrogate pair', 'holds half a surrogate pair', 'a\ud83d'],
  ])('of %s is refused with 400, and told why', async (_what, reason, content) => {
    const namespace = await aNamespace();
    const answer = await commit(namespace, { ...aMemory, content });
    expect(answer).toMatchObject(refusal(400, 'bad_request'));
    expect(answer.body.message).toContain(`The content ${reason}`);
    expect(await contentsOf(namespace)).toEqual([]);
  });

  test('that is not UTF-8 is refused with 400', async () => {
    const namespace = await aNamespace();
    const [before, after] = JSON.stringify({ ...aMemory, content: 'caf|' }).split('|');
    const body = Buffer.concat([Buffer.from(before ?? ''), Buffer.from([0xe9]), Buffer.from(after ?? '')]);
    expect(await sendText('POST', `/v1/namespaces/${namespace}/memories`, body)).toMatchObject(
      refusal(400, 'bad_request'),
    );
  });

  test.each([
    ['a zero-width space', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a lone combining mark', '\u0301'],
  ])('of %s is no white space, and is stored', async (_what, content) => {
    const namespace = await aNamespace();
    expect((await commit(namespace, { ...aMemory, content })).status).toBe(201);
    expect(await contentsOf(namespace)).toEqual([content]);
  });

  test('of 2 MB is stored, and found by its words as far as the index goes', async () => {
    const namespace = await aNamespace();
    let different = 'gearbox ';
    for (let number = 0; different.length < 2 * 1024 * 1024; number += 1)
      different += `${(number * 7919).toString(36)} `;
    const alike = `${'stored nightly '.repeat(140_000)} submarine`;
    for (const content of [different, alike]) {
      expect((await commit(namespace, { ...aMemory, content })).status).toBe(201);
    }
    expect(await contentsOf(namespace, { query: 'gearbox' })).toEqual([different]);
    expect(await contentsOf(namespace, { query: 'submarine' })).toEqual([alike]);
  });
});

describe('a replacement', () => {
  test('keeps its age and its place within its namespace, and is new in another', async () => {
    const [namespace, other] = [await aNamespace(), await aNamespace()];
    const id = randomUUID();
    await commit(namespace, { ...aMemory, id, content: 'one' });
    await commit(namespace, { ...aMemory, content: 'two' });
    await commit(other, { ...aMemory, content: 'three' });
    const [, before] = await search(namespace);
    await commit(namespace, { ...aMemory, id, content: 'one again' });
    const [, after] = await search(namespace);
    expect(after).toEqual({ ...before, content: 'one again' });
    await commit(other, { ...aMemory, id, content: 'one moved' });
    expect(await contentsOf(other)).toEqual(['one moved', 'three']);
  });

  test('goes by the id, however that is written', async () => {
    const namespace = await aNamespace();
    const id = 'ABCDEF01-2345-4678-9ABC-DEF012345678';
    await commit(namespace, { ...aMemory, id });
    const { body } = await commit(namespace, { ...aMemory, id: id.toLowerCase() });
    expect(body).toEqual({ id: id.toLowerCase(), namespace });
    expect(await contentsOf(namespace)).toHaveLength(1);
    await send('DELETE', `/v1/memories/${id}`, { requested_by_namespace: namespace });
    expect(await contentsOf(namespace)).toEqual([]);
  });
});

describe('a search by words', () => {
  test('finds what holds all of them, in English forms, whatever stands between them', async () => {
    const namespace = await aNamespace();
    for (const content of ['The pump is leaking oil.', 'Pumps leak.', 'The oil pump']) {
      await commit(namespace, { ...aMemory, content });
    }
    const found = async (query: string) => (await contentsOf(namespace, { query })).sort();
    expect(await found('pump oil')).toEqual(['The oil pump', 'The pump is leaking oil.']);
    expect(await found('leaks')).toEqual(['Pumps leak.', 'The pump is leaking oil.']);
    expect(await found('pump & -oil OR "x')).toEqual([]);
    expect(await found('pump -oil')).toEqual(['The oil pump', 'The pump is leaking oil.']);
  });

  test('answers what matches best first, with a score', async () => {
    const namespace = await aNamespace();
    await commit(namespace, { ...aMemory, content: 'pump pump pump' });
    await commit(namespace, { ...aMemory, content: 'a pump among many other things that stand around it', pin: true });
    const found = await search(namespace, { query: 'pump' });
    expect(found.map(({ content }) => content)[0]).toBe('pump pump pump');
    expect(Number(found[0]?.score)).toBeGreaterThan(Number(found[1]?.score));
    expect(Number(found[1]?.score)).toBeGreaterThan(0);
  });

  test('finds nothing where no word is left: stop words, punctuation, white space', async () => {
    const namespace = await aNamespace();
    await commit(namespace, { ...aMemory, content: 'the and of ... !!!' });
    for (const query of ['the and of', '... !!!', ' ']) {
      expect(await contentsOf(namespace, { query })).toEqual([]);
    }
  });

  test('is a listing where the query is empty', async () => {
    const namespace = await aNamespace();
    await commit(namespace, aMemory);
    expect(await contentsOf(namespace, { query: '' })).toEqual([aMemory.content]);
  });

  test('does not find what has expired', async () => {
    const namespace = await aNamespace();
    await commit(namespace, { ...aMemory, content: 'pump', expires_at: '2001-01-01T00:00:00Z' });
    expect(await contentsOf(namespace, { query: 'pump' })).toEqual([]);
  });
});

describe('an expired namespace', () => {
  test('is as good as missing, and so are its memories', async () => {
    const namespace = await anExpiredNamespaceWith('pump');
    expect(await contentsOf(namespace)).toEqual([]);
    expect(await contentsOf(namespace, { query: 'pump' })).toEqual([]);
    expect(await commit(namespace, aMemory)).toMatchObject(refusal(404, 'not_found'));
    expect(await send('PATCH', `/v1/namespaces/${namespace}`, { expires_at: null })).toMatchObject(
      refusal(404, 'not_found'),
    );
    expect(await send('DELETE', `/v1/namespaces/${namespace}`)).toMatchObject(refusal(404, 'not_found'));
  });

  test('is a new one when it is created again: its memories do not come back, and its age begins anew', async () => {
    const namespace = await anExpiredNamespaceWith('pump');
    const [before] = await sql`select created_at from memory_plugin.namespaces where name = ${namespace}`;
    expect((await send('PUT', `/v1/namespaces/${namespace}`, { kind: 'custom' })).status).toBe(200);
    expect(await contentsOf(namespace)).toEqual([]);
    const [after] = await sql`select created_at from memory_plugin.namespaces where name = ${namespace}`;
    expect(after?.created_at.getTime()).toBeGreaterThan(before?.created_at.getTime());
  });

  test('gives up a memory that is written elsewhere under the same id', async () => {
    const [expired, living] = [await aNamespace(), await aNamespace()];
    const id = randomUUID();
    await commit(expired, { ...aMemory, id });
    await send('PUT', `/v1/namespaces/${expired}`, { kind: 'custom', expires_at: '2001-01-01T00:00:00Z' });
    expect((await commit(living, { ...aMemory, id })).status).toBe(201);
    expect(await contentsOf(living)).toHaveLength(1);
  });
});

test('a commit that meets the deletion of its namespace answers 404, and leaves nothing behind', async () => {
  const namespace = await aNamespace();
  const commits = await sql.begin(async (deletion) => {
    await deletion`delete from memory_plugin.namespaces where name = ${namespace}`;
    const answer = commit(namespace, aMemory);
    await vi.waitFor(async () => {
      const waiting = sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      expect(await waiting).toHaveLength(1);
    });
    return { answer };
  });
  expect(await commits.answer).toMatchObject(refusal(404, 'not_found'));
  expect(await sql`select from memory_plugin.memories where namespace = ${namespace}`).toHaveLength(0);
});

test('a namespace keeps its age when it is replaced or patched', async () => {
  const path = `/v1/namespaces/${aName()}`;
  const { created_at } = (await send('PUT', path, { kind: 'custom' })).body;
  expect((await send('PUT', path, { kind: 'team' })).body).toEqual(
    expect.objectContaining({ kind: 'team', created_at }),
  );
  expect((await send('PATCH', path, { metadata: {} })).body.created_at).toBe(created_at);
});

test('a request without a body may announce JSON', async () => {
  const namespace = await aNamespace();
  expect((await sendText('DELETE', `/v1/namespaces/${namespace}`, '')).status).toBe(204);
});

test('what is opaque comes back to the letter: order of keys, U+0000, half surrogates, __proto__', async () => {
  const opaque = '{"z":1,"a":{"\\u0000":"\\u0000 \\ud83d"},"__proto__":{"b":2},"m":[1.5e-7,null]}';
  const namespace = await aNamespace();
  const body = `{"content":"a","kind":"fact","source":"agent","propagation":${opaque}}`;
  expect((await sendText('POST', `/v1/namespaces/${namespace}/memories`, body)).status).toBe(201);
  expect((await send('POST', '/v1/search', { namespaces: [namespace] })).text).toContain(opaque);
  const put = await sendText('PUT', `/v1/namespaces/${aName()}`, `{"kind":"custom","metadata":${opaque}}`);
  expect(put.text).toContain(opaque);
});

test('times have microseconds, and can be compared as text', async () => {
  const namespace = await aNamespace();
  const expires_at = '2099-06-30T12:00:00.5+00:00';
  for (let number = 0; number < 20; number += 1) await commit(namespace, { ...aMemory, expires_at });
  const found = await search(namespace);
  const times = found.map(({ created_at }) => created_at);
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(times).toEqual(times.toSorted().reverse());
  expect(found[0]?.expires_at).toBe('2099-06-30T12:00:00.500000Z');
});

// --- Requests ---------------------------------------------------------------------------------------------------------

async function sendText(method: string, path: string, sent: string | Buffer | undefined, type = 'application/json') {
  const response = await fetch(plugin.url + path, {
    method,
    ...(sent !== undefined && { body: sent, headers: { 'content-type': type } }),
  });
  const text = await response.text();
  const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, text, body };
}

function send(method: string, path: string, body?: object) {
  return sendText(method, path, body && JSON.stringify(body));
}

function commit(namespace: string, memory: object) {
  return send('POST', `/v1/namespaces/${namespace}/memories`, memory);
}

async function search(namespace: string, request: object = {}): Promise<Schemas['Memory'][]> {
  const { body } = await send('POST', '/v1/search', { namespaces: [namespace], ...request });
  if (!isSearchResponse(body)) throw new Error('This is no SearchResponse.');
  return body.memories ?? [];
}

async function contentsOf(namespace: string, request: object = {}): Promise<string[]> {
  return (await search(namespace, request)).map(({ content }) => content);
}

const aName = () => `custom:${randomUUID()}`;

async function aNamespace(): Promise<string> {
  const name = aName();
  await send('PUT', `/v1/namespaces/${name}`, { kind: 'custom' });
  return name;
}

async function anExpiredNamespaceWith(content: string): Promise<string> {
  const name = await aNamespace();
  await commit(name, { ...aMemory, content });
  await send('PUT', `/v1/namespaces/${name}`, { kind: 'custom', expires_at: '2001-01-01T00:00:00Z' });
  return name;
}
