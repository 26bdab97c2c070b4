/**
 * The demo, interrupted: whatever it was doing, and however often it is told, it ends at once and takes with it all that it
 * started. (That it runs to its end, and that what it shows is true, it checks itself: `npm run demo`.)
 *
 * Every demo here gets a temporary folder of its own, by which its files are recognised, and its processes, too: each of them
 * has the folder in its environment or on its command line.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

// No event tells of processes that are not one's own children: they are looked for. In milliseconds:
const UNTIL_STARTED = { timeout: 10_000, interval: 20 };
/** What has been killed is seen until the kernel comes round to it. */
const UNTIL_BURIED = { timeout: 1_000, interval: 10 };

const DEMO = fileURLToPath(new URL('../../demo/demo.ts', import.meta.url));

describe('the demo, interrupted by Ctrl-C', () => {
  test('while Postgres starts, leaves no process and no file behind', async () => {
    const { demo, shows, freeze, remains } = await startDemo();
    await shows('A migration, from the first look to the proof.');
    await freeze('/bin/initdb ');

    demo.kill('SIGINT');

    expect(await endOf(demo)).toEqual([130, null]);
    await expect.poll(remains, UNTIL_BURIED).toEqual({ processes: [], files: [] });
  });

  test('while rows are copied, and by a second one at once, leaves no process and no file behind', async () => {
    const { demo, shows, running, freeze, remains } = await startDemo();
    await shows('$ memory-backfill --apply --limit');
    await expect
      .poll(running)
      .toEqual(
        expect.arrayContaining([
          expect.stringContaining('/bin/postgres '),
          expect.stringContaining('/dist/reference-plugin/main.js '),
          expect.stringContaining('/bin/memory-backfill.js --apply '),
        ]),
      );
    await freeze('/bin/memory-backfill.js --apply ');

    demo.kill('SIGINT');
    demo.kill('SIGINT');

    expect(await endOf(demo)).toEqual([130, null]);
    await expect.poll(remains, UNTIL_BURIED).toEqual({ processes: [], files: [] });
  });
});

test('the demo, terminated in the middle of a dry run, leaves no process and no file behind', async () => {
  const { demo, shows, freeze, remains } = await startDemo();
  await shows('$ memory-backfill --dry-run');
  await freeze('/bin/memory-backfill.js --dry-run');

  demo.kill('SIGTERM');

  expect(await endOf(demo)).toEqual([143, null]);
  await expect.poll(remains, UNTIL_BURIED).toEqual({ processes: [], files: [] });
});

type Demo = ChildProcessByStdio<null, Readable, null>;

interface RunningDemo {
  demo: Demo;
  /** Resolves as soon as it has printed this; rejects where it ends without. */
  shows(text: string): Promise<void>;
  /** The command lines of the demo and of all that it has started. */
  running(): Promise<string[]>;
  /** Stops the process whose command line has this text, as soon as there is one: unless it is killed, it stays for ever. */
  freeze(text: string): Promise<void>;
  /** What can still be seen of it. */
  remains(): Promise<{ processes: string[]; files: string[] }>;
}

async function startDemo(): Promise<RunningDemo> {
  // Blanks must not matter; and a server that may not run as root has to get in.
  const folder = await mkdtemp(path.join(tmpdir(), 'a demo under test '));
  await chmod(folder, 0o755);
  const demo = spawn(process.execPath, [DEMO], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  onTestFinished(async () => {
    if (demo.exitCode === null && demo.signalCode === null) {
      demo.kill('SIGTERM');
      await once(demo, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  let shown = '';
  demo.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const running = async () => (await processesWith(folder)).map(({ commandLine }) => commandLine);
  return {
    demo,
    running,
    async freeze(text) {
      await expect.poll(running, UNTIL_STARTED).toContainEqual(expect.stringContaining(text));
      const found = (await processesWith(folder)).find(({ commandLine }) => commandLine.includes(text));
      if (!found) throw new Error(`"${text}" has ended before it could be stopped.`);
      process.kill(found.id, 'SIGSTOP');
      onTestFinished(async () => {
        if ((await processesWith(folder)).some(({ id }) => id === found.id)) process.kill(found.id, 'SIGKILL');
      });
    },
    remains: async () => ({ processes: await running(), files: await readdir(folder) }),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (shown.includes(text)) resolve();
        };
        look();
        demo.stdout.on('data', look);
        demo.once('exit', () => reject(new Error(`The demo ended and never showed "${text}", but:\n${shown}`)));
      }),
  };
}

/** @returns its exit code, or else the signal that ended it. */
async function endOf(demo: Demo): Promise<unknown[]> {
  if (demo.exitCode !== null || demo.signalCode !== null) return [demo.exitCode, demo.signalCode];
  return once(demo, 'exit');
}

/** All processes that have this text in their command line or in their environment. One that has ended has neither. */
async function processesWith(text: string): Promise<Array<{ id: number; commandLine: string }>> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const [commandLine, environment] = await Promise.all([read(`/proc/${id}/cmdline`), read(`/proc/${id}/environ`)]);
      const isOne = commandLine.includes(text) || environment.includes(text);
      return isOne ? [{ id: Number(id), commandLine: commandLine.replaceAll('\0', ' ') }] : [];
    }),
  );
  return found.flat();
}

/** Empty, where the process has ended meanwhile, or belongs to somebody else. */
async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
