/** Comparisons against noise: how sure they are, that no outlier decides, and that what is old fades. */
import { describe, expect, test } from 'vitest';
import { evidence, noise } from '../../../../src/run/sending/evidence.ts';
import { watch } from '../../../../src/run/sending/watch.ts';
import { generator } from './simulation.ts';

describe('the noise', () => {
  test('is learnt from windows at one level', () => {
    const random = generator(7);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const rates = noise();
    const spreads: number[] = [];
    for (let window = 0; window < 4_000; window++) {
      rates.observe(0.1 * gauss(), 0.1 * gauss());
      if (window > 100) spreads.push(rates.spread);
    }
    const mean = spreads.reduce((sum, each) => sum + each, 0) / spreads.length;
    expect(mean).toBeGreaterThan(0.1 * Math.sqrt(1.5) * 0.9);
    expect(mean).toBeLessThan(0.1 * Math.sqrt(1.5) * 1.1);
  });

  test('is never taken to be nothing', () => {
    const rates = noise();
    for (let window = 0; window < 1_000; window++) rates.observe(1, 1);
    expect(rates.spread).toBeGreaterThan(0.005);
  });

  test('is hardly moved by one window that is far out', () => {
    const rates = noise();
    const before = rates.spread;
    rates.observe(0, 5);
    expect(rates.spread).toBeLessThan(before * 1.5);
  });
});

describe('evidence', () => {
  test('grows with the number of pairs', () => {
    const known = evidence(16);
    known.add(0.1, 0.1);
    expect(known.errors(0.1)).toBeCloseTo(1);
    for (let pair = 0; pair < 3; pair++) known.add(0.1, 0.1);
    expect(known.errors(0.1)).toBeCloseTo(2);
    expect(known.mean).toBeCloseTo(0.1);
  });

  test('is not decided by one pair that is far out', () => {
    const known = evidence(16);
    known.add(0, 0.1);
    known.add(0, 0.1);
    known.add(4, 0.1);
    expect(known.errors(0.1)).toBeLessThan(2);
  });

  test('of long ago fades', () => {
    const known = evidence(8);
    for (let pair = 0; pair < 100; pair++) known.add(-0.1, 0.1);
    expect(known.pairs).toBe(8);
    for (let pair = 0; pair < 16; pair++) known.add(0.1, 0.1);
    expect(known.mean).toBeGreaterThan(0.05);
  });
});

describe('a rate that is watched', () => {
  const steady = (rates: readonly number[]) => {
    const watched = watch(null);
    for (let window = 0; window < 10; window++) watched.shifted(1, 0.02);
    return rates.map((rate) => watched.shifted(rate, 0.02));
  };

  test('has shifted when three windows in a row are far from its mean on one side', () => {
    expect(steady([1.5, 1.5, 1.5])).toEqual([false, false, true]);
    expect(steady([0.5, 0.5, 0.5])).toEqual([false, false, true]);
  });

  test('has not when they are near, on both sides, or have one between them that is near', () => {
    expect(steady([1.2, 1.2, 1.2, 1.2])).not.toContain(true);
    expect(steady([1.5, 0.5, 1.5, 0.5])).not.toContain(true);
    expect(steady([1.5, 1.5, 1, 1.5, 1.5])).not.toContain(true);
  });

  test('has not where so much is noise', () => {
    const watched = watch(null);
    for (let window = 0; window < 10; window++) watched.shifted(1, 0.2);
    expect([1.5, 1.5, 1.5].map((rate) => watched.shifted(rate, 0.2))).not.toContain(true);
  });

  test('is known from before, or from its first window on, but not well: a shift must be twice as large then', () => {
    const near = watch(1);
    expect([1.4, 1.4, 1.4].map((rate) => near.shifted(rate, 0.02))).not.toContain(true);
    const before = watch(1);
    expect([1.6, 1.6, 1.6].map((rate) => before.shifted(rate, 0.02))).toEqual([false, false, true]);
    const first = watch(null);
    expect([1, 1.6, 1.6, 1.6].map((rate) => first.shifted(rate, 0.02))).toEqual([false, false, false, true]);
  });
});
