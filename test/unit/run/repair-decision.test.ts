/** What is to be done about a memory that a verify named: the table, and what holds whatever is found. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recollection } from '../../../src/model/ledger.ts';
import type { ObservedMemory, PlannedWrite, Skip } from '../../../src/model/memory.ts';
import { BEING_FORGOTTEN } from '../../../src/model/rollback.ts';
import { FINDING_KINDS, type FindingKind } from '../../../src/model/verify.ts';
import type { Complaint } from '../../../src/run/repair/complaints.ts';
import { type Case, type DecisionPolicy, decide } from '../../../src/run/repair/decision.ts';
import type { Sight } from '../../../src/run/repair/sights.ts';

const HOME = 'team:acme';
const ELSEWHERE = 'workspace:beta';
const RUN = 'run-1';

const row: PlannedWrite = {
  verdict: 'write',
  id: 'a',
  createdAt: null,
  updatedAt: null,
  workspaceId: 'acme',
  scope: 'TEAM',
  namespace: { name: HOME, kind: 'team' },
  content: 'as the source has it',
  kind: 'fact',
  source: 'agent',
};

const skip: Skip = {
  verdict: 'skip',
  id: 'a',
  createdAt: null,
  updatedAt: null,
  workspaceId: 'acme',
  scope: 'TEAM',
  content: 'as the source has it',
  reason: 'workspace-removed',
};

const memory = (values: Partial<ObservedMemory> = {}): ObservedMemory => ({
  id: 'a',
  namespace: HOME,
  content: row.content,
  kind: 'fact',
  source: 'agent',
  pinned: false,
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt: null,
  provenance: undefined,
  ...values,
});

const found = (values: Partial<ObservedMemory> = {}): Sight => ({ sight: 'found', memory: memory(values) });
const ABSENT: Sight = { sight: 'absent', by: 'listing' };
const BY_WORDS: Sight = { sight: 'absent', by: 'words' };
const UNSETTLED: Sight = { sight: 'unsettled', why: 'it has no word' };
const OTHER = { content: 'as a user has it' };

const complaint = (kinds: FindingKind[], values: Partial<Complaint> = {}): Complaint => ({
  id: 'a',
  foundAs: null,
  workspaceId: 'acme',
  evidence: 'id',
  kinds,
  namespace: HOME,
  foundIn: [],
  writtenBy: null,
  ...values,
});

const written = (latest: Partial<Recollection['latest']> = {}): Recollection => ({
  latest: { outcome: 'written', reason: 'new', namespace: HOME, sourceUpdatedAt: null, runId: RUN, ...latest },
  copy: { namespace: HOME, digest: 'd', sourceUpdatedAt: null, runId: RUN },
});

const stray = (sight: Sight) => ({ namespace: ELSEWHERE, sight });

const about = (kinds: FindingKind[], values: Partial<Case> = {}): Case => ({
  complaint: complaint(kinds),
  planned: row,
  known: undefined,
  writtenSince: false,
  home: ABSENT,
  strays: [],
  readable: [],
  ...values,
});

const policy = (values: Partial<DecisionPolicy> = {}): DecisionPolicy => ({
  includeAcknowledged: false,
  isProvenLeak: () => true,
  ...values,
});

describe('a row in its own namespace', () => {
  test.each<[string, FindingKind[], Partial<Case>, object]>([
    ['missing, and a listing shows it', ['missing'], { home: ABSENT }, { do: 'send', created: true, from: [] }],
    ['missing, and only its words say so', ['missing'], { home: BY_WORDS }, { do: 'send', created: false }],
    [
      'missing, and nothing else it reads can tell',
      ['missing'],
      { readable: [stray(UNSETTLED)] },
      { do: 'send', created: false },
    ],
    [
      'missing, and now elsewhere',
      ['missing'],
      { readable: [stray(found({ namespace: ELSEWHERE }))] },
      { do: 'leave', reason: 'changed' },
    ],
    [
      'missing, and now there with other words',
      ['missing'],
      { home: found(OTHER) },
      { do: 'leave', reason: 'changed' },
    ],
    ['missing, and nobody can tell', ['missing'], { home: UNSETTLED }, { do: 'leave', reason: 'unsettled' }],
    ['changed, and still so', ['content'], { home: found(OTHER) }, { do: 'send', created: false, from: [] }],
    ['changed, and now gone', ['content'], { home: ABSENT }, { do: 'leave', reason: 'changed' }],
    [
      'changed in its fields, and now in its content',
      ['fields'],
      { home: found({ ...OTHER, kind: 'summary' }) },
      { do: 'leave', reason: 'changed' },
    ],
    ['changed in both, and now in one', ['content', 'fields'], { home: found({ kind: 'summary' }) }, { do: 'send' }],
    ['vanishing, and still so', ['vanishing'], { home: found({ expiresAt: '2099-01-01' }) }, { do: 'send' }],
    ['unproven', ['unproven'], { home: UNSETTLED }, { do: 'leave', reason: 'unproven' }],
  ])('%s', (_, kinds, values, expected) => {
    expect(decide(about(kinds, values), policy())).toMatchObject(expected);
  });
});

test('a vector is compared where the plugin returns one, and says nothing where it does not', () => {
  const planned: PlannedWrite = { ...row, embedding: [1, 2] };
  const held = (embedding?: number[]) =>
    decide(about(['fields'], { planned, home: found(embedding ? { embedding } : {}) }), policy());
  expect(held()).toMatchObject({ do: 'nothing' });
  expect(held([1, 2])).toMatchObject({ do: 'nothing' });
  expect(held([2, 1])).toMatchObject({ do: 'send', planned });
});

describe('a row that was found elsewhere', () => {
  const misplaced = (values: Partial<Case>) =>
    about(['misplaced'], { complaint: complaint(['misplaced'], { foundIn: [ELSEWHERE] }), ...values });
  const there = stray(found({ namespace: ELSEWHERE }));

  test('is moved while it is still there, as it was', () => {
    expect(decide(misplaced({ strays: [there] }), policy())).toMatchObject({
      do: 'send',
      from: [{ namespace: ELSEWHERE }],
    });
    // An id stands in one place, so that what its own namespace holds need not be known.
    expect(decide(misplaced({ strays: [there], home: UNSETTLED }), policy())).toMatchObject({ do: 'send' });
  });

  test.each<[string, Partial<Case>, string]>([
    ['changed since', { strays: [stray(found({ namespace: ELSEWHERE, ...OTHER }))] }, 'changed'],
    ['is at home as well, with other words', { strays: [there], home: found(OTHER) }, 'changed'],
    ['is nowhere any more', { strays: [stray(ABSENT)] }, 'changed'],
    ['cannot be looked up', { strays: [stray(UNSETTLED)] }, 'unsettled'],
    ['is not found by its words, which may be others by now', { strays: [stray(BY_WORDS)] }, 'unsettled'],
  ])('is left where it %s', (_, values, reason) => {
    expect(decide(misplaced(values), policy())).toMatchObject({ do: 'leave', reason });
  });

  test('is right by now if its own namespace shows it, and the other one does not', () => {
    for (const sight of [ABSENT, BY_WORDS]) {
      expect(decide(misplaced({ strays: [stray(sight)], home: found() }), policy())).toMatchObject({ do: 'nothing' });
    }
    expect(decide(misplaced({ strays: [stray(UNSETTLED)], home: found() }), policy())).toMatchObject({
      do: 'leave',
      reason: 'unsettled',
    });
  });

  test('is taken out of the other one where a plugin keeps both', () => {
    expect(decide(misplaced({ strays: [there], home: found() }), policy())).toMatchObject({
      do: 'clear',
      from: [{ namespace: ELSEWHERE }],
    });
    expect(decide(misplaced({ strays: [there], home: found(), known: written() }), policy())).toMatchObject({
      do: 'leave',
      reason: 'acknowledged',
    });
  });
});

describe('a row that the ledger has as written', () => {
  const changed = (values: Partial<Case> = {}) =>
    about(['content'], {
      home: found(OTHER),
      known: written(),
      ...values,
    });

  test('is left, and mended where the operator says so', () => {
    expect(decide(changed(), policy())).toMatchObject({
      do: 'leave',
      reason: 'acknowledged',
      sentence: expect.stringContaining(RUN),
    });
    expect(decide(changed(), policy({ includeAcknowledged: true }))).toMatchObject({ do: 'send' });
  });

  test('is left in any case where another run has written it since the verify', () => {
    const since = changed({ writtenSince: true });
    expect(decide(since, policy({ includeAcknowledged: true }))).toMatchObject({ do: 'leave', reason: 'changed' });
    expect(decide(since, policy())).toMatchObject({ do: 'leave', reason: 'acknowledged' });
  });

  test('is not acknowledged where a run died while it had it forgotten', () => {
    const known = written({ outcome: 'kept', reason: BEING_FORGOTTEN });
    expect(decide(changed({ known }), policy())).toMatchObject({ do: 'send' });
  });

  test('is right all the same if it is', () => {
    expect(decide(changed({ home: found() }), policy())).toMatchObject({ do: 'nothing', sentence: 'is as planned' });
  });
});

describe('a leak', () => {
  const leak = (values: Partial<Case> = {}) =>
    about(['leak'], {
      complaint: complaint(['leak'], { foundIn: [ELSEWHERE] }),
      strays: [stray(found({ namespace: ELSEWHERE, ...OTHER }))],
      ...values,
    });

  test('is moved home whether or not it is acknowledged', () => {
    const asWritten = { strays: [stray(found({ namespace: ELSEWHERE }))], known: written() };
    for (const values of [{}, asWritten]) {
      expect(decide(leak(values), policy())).toMatchObject({ do: 'send', from: [{ namespace: ELSEWHERE }] });
    }
  });

  test('that is acknowledged, and was edited since, is not written over unasked', () => {
    const edited = leak({ known: written() });
    expect(decide(edited, policy())).toMatchObject({ do: 'leave', reason: 'acknowledged' });
    expect(decide(edited, policy({ includeAcknowledged: true }))).toMatchObject({ do: 'send' });
  });

  test('that nobody can read there any more who must not is a row in a wrong place', () => {
    expect(decide(leak({ known: written() }), policy({ isProvenLeak: () => false }))).toMatchObject({
      reason: 'acknowledged',
    });
  });

  test('of a row that is also at home is only taken away, so that what is at home stays', () => {
    expect(decide(leak({ home: found() }), policy())).toMatchObject({ do: 'clear' });
    expect(decide(leak({ home: found(), known: written() }), policy())).toMatchObject({ do: 'clear' });
    expect(decide(leak({ home: found(OTHER), known: written() }), policy())).toMatchObject({ do: 'clear' });
    expect(decide(leak({ home: found(OTHER) }), policy())).toMatchObject({
      do: 'send',
      from: [{ namespace: ELSEWHERE }],
    });
  });

  test('that cannot be looked up is left, and one that is gone with its row is too', () => {
    expect(decide(leak({ strays: [stray(UNSETTLED)], known: written() }), policy())).toMatchObject({
      reason: 'unsettled',
    });
    expect(decide(leak({ strays: [stray(BY_WORDS)] }), policy())).toMatchObject({ reason: 'unsettled' });
    expect(decide(leak({ strays: [stray(ABSENT)] }), policy())).toMatchObject({ reason: 'changed' });
  });

  test('of a row that belongs nowhere is forgotten, and if it is gone there is nothing to do', () => {
    expect(decide(leak({ planned: skip, home: null }), policy())).toMatchObject({
      do: 'forget',
      from: [{ namespace: ELSEWHERE }],
    });
    expect(decide(leak({ planned: skip, home: null, strays: [stray(ABSENT)] }), policy())).toMatchObject({
      do: 'nothing',
    });
    expect(decide(leak({ planned: skip, home: null, strays: [stray(BY_WORDS)] }), policy())).toMatchObject({
      reason: 'unsettled',
    });
  });

  test('of a row that is gone is forgotten only if it proves itself one', () => {
    expect(decide(leak({ planned: null, home: null }), policy())).toMatchObject({ do: 'forget' });
    expect(decide(leak({ planned: null, home: null }), policy({ isProvenLeak: () => false }))).toMatchObject({
      reason: 'gone',
    });
  });
});

describe('a memory under another id', () => {
  const copy = (
    kinds: FindingKind[],
    values: Partial<Complaint> = {},
    sight = found({ id: 'b', namespace: ELSEWHERE }),
  ) =>
    about(kinds, {
      complaint: complaint(kinds, { foundAs: 'b', foundIn: [ELSEWHERE], ...values }),
      home: null,
      strays: [stray(sight)],
    });

  test('is forgotten where it proves itself a leak', () => {
    expect(decide(copy(['leak']), policy())).toMatchObject({ do: 'forget', from: [{ id: 'b' }] });
    expect(decide(copy(['leak']), policy({ isProvenLeak: () => false }))).toMatchObject({
      do: 'leave',
      reason: 'changed',
    });
  });

  test('is left where only its text speaks for it, and where nobody reads it who must not', () => {
    expect(decide(copy(['leak'], { evidence: 'text' }), policy())).toMatchObject({ do: 'leave', reason: 'text' });
    expect(decide(copy(['duplicate'], { evidence: 'text' }), policy())).toMatchObject({ do: 'leave', reason: 'text' });
    expect(decide(copy(['duplicate']), policy())).toMatchObject({ do: 'leave', reason: 'copy' });
    expect(decide(copy(['misplaced']), policy())).toMatchObject({ do: 'leave', reason: 'copy' });
  });

  test('is done with once it is gone, and left where that cannot be told', () => {
    expect(decide(copy(['leak'], {}, ABSENT), policy())).toMatchObject({ do: 'nothing' });
    expect(decide(copy(['duplicate'], { evidence: 'text' }, ABSENT), policy())).toMatchObject({ do: 'nothing' });
    expect(decide(copy(['leak'], {}, BY_WORDS), policy())).toMatchObject({ reason: 'unsettled' });
  });
});

describe('a row that belongs nowhere by now, or is gone', () => {
  test.each<[string, FindingKind[], Partial<Case>, object]>([
    ['gone, and was missing', ['missing'], { planned: null }, { do: 'nothing' }],
    ['gone, and was changed', ['content'], { planned: null, strays: [stray(found())] }, { do: 'nothing' }],
    [
      'gone, and was misplaced',
      ['misplaced'],
      { planned: null, strays: [stray(found())] },
      { do: 'leave', reason: 'gone' },
    ],
    [
      'gone, and unproven',
      ['unproven'],
      { planned: null, strays: [stray(found())] },
      { do: 'leave', reason: 'unproven' },
    ],
    [
      'to be skipped, and still there',
      ['content'],
      { planned: skip, strays: [stray(found())] },
      { do: 'leave', reason: 'changed' },
    ],
    ['to be skipped, and nowhere', ['missing'], { planned: skip, strays: [stray(ABSENT)] }, { do: 'nothing' }],
  ])('%s', (_, kinds, values, expected) => {
    expect(decide(about(kinds, { home: null, ...values }), policy())).toMatchObject(expected);
  });
});

describe('whatever is found', () => {
  const anySight = fc.oneof(
    fc.constantFrom<Sight>(ABSENT, BY_WORDS, UNSETTLED),
    fc
      .record({
        content: fc.constantFrom(row.content, 'another'),
        kind: fc.constantFrom('fact', 'summary'),
        namespace: fc.constant(ELSEWHERE),
      })
      .map(found),
  );
  const anyCase = fc
    .record({
      kinds: fc.uniqueArray(fc.constantFrom(...FINDING_KINDS), { minLength: 1 }),
      evidence: fc.constantFrom('id' as const, 'text' as const),
      foundAs: fc.constantFrom(null, 'b'),
      planned: fc.constantFrom(row, skip, null),
      known: fc.constantFrom(undefined, written()),
      home: anySight,
      strays: fc.array(anySight.map(stray), { maxLength: 2 }),
      readable: fc.array(anySight.map(stray), { maxLength: 1 }),
      writtenSince: fc.boolean(),
    })
    .map(({ kinds, evidence, foundAs, ...rest }) => ({ complaint: complaint(kinds, { evidence, foundAs }), ...rest }));

  test('nothing that is known by text, or unproven, is touched', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { do: what } = decide(given, policy({ includeAcknowledged: true }));
        const { evidence, kinds } = given.complaint;
        if (evidence === 'text' || kinds.every((kind) => kind === 'unproven'))
          expect(['nothing', 'leave', 'clear']).toContain(what);
        if (evidence === 'text') expect(what).not.toBe('clear');
      }),
    );
  });

  test('what is acknowledged is touched only where it leaks', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { do: what } = decide({ ...given, known: written() }, policy({ isProvenLeak: () => false }));
        expect(['nothing', 'leave']).toContain(what);
      }),
    );
  });

  test('only a proven leak is forgotten, and only what a look has shown', () => {
    fc.assert(
      fc.property(anyCase, fc.boolean(), (given, proven) => {
        const decision = decide(given, policy({ isProvenLeak: () => proven, includeAcknowledged: true }));
        if (decision.do !== 'forget') return;
        expect([proven, given.complaint.kinds.includes('leak'), given.complaint.evidence]).toEqual([true, true, 'id']);
        expect(decision.from.length).toBeGreaterThan(0);
      }),
    );
  });

  test('what is as planned and nowhere else is not sent again', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const right = { ...given, planned: row, home: found(), strays: [stray(ABSENT)] };
        expect(['nothing', 'leave']).toContain(decide(right, policy({ includeAcknowledged: true })).do);
      }),
    );
  });
});
