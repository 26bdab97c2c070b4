/**
 * The composition root: the only file that touches the process. Standard output carries the result, standard error progress
 * and errors; the exit code is decided by exit-code.ts alone.
 */
import { createRequire } from 'node:module';
import { shellWord } from '../report/format.ts';
import { renderJson } from '../report/json.ts';
import { renderText } from '../report/text.ts';
import { readCommandLine } from './command-line.ts';
import { EXIT, SIGNAL_EXIT } from './exit-code.ts';
import { boundHeap } from './heap.ts';
import { compile, type GivenFlags } from './options.ts';
import { progressOn } from './progress.ts';
import { runSession } from './session.ts';
import { listenForSignals } from './signals.ts';
import { terminalStyle } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const { name, version }: { name: string; version: string } = createRequire(import.meta.url)('../../package.json');

/** Runs the command line and ends the process. */
export async function main(): Promise<never> {
  boundHeap();
  // Should the event loop ever run dry before there is a result, that must not look like success.
  process.exitCode = EXIT.incomplete;
  // A terminal that was closed takes progress with it, and nothing else.
  process.stderr.on('error', () => {});
  // Node's own answer to an uncaught error is exit code 1, which here would read as findings.
  process.on('uncaughtException', (error) => process.exit(complain(error)));
  process.exit(await run().catch(complain));
}

/** @returns the exit code for what went wrong */
function complain(error: unknown): number {
  process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.incomplete;
}

/** @returns the exit code */
async function run(): Promise<number> {
  const line = await readCommandLine(process.argv.slice(2), version);
  if (line.asks === 'text') {
    await print(line.text);
    return EXIT.done;
  }
  const options = compile(line.given, process.env);

  const progress = progressOn(process.stderr, options.quiet, terminalStyle(process.stderr, process.env));
  const signals = listenForSignals(
    process,
    (signal) => progress.notice(`${signal}: finishing what is under way; once more stops at once.`),
    (signal) => {
      progress.clear();
      process.stderr.write(`${name}: stopped at once by ${signal}; run the same command again to go on.\n`);
      process.exit(SIGNAL_EXIT[signal]);
    },
  );
  const { report, cause } = await runSession({
    options,
    tool: { name, version },
    observer: progress,
    signals,
    resumeCommand: (runId) => `${name} ${flagsToResume(line.given, runId)}`,
  });
  signals.release();

  progress.clear();
  if (options.debug && cause instanceof Error) process.stderr.write(`${cause.stack}\n`);
  const style = terminalStyle(process.stdout, process.env);
  const result = options.json
    ? renderJson(report, options.showContent)
    : renderText(report, { style, content: options.excerpts });
  await print(result).catch((error: unknown) => {
    // A terminal that was closed takes its own result with it: that is the signal's doing, and no error.
    if (!report.interruptedBy) throw error;
  });
  return report.exitCode;
}

/** The command line as it was given, naming the run that it goes on with. */
function flagsToResume({ 'start-over': _begun, ...given }: GivenFlags, runId: string | null): string {
  const flags = Object.entries({ ...given, ...(runId === null ? {} : { resume: runId }) }).filter(
    ([, value]) => value !== false,
  );
  return flags
    .map(([flag, value]) => (typeof value === 'string' && value !== '' ? `--${flag} ${shellWord(value)}` : `--${flag}`))
    .join(' ');
}

/** Resolves when the text has left this process, so that ending it cuts nothing off. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = (error: Error) => reject(new Error(`The result could not be printed: ${error.message}.`));
    process.stdout.on('error', lost);
    process.stdout.write(text, (error) => (error ? lost(error) : resolve()));
  });
}
