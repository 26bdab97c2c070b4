/** A plugin on a real Postgres with a steep knee: more commits at a time than it keeps connections make it open one for each. */
import { bestLoad } from '../parts/best-load.ts';
import { copy } from '../parts/copy.ts';
import { contestant, interleave } from '../parts/interleave.ts';
import { loadGenerator } from '../parts/load-generator.ts';
import { startSmallPoolPlugin } from '../parts/made-up-plugins.ts';
import { CONTENT_BYTES } from '../parts/planting.ts';
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';

const ROWS = 6_000;
const NAMESPACES = 120;

export const smallPool: Scenario = {
  name: 'small-pool',
  claim: 'apply, rows/s, over the best of a load generator; a plugin with a small pool that reconnects',
  bound: null,
  short: false,
  async measure(bench) {
    const source = await bench.source({ rows: ROWS, workspaces: NAMESPACES });
    const { url: databaseUrl } = await bench.database('small_pool');
    await using stack = new AsyncDisposableStack();
    const plugin = stack.adopt(await startSmallPoolPlugin(databaseUrl), ({ kill }) => kill());
    const commits = { url: plugin.url, namespaces: NAMESPACES, contentBytes: CONTENT_BYTES };
    const { connections } = await bestLoad(bench, commits);

    const generator = contestant('load generator', async () => {
      const { output } = await loadGenerator({ ...commits, connections, amount: { requests: ROWS } });
      return output.perSecond;
    });
    const apply = contestant('apply', async () => {
      await source.forgetRuns();
      const { perSecond } = await copy([], { source, pluginUrl: plugin.url });
      return perSecond;
    });
    await interleave(2, [generator, apply], (round, name) => bench.say(`a small pool, round ${round}: ${name}`));
    return {
      ratios: ratios(apply.results, generator.results),
      figures: { 'apply, rows/s': apply.results, 'load generator, commits/s': generator.results },
    };
  },
};
