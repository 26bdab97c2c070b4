/**
 * Whether memory grows with the table. The plugin answers as soon as it can, so that the tool itself is the bound, and reads, sends and
 * records as fast as ever it will.
 */
import type { Bench } from '../bench.ts';
import { copy } from '../parts/copy.ts';
import { largeSource } from '../parts/large-source.ts';
import { startIdlePlugin } from '../parts/made-up-plugins.ts';
import type { Scenario } from '../scenario.ts';

export const memory: Scenario = {
  name: 'memory',
  claim: 'resident memory of an apply of many rows, over that of few',
  bound: { most: 1.2 },
  short: true,
  async measure(bench) {
    const { small, rounds } = bench.scale;
    const few: number[] = [];
    for (let round = 1; round <= rounds; round++) few.push(await peak(bench, await bench.source(sized(small))));
    const many = await peak(bench, await largeSource(bench));
    return {
      ratios: few.map((bytes) => many / bytes),
      figures: { 'many rows, MB': [megabytes(many)], 'few rows, MB': few.map(megabytes) },
    };
  },
};

const sized = (rows: number) => ({ rows, workspaces: rows / 50 });

/** @returns bytes: the most that were resident at a time */
async function peak(bench: Bench, source: Awaited<ReturnType<typeof largeSource>>): Promise<number> {
  bench.say(`copying ${source.rows.toLocaleString('en-US')} rows for the memory that it takes`);
  await source.forgetRuns();
  await using stack = new AsyncDisposableStack();
  const plugin = stack.adopt(await startIdlePlugin(), ({ stop }) => stop());
  const { maxRssBytes } = await copy([], { source, pluginUrl: plugin.url });
  await source.forgetRuns();
  return maxRssBytes;
}

function megabytes(bytes: number): number {
  return bytes / 2 ** 20;
}
