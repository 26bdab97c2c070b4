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

/** In the one-minute form a bound is by so much wider: little is measured there, on machines that nobody knows. */
const GROSS = 2;

export async function measured(scenario: Scenario, bench: Bench): Promise<Row> {
  const { name, claim } = scenario;
  const bound = bench.short ? widened(scenario.bound) : scenario.bound;
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

function widened(bound: Bound | null): Bound | null {
  if (bound === null) return null;
  return 'least' in bound ? { least: bound.least / GROSS } : { most: bound.most * GROSS };
}
