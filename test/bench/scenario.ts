/** One row of the table: what is claimed, what was measured, and whether the one bears the other out. */
import type { Bench } from './bench.ts';
import { type Spread, spread } from './parts/statistics.ts';

export type Bound = { least: number } | { most: number };

export interface Scenario {
  /** For `--only`: short, and unlike all others. */
  name: string;
  /** What is over what. */
  claim: string;
  /** Of the median; null where nothing was promised. */
  bound: Bound | null;
  /** Whether the one-minute form has it, too. */
  short: boolean;
  /** What the one-minute form measures as a rule, where that is worse than the bound: fixed costs weigh more in it. */
  usual?: number;
  /** It throws where it cannot measure. */
  measure(bench: Bench): Promise<Measured>;
}

export interface Measured {
  /** One for each round. */
  ratios: readonly number[];
  /** What the ratios were made of, one for each round, by what it is and in which unit. */
  figures: Readonly<Record<string, readonly number[]>>;
}

/**
 * - `pass` and `fail`: the median keeps to the bound, or does not
 * - `told`: nothing was promised
 * - `unmeasured`: it could not be found out, which is never a pass
 */
export type Outcome = 'pass' | 'fail' | 'told' | 'unmeasured';

export interface Row extends Pick<Scenario, 'name' | 'claim' | 'bound'> {
  outcome: Outcome;
  /** Null where it is unmeasured; then `why` says why. */
  ratio: Spread | null;
  why: string | null;
  ratios: readonly number[];
  figures: Measured['figures'];
}

/** In the one-minute form only what is by so much worse than the bound, or than what is usual, fails: little is measured, on any machine. */
const GROSS = 2;

export async function measured(scenario: Scenario, bench: Bench): Promise<Row> {
  const { name, claim } = scenario;
  const bound = bench.short ? widened(scenario) : scenario.bound;
  try {
    const { ratios, figures } = await scenario.measure(bench);
    const ratio = spread(ratios);
    return { name, claim, bound, outcome: judged(ratio.median, bound), ratio, why: null, ratios, figures };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, claim, bound, outcome: 'unmeasured', ratio: null, why, ratios: [], figures: {} };
  }
}

function judged(median: number, bound: Bound | null): Outcome {
  if (bound === null) return 'told';
  // Written so that a figure that is no number does not pass.
  const holds = 'least' in bound ? median >= bound.least : median <= bound.most;
  return holds ? 'pass' : 'fail';
}

function widened({ bound, usual }: Scenario): Bound | null {
  if (bound === null) return null;
  if ('least' in bound) return { least: Math.min(bound.least, usual ?? bound.least) / GROSS };
  return { most: Math.max(bound.most, usual ?? bound.most) * GROSS };
}
