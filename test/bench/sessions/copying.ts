/**
 * The ordinary source into the reference plugin, in rounds: everybody who is compared has a turn in each, with the same plugin process,
 * which is emptied before. What copies begins without a ledger of earlier runs; what only commits finds its namespaces made.
 *
 * Who is not asked for by any scenario has no turn, and no results.
 */
import type { Bench, Source } from '../bench.ts';
import { bareClient } from '../parts/bare-client.ts';
import { bestLoad } from '../parts/best-load.ts';
import { type Copied, copy } from '../parts/copy.ts';
import { type Contestant, contestant, interleave } from '../parts/interleave.ts';
import { loadGenerator } from '../parts/load-generator.ts';
import { namespaceName } from '../parts/memory-body.ts';
import { oneAtATime } from '../parts/one-at-a-time.ts';
import { CONTENT_BYTES } from '../parts/planting.ts';

export interface CopyingRounds {
  apply: Contestant<Copied>;
  withoutLedger: Contestant<Copied>;
  /** The same rows, all of them in one namespace, in any order. */
  giant: Contestant<Copied>;
  /** Commits a second at the plugin's best concurrency. */
  generator: Contestant<number>;
  /** Rows a second. */
  oldWay: Contestant<number>;
  /** Milliseconds of a core for a request. */
  bareCpu: Contestant<number>;
}

/** Rows, which do not count: until then, the plugin's code is still being compiled. */
const WARM_UP = 3_000;

export async function copyingRounds(bench: Bench): Promise<CopyingRounds> {
  const { rows, namespaces, rounds, oldRows } = bench.scale;
  const source = await bench.source({ rows, workspaces: namespaces });
  const plugin = await bench.plugin();
  const commits = { url: plugin.url, namespaces, contentBytes: CONTENT_BYTES };
  const names = Array.from({ length: namespaces }, (_namespace, number) => namespaceName(number));

  const copying =
    (from: Source, ...flags: string[]) =>
    async () => {
      await Promise.all([plugin.empty(), from.forgetRuns()]);
      return await copy(flags, { source: from, pluginUrl: plugin.url });
    };
  const committing =
    <Result>(commit: () => Promise<Result>) =>
    async () => {
      await plugin.empty();
      await plugin.makeNamespaces(names);
      return await commit();
    };

  bench.say('warming up');
  await plugin.empty();
  await copy(['--limit', String(WARM_UP)], { source, pluginUrl: plugin.url }, WARM_UP);
  const needsBest = bench.wants('throughput', 'cpu');
  const best = needsBest ? await committing(() => bestLoad(bench, commits))() : null;
  const connections = best?.connections ?? 1;

  const contestants: CopyingRounds = {
    generator: contestant(
      'load generator',
      committing(async () => {
        const { output } = await loadGenerator({ ...commits, connections, amount: { requests: rows } });
        return output.perSecond;
      }),
    ),
    apply: contestant('apply', copying(source)),
    oldWay: contestant('the old way', async () => {
      await plugin.empty();
      const { output } = await oneAtATime({ url: plugin.url, databaseUrl: source.url, rows: oldRows });
      return output.perSecond;
    }),
    bareCpu: contestant(
      'bare client',
      committing(async () => {
        const { usage } = await bareClient({ ...commits, connections, requests: rows });
        return usage.cpuMs / rows;
      }),
    ),
    giant: contestant('apply of one giant namespace, unordered', async () => {
      const oneNamespace = await bench.source({ rows, workspaces: 1 });
      return await copying(oneNamespace, '--unordered')();
    }),
    withoutLedger: contestant('apply without a ledger', copying(source, '--no-ledger')),
  };
  const { generator, apply, oldWay, bareCpu, giant, withoutLedger } = contestants;
  const turns = [
    ...(bench.wants('throughput') ? [generator] : []),
    apply,
    ...(bench.wants('old-way') ? [oldWay] : []),
    ...(bench.wants('cpu') ? [bareCpu] : []),
    ...(bench.wants('giant') ? [giant] : []),
    ...(bench.wants('ledger') ? [withoutLedger] : []),
  ];
  await interleave(rounds, turns, (round, name) => bench.say(`copying, round ${round} of ${rounds}: ${name}`));
  return contestants;
}
