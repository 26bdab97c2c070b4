/** The built command line in a process of its own, with what it reported and what it used. */
import type { Report } from '../../../src/model/run.ts';
import { type RunningCli, startCli } from '../../support/cli.ts';
import type { Source } from '../bench.ts';
import { USAGE_OPTION, type Usage, usageIn, withoutUsage } from './usage.ts';

export interface Between {
  source: Source;
  pluginUrl: string;
  /** Where the ledger is kept, if not beside the source. */
  ledgerUrl?: string;
}

export interface ToolRun {
  report: Report;
  usage: Usage;
}

export function startTool(args: readonly string[], { source, pluginUrl, ledgerUrl }: Between): RunningCli {
  return startCli([...args, '--json', '--quiet'], {
    DATABASE_URL: source.url,
    MEMORY_PLUGIN_URL: pluginUrl,
    NODE_OPTIONS: USAGE_OPTION,
    ...(ledgerUrl ? { LEDGER_DATABASE_URL: ledgerUrl } : {}),
  });
}

/** @throws Error where it does not end with 0 */
export async function runTool(args: readonly string[], between: Between): Promise<ToolRun> {
  const { code, signal, stdout, stderr } = await startTool(args, between).finished;
  if (code !== 0) {
    const said = `${withoutUsage(stderr).trim() || stdout}`.slice(0, 500);
    throw new Error(`memory-backfill ${args.join(' ')} ended with ${code ?? signal}: ${said}`);
  }
  const report: Report = JSON.parse(stdout);
  return { report, usage: usageIn(stderr) };
}

export interface Copied {
  rows: number;
  /** By the run's own clock, from its start to its end, checks and closing pass and all. */
  perSecond: number;
  durationMs: number;
  /** Of the whole process, start-up and all, for each row. */
  cpuMsPerRow: number;
  maxRssBytes: number;
  report: Report;
}

/**
 * Copies all that the source holds, or what the flags leave of it, into a plugin that holds nothing yet.
 *
 * @throws Error where it does not end with 0, or any row is not written
 */
export async function copy(flags: readonly string[], between: Between, rows = between.source.rows): Promise<Copied> {
  const { report, usage } = await runTool(['--apply', ...flags], between);
  const { result, durationMs } = report;
  const written = result?.mode === 'apply' ? result.written : 0;
  if (written !== rows) throw new Error(`A copy wrote ${written} rows of ${rows}.`);
  return {
    rows,
    perSecond: (rows * 1000) / durationMs,
    durationMs,
    cpuMsPerRow: usage.cpuMs / rows,
    maxRssBytes: usage.maxRssBytes,
    report,
  };
}
