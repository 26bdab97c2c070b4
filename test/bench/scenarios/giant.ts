/** One namespace that holds everything: without its order it is no slower than many; with it, only one row can be in flight. */
import { copy } from '../parts/copy.ts';
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';
import { copyingRounds } from '../sessions/copying.ts';

export const giant: Scenario = {
  name: 'giant',
  claim: 'apply of one giant namespace with --unordered, over the same rows in many namespaces',
  bound: { least: 0.9 },
  short: true,
  async measure(bench) {
    const { apply, giant } = await bench.once(copyingRounds);
    const many = apply.results.map(({ perSecond }) => perSecond);
    const one = giant.results.map(({ perSecond }) => perSecond);
    return { ratios: ratios(one, many), figures: { 'one namespace, rows/s': one, 'many, rows/s': many } };
  },
};

export const giantOrdered: Scenario = {
  name: 'giant-ordered',
  claim: 'apply of one giant namespace in order, over the same rows in many namespaces',
  bound: null,
  short: false,
  async measure(bench) {
    const { apply } = await bench.once(copyingRounds);
    const { rows } = bench.scale;
    const [source, plugin] = [await bench.source({ rows, workspaces: 1 }), await bench.plugin()];
    bench.say('copying one giant namespace in order');
    await Promise.all([plugin.empty(), source.forgetRuns()]);
    const taken = rows / 10;
    const { perSecond } = await copy(['--limit', String(taken)], { source, pluginUrl: plugin.url }, taken);
    const many = apply.results.map((copied) => copied.perSecond);
    return {
      ratios: many.map((rate) => perSecond / rate),
      figures: { 'one namespace, rows/s': [perSecond], 'many, rows/s': many },
    };
  },
};
