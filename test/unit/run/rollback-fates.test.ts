/** What the ledger alone settles of a rollback, and what is written down of each memory. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTRY_OUTCOMES, type Recollection, type RecordedEntry } from '../../../src/model/ledger.ts';
import { BEING_FORGOTTEN, KEPT_REASONS } from '../../../src/model/rollback.ts';
import { isBeingForgotten } from '../../../src/plan/changes.ts';
import { announced, announcement, byLedger, entryOf, type Fate, leftBy } from '../../../src/run/rollback-fates.ts';

const OF = 'run-1';

const entry = (values: Partial<RecordedEntry> = {}): RecordedEntry => ({
  memoryId: 'a',
  outcome: 'written',
  namespace: 'team:acme',
  reason: 'new',
  sourceUpdatedAt: '2026-01-01 00:00:00+00',
  digest: 'first',
  created: true,
  attempts: 1,
  durationMs: 5,
  runId: OF,
  recordedAt: '2026-01-02 00:00:00+00',
  ...values,
});

const known = (
  latest: Partial<Recollection['latest']> = {},
  copy: Recollection['copy'] = { namespace: 'team:acme', digest: 'last', sourceUpdatedAt: null, runId: OF },
): Recollection => ({
  latest: {
    outcome: 'written',
    reason: null,
    namespace: 'team:acme',
    sourceUpdatedAt: '2026-01-03 00:00:00+00',
    runId: OF,
    ...latest,
  },
  copy,
});

describe('the ledger', () => {
  test('has a memory looked up by what the run wrote of it last', () => {
    expect(byLedger(entry(), known(), OF)).toMatchObject({ id: 'a', namespace: 'team:acme', digest: 'last' });
  });

  test('that does not know it any more, since it was started over, has it looked up by the entry', () => {
    expect(byLedger(entry(), undefined, OF)).toMatchObject({ id: 'a', namespace: 'team:acme', digest: 'first' });
  });

  test('keeps what the run did not create, and what another run wrote since', () => {
    const later = { namespace: 'team:acme', digest: 'last', sourceUpdatedAt: null, runId: 'run-2' };
    expect(byLedger(entry({ created: false }), known(), OF)).toMatchObject({ fate: { reason: 'not-created' } });
    expect(byLedger(entry(), known({ runId: 'run-2' }, later), OF)).toMatchObject({
      fate: { reason: 'written-since', sentence: 'was written again by run run-2' },
    });
  });

  test('says what was forgotten already', () => {
    const fate = { fate: 'already', recorded: true };
    expect(byLedger(entry(), known({ outcome: 'forgotten' }, null), OF)).toMatchObject({ fate });
  });

  test('that says nothing of what was written settles nothing', () => {
    const unknown = byLedger(entry({ digest: null }), known({}, null), OF);
    expect(unknown).toMatchObject({ fate: { fate: 'kept', reason: 'unsettled' } });
  });

  test('never lets anything be looked up, and so forgotten, that the run did not create or another run wrote', () => {
    const recollection = fc.record({
      outcome: fc.constantFrom(...ENTRY_OUTCOMES),
      created: fc.boolean(),
      writer: fc.constantFrom(OF, 'run-2', null),
    });
    fc.assert(
      fc.property(recollection, ({ outcome, created, writer }) => {
        const copy =
          writer === null ? null : { namespace: 'n:a', digest: 'last', sourceUpdatedAt: null, runId: writer };
        const judged = byLedger(entry({ created }), known({ outcome }, copy), OF);
        const isSought = !('fate' in judged);
        expect(isSought).toBe(created && writer !== 'run-2' && outcome !== 'forgotten');
      }),
    );
  });
});

describe('the entry', () => {
  const settled = (fate: Fate) => entryOf({ id: 'a', namespace: 'team:acme', fate, known: known() }, OF);

  test('of a forgotten memory names the run that was undone, and leaves nothing that an apply could take for a copy', () => {
    expect(settled({ fate: 'forgotten', attempts: 2, durationMs: 7 })).toEqual({
      memoryId: 'a',
      namespace: 'team:acme',
      outcome: 'forgotten',
      reason: 'rollback of run run-1',
      sourceUpdatedAt: null,
      digest: null,
      created: false,
      attempts: 2,
      durationMs: 7,
    });
  });

  test('of one that an earlier rollback forgot is made up for where that one died', () => {
    expect(settled({ fate: 'already', recorded: false })).toMatchObject({ outcome: 'forgotten', attempts: 0 });
    expect(settled({ fate: 'already', recorded: true })).toBeNull();
  });

  test.each(KEPT_REASONS)('of one that is kept (%s) says nothing new of the source', (reason) => {
    expect(settled({ fate: 'kept', reason, sentence: 'stays' })).toMatchObject({
      outcome: 'kept',
      reason,
      sourceUpdatedAt: '2026-01-03 00:00:00+00',
      digest: null,
    });
  });

  test('of one that was left for the next time does not exist', () => {
    expect(settled({ fate: 'left', error: null })).toBeNull();
  });
});

test('an announced memory counts as being forgotten, until another entry says what came of it', () => {
  const sought = { id: 'a', namespace: 'team:acme', digest: 'last', known: known() };
  expect(announcement(sought)).toMatchObject({ outcome: 'kept', reason: BEING_FORGOTTEN, digest: null });
  expect(isBeingForgotten(sought.known)).toBe(false);
  expect(isBeingForgotten(announced(sought, 'run-3').known)).toBe(true);
  expect(isBeingForgotten(known({ outcome: 'kept', reason: 'edited' }))).toBe(false);
  expect(isBeingForgotten(undefined)).toBe(false);
});

test('what an outage or the operator cut off is left; any other failure is not', () => {
  const failure = { reason: 'r', transient: false, sentence: 'The plugin is away.' };
  expect(leftBy({ ...failure, cause: 'outage' }, false)).toMatchObject({
    fate: 'left',
    error: { code: 'plugin', message: 'The plugin is away.' },
  });
  expect(leftBy({ ...failure, cause: 'stopped' }, true)).toEqual({ fate: 'left', error: null });
  // Nobody has told the run to stop: it was the ledger's lock that kept the request back, and that is no success.
  expect(leftBy({ ...failure, cause: 'stopped' }, false)).toMatchObject({ fate: 'left', error: { code: 'ledger' } });
  expect(leftBy({ ...failure, cause: 'refused' }, true)).toBeNull();
  expect(leftBy(undefined, true)).toBeNull();
});
