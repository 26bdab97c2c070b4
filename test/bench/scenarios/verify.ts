/**
 * How many rows one request settles in a full verify of a clean copy, all requests counted: the hunt for leaks asks of namespaces that are
 * to be empty, and settles no row by that.
 */
import { copy, runTool } from '../parts/copy.ts';
import type { Scenario } from '../scenario.ts';

/** Of namespaces that hold 1 to 40. */
const MEAN = 20.5;

export const verify: Scenario = {
  name: 'verify',
  claim: 'rows that a full verify of a clean copy settles, over its requests; namespaces of 1 to 40 rows',
  bound: { least: 50 },
  short: true,
  async measure(bench) {
    const { rows } = bench.scale;
    const source = await bench.source({ rows, workspaces: Math.round(rows / MEAN), spread: 'one-to-forty' });
    const plugin = await bench.plugin();
    await Promise.all([plugin.empty(), source.forgetRuns()]);
    const between = { source, pluginUrl: plugin.url };
    bench.say('copying for the verify');
    await copy([], between);
    bench.say('verifying');
    const { report } = await runTool(['--verify', '--verify-sample', 'all'], between);
    const { result, traffic, durationMs } = report;
    const settled = result?.mode === 'verify' ? result.rows.matched : 0;
    const namespaces = result?.mode === 'verify' ? result.hunt.known : 0;
    const requests = traffic.searchMemories?.attempts ?? 0;
    if (settled !== source.rows) throw new Error(`A clean copy of ${source.rows} rows verifies as ${settled}.`);
    return {
      ratios: [settled / requests],
      figures: {
        'rows settled': [settled],
        'search requests': [requests],
        'namespaces known': [namespaces],
        'rows/s': [(settled * 1000) / durationMs],
      },
    };
  },
};
