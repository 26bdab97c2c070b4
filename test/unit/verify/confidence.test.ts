/** What a sample proves: the published figures, exact rational arithmetic, laws, and samples that are really drawn. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confidenceOf, fewerThan, sampleFor } from '../../../src/verify/confidence.ts';

describe('the figures', () => {
  test('50 clean ones of 1,000 prove that fewer than 57 are bad, and 258 would prove fewer than 1 %', () => {
    expect(fewerThan(1_000, 50, 0, 0.95)).toBe(57);
    expect(sampleFor(1_000, 1, 0.95)).toBe(258);
    expect(confidenceOf({ population: 1_000, sampled: 50, bad: 0 })).toEqual({
      level: 0.95,
      fewerThan: 57,
      wouldProve: { sample: 258, percent: 1 },
    });
  });

  test('258 clean ones prove fewer than 10 of 1,000, and 257 do not; nothing more is asked for then', () => {
    expect(fewerThan(1_000, 258, 0, 0.95)).toBe(10);
    expect(fewerThan(1_000, 257, 0, 0.95)).toBe(11);
    expect(confidenceOf({ population: 1_000, sampled: 258, bad: 0 })?.wouldProve).toBeNull();
    expect(confidenceOf({ population: 1_000, sampled: 257, bad: 0 })?.wouldProve).toEqual({ sample: 258, percent: 1 });
  });

  test('less than 1 % of fewer than 100 is none at all', () => {
    expect(sampleFor(50, 1, 0.95)).toBe(48);
    expect(fewerThan(50, 48, 0, 0.95)).toBe(1);
    expect(fewerThan(50, 47, 0, 0.95)).toBe(2);
  });

  test('bad ones in the sample raise the bound', () => {
    const bounds = [0, 1, 2, 5, 25, 49].map((bad) => fewerThan(1_000, 50, bad, 0.95));
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(new Set(bounds).size).toBe(bounds.length);
  });

  test('of 10 million, as of 1,000, some 300 clean ones prove fewer than 1 %, and 50 fewer than 5.9 %', () => {
    expect(sampleFor(10_000_000, 1, 0.95)).toBe(299);
    expect(fewerThan(10_000_000, 299, 0, 0.95)).toBeLessThanOrEqual(100_000);
    expect(fewerThan(10_000_000, 298, 0, 0.95)).toBeGreaterThan(100_000);
    // 1 − 0.05^(1/50), what drawing with putting back would prove, is 5.816 %.
    expect(fewerThan(10_000_000, 50, 0, 0.95) / 10_000_000).toBeCloseTo(1 - 0.05 ** (1 / 50), 5);
  });
});

describe('at the edges', () => {
  test.each([0, 1, 2, 10, 999])('a sample of everything proves what it saw: %i bad ones, and no more', (bad) => {
    expect(fewerThan(1_000, 1_000, bad, 0.95)).toBe(bad + 1);
  });

  test.each([0, 1, 1_000])('of %i, an empty sample proves nothing', (population) => {
    expect(fewerThan(population, 0, 0, 0.95)).toBe(population + 1);
    expect(confidenceOf({ population, sampled: 0, bad: 0 })).toBeNull();
  });

  test('nor does one in which all are bad', () => {
    expect(confidenceOf({ population: 1_000, sampled: 50, bad: 50 })).toBeNull();
    expect(confidenceOf({ population: 1, sampled: 1, bad: 1 })).toBeNull();
    expect(confidenceOf({ population: 1_000, sampled: 50, bad: 49 })?.fewerThan).toBeLessThanOrEqual(1_000);
  });

  test('of one, that one', () => {
    expect(confidenceOf({ population: 1, sampled: 1, bad: 0 })).toEqual({
      level: 0.95,
      fewerThan: 1,
      wouldProve: null,
    });
    expect(sampleFor(1, 1, 0.95)).toBe(1);
    expect(sampleFor(0, 1, 0.95)).toBe(0);
  });

  test('one that is a tie but for rounding counts as proven', () => {
    // P = 1/20, 1/10 and 1/100: none of them is a double.
    expect(fewerThan(20, 19, 0, 0.95)).toBe(1);
    expect(fewerThan(10, 9, 0, 0.9)).toBe(1);
    expect(fewerThan(100, 99, 0, 0.99)).toBe(1);
    expect(sampleFor(20, 1, 0.95)).toBe(19);
    expect(sampleFor(100, 1, 0.99)).toBe(99);
  });

  test.each([
    [10, 11, 0],
    [10, 5, 6],
    [10, 5, -1],
    [10, Number.NaN, 0],
  ])('a sample that cannot be, of %i %i with %i bad ones, is refused', (population, sampled, bad) => {
    expect(() => fewerThan(population, sampled, bad, 0.95)).toThrow(
      new RangeError(`No sample has ${bad} bad ones of ${sampled} out of ${population}.`),
    );
  });

  test.each([
    [10_000_000, 10_000_000, 0],
    [10_000_000, 10_000_000, 5_000_000],
    [10_000_000, 5_000_000, 0],
    [10_000_000, 5_000_000, 2_500_000],
    [10_000_000, 9_999_999, 9_999_998],
    [10_000_000, 1, 0],
  ])('10 million are no difficulty: of %i %i with %i bad ones', (population, sampled, bad) => {
    const bound = fewerThan(population, sampled, bad, 0.95);
    // What the same share of bad ones says by the normal approximation, seven standard deviations to each side.
    const share = bad / sampled;
    const deviation = Math.sqrt((share * (1 - share) * (population - sampled)) / (population * sampled));
    expect(bound).toBeGreaterThan(population * share - 1);
    if (sampled > 1) expect(bound).toBeLessThan(population * (share + 7 * deviation) + 20);
  });
});

/** The same by whole numbers alone: `share` is 1 − level, as a fraction. */
function exactly(population: number, sampled: number, bad: number, [over, under]: readonly [bigint, bigint]): number {
  for (let there = 0; there <= population; there++) {
    let ways = 0n;
    for (let k = 0; k <= bad; k++) ways += choose(there, k) * choose(population - there, sampled - k);
    if (ways * under <= over * choose(population, sampled)) return there;
  }
  return population + 1;
}

const PASCAL: bigint[][] = [[1n]];
function choose(n: number, k: number): bigint {
  for (let row = PASCAL.length; row <= n; row++) {
    const above = PASCAL[row - 1] ?? [];
    PASCAL.push(Array.from({ length: row + 1 }, (_, at) => (above[at - 1] ?? 0n) + (above[at] ?? 0n)));
  }
  return PASCAL[n]?.[k] ?? 0n;
}

describe('it agrees with exact rational arithmetic', () => {
  test('on every sample of up to 30', () => {
    const wrong: unknown[] = [];
    for (let population = 0; population <= 30; population++) {
      for (let sampled = 0; sampled <= population; sampled++) {
        for (let bad = 0; bad <= sampled; bad++) {
          const [found, expected] = [
            fewerThan(population, sampled, bad, 0.95),
            exactly(population, sampled, bad, [1n, 20n]),
          ];
          if (found !== expected) wrong.push({ population, sampled, bad, found, expected });
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('on samples of up to 300, at three levels', () => {
    const drawn = fc
      .integer({ min: 0, max: 300 })
      .chain((population) => fc.tuple(fc.constant(population), fc.nat(population)))
      .chain(([population, sampled]) => fc.tuple(fc.constant(population), fc.constant(sampled), fc.nat(sampled)));
    const level = fc.constantFrom([0.9, [1n, 10n]] as const, [0.95, [1n, 20n]] as const, [0.99, [1n, 100n]] as const);
    fc.assert(
      fc.property(drawn, level, ([population, sampled, bad], [asNumber, share]) => {
        expect(fewerThan(population, sampled, bad, asNumber)).toBe(exactly(population, sampled, bad, share));
      }),
      { numRuns: 60 },
    );
  });

  test('on the smallest clean sample that proves fewer than a share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 }), (population, percent) => {
        const sample = sampleFor(population, percent, 0.95);
        const proves = (sampled: number) =>
          (exactly(population, sampled, 0, [1n, 20n]) - 1) * 100 < percent * population;
        expect(proves(sample)).toBe(true);
        expect(sample === 0 || !proves(sample - 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('so that, whatever is bad, the statement is true of at least 95 % of the samples', () => {
    const wrong: unknown[] = [];
    for (const population of [1, 2, 7, 20, 40]) {
      for (let sampled = 1; sampled <= population; sampled += 3) {
        const bounds = Array.from({ length: sampled + 1 }, (_, bad) => fewerThan(population, sampled, bad, 0.95));
        for (let there = 0; there <= population; there++) {
          let truths = 0n;
          bounds.forEach((bound, bad) => {
            if (there < bound) truths += choose(there, bad) * choose(population - there, sampled - bad);
          });
          if (truths * 20n < 19n * choose(population, sampled)) wrong.push({ population, sampled, there });
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('whatever the sample', () => {
  const population = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000 }));
  const drawn = population
    .chain((all) => fc.tuple(fc.constant(all), fc.oneof(fc.nat(all), fc.nat(Math.min(all, 1_000)))))
    .chain(([all, sampled]) => fc.tuple(fc.constant(all), fc.constant(sampled), fc.nat(sampled)));

  test('the bound is above what the sample itself holds, and leaves room for what it found good', () => {
    fc.assert(
      fc.property(drawn, ([all, sampled, bad]) => {
        const bound = fewerThan(all, sampled, bad, 0.95);
        expect(bound).toBeGreaterThan(bad);
        expect(bound).toBeLessThanOrEqual(all - (sampled - bad) + 1);
      }),
    );
  });

  test('one more that is clean never raises the bound, and one more that is bad never lowers it', () => {
    fc.assert(
      fc.property(drawn, ([all, sampled, bad]) => {
        fc.pre(sampled < all);
        const bound = fewerThan(all, sampled, bad, 0.95);
        expect(fewerThan(all, sampled + 1, bad, 0.95)).toBeLessThanOrEqual(bound);
        expect(fewerThan(all, sampled + 1, bad + 1, 0.95)).toBeGreaterThanOrEqual(bound);
      }),
    );
  });

  test('who wants to be surer can state less', () => {
    fc.assert(
      fc.property(drawn, ([all, sampled, bad]) => {
        const bounds = [0.5, 0.9, 0.95, 0.99, 0.999].map((level) => fewerThan(all, sampled, bad, level));
        expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
      }),
    );
  });

  test('the sample that would prove a share does, and one fewer does not', () => {
    fc.assert(
      fc.property(population, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const sample = sampleFor(all, percent, 0.95);
        const bound = (sampled: number) => fewerThan(all, sampled, 0, 0.95);
        expect((bound(sample) - 1) * 100).toBeLessThan(all * percent);
        if (sample > 0) expect((bound(sample - 1) - 1) * 100).toBeGreaterThanOrEqual(all * percent);
      }),
    );
  });
});

describe('of samples that are drawn as the source draws them, by a keyed hash of the ids', () => {
  const orders = new Map<string, number[]>();

  /** The numbers of a population in the order in which a seed draws them; the bad ones are those with the lowest numbers. */
  function drawnBy(seed: string, population: number): number[] {
    const known = orders.get(`${seed} ${population}`);
    if (known) return known;
    const keys = Array.from({ length: population }, (_, number) => {
      const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
      return { number, key: createHash('sha256').update(`${seed}:${id}`).digest('hex') };
    });
    const order = keys.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ number }) => number);
    orders.set(`${seed} ${population}`, order);
    return order;
  }

  /** The share of samples whose statement is true where `there` are bad. */
  function truths(population: number, sampled: number, there: number, draws: number): number {
    let truths = 0;
    for (let draw = 0; draw < draws; draw++) {
      const order = drawnBy(`seed ${draw}`, population);
      const bad = order.slice(0, sampled).filter((number) => number < there).length;
      if (there < fewerThan(population, sampled, bad, 0.95)) truths++;
    }
    return truths / draws;
  }

  const DRAWS = 400;
  /** Three standard deviations of a share of 5 % in so many draws. */
  const CHANCE = 3 * Math.sqrt((0.05 * 0.95) / DRAWS);

  test.each([
    [200, 50, 1],
    [200, 50, 11],
    [200, 100, 5],
    [200, 10, 50],
    [100, 95, 3],
    [1_000, 50, 57],
    [1_000, 258, 10],
    [300, 30, 150],
  ])('out of %i, %i at a time, with %i bad ones: true in 95 % of them', (population, sampled, there) => {
    expect(truths(population, sampled, there, DRAWS)).toBeGreaterThan(0.95 - CHANCE);
  });

  test('over populations of many sizes it is true in at least 95 %', () => {
    const shares: number[] = [];
    for (const population of [5, 20, 60, 150, 400]) {
      for (const sampled of [1, 0.1, 0.25, 0.5, 0.9].map((part) => Math.max(1, Math.floor(part * population)))) {
        for (const there of [0, 0.02, 0.1, 0.3, 0.8].map((part) => Math.ceil(part * population))) {
          shares.push(truths(population, sampled, there, 20));
        }
      }
    }
    expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeGreaterThanOrEqual(0.95);
  });

  test('and no wider than it has to be: where 57 of 1,000 are bad, the statement is wrong in some of the samples', () => {
    expect(truths(1_000, 50, 57, DRAWS)).toBeLessThan(0.98);
  });
});
