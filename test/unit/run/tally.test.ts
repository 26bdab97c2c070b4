/** Every row that a run takes up is counted once, and failures are told by their reason with rows to look at. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SKIP_REASONS } from '../../../src/model/memory.ts';
import type { Outcome } from '../../../src/model/run.ts';
import { noSkips, tally } from '../../../src/run/tally.ts';

const written = (id: string): Outcome => ({ status: 'written', id, namespace: 'team:acme', attempts: 1 });
const failed = (id: string, reason: string): Outcome => ({
  status: 'failed',
  id,
  namespace: 'team:acme',
  attempts: 4,
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
    fc.constant(written('a')),
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
      expect(sum(counts.failures().map(({ count }) => count))).toBe(counts.count('failed'));
    }),
  );
});
