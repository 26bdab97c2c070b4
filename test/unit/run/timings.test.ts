/** How long things took: percentiles near those of a sorted list, and the five slowest rows, whatever came in which order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timings } from '../../../src/run/timings.ts';

const row = (id: number, durationMs: number) => ({ id: `row-${id}`, namespace: 'team:acme', durationMs, attempts: 1 });

function latencyOf(attempts: readonly number[]) {
  const times = timings();
  for (const ms of attempts) times.attempt(ms);
  return times.latency();
}

/** By the definition: the least value that so many percent of the values do not exceed. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
}

describe('the latency', () => {
  test('is none where nothing was sent', () => {
    expect(timings().latency()).toBeNull();
  });

  test('is that of the one attempt, where there was one', () => {
    expect(latencyOf([30])).toEqual({ count: 1, p50: 30, p95: 30, p99: 30 });
  });

  test('tells microseconds from milliseconds from minutes', () => {
    expect(latencyOf([0.125])).toMatchObject({ p50: 0.125 });
    expect(latencyOf([1_230])).toMatchObject({ p50: 1_230 });
    expect(latencyOf([600_000])).toMatchObject({ p99: 600_000 });
  });

  test('counts what took no time, and what took more than a day', () => {
    expect(latencyOf([0, 1e12])).toMatchObject({ count: 2, p50: 0.001, p99: 86_400_000 });
  });

  test('of a hundred attempts shows the one that took long in its 99th percentile and above alone', () => {
    const attempts = [...Array.from({ length: 98 }, () => 2), 500, 500];
    expect(latencyOf(attempts)).toEqual({ count: 100, p50: 2, p95: 2, p99: 500 });
  });

  test('is within one percent of what a sorted list would say', () => {
    const ms = fc.oneof(fc.double({ min: 0.01, max: 50, noNaN: true }), fc.integer({ min: 1, max: 600_000 }));
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 300 }), (attempts) => {
        const latency = latencyOf(attempts);
        expect(latency?.count).toBe(attempts.length);
        for (const [percent, told] of [
          [50, latency?.p50],
          [95, latency?.p95],
          [99, latency?.p99],
        ] as const) {
          const exact = percentile(attempts, percent);
          expect(Math.abs((told ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.001);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('takes no memory for each attempt', () => {
    const times = timings();
    for (let ms = 1; ms <= 200_000; ms++) times.attempt(ms / 100);
    expect(times.latency()).toEqual({ count: 200_000, p50: 1_000, p95: 1_900, p99: 1_980 });
  });
});

describe('the slowest rows', () => {
  test('are those of which there were any', () => {
    expect(timings().slowest()).toEqual([]);
  });

  test('are five, the slowest first, and of equally slow ones the earlier', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 });
    fc.assert(
      fc.property(durations, (taken) => {
        const rows = taken.map((durationMs, id) => row(id, durationMs));
        const times = timings();
        for (const each of rows) times.row(each);
        expect(times.slowest()).toEqual(rows.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, 5));
      }),
    );
  });

  test('keep what they were told of each', () => {
    const times = timings();
    times.row({ id: 'w1', namespace: 'org:acme', durationMs: 65_000.5, attempts: 4 });
    expect(times.slowest()).toEqual([{ id: 'w1', namespace: 'org:acme', durationMs: 65_000.5, attempts: 4 }]);
  });
});
