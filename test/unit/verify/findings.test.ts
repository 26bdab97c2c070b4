/** What a finding says: whose row it is, where it was found and how it was known, without a word of what it holds but excerpts. */
import { describe, expect, test } from 'vitest';
import type { ObservedMemory, PlannedWrite, Skip } from '../../../src/model/memory.ts';
import type { Evidence } from '../../../src/model/verify.ts';
import { findings, type Sighted } from '../../../src/verify/findings.ts';

const READERS = new Map([
  ['team:acme', new Set(['acme', 'sales'])],
  ['org:acme', new Set(['acme', 'sales'])],
  ['team:other', new Set(['other'])],
]);
const readersOf = (name: string) => READERS.get(name) ?? new Set<string>();
const { ofFound, missing, unreadable, unproven, duplicate, strayCopy, untold } = findings((content) => `#${content}`);

const CONTENT = 'Deploys are frozen on Fridays.';
const ROW: PlannedWrite = {
  verdict: 'write',
  id: 'a1',
  createdAt: null,
  updatedAt: null,
  workspaceId: 'sales',
  scope: 'TEAM',
  namespace: { name: 'team:acme', kind: 'team' },
  content: CONTENT,
  kind: 'fact',
  source: 'agent',
};
const SKIPPED: Skip = {
  verdict: 'skip',
  id: 'a1',
  createdAt: null,
  updatedAt: null,
  workspaceId: 'sales',
  scope: 'TEAM',
  content: CONTENT,
  reason: 'workspace-removed',
};

function memory(given: Partial<ObservedMemory> = {}): ObservedMemory {
  return {
    id: 'a1',
    namespace: 'team:acme',
    content: CONTENT,
    kind: 'fact',
    source: 'agent',
    pinned: false,
    createdAt: '2025-01-01T00:00:00Z',
    expiresAt: null,
    provenance: undefined,
    ...given,
  };
}
const sighted = (given: Partial<ObservedMemory> = {}, evidence: Evidence = 'id'): Sighted => ({
  memory: memory(given),
  evidence,
});
/** What a finding about {@link ROW} has in common with every other. */
const OF_ROW = {
  id: 'a1',
  foundAs: null,
  workspaceId: 'sales',
  namespace: 'team:acme',
  foundIn: null,
  evidence: 'id',
  writtenBy: null,
  next: '',
  digests: { expected: `#${CONTENT}`, found: null },
  excerpts: { expected: CONTENT },
} as const;
const SEEN = { ...OF_ROW, foundIn: 'team:acme', digests: { expected: `#${CONTENT}`, found: `#${CONTENT}` } } as const;

describe('of a row that was found', () => {
  test('as planned and where it was planned there is nothing', () => {
    expect(ofFound(ROW, sighted(), readersOf)).toEqual([]);
  });

  test('with another content, both are excerpted around the first difference, and have their digests', () => {
    const beginning = 'x'.repeat(200);
    const row = { ...ROW, content: `${beginning}A` };
    expect(ofFound(row, sighted({ content: `${beginning}B` }), readersOf)).toEqual([
      {
        ...SEEN,
        kind: 'content',
        sentence: 'has another content, from character 201 on',
        digests: { expected: `#${beginning}A`, found: `#${beginning}B` },
        excerpts: { expected: `…${'x'.repeat(20)}A`, found: `…${'x'.repeat(20)}B` },
      },
    ]);
  });

  test('with other fields, its content is shown once', () => {
    expect(ofFound(ROW, sighted({ pinned: true }), readersOf)).toEqual([
      { ...SEEN, kind: 'fields', sentence: 'has another pin (true)' },
    ]);
  });

  test('in a namespace that nobody else reads, it is misplaced', () => {
    expect(ofFound(ROW, sighted({ namespace: 'org:acme' }), readersOf)).toEqual([
      { ...SEEN, kind: 'misplaced', foundIn: 'org:acme', sentence: 'is in org:acme, where nobody else reads it' },
    ]);
  });

  test('in a namespace that others read, it is a leak, and what else is wrong with it is told as well', () => {
    expect(ofFound(ROW, sighted({ namespace: 'team:other', expiresAt: 'soon' }), readersOf)).toEqual([
      { ...SEEN, kind: 'leak', foundIn: 'team:other', sentence: 'is in team:other, where others read it' },
      { ...SEEN, kind: 'vanishing', foundIn: 'team:other', sentence: 'will expire (soon)' },
    ]);
  });

  test('under another id, the copy is wrong by being there, not by its fields', () => {
    const copy = { id: 'b2', namespace: 'team:other', pinned: true };
    expect(ofFound(ROW, sighted(copy), readersOf)).toEqual([
      {
        ...SEEN,
        kind: 'leak',
        foundAs: 'b2',
        foundIn: 'team:other',
        sentence: 'has a copy in team:other, where others read it, under b2',
      },
    ]);
    expect(ofFound(ROW, sighted({ ...copy, namespace: 'team:acme' }), readersOf)).toEqual([]);
  });

  test('by its text alone, that is said', () => {
    expect(ofFound(ROW, sighted({ id: 'b2', namespace: 'team:other' }, 'text'), readersOf)).toEqual([
      {
        ...SEEN,
        kind: 'leak',
        foundAs: 'b2',
        foundIn: 'team:other',
        evidence: 'text',
        sentence: 'has its text in team:other, where others read it, under b2',
      },
    ]);
  });
});

describe('of a row that belongs nowhere and was found', () => {
  const LEAKED = { ...SEEN, kind: 'leak', namespace: null };

  test('why it was skipped is said', () => {
    expect(ofFound(SKIPPED, sighted(), readersOf)).toEqual([
      { ...LEAKED, sentence: 'was to be skipped (workspace-removed), but team:acme shows it' },
    ]);
  });

  test('that the operator gave it up is said', () => {
    expect(ofFound({ ...SKIPPED, reason: 'accepted' }, sighted(), readersOf)).toMatchObject([
      { kind: 'leak', sentence: 'was given up by --accept, but team:acme shows it' },
    ]);
  });

  test('its fields do not matter, and another id of its copy is told', () => {
    expect(ofFound(SKIPPED, sighted({ pinned: true }), readersOf)).toHaveLength(1);
    expect(ofFound(SKIPPED, sighted({ id: 'b2' }), readersOf)).toEqual([
      {
        ...LEAKED,
        foundAs: 'b2',
        sentence: 'was to be skipped (workspace-removed), but team:acme shows it, under b2',
      },
    ]);
  });
});

test('a missing row has nothing found', () => {
  expect(missing(ROW)).toEqual({ ...OF_ROW, kind: 'missing', sentence: 'is not in the plugin' });
});

test('a row that its workspace could not read anywhere is missing too', () => {
  expect(unreadable(SKIPPED)).toEqual({
    ...OF_ROW,
    kind: 'missing',
    namespace: null,
    sentence: 'belongs to a workspace that can read no namespace',
  });
});

test('an unproven row says why', () => {
  expect(unproven(ROW, 'its words are stop words')).toEqual({
    ...OF_ROW,
    kind: 'unproven',
    sentence: 'could not be settled: its words are stop words',
  });
});

test('a duplicate is told under both ids, and by what it is known', () => {
  expect(duplicate(ROW, sighted({ id: 'b2' }, 'text'), 'is there twice')).toEqual({
    ...SEEN,
    kind: 'duplicate',
    foundAs: 'b2',
    evidence: 'text',
    sentence: 'is there twice',
  });
});

describe('of a memory that no row of the source explains', () => {
  const STRANGE = {
    ...OF_ROW,
    id: 'b2',
    workspaceId: null,
    namespace: null,
    foundIn: 'team:other',
    digests: { expected: null, found: `#${CONTENT}` },
    excerpts: { found: CONTENT },
  };
  const stray = memory({ id: 'b2', namespace: 'team:other' });

  test('the origin that it tells of is where it belongs', () => {
    expect(strayCopy(stray, 'sales', 'team:acme', 'leak')).toEqual({
      ...STRANGE,
      kind: 'leak',
      workspaceId: 'sales',
      namespace: 'team:acme',
      sentence: 'is the copy of a row that the source does not hold any more, and team:other shows it',
    });
    expect(strayCopy(stray, 'sales', null, 'misplaced')).toMatchObject({ kind: 'misplaced', namespace: null });
  });

  test('one of which search tells nothing is unproven', () => {
    expect(untold(stray, 'too many rows read the same')).toEqual({
      ...STRANGE,
      kind: 'unproven',
      sentence: 'could not be settled: too many rows read the same',
    });
  });
});
