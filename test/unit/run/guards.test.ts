/** The bounds: what they allow, what they refuse, and what they say then. */
import { describe, expect, test } from 'vitest';
import { refuseTooManyChanges, tooManyFailures } from '../../../src/run/guards.ts';

describe('--max-changes', () => {
  test.each([
    [10, 100, { rows: 10 }],
    [0, 0, { rows: 0 }],
    [5, 100, { percent: 5 }],
    [0, 100, { percent: 0 }],
    [100, 100, { percent: 100 }],
  ])('allows %i of %i under %o', (rows, of, most) => {
    expect(() => refuseTooManyChanges(rows, of, most)).not.toThrow();
  });

  test.each([
    [11, 100, { rows: 10 }, '11 of 100 rows would be sent, and --max-changes allows 10: nothing was sent.'],
    [6, 100, { percent: 5 }, '6 of 100 rows would be sent, and --max-changes allows 5 %: nothing was sent.'],
    [1, 1, { rows: 0 }, '1 of 1 rows would be sent, and --max-changes allows 0: nothing was sent.'],
  ])('refuses %i of %i under %o, with the numbers', (rows, of, most, sentence) => {
    const refused = expect.objectContaining({ code: 'guard', message: expect.stringContaining(sentence) });
    expect(() => refuseTooManyChanges(rows, of, most)).toThrow(refused);
  });
});

describe('--max-failures', () => {
  test.each([
    ['a share says nothing before 200 rows are through', 150, 199, { percent: 1 }],
    ['the share that is allowed', 2, 200, { percent: 1 }],
    ['the number that is allowed', 3, 3, { rows: 3 }],
    ['no failure', 0, 1_000_000, { percent: 0 }],
  ])('lets pass: %s', (_name, failed, through, most) => {
    expect(tooManyFailures(failed, through, most)).toBeNull();
  });

  test.each([
    [
      'more than the share, from the 200th row on',
      3,
      200,
      { percent: 1 },
      '3 of 200 rows failed, and --max-failures allows 1 %',
    ],
    ['more than the number, at once', 1, 1, { rows: 0 }, '1 of 1 rows failed, and --max-failures allows 0'],
  ])('ends the run: %s', (_name, failed, through, most, sentence) => {
    const error = tooManyFailures(failed, through, most);
    expect(error?.code).toBe('plugin');
    expect(error?.message).toContain(sentence);
  });
});
