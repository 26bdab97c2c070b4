/** The digest of a memory: the same for what was planned and what was found, another for every difference, and none without the key. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digester } from '../../../src/model/digest.ts';
import type { ObservedMemory, PlannedWrite } from '../../../src/model/memory.ts';

const KEY = new Uint8Array(32).fill(7);
const { ofPlanned, ofObserved } = digester(KEY);

function planned(given: Partial<PlannedWrite> = {}): PlannedWrite {
  return {
    verdict: 'write',
    id: '11111111-1111-4111-8111-111111111111',
    createdAt: null,
    updatedAt: null,
    workspaceId: '22222222-2222-4222-8222-222222222222',
    scope: 'LOCAL',
    namespace: { name: 'workspace:acme', kind: 'workspace' },
    content: 'The invoice was paid.',
    kind: 'fact',
    source: 'agent',
    ...given,
  };
}

/** What a faithful plugin shows of what was planned. */
function observed(
  { id, namespace, content, kind, source }: PlannedWrite,
  given: Partial<ObservedMemory> = {},
): ObservedMemory {
  return {
    id,
    namespace: namespace.name,
    content,
    kind,
    source,
    pinned: false,
    createdAt: '2025-01-01T00:00:00Z',
    expiresAt: null,
    provenance: null,
    ...given,
  };
}

const text = fc.string({ unit: 'binary' });

test('of what was planned is that of what a faithful plugin shows', () => {
  fc.assert(
    fc.property(text, text, (content, name) => {
      const row = planned({ content, namespace: { name, kind: 'team' } });
      expect(ofObserved(observed(row))).toBe(ofPlanned(row));
    }),
  );
});

test('is 64 hexadecimal digits', () => {
  expect(ofPlanned(planned())).toMatch(/^[0-9a-f]{64}$/);
});

describe('differs from that of a memory with another', () => {
  test.each<[string, Partial<ObservedMemory>]>([
    ['namespace', { namespace: 'team:acme' }],
    ['content', { content: 'The invoice was paid. ' }],
    ['kind', { kind: 'summary' }],
    ['source', { source: 'user' }],
    ['pin', { pinned: true }],
    ['expiry', { expiresAt: '2026-01-01T00:00:00Z' }],
  ])('%s', (_, given) => {
    expect(ofObserved(observed(planned(), given))).not.toBe(ofPlanned(planned()));
  });
});

test.each<[string, Partial<ObservedMemory>]>([
  ['its provenance', { provenance: { run_id: 'x' } }],
  ['its id, which it is kept under', { id: '33333333-3333-4333-8333-333333333333' }],
])('is not about %s', (_, given) => {
  expect(ofObserved(observed(planned(), given))).toBe(ofPlanned(planned()));
});

test('is another wherever the fields are others, however they are cut', () => {
  const fields = fc.record({ namespace: text, content: text, kind: text, source: text, expiresAt: fc.option(text) });
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(ofObserved(observed(planned(), one)) === ofObserved(observed(planned(), other))).toBe(same);
    }),
  );
  const cut = (namespace: string, content: string) => ofObserved(observed(planned(), { namespace, content }));
  expect(cut('team:a', 'bc')).not.toBe(cut('team:ab', 'c'));
  expect(cut('1;', '')).not.toBe(cut('', '1;'));
});

test('is what ledgers hold already: a digest that came out otherwise would make every copy look edited', () => {
  expect(ofPlanned(planned())).toBe('b5692e1fe6f82f9013f45119847c2f75d2a051477c29080a833e6cc9bb3df764');
  const shown = observed(planned(), { pinned: true, expiresAt: '2026-01-01T00:00:00Z', content: 'Zoë’s 🔑' });
  expect(ofObserved(shown)).toBe('e73084220520987eded6e97df3ca570fbbe1515a49155ac6d562d87b59895fe7');
  const { ofProvenance } = digester(KEY);
  expect(ofProvenance({ workspace_id: 'w', tag: null, run_id: 'run-1' })).toBe(
    'ebd1bc6f65bd677eebf082ea34bf165ac7bb5a12b1d7979ad0d35cd8fe2a9293',
  );
  expect(ofProvenance(undefined)).toBe('804d22394792775b244d196f35106e14a30ace371c51cbe92144ac2bceca5969');
});

test('is another under another key', () => {
  expect(digester(new Uint8Array(32).fill(8)).ofPlanned(planned())).not.toBe(ofPlanned(planned()));
});

test('of a provenance is the same whatever the run and the order of its fields, and another wherever a field is', () => {
  const { ofProvenance } = digester(new Uint8Array(32).fill(7));
  const told = { run_id: 'run-1', workspace_id: 'w', updated_at: null };
  expect(ofProvenance({ updated_at: null, workspace_id: 'w', run_id: 'run-2' })).toBe(ofProvenance(told));
  expect(ofProvenance({ ...told, updated_at: '2025-01-01 00:00:00+00' })).not.toBe(ofProvenance(told));
  expect(ofProvenance({ ...told, extra: 1 })).not.toBe(ofProvenance(told));
  for (const nothing of [undefined, null, 'text', 7, {}]) expect(ofProvenance(nothing)).not.toBe(ofProvenance(told));
});
