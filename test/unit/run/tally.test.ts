/** Every row that a run takes up is counted once, and failures are told by their reason with rows to look at. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SKIP_REASONS } from '../../../src/model/memory.ts';
import type { Change, Outcome } from '../../../src/model/run.ts';
import { noSkips, tally } from '../../../src/run/tally.ts';

const written = (id: string, change: Change = 'new'): Outcome => ({
  status: 'written',
  change,
  id,
  namespace: 'team:acme',
  attempts: 1,
  durationMs: 1,
});
const conflict = (id: string): Outcome => ({
  status: 'conflict',
  id,
  namespace: 'team:acme',
  reason: 'edited',
  sentence: 'was edited.',
});
const drift = (id: string): Outcome => ({
  status: 'drift',
  id,
  namespace: null,
  was: 'team:old',
  sentence: 'would move.',
});
const failed = (id: string, reason: string): Outcome => ({
  status: 'failed',
  id,
  namespace: 'team:acme',
  attempts: 4,
  durationMs: 9,
  reason,
  sentence: `${reason} of ${id}.`,
});

function tallied(outcomes: readonly Outcome[]) {
  const counts = tally();
  for (const outcome of outcomes) counts.record(outcome);
  return counts;
}

test('nothing was recorded: all counts are zero', () => {
  const counts = tally();
  expect(counts.scanned()).toBe(0);
  expect(counts.skipped()).toEqual(noSkips());
  expect(counts.failures()).toEqual([]);
  expect(Object.keys(noSkips())).toEqual([...SKIP_REASONS]);
  expect(Object.values(noSkips())).toEqual(SKIP_REASONS.map(() => 0));
});

test('each outcome counts under its status, and skips under their reason too', () => {
  const counts = tallied([
    written('a'),
    written('b'),
    { status: 'skipped', id: 'c', reason: 'empty-content' },
    { status: 'skipped', id: 'd', reason: 'no-workspace' },
    { status: 'skipped', id: 'e', reason: 'empty-content' },
    { status: 'vanished', id: 'f' },
    failed('g', 'deadline'),
  ]);
  expect(counts.count('written')).toBe(2);
  expect(counts.count('skipped')).toBe(3);
  expect(counts.count('vanished')).toBe(1);
  expect(counts.count('failed')).toBe(1);
  expect(counts.scanned()).toBe(7);
  expect(counts.skipped()).toEqual({ ...noSkips(), 'empty-content': 2, 'no-workspace': 1 });
});

test('what was written is told by why it was, and the ledger gets each status with what was given up apart', () => {
  const counts = tallied([
    written('a'),
    written('b', 'changed'),
    { status: 'adopted', id: 'c', namespace: 'team:acme' },
    { status: 'recorded', id: 'd', namespace: 'team:acme' },
    { status: 'skipped', id: 'e', reason: 'accepted' },
    { status: 'skipped', id: 'f', reason: 'empty-content' },
    conflict('g'),
    drift('h'),
  ]);
  expect(counts.changes()).toEqual({ new: 1, changed: 1 });
  expect(counts.counts()).toEqual({
    written: 2,
    adopted: 1,
    recorded: 1,
    failed: 0,
    conflict: 1,
    drift: 1,
    skipped: 1,
    accepted: 1,
    vanished: 0,
  });
});

test('conflicts and drifts are noted as they were found, with why and with where the row was left', () => {
  expect(tallied([conflict('a'), written('b'), drift('c')]).noted()).toEqual([
    { kind: 'conflict', id: 'a', namespace: 'team:acme', detail: 'edited', sentence: 'was edited.' },
    { kind: 'drift', id: 'c', namespace: null, detail: 'team:old', sentence: 'would move.' },
  ]);
});

test('a thousand conflicts and drifts are noted, and all are counted', () => {
  const counts = tallied(
    Array.from({ length: 1_500 }, (_row, index) => (index % 2 ? drift : conflict)(`row-${index}`)),
  );
  expect(counts.noted()).toHaveLength(1_000);
  expect([counts.count('conflict'), counts.count('drift')]).toEqual([750, 750]);
});

test('failures are grouped by reason, the most frequent first, with the sentence of each row that is named', () => {
  const counts = tallied([failed('a', 'deadline'), failed('b', '400'), failed('c', '400')]);
  expect(counts.failures()).toEqual([
    {
      reason: '400',
      count: 2,
      examples: [
        { id: 'b', namespace: 'team:acme', sentence: '400 of b.' },
        { id: 'c', namespace: 'team:acme', sentence: '400 of c.' },
      ],
    },
    {
      reason: 'deadline',
      count: 1,
      examples: [{ id: 'a', namespace: 'team:acme', sentence: 'deadline of a.' }],
    },
  ]);
});

test('ten rows of a reason are named, the first that failed, and all are counted', () => {
  const [group] = tallied(Array.from({ length: 25 }, (_, index) => failed(`row-${index}`, '400'))).failures();
  expect(group?.count).toBe(25);
  expect(group?.examples.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `row-${index}`));
});

test('the skips that were read once do not change with what comes later', () => {
  const counts = tally();
  const before = counts.skipped();
  counts.record({ status: 'skipped', id: 'a', reason: 'no-workspace' });
  expect(before).toEqual(noSkips());
});

test('whatever is recorded, the parts add up to the whole', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc.constantFrom(written('a'), written('a', 'changed'), conflict('e'), drift('f')),
    fc.constantFrom('deadline', '400', '500').map((reason) => failed('b', reason)),
    fc.constantFrom(...SKIP_REASONS).map((reason): Outcome => ({ status: 'skipped', id: 'c', reason })),
    fc.constant<Outcome>({ status: 'vanished', id: 'd' }),
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 60 }), (outcomes) => {
      const counts = tallied(outcomes);
      expect(counts.scanned()).toBe(outcomes.length);
      expect(sum(Object.values(counts.skipped()))).toBe(counts.count('skipped'));
      expect(sum(Object.values(counts.changes()))).toBe(counts.count('written'));
      expect(sum(Object.values(counts.counts()))).toBe(outcomes.length);
      expect(sum(counts.failures().map(({ count }) => count))).toBe(counts.count('failed'));
    }),
  );
});
