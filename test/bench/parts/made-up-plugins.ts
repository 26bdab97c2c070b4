/** Starts the benchmark's own plugins, each in a process of its own. */
import { fileURLToPath } from 'node:url';
import { type PluginProcess, startPluginProcess } from '../../support/plugin-process.ts';
import type { Knee } from './knee-plugin.ts';

const LISTENING = /^bench-plugin listening on (\S+)$/;

export interface KneePlugin extends PluginProcess {
  /**
   * Waits until then.
   *
   * @param from milliseconds after the first acknowledgement
   * @returns commits a second between the two
   */
  rateBetween(from: number, to: number): Promise<number>;
}

export async function startKneePlugin(knee: Knee): Promise<KneePlugin> {
  const plugin = await startPluginProcess({
    file: fileURLToPath(new URL('knee-plugin.ts', import.meta.url)),
    args: [JSON.stringify(knee)],
    listening: LISTENING,
  });
  return {
    ...plugin,
    async rateBetween(from, to) {
      const answer = await fetch(`${plugin.url}/commits?from=${from}&to=${to}`);
      const { commits }: { commits: number } = JSON.parse(await answer.text());
      return (commits * 1000) / (to - from);
    },
  };
}

/** A plugin that answers as soon as it can, and is never the bound. */
export function startIdlePlugin(): Promise<KneePlugin> {
  return startKneePlugin({ servers: 1, serviceMs: 0 });
}

export function startSmallPoolPlugin(databaseUrl: string): Promise<PluginProcess> {
  return startPluginProcess({
    file: fileURLToPath(new URL('small-pool-plugin.ts', import.meta.url)),
    env: { BENCH_DATABASE_URL: databaseUrl },
    listening: LISTENING,
  });
}
