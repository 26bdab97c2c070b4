/**
 * The real command line in a process of its own, as the package ships it: `bin/memory-backfill.js` on what `npm run build` made.
 *
 * Its environment holds nothing but PATH, HOME, TZ, the cache of compiled code and what the caller gives, so that no variable of the
 * machine (NO_COLOR, DATABASE_URL, …) can change an outcome. TZ is neither UTC nor the zone of the embedded Postgres: output that depends on a
 * local time would be noticed.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface CliResult {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  /** For its pid and for signals; its output is collected here. */
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves once it has ended and all its output is read. */
  finished: Promise<CliResult>;
  /**
   * Resolves as soon as what it has printed so far matches; at once, where it already does.
   *
   * @param stream stderr by default, where progress and log lines go.
   * @throws Error with all that it printed, where it ends without a match.
   */
  until(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpMatchArray>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command line to its end, whatever that is: the caller judges the exit code. */
export async function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return startCli(args, env).finished;
}

/** @throws Error where the project has not been built. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  if (!existsSync(`${ROOT}dist/cli/main.js`)) throw new Error('The CLI is not built: run `npm run build` first.');
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [`${ROOT}bin/memory-backfill.js`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, TZ: 'Asia/Kathmandu', ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
  });
  // A test that failed half-way must not leave it running.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  }
  const finished = once(child, 'close').then(() => {
    process.off('exit', kill);
    return { code: child.exitCode, signal: child.signalCode, ...printed };
  });
  return {
    child,
    finished,
    until: (pattern, stream = 'stderr') =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = printed[stream].match(pattern);
          if (match) resolve(match);
        };
        look();
        child[stream].on('data', look);
        finished.then(({ code, signal, stdout, stderr }) => {
          const end = `The CLI ended with ${code ?? signal} and never printed ${pattern} on ${stream}.`;
          reject(new Error(`${end}\nstdout:\n${stdout}\nstderr:\n${stderr}`));
        }, reject);
      }),
  };
}
