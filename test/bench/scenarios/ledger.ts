/** What it costs to remember every row. */
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const ledger: Scenario = {
  name: 'ledger',
  claim: 'apply with a ledger, rows/s, over the same without one',
  bound: { least: 0.9 },
  short: true,
  async measure(bench) {
    const { apply, withoutLedger } = await bench.once(copyingRounds);
    const kept = apply.results.map(({ perSecond }) => perSecond);
    const without = withoutLedger.results.map(({ perSecond }) => perSecond);
    return { ratios: ratios(kept, without), figures: { 'with, rows/s': kept, 'without, rows/s': without } };
  },
};
