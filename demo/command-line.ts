/**
 * The real command line, `bin/memory-backfill.js`, typed and run in a process of its own. What it prints is shown as it comes:
 * straight on the terminal where there is one, so that it has its colours and its running line, and through a pipe elsewhere.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { print, type } from './narration.ts';
import type { Stage } from './stage.ts';

export interface Ran {
  /** Null where a signal ended it. */
  code: number | null;
  /** Null where none did. */
  signal: NodeJS.Signals | null;
  /** All that it printed; null where that went straight to the terminal. */
  output: string | null;
}

const PROGRAM = fileURLToPath(new URL('../bin/memory-backfill.js', import.meta.url));

/** Runs `memory-backfill` to its end, whatever that is. */
export async function memoryBackfill(stage: Stage, args: string): Promise<Ran> {
  type(`memory-backfill ${args}`);
  return await shown(stage, args);
}

/**
 * Runs `memory-backfill` and kills it as soon as the moment has come: no signal that it could listen to, no last word.
 *
 * @param moment is told when the command has ended, be it by itself.
 */
export async function memoryBackfillKilled(
  stage: Stage,
  args: string,
  moment: (ended: AbortSignal) => Promise<void>,
): Promise<Ran> {
  type(`memory-backfill ${args} &`);
  return await shown(stage, args, async (child) => {
    const ending = new AbortController();
    child.once('close', () => ending.abort());
    await moment(ending.signal);
    child.kill('SIGKILL');
    // On a terminal, its line of progress still stands there.
    print('');
    type('kill -KILL $!');
  });
}

async function shown(stage: Stage, args: string, meanwhile?: (child: ChildProcess) => Promise<void>): Promise<Ran> {
  const onTerminal = process.stdout.isTTY && process.stderr.isTTY;
  const child = start(stage, args, onTerminal ? 'inherit' : 'pipe', onTerminal ? 'inherit' : 'pipe');
  let output = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process[stream].write(text);
    });
  }
  const [[code, signal]] = await Promise.all([once(child, 'close'), meanwhile?.(child)]);
  print('');
  return { code, signal, output: onTerminal ? null : output };
}

/** Runs `memory-backfill … > file` to its end. @returns its exit code, and the path of the file. */
export async function memoryBackfillInto(
  name: string,
  stage: Stage,
  args: string,
): Promise<{ code: number | null; file: string }> {
  type(`memory-backfill ${args} > ${name}`);
  const file = path.join(stage.folder, name);
  const descriptor = openSync(file, 'w');
  const child = start(stage, args, descriptor, 'inherit');
  closeSync(descriptor);
  const [code] = await once(child, 'close');
  print('');
  return { code, file };
}

/**
 * Detached, so that a terminal's Ctrl-C reaches the demo alone, which then ends everything in its own order: this by force and
 * before all else, since a copy that is about to be thrown away needs no care.
 */
function start(
  { environment, folder }: Stage,
  args: string,
  stdout: 'inherit' | 'pipe' | number,
  stderr: 'inherit' | 'pipe',
): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args.split(' ')], {
    cwd: folder,
    env: { ...withoutItsVariables(process.env), ...environment },
    stdio: ['ignore', stdout, stderr],
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  process.prependListener('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return child;
}

/** The demo shows what the tool does by default, whatever it is told on this machine otherwise. */
function withoutItsVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(LEDGER|MEMORY)_/.test(name)));
}
