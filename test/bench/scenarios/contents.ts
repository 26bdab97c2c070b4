/** Contents of 100 kB: what a plugin makes of them takes far longer than sending them. */
import { bestLoad } from '../parts/best-load.ts';
import { copy } from '../parts/copy.ts';
import { contestant, interleave } from '../parts/interleave.ts';
import { loadGenerator } from '../parts/load-generator.ts';
import { namespaceName } from '../parts/memory-body.ts';
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';

const ROWS = 200;
const NAMESPACES = 40;
const CONTENT_BYTES = 100_000;

export const contents: Scenario = {
  name: 'contents',
  claim: 'apply, rows/s, over the best of a load generator; contents of 100 kB',
  bound: null,
  short: false,
  async measure(bench) {
    const source = await bench.source({
      rows: ROWS,
      workspaces: NAMESPACES,
      contentBytes: CONTENT_BYTES,
      searchable: false,
    });
    const plugin = await bench.plugin();
    const names = Array.from({ length: NAMESPACES }, (_namespace, number) => namespaceName(number));
    const commits = { url: plugin.url, namespaces: NAMESPACES, contentBytes: CONTENT_BYTES };
    await plugin.empty();
    await plugin.makeNamespaces(names);
    const { connections } = await bestLoad(bench, commits);

    const generator = contestant('load generator', async () => {
      await plugin.empty();
      await plugin.makeNamespaces(names);
      const { output } = await loadGenerator({ ...commits, connections, amount: { requests: ROWS } });
      return output.perSecond;
    });
    const apply = contestant('apply', async () => {
      await Promise.all([plugin.empty(), source.forgetRuns()]);
      const { perSecond } = await copy([], { source, pluginUrl: plugin.url });
      return perSecond;
    });
    await interleave(2, [generator, apply], (round, name) => bench.say(`contents of 100 kB, round ${round}: ${name}`));
    return {
      ratios: ratios(apply.results, generator.results),
      figures: { 'apply, rows/s': apply.results, 'load generator, commits/s': generator.results },
    };
  },
};
