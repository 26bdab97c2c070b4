/**
 * A plugin in a process of its own, as the tests start it: whichever plugin it is, it is a file that Node runs and that prints
 * a line with its URL once it listens. It can be frozen, killed and stopped like the real thing.
 *
 * States: starting (the promise is pending), running, frozen, gone. No state outlives the test process: a plugin ends with
 * it, even where the test process is killed, since it holds one end of a channel to it and leaves when that closes. A frozen
 * plugin cannot notice; it is killed when the test process exits in the ordinary way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface PluginProcess {
  /** Where it listens, without a trailing slash. */
  url: string;
  pid: number;
  /** SIGSTOP: connections are still accepted by the kernel, and nothing answers. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** SIGKILL, and resolves when it is gone. Harmless where it is gone already. */
  kill(): Promise<void>;
  /** SIGTERM, thawed first if it is frozen, and resolves when it is gone. Harmless where it is gone already. */
  stop(): Promise<void>;
}

export interface PluginLaunch {
  /** The file that Node runs, as a path. */
  file: string;
  args?: readonly string[];
  /** Set on top of the environment of the test process. */
  env?: Readonly<Record<string, string>>;
  /** The line on stdout that says it listens; its first group is the URL. */
  listening: RegExp;
}

/** @throws where the process ends before it listens; the message holds what it wrote to stderr. */
export async function startPluginProcess(launch: PluginLaunch): Promise<PluginProcess> {
  const child = spawn(process.execPath, ['--import', LEAVE_WITH_PARENT, launch.file, ...(launch.args ?? [])], {
    env: { ...process.env, ...launch.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  const gone = once(child, 'close').finally(() => running.delete(child));
  const url = await Promise.race([announcedUrl(child, launch.listening), failureBefore(child, gone)]);
  const { pid } = child;
  if (pid === undefined) throw new Error('A process that listens has an id.');

  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    url,
    pid,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => {
      child.kill('SIGCONT');
      return end('SIGTERM');
    },
  };
}

/** Loaded into the plugin before its own code. The channel must not keep a plugin alive that has nothing left to do. */
const LEAVE_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  "process.on('disconnect', () => process.exit(1)); process.channel?.unref();",
)}`;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Reads stdout to its end, also after the URL was found: a full pipe would block the plugin. */
function announcedUrl({ stdout }: ChildProcess, listening: RegExp): Promise<string> {
  return new Promise((resolve) => {
    if (!stdout) return;
    createInterface({ input: stdout }).on('line', (line) => {
      const url = listening.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
}

async function failureBefore(child: ChildProcess, gone: Promise<unknown>): Promise<never> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  await gone;
  throw new Error(`The plugin ended before it listened (${child.signalCode ?? child.exitCode}).\n${complaint}`);
}
