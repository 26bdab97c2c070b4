/**
 * What it costs to read a large source that has no index on its order, beside the one statement that does nothing but that. A dry run
 * without a ledger reads every row and plans it; the plugin is asked what its namespaces hold, answers at once that it is nothing,
 * and is sent nothing.
 */
import { runTool } from '../parts/copy.ts';
import { contestant, interleave } from '../parts/interleave.ts';
import { largeSource } from '../parts/large-source.ts';
import { startIdlePlugin } from '../parts/made-up-plugins.ts';
import { plainSelect } from '../parts/plain-select.ts';
import { ratios } from '../parts/statistics.ts';
import type { Scenario } from '../scenario.ts';

/** It takes long. */
const ROUNDS = 1;

export const reading: Scenario = {
  name: 'reading',
  claim: 'reading a large source without an index (a dry run), over one SELECT in its order',
  bound: { most: 3 },
  short: true,
  usual: 4,
  async measure(bench) {
    const source = await largeSource(bench);
    await using stack = new AsyncDisposableStack();
    const plugin = stack.adopt(await startIdlePlugin(), ({ stop }) => stop());
    const tool = contestant('dry run', async () => {
      const { report } = await runTool(['--dry-run', '--no-ledger'], { source, pluginUrl: plugin.url });
      complete(report.result?.mode === 'dry-run' ? report.result.changes.new : 0, source.rows);
      return report.durationMs / 1000;
    });
    const statement = contestant('one SELECT', async () => {
      const { output } = await plainSelect({ databaseUrl: source.url });
      complete(output.rows, source.rows);
      return output.seconds;
    });
    await interleave(bench.short ? 1 : ROUNDS, [statement, tool], (round, name) =>
      bench.say(`reading ${source.rows.toLocaleString('en-US')} rows, round ${round}: ${name}`),
    );
    return {
      ratios: ratios(tool.results, statement.results),
      figures: { 'dry run, s': tool.results, 'one SELECT, s': statement.results },
    };
  },
};

function complete(read: number, rows: number): void {
  if (read !== rows) throw new Error(`Of ${rows} rows only ${read} were read.`);
}
