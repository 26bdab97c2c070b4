/** Whether a memory is what was planned for a row: every field, the gravest difference first, and content byte for byte. */
import { describe, expect, test } from 'vitest';
import type { ObservedMemory, PlannedWrite, Provenance } from '../../../src/model/memory.ts';
import { differences } from '../../../src/verify/parity.ts';
import { plannedRow } from '../../support/planned.ts';

const PROVENANCE: Provenance = {
  run_id: 'the run that plans',
  source: 'agent_memories',
  workspace_id: 'sales',
  scope: 'TEAM',
  tag: null,
  created_at: '2024-03-01 08:15:30.123456+00',
  updated_at: null,
};

const planned = (values: Partial<PlannedWrite> = {}) => plannedRow({ provenance: PROVENANCE, ...values });

/** What a faithful plugin shows of {@link planned}. */
function observed(values: Partial<ObservedMemory> = {}): ObservedMemory {
  return {
    id: 'a1',
    namespace: 'team:acme',
    content: 'Deploys are frozen on Fridays.',
    kind: 'fact',
    source: 'agent',
    pinned: false,
    createdAt: '2025-01-01T00:00:00Z',
    expiresAt: null,
    provenance: { ...PROVENANCE, run_id: 'the run that wrote' },
    ...values,
  };
}

test('a memory that is just what was planned has no difference, whichever run wrote it, and wherever it stands', () => {
  expect(differences(planned(), observed())).toEqual([]);
  expect(differences(planned(), observed({ namespace: 'team:other', id: 'b2', createdAt: 'at another time' }))).toEqual(
    [],
  );
});

describe('each field counts', () => {
  test.each<[string, Partial<ObservedMemory>, object]>([
    [
      'content',
      { content: 'Deploys are frozen.' },
      { kind: 'content', sentence: 'has another content, from character 19 on', at: 18 },
    ],
    ['kind', { kind: 'summary' }, { kind: 'fields', sentence: 'has another kind (summary)' }],
    ['source', { source: 'user' }, { kind: 'fields', sentence: 'has another source (user)' }],
    ['pin', { pinned: true }, { kind: 'fields', sentence: 'has another pin (true)' }],
    [
      'expiry',
      { expiresAt: '2099-01-01T00:00:00Z' },
      { kind: 'vanishing', sentence: 'will expire (2099-01-01T00:00:00Z)' },
    ],
    ['provenance', { provenance: undefined }, { kind: 'fields', sentence: 'has another propagation.backfill' }],
  ])('%s', (_, change, expected) => {
    expect(differences(planned(), observed(change))).toEqual([expected]);
  });

  test('and all that differ are named together', () => {
    const changed = observed({ kind: 'summary', source: 'user', pinned: true, provenance: null });
    expect(differences(planned(), changed)).toEqual([
      { kind: 'fields', sentence: 'has another kind (summary), source (user), pin (true), propagation.backfill' },
    ]);
  });

  test('and content, fields and expiry are each a difference of their own, the gravest first', () => {
    const changed = observed({ content: '', pinned: true, expiresAt: 'soon' });
    expect(differences(planned(), changed)).toEqual([
      { kind: 'content', sentence: 'has another content, from character 1 on', at: 0 },
      { kind: 'fields', sentence: 'has another pin (true)' },
      { kind: 'vanishing', sentence: 'will expire (soon)' },
    ]);
  });
});

describe('content is compared byte for byte', () => {
  test.each<[string, string, string, number]>([
    ['composed against decomposed letters', 'caf\u00e9', 'cafe\u0301', 3],
    ['a compatibility form', 'ﬁne', 'fine', 0],
    ['upper against lower case', 'Abc', 'abc', 0],
    ['white space at the end', 'note ', 'note', 4],
    ['white space at the beginning', ' note', 'note', 0],
    ['line endings', 'a\r\nb', 'a\nb', 1],
    ['an invisible character', 'ab', 'a\u200bb', 1],
    ['a no-break space', 'a b', 'a\u00a0b', 1],
    ['a text that goes on', 'note', 'note, and more', 4],
    ['an emoji with another skin', '👩🏽', '👩🏿', 3],
    ['an empty text', 'note', '', 0],
  ])('%s', (_, content, found, at) => {
    expect(differences(planned({ content }), observed({ content: found }))).toEqual([
      { kind: 'content', sentence: `has another content, from character ${at + 1} on`, at },
    ]);
    expect(differences(planned({ content }), observed({ content }))).toEqual([]);
  });
});

describe('where the row came from', () => {
  const { tag: _tag, ...withoutTag } = PROVENANCE;

  test.each<[string, unknown]>([
    ['another workspace', { ...PROVENANCE, workspace_id: 'support' }],
    ['another scope', { ...PROVENANCE, scope: 'LOCAL' }],
    ['another source', { ...PROVENANCE, source: 'elsewhere' }],
    ['another tag', { ...PROVENANCE, tag: 'general' }],
    ['no tag at all where a null was sent', withoutTag],
    ['lost microseconds', { ...PROVENANCE, created_at: '2024-03-01 08:15:30.123+00' }],
    ['the same instant in another zone', { ...PROVENANCE, created_at: '2024-03-01 09:15:30.123456+01' }],
    ['a time of change that it never had', { ...PROVENANCE, updated_at: '2024-03-01 08:15:30+00' }],
    ['nothing', undefined],
    ['null', null],
    ['text', JSON.stringify(PROVENANCE)],
    ['a list', [PROVENANCE]],
  ])('is different with %s', (_, provenance) => {
    expect(differences(planned(), observed({ provenance }))).toEqual([
      { kind: 'fields', sentence: 'has another propagation.backfill' },
    ]);
  });

  test('may be told with more than was planned, and in any order', () => {
    const provenance = Object.fromEntries([['extra', 1], ...Object.entries(PROVENANCE).reverse()]);
    expect(differences(planned(), observed({ provenance }))).toEqual([]);
  });

  test('does not matter where none was planned', () => {
    const { provenance: _provenance, ...without } = planned();
    expect(differences(without, observed({ provenance: { any: 'thing' } }))).toEqual([]);
    expect(differences(without, observed({ provenance: undefined }))).toEqual([]);
  });
});

describe('a vector', () => {
  const embedding = [0.25, -1];

  test('that the memory comes without is missing only where the plugin shows vectors', () => {
    expect(differences(planned({ embedding }), observed())).toEqual([]);
    expect(differences(planned({ embedding }), observed(), true)).toEqual([
      { kind: 'fields', sentence: 'has another embedding (none)' },
    ]);
    expect(differences(planned(), observed(), true)).toEqual([]);
  });

  test.each([false, true])('is compared wherever it is shown (vectors shown otherwise: %s)', (vectorsShown) => {
    expect(differences(planned({ embedding }), observed({ embedding }), vectorsShown)).toEqual([]);
    for (const other of [[0.25, 1], [0.25], [], [0.25, -1, 0]]) {
      expect(differences(planned({ embedding }), observed({ embedding: other }), vectorsShown)).toEqual([
        { kind: 'fields', sentence: 'has another embedding' },
      ]);
    }
  });
});
