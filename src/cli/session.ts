/**
 * One run from its options to its report: runs the mode on what compose.ts puts together, releases everything in reverse order,
 * and says in the report whatever went wrong on the way.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { CONTRACT_VERSION } from '../contract/limits.ts';
import { RunError } from '../model/errors.ts';
import { receiptText } from '../model/receipt.ts';
import type { Report, Result } from '../model/run.ts';
import { receiptOf } from '../report/receipt.ts';
import type { Ended, Observer } from '../run/context.ts';
import { compose, type Run } from './compose.ts';
import { exitCode } from './exit-code.ts';
import type { Options, ReportFiles } from './options.ts';
import { withdrawReceipt, writeReceipt } from './receipt-file.ts';
import { checkReportFiles, writeReportFiles } from './report-files.ts';
import type { Signals } from './signals.ts';
import { UsageError } from './usage-error.ts';

export interface SessionInput {
  options: Options;
  tool: Report['tool'];
  observer: Observer & { notices: string[] };
  signals: Signals;
  /** The command line that goes on with a run; with null, one that names none. */
  resumeCommand(runId: string | null): string;
}

export interface Session {
  report: Report;
  /** What `--debug` prints. */
  cause: unknown;
}

export async function runSession({ options, tool, observer, signals, resumeCommand }: SessionInput): Promise<Session> {
  const runId = randomUUID();
  const started = new Date();
  setMaxListeners(0, signals.stop);

  const time = options.maxDurationMs === null ? null : AbortSignal.timeout(options.maxDurationMs);
  const stop = time ? AbortSignal.any([signals.stop, time]) : signals.stop;
  setMaxListeners(0, stop);

  const run = compose({ options, runId, tool, observer, stop });
  let ended: Ended<Result> | null = null;
  let thrown: unknown = null;
  let timeUp = false;
  try {
    await prepareFiles(options.files);
    ended = await run.mode();
    thrown = ended.error;
  } catch (error) {
    // What a signal, or the end of its time, cut off is no fault of either end.
    thrown = stop.aborted && error instanceof RunError ? null : error;
  }
  timeUp = time?.aborted ?? false;
  await closeBooks();
  for (const release of run.releases.reverse()) await release().catch((error: unknown) => (thrown ??= error));
  await writeFiles();
  // The receipt comes last: it says how the run has ended. Where it cannot be written, that is how it has ended.
  const before = thrown;
  await giveReceipt(options, reportOf(run)).catch((error: unknown) => (thrown ??= error));
  if (thrown !== before) await writeFiles();
  const report = reportOf(run);
  return { report, cause: thrown };

  async function writeFiles(): Promise<void> {
    const { files, showContent } = options;
    await writeReportFiles(files, reportOf(run), showContent).catch((error: unknown) => (thrown ??= error));
  }

  async function closeBooks(): Promise<void> {
    const { exitCode: code, interruptedBy } = reportOf(run);
    await ended?.close?.({ code, interruptedBy }).catch((error: unknown) => (thrown ??= error));
  }

  function reportOf({ facts, traffic }: Run): Report {
    const now = new Date();
    const unfinished: Omit<Report, 'exitCode'> = {
      report: 1,
      tool,
      mode: options.mode,
      runId,
      startedAt: started.toISOString(),
      endedAt: now.toISOString(),
      durationMs: now.getTime() - started.getTime(),
      source: facts.source,
      plugin: facts.plugin,
      ledger: facts.ledger,
      settings: options.settings,
      result: ended?.result ?? null,
      traffic: traffic(),
      notices: observer.notices,
      interruptedBy: signals.received(),
      timeUp,
      error: thrown === null ? null : reported(thrown),
    };
    const code = exitCode(unfinished);
    return { ...unfinished, result: withResumption(unfinished.result, code), exitCode: code };
  }

  /** An apply that did not come to its end says how to go on. */
  function withResumption(result: Result | null, code: number): Result | null {
    if (result?.mode !== 'apply' || code === 0) return result;
    const isWhole = thrown === null && result.failed === 0 && signals.received() === null;
    if (isWhole || (thrown instanceof RunError && thrown.code === 'guard')) return result;
    return { ...result, resumeWith: resumeCommand(options.ledger && runId) };
  }
}

/** Tries the files that were asked for, and takes away the receipt of an earlier verify, which says nothing about this one. */
async function prepareFiles(files: ReportFiles): Promise<void> {
  await checkReportFiles(files);
  if (files.receipt !== null) await withdrawReceipt(files.receipt);
}

async function giveReceipt({ files, receiptKey }: Options, report: Report): Promise<void> {
  const receipt = files.receipt === null ? null : receiptOf(report, CONTRACT_VERSION, receiptKey);
  if (files.receipt !== null && receipt) await writeReceipt(files.receipt, receiptText(receipt));
}

function reported(error: unknown): Report['error'] {
  if (error instanceof RunError) return { code: error.code, message: error.message };
  if (error instanceof UsageError) return { code: 'configuration', message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `This is a fault of memory-backfill itself: ${message}. Run again with --debug for its stack.`,
  };
}
