/** How much of what the plugin can take the tool gives it. */
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const throughput: Scenario = {
  name: 'throughput',
  claim: 'apply, rows/s, over the best that a load generator gets from the same plugin, commits/s',
  bound: { least: 0.85 },
  short: true,
  usual: 0.43,
  async measure(bench) {
    const { apply, generator } = await bench.once(copyingRounds);
    const rates = apply.results.map(({ perSecond }) => perSecond);
    return {
      ratios: ratios(rates, generator.results),
      figures: { 'apply, rows/s': rates, 'load generator, commits/s': generator.results },
    };
  },
};
