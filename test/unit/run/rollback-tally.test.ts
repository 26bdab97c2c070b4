/** Every memory that a rollback takes up is counted once, and the kept ones are named up to a bound. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEPT_REASONS, type KeptReason } from '../../../src/model/rollback.ts';
import { rollbackTally } from '../../../src/run/rollback-tally.ts';

const kept = (reason: KeptReason, id = 'a') => ({ id, namespace: 'team:acme', reason, sentence: 'stays' });

test('nothing came up: all counts are zero', () => {
  expect(rollbackTally().result()).toEqual({
    forgotten: 0,
    already: 0,
    kept: Object.fromEntries(KEPT_REASONS.map((reason) => [reason, 0])),
    listed: [],
  });
});

test('a thousand kept memories are named, the first ones, and all are counted', () => {
  const tally = rollbackTally();
  for (let n = 0; n < 1_200; n++) tally.keep(kept('edited', `${n}`));
  const { kept: counts, listed } = tally.result();
  expect(counts.edited).toBe(1_200);
  expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}`));
});

test('whatever comes up, the parts add up to the whole, for the report and for the ledger', () => {
  const happening = fc.constantFrom('forgot', 'already', ...KEPT_REASONS);
  fc.assert(
    fc.property(fc.array(happening), (happenings) => {
      const tally = rollbackTally();
      for (const what of happenings) {
        if (what === 'forgot') tally.forgot();
        else if (what === 'already') tally.already();
        else tally.keep(kept(what));
      }
      const times = (wanted: string) => happenings.filter((what) => what === wanted).length;
      const { forgotten, already, kept: counts } = tally.result();
      expect({ forgotten, already, ...counts }).toEqual({
        forgotten: times('forgot'),
        already: times('already'),
        ...Object.fromEntries(KEPT_REASONS.map((reason) => [reason, times(reason)])),
      });
      expect(tally.done()).toBe(happenings.length);
      const { forgotten: gone = 0, kept: stay = 0 } = tally.counts();
      expect(gone + stay + already).toBe(happenings.length);
    }),
  );
});
