/** What a row costs beyond the request that carries it. Both processes are counted whole, start-up and all. */
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const cpu: Scenario = {
  name: 'cpu',
  claim: "the command line's CPU a row, over a bare undici client's CPU a request",
  bound: { most: 1.5 },
  // Over so few rows, most of both is start-up.
  short: false,
  async measure(bench) {
    const { apply, bareCpu } = await bench.once(copyingRounds);
    const costs = apply.results.map(({ cpuMsPerRow }) => cpuMsPerRow);
    return {
      ratios: ratios(costs, bareCpu.results),
      figures: { 'apply, CPU ms a row': costs, 'bare client, CPU ms a request': bareCpu.results },
    };
  },
};
