/** Whether reading keeps ahead of sending. */
import type { Pace, Report } from '../../../src/model/run.ts';
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const sourceWait: Scenario = {
  name: 'source-wait',
  claim: 'time that senders wait for the source, over the run',
  bound: { most: 0.05 },
  short: true,
  async measure(bench) {
    const { apply } = await bench.once(copyingRounds);
    const paces = apply.results.map(({ report }) => paceOf(report));
    const waits = paces.map(({ waitedForSourceMs }) => waitedForSourceMs);
    const runs = apply.results.map(({ durationMs }) => durationMs);
    const found = paces.map(({ concurrency }) => concurrency);
    return {
      ratios: ratios(waits, runs),
      figures: { 'waited, ms': waits, 'run, ms': runs, 'concurrency at the end': found },
    };
  },
};

/** @throws Error where the report does not tell */
function paceOf({ result }: Report): Pace {
  if (result?.mode === 'apply' && result.pace) return result.pace;
  throw new Error('The report of an apply does not tell its pace.');
}
