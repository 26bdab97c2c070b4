/** The checks of bodies at run time accept what the contract documents, and refuse the rest without quoting it. */
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { bodyCheck, type Schemas } from '../../../src/contract/bodies.ts';
import { schemas } from '../../../src/contract/schemas.gen.ts';

const ID = '6f1c0f5e-6d3b-4f53-9d0c-1f1f3b2a7c11';
const NOW = '2026-01-31T08:09:10.123456Z';
const MEMORY = { id: ID, namespace: 'team:x', content: 'A.', kind: 'fact', source: 'agent', created_at: NOW };
const BACKFILL = { run_id: 'r', scope: 'TEAM', tag: null };

type Case = [what: string, name: keyof Schemas, body: unknown];

const ACCEPTED: Case[] = [
  [
    'health with the known capabilities',
    'HealthResponse',
    { status: 'ok', version: '1', capabilities: ['fts', 'ttl'] },
  ],
  [
    'health with a capability that nobody knows yet',
    'HealthResponse',
    { status: 'degraded', version: '2', capabilities: ['x'] },
  ],
  [
    'a field that a later version may add',
    'HealthResponse',
    { status: 'ok', version: '1', capabilities: [], region: 'eu' },
  ],
  ['a namespace', 'Namespace', { name: 'team:x', kind: 'team', created_at: NOW }],
  [
    'a namespace with nulls',
    'Namespace',
    { name: 'x:y', kind: 'custom', created_at: NOW, expires_at: null, metadata: null },
  ],
  ['an upsert with metadata', 'NamespaceUpsert', { kind: 'org', metadata: { owner: { deep: [1] } } }],
  ['a patch without fields', 'NamespacePatch', {}],
  ['a write of the least', 'MemoryWrite', { content: ' ', kind: 'fact', source: 'agent' }],
  [
    'a write of all',
    'MemoryWrite',
    { ...MEMORY, pin: true, embedding: [0.1], propagation: { backfill: BACKFILL }, expires_at: NOW },
  ],
  ['the answer to a write', 'MemoryWriteResponse', { id: ID, namespace: 'team:x' }],
  ['an id in capitals', 'MemoryWriteResponse', { id: ID.toUpperCase(), namespace: 'team:x' }],
  ['a memory', 'Memory', MEMORY],
  ['a memory of another time zone', 'Memory', { ...MEMORY, created_at: '2026-01-31T08:09:10+05:45' }],
  ['a memory with everything', 'Memory', { ...MEMORY, expires_at: null, propagation: null, pin: false, score: 0.7 }],
  ['a search of the least', 'SearchRequest', { namespaces: ['team:x'] }],
  ['a search of the largest page', 'SearchRequest', { namespaces: ['team:x'], query: '', kinds: ['fact'], limit: 100 }],
  ['found memories', 'SearchResponse', { memories: [MEMORY, MEMORY] }],
  ['no memories', 'SearchResponse', { memories: [] }],
  ['null for no memories, as plugins in the field answer', 'SearchResponse', { memories: null }],
  ['a request to forget', 'ForgetRequest', { requested_by_namespace: 'team:x' }],
  ['an error with details', 'Error', { code: 'not_found', message: 'No.', details: { name: 'x' } }],
];

const REFUSED: Case[] = [
  ['another service that says it is well', 'HealthResponse', { status: 'UP' }],
  ['health without capabilities', 'HealthResponse', { status: 'ok', version: '1' }],
  ['capabilities that are no list', 'HealthResponse', { status: 'ok', version: '1', capabilities: 'fts' }],
  ['nothing', 'HealthResponse', undefined],
  ['null', 'HealthResponse', null],
  ['text', 'HealthResponse', 'ok'],
  ['a list', 'NamespacePatch', []],
  ['a kind that is not in the contract', 'NamespaceUpsert', { kind: 'group' }],
  ['metadata that are no object', 'NamespaceUpsert', { kind: 'org', metadata: 'x' }],
  ['a date without a time', 'Namespace', { name: 'team:x', kind: 'team', created_at: '2026-01-31' }],
  ['empty content', 'MemoryWrite', { content: '', kind: 'fact', source: 'agent' }],
  ['an id that is no UUID', 'MemoryWrite', { id: '7', content: 'A.', kind: 'fact', source: 'agent' }],
  ['an embedding with text in it', 'MemoryWrite', { content: 'A.', kind: 'fact', source: 'agent', embedding: ['1'] }],
  ['an answer without a namespace', 'MemoryWriteResponse', { id: ID }],
  ['an answer with an id that is no UUID', 'MemoryWriteResponse', { id: 'ok', namespace: 'team:x' }],
  ['a memory without content', 'Memory', { ...MEMORY, content: undefined }],
  ['a memory of an unknown source', 'Memory', { ...MEMORY, source: 'import' }],
  ['a search without namespaces', 'SearchRequest', { namespaces: [] }],
  ['a search for more than a page', 'SearchRequest', { namespaces: ['team:x'], limit: 101 }],
  ['a search for nothing', 'SearchRequest', { namespaces: ['team:x'], limit: 0 }],
  ['a search result without the list', 'SearchResponse', {}],
  ['a search result with one thing in it that is no memory', 'SearchResponse', { memories: [MEMORY, { id: ID }] }],
  ['an error of an unknown code', 'Error', { code: 'teapot', message: 'No.' }],
];

describe('is accepted:', () => {
  test.each(ACCEPTED)('%s (%s)', (_, name, body) => {
    const check = bodyCheck(name);
    expect(check(body) || check.reason()).toBe(true);
  });
});

describe('is refused:', () => {
  test.each(REFUSED)('%s (%s)', (_, name, body) => {
    expect(bodyCheck(name)(body)).toBe(false);
  });
});

test('the reason names the place and the rule, and quotes nothing of the body', () => {
  const check = bodyCheck('SearchResponse');
  expect(check({ memories: [MEMORY, { ...MEMORY, content: 7, id: 'a secret' }] })).toBe(false);
  expect(check.reason()).toMatch(/^\/memories\/1\/(content|id) /);
  expect(check.reason()).not.toMatch(/secret|7/);

  expect(check('a secret')).toBe(false);
  expect(check.reason()).toBe('the body must be object');
});

test('the contract’s schemas are schemas: nothing looks at that when the tool starts', () => {
  const ajv = new Ajv();
  for (const [name, schema] of Object.entries(schemas))
    expect([name, ajv.validateSchema(schema)]).toEqual([name, true]);
  expect(ajv.validateSchema({ type: 'strnig' })).toBe(false);
});
