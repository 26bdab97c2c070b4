/**
 * How long things took, over a whole run, in a memory that does not grow with it: the latency of requests as percentiles, and
 * the rows that took longest.
 */
import { createHistogram } from 'node:perf_hooks';
import type { ApplyResult, Latency } from '../model/run.ts';

type TimedRow = ApplyResult['slowest'][number];

/** Rows that are named. */
const NAMED = 5;

/** Microseconds: what takes longer than a day counts as a day. */
const LONGEST = 86_400_000_000;

export interface Timings {
  /** One request, from its sending to its answer or its failure. @param ms 0 or more */
  attempt(ms: number): void;
  /** A row that the plugin acknowledged, with all its attempts. */
  row(row: TimedRow): void;
  /** Percentiles of the attempts, to three digits; null where there was none. */
  latency(): Latency | null;
  /** At most five, the slowest first, and of equally slow ones the earlier. */
  slowest(): TimedRow[];
}

export function timings(): Timings {
  const microseconds = createHistogram({ lowest: 1, highest: LONGEST, figures: 3 });
  let slowest: TimedRow[] = [];

  /** The least time that so many percent did not exceed. The histogram would round the rank, and so tell less for few attempts. */
  function percentile(percent: number): number {
    const { count } = microseconds;
    const rank = Math.ceil((percent / 100) * count);
    return Number((microseconds.percentile((100 * rank) / count) / 1000).toPrecision(3));
  }

  return {
    attempt(ms) {
      microseconds.record(Math.min(LONGEST, Math.max(1, Math.round(ms * 1000))));
    },
    row(row) {
      const least = slowest[NAMED - 1];
      if (least && row.durationMs <= least.durationMs) return;
      slowest = [...slowest, row].sort((a, b) => b.durationMs - a.durationMs).slice(0, NAMED);
    },
    latency() {
      const { count } = microseconds;
      return count === 0 ? null : { count, p50: percentile(50), p95: percentile(95), p99: percentile(99) };
    },
    slowest: () => [...slowest],
  };
}
