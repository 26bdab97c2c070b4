/** Starts the reference plugin as it is built, in a process of its own, on a database that the test has made. */
import { fileURLToPath } from 'node:url';
import { type PluginProcess, startPluginProcess } from './plugin-process.ts';

export type { PluginProcess };

/** What bin/memory-plugin.js starts. `npm run build` makes it, and it starts in half the time that the sources take. */
export const PLUGIN_FILE = fileURLToPath(new URL('../../dist/reference-plugin/main.js', import.meta.url));

/**
 * What it stores lies in the database: after `kill` or `stop`, another one started on the same database goes on with it.
 *
 * @param options.file what Node runs; what is built, by default
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
