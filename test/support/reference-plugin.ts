/** Starts the reference plugin from its sources, in a process of its own, on a database that the test has made. */
import { fileURLToPath } from 'node:url';
import { type PluginProcess, startPluginProcess } from './plugin-process.ts';

export type { PluginProcess };

/** The file that Node runs to start the plugin: what bin/memory-plugin.js starts is built from it. */
export const PLUGIN_FILE = fileURLToPath(new URL('../../src/reference-plugin/main.ts', import.meta.url));

/**
 * What it stores lies in the database: after `kill` or `stop`, another one started on the same database goes on with it.
 *
 * @param options.file what Node runs; the sources by default
 * @param options.port any free one by default
 * @param options.flags further flags of the plugin, such as `--pool=1`
 * @throws where the plugin ends before it listens; the message holds what it wrote to stderr
 */
export async function startReferencePlugin(options: {
  databaseUrl: string;
  file?: string;
  port?: number;
  flags?: readonly string[];
  env?: Record<string, string>;
}): Promise<PluginProcess> {
  return startPluginProcess({
    file: options.file ?? PLUGIN_FILE,
    args: [`--port=${options.port ?? 0}`, ...(options.flags ?? [])],
    env: { MEMORY_PLUGIN_DATABASE_URL: options.databaseUrl, ...options.env },
    listening: /^memory-plugin listening on (\S+)$/,
  });
}
