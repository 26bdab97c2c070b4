/** The source's order as this tool compares it is the order in which Postgres sorts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions } from '../../../src/model/position.ts';
import { postgresTimestamp } from '../../support/legacy.ts';

const at = (createdAt: string | null, id = 'a') => ({ createdAt, id });

test('rows without a creation time stand first, then by time, then by id', () => {
  const sorted = [
    at(null, 'a'),
    at(null, 'b'),
    at('-infinity'),
    at('0044-03-15 12:00:00+00 BC'),
    at('0001-01-01 00:00:00+00'),
    at('2025-01-31 08:09:10+00'),
    at('2025-01-31 08:09:10.000123+00'),
    at('2025-01-31 08:09:10.1+00', 'a'),
    at('2025-01-31 08:09:10.1+00', 'b'),
    at('2025-01-31 08:09:10.123+00'),
    at('2025-01-31 08:09:11+00'),
    at('10000-01-01 00:00:00+00'),
    at('infinity'),
  ];
  expect([...sorted].reverse().sort(comparePositions)).toEqual(sorted);
});

test('of any two of them the comparison says the same from both sides, and that each is the same row as itself', () => {
  const sorted = [at(null, 'a'), at(null, 'b'), at('-infinity'), at('2025-01-31 08:09:10.1+00', 'a')];
  sorted.push(at('2025-01-31 08:09:10.1+00', 'b'), at('10000-01-01 00:00:00+00'), at('infinity'));
  for (const [index, one] of sorted.entries()) {
    for (const [other, another] of sorted.entries()) {
      expect(Math.sign(comparePositions(one, { ...another }))).toBe(Math.sign(index - other));
    }
  }
});

test('of two times with microseconds, the earlier stands first', () => {
  const micros = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
  fc.assert(
    fc.property(micros, micros, (one, other) => {
      const compared = comparePositions(at(postgresTimestamp(one)), at(postgresTimestamp(other)));
      expect(Math.sign(compared)).toBe(Math.sign(one - other));
    }),
  );
});
