/** The line that says how far a run has come. */
import { expect, test } from 'vitest';
import { progressLine } from '../../../src/cli/progress.ts';

test.each<[string, Parameters<typeof progressLine>, string]>([
  ['in the middle', [12_000, 50_000, 'rows', 1_850, 6_500], '12,000 of 50,000 rows (24 %), 1,850 rows/s, 20.5 s left'],
  ['at the beginning, when no speed is known', [0, 50_000, 'rows', 0, 0], '0 of 50,000 rows (0 %)'],
  ['at the end', [50_000, 50_000, 'rows', 1_850, 27_000], '50,000 of 50,000 rows (100 %), 1,850 rows/s, 0 ms left'],
  [
    'just before the end, which is not 100 %',
    [999, 1_000, 'rows', 10, 100],
    '999 of 1,000 rows (99 %), 10 rows/s, 100 ms left',
  ],
  ['slowly', [1, 3, 'workspaces', 0.25, 4_000], '1 of 3 workspaces (33 %), 0.3 workspaces/s, 8.0 s left'],
  [
    'with ten a second, where decimals end',
    [10, 40, 'rows', 9.96, 1_000],
    '10 of 40 rows (25 %), 10.0 rows/s, 3.0 s left',
  ],
  ['without a known end', [12_000, null, 'rows', 1_850, 65_000], '12,000 rows, 1,850 rows/s, 1 min 05 s'],
  ['without a known end or speed', [0, null, 'rows', 0, 0], '0 rows, 0 ms'],
  ['of nothing', [0, 0, 'rows', 0, 20], '0 rows, 20 ms'],
])('%s', (_, args, line) => {
  expect(progressLine(...args)).toBe(line);
});

test('of more than was there at the start, as when rows were inserted meanwhile, has no time left instead of less than none', () => {
  expect(progressLine(110, 100, 'rows', 10, 11_000)).toBe('110 of 100 rows (100 %), 10 rows/s, 0 ms left');
});
