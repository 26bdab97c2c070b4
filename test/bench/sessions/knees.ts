/**
 * How fast the tool finds out what a plugin can take: plugins whose best concurrency is known, each copied into without being told, and,
 * by turns, with that concurrency fixed. What is compared is the rate that the plugin counts itself: with the concurrency found for two
 * seconds from the tenth on, with the best fixed once that has settled.
 *
 * All plugins of a session are copied into side by side, so that each has its rounds within a minute. Their rates are low enough for
 * one machine to serve them all; what it cannot falls on both sides of each ratio.
 *
 * Where the plugin changes half way, the ten seconds count from there, and the best fixed is that of the plugin as it is then.
 */
import type { Bench, Source } from '../bench.ts';
import { startTool } from '../parts/copy.ts';
import { type Contestant, contestant, interleave } from '../parts/interleave.ts';
import type { Knee } from '../parts/knee-plugin.ts';
import { startKneePlugin } from '../parts/made-up-plugins.ts';
import { ratios } from '../parts/statistics.ts';
import { withoutUsage } from '../parts/usage.ts';
import type { Measured } from '../scenario.ts';

export interface KneeCase {
  /** Of its scenario. */
  name: string;
  knee: Knee;
  /** The best of them is found by trying; one alone is best by the way the plugin is made. */
  fixed: readonly number[];
}

/** Milliseconds until the rate counts, and for which it does. */
const FOUND_BY = 10_000;
const SETTLED_BY = 3_000;
const WINDOW = 2_000;

const ROWS = 50_000;

/** @returns by the scenarios' names what became of those that were asked for */
export async function measureKnees(
  bench: Bench,
  cases: readonly KneeCase[],
  rounds: number,
): Promise<ReadonlyMap<string, Measured>> {
  const asked = cases.filter(({ name }) => bench.wants(name));
  const source = await bench.source({ rows: ROWS, workspaces: 1_000 });
  const best = new Map<string, number>();
  const many = asked.filter(({ fixed }) => fixed.length > 1);
  if (many.length > 0) bench.say(`trying fixed concurrencies: ${many.map(({ name }) => name).join(', ')}`);
  for (const one of asked) best.set(one.name, await bestFixed(bench, source, one));

  const found = contestant('concurrency found', () =>
    Promise.all(
      asked.map(({ knee }) => {
        const from = (knee.later?.afterMs ?? 0) + FOUND_BY;
        return rate(bench, { source, knee, flags: [], from });
      }),
    ),
  );
  const fixed = contestant('concurrency fixed', () =>
    Promise.all(asked.map(({ name, knee }) => rateAtFixed(bench, source, knee, best.get(name) ?? 1))),
  );
  await interleave(rounds, [found, fixed], (round, name) =>
    bench.say(`${asked.map((one) => one.name).join(', ')}: round ${round} of ${rounds}, ${name}`),
  );
  return new Map(asked.map(({ name }, index) => [name, measuredOf(index, found, fixed)]));
}

function measuredOf(
  index: number,
  found: Contestant<readonly number[]>,
  fixed: Contestant<readonly number[]>,
): Measured {
  const [reached, best] = [found, fixed].map(({ results }) => results.map((rates) => rates[index] ?? Number.NaN));
  if (!reached || !best) throw new Error('Two were measured.');
  return { ratios: ratios(reached, best), figures: { 'found, commits/s': reached, 'best fixed, commits/s': best } };
}

async function bestFixed(bench: Bench, source: Source, { knee, fixed }: KneeCase): Promise<number> {
  const [only, ...others] = fixed;
  if (only === undefined) throw new RangeError('A plugin has a best concurrency.');
  if (others.length === 0) return only;
  const rates = await Promise.all(fixed.map((level) => rateAtFixed(bench, source, knee, level)));
  return fixed[rates.indexOf(Math.max(...rates))] ?? only;
}

function rateAtFixed(bench: Bench, source: Source, { later, ...knee }: Knee, level: number): Promise<number> {
  const then = { ...knee, servers: later?.servers ?? knee.servers };
  return rate(bench, { source, knee: then, flags: ['--concurrency', String(level)], from: SETTLED_BY });
}

interface Trial {
  source: Source;
  knee: Knee;
  flags: readonly string[];
  /** Milliseconds after the first acknowledgement. */
  from: number;
}

/** @returns commits a second */
async function rate(bench: Bench, { source, knee, flags, from }: Trial): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const plugin = stack.adopt(await startKneePlugin(knee), ({ kill }) => kill());
  const ledger = stack.adopt(await bench.database('ledger'), ({ drop }) => drop());
  const tool = startTool(['--apply', ...flags], { source, pluginUrl: plugin.url, ledgerUrl: ledger.url });
  const early = tool.finished.then(({ code, stderr }): never => {
    throw new Error(`An apply ended too early (${code}): ${withoutUsage(stderr)}`);
  });
  try {
    return await Promise.race([plugin.rateBetween(from, from + WINDOW), early]);
  } finally {
    tool.child.kill('SIGINT');
    await tool.finished;
  }
}
