/** What parallel commits and looking namespaces up once are worth. */
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const oldWay: Scenario = {
  name: 'old-way',
  claim: 'apply, rows/s, over one row in flight with a resolver query and a namespace PUT each',
  bound: { least: 6 },
  short: true,
  async measure(bench) {
    const { apply, oldWay } = await bench.once(copyingRounds);
    const rates = apply.results.map(({ perSecond }) => perSecond);
    return {
      ratios: ratios(rates, oldWay.results),
      figures: { 'apply, rows/s': rates, 'the old way, rows/s': oldWay.results },
    };
  },
};
