/** The search between bounds: where it goes next, and that it finds the top of any single hill. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bracket, stepFrom } from '../../../../src/run/sending/bracket.ts';

const LIMITS = { least: 1, most: 128 };

/** Searches with the true worth of each level known. @returns the levels that were tried, and what was found */
function search(start: number, worth: (level: number) => number, step = 1) {
  const open = bracket(start, step, LIMITS);
  const tried: number[] = [];
  for (let next = open.next(null); next !== null; next = open.next(null)) {
    tried.push(next);
    if (worth(next) > worth(open.base)) open.better(next);
    else open.worse(next);
  }
  return { tried, found: open.base };
}

const hill = (top: number) => (level: number) => -Math.abs(Math.log(level / top));

test('twice the level is tried while that helps, then the middle of what is left', () => {
  expect(search(4, hill(64)).tried.slice(0, 6)).toEqual([8, 16, 32, 64, 128, 91]);
});

test('where more is worse, less is tried before anything is tried twice on the same side', () => {
  expect(search(4, hill(1))).toEqual({ tried: [8, 2, 1], found: 1 });
});

test('a small first step grows while it helps', () => {
  expect(search(10, hill(128), 1 / 4).tried.slice(0, 4)).toEqual([12, 17, 34, 68]);
});

test('the top of any hill is found to a fifth, or one, in at most twelve tries', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }), (start, top) => {
      const { found, tried } = search(start, hill(top));
      expect(Math.abs(found - top)).toBeLessThanOrEqual(Math.max(1, Math.ceil(top / 5)));
      expect(tried.length).toBeLessThanOrEqual(12);
    }),
    { numRuns: 500 },
  );
});

test('a ceiling is not reached', () => {
  expect(bracket(16, 1, LIMITS, 16).next(20)).toBe(18);
  expect(bracket(16, 1, LIMITS, 16).next(19)).toBeNull();
});

test('below the floor nothing is tried', () => {
  const open = bracket(8, 1, LIMITS, 8);
  open.worse(16);
  open.worse(11);
  open.worse(9);
  expect(open.next(null)).toBeNull();
});

describe('where twice the level cannot be told from it', () => {
  function alikeAt8(): ReturnType<typeof bracket> {
    const open = bracket(4, 1, LIMITS);
    open.alike(8);
    return open;
  }

  test('four times the level is tried, and gone on from where it is better', () => {
    const open = alikeAt8();
    expect(open.next(null)).toBe(16);
    open.better(16);
    expect(open.next(null)).toBe(32);
  });

  test.each(['worse', 'alike'] as const)('and where that is %s, the first of them is the bound', (verdict) => {
    const open = alikeAt8();
    open[verdict](16);
    expect(open.next(null)).toBe(2);
    open.worse(2);
    expect(open.next(null)).toBe(6);
  });

  test('the leap is left out where a ceiling bars it, and ends at the limit', () => {
    expect(alikeAt8().next(16)).toBe(2);
    const open = bracket(40, 1, LIMITS);
    open.alike(80);
    expect(open.next(null)).toBe(128);
  });

  test('that is the bound at once, where one was known above, or the step was less than an octave', () => {
    const bounded = bracket(4, 1, LIMITS);
    bounded.worse(16);
    bounded.alike(8);
    const short = bracket(4, 1 / 2, LIMITS);
    short.alike(6);
    expect([bounded.next(null), short.next(null)]).toEqual([2, 3]);
  });
});

describe('a step', () => {
  test('goes to the nearest whole number, and at least one away', () => {
    expect(stepFrom(10, 11.9, true, LIMITS)).toBe(12);
    expect(stepFrom(1, 1.2, true, LIMITS)).toBe(2);
    expect(stepFrom(2, 1.7, false, LIMITS)).toBe(1);
  });

  test('ends at the limits', () => {
    expect(stepFrom(1, 0.8, false, LIMITS)).toBe(1);
    expect(stepFrom(120, 142, true, LIMITS)).toBe(128);
  });
});
