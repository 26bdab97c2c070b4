/** What a process has used in all its life: the other end of usage-at-exit.ts. */

export interface Usage {
  /** Milliseconds of a core, user and system. */
  cpuMs: number;
  maxRssBytes: number;
}

/** Loads usage-at-exit.ts into a Node process that is started with these options. */
export const USAGE_OPTION = `--import=${new URL('usage-at-exit.ts', import.meta.url).href}`;

/** @throws Error where the process has not told, because it did not end by itself */
export function usageIn(stderr: string): Usage {
  const [, told] = /\nusage-at-exit (.+)\n$/.exec(stderr) ?? [];
  if (told === undefined) throw new Error(`The process did not tell what it has used.\n${stderr}`);
  const usage: Usage = JSON.parse(told);
  return usage;
}

/** What it said besides. */
export function withoutUsage(stderr: string): string {
  return stderr.replace(/\nusage-at-exit .+\n$/, '');
}
