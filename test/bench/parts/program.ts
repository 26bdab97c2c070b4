/**
 * A piece of work in a process of its own, as the command line has one: what it costs is then counted apart from the benchmark, and
 * neither slows the other down more than two programs on one machine do.
 *
 * A file makes itself such a program with one call, and is run by calling what it exports:
 *
 *     export const bareClient = program(import.meta, async (task: Task): Promise<Done> => { … });
 *     const { output, usage } = await bareClient({ url, requests: 50_000 });
 *
 * The task goes there as JSON among the arguments, what came of it back as JSON on stdout; both ends are this one file. The
 * process ends with the one that started it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { USAGE_OPTION, type Usage, usageIn, withoutUsage } from './usage.ts';

export interface Finished<Output> {
  output: Output;
  usage: Usage;
}

/** @returns what runs it; that throws Error, with what the process wrote to stderr, where the work fails */
export function program<Task, Output>(
  { main, url }: ImportMeta,
  work: (task: Task) => Promise<Output>,
): (task: Task) => Promise<Finished<Output>> {
  if (main) queueMicrotask(() => carryOut(work));
  return (task) => start(fileURLToPath(url), task);
}

function carryOut<Task, Output>(work: (task: Task) => Promise<Output>): void {
  const task: Task = JSON.parse(process.argv[2] ?? '');
  work(task).then(
    (output) => process.stdout.write(JSON.stringify(output)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

async function start<Task, Output>(file: string, task: Task): Promise<Finished<Output>> {
  const child = spawn(process.execPath, [USAGE_OPTION, file, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).finally(
    () => process.off('exit', kill),
  );
  if (child.exitCode !== 0) throw new Error(`${file} failed (${child.exitCode}).\n${withoutUsage(stderr)}`);
  const output: Output = JSON.parse(stdout);
  return { output, usage: usageIn(stderr) };
}
