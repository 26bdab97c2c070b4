/** Every mode checks both ends before it does anything else, and names the one that failed, and how, in one sentence. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { clusterUrl } from '../support/cluster.ts';
import { startWorld, type World } from '../support/migration.ts';
import { createDatabase } from '../support/postgres.ts';
import { type QuirkyPlugin, startQuirkyPlugin } from '../support/quirky-plugin.ts';

const MODES = [
  '--preflight',
  '--dry-run',
  '--apply',
  '--verify',
  '--rollback 0000000c-0000-4000-8000-000000000001',
] as const;
/** Nobody may listen on this port but root, and root does not. */
const NOWHERE = '127.0.0.1:1';

let world: World;
let website: QuirkyPlugin;
let invalid: QuirkyPlugin;
beforeAll(async () => {
  [world, website, invalid] = await Promise.all([
    startWorld({ plugin: 'quirky' }),
    startQuirkyPlugin({ quirks: ['not-a-plugin'] }),
    startQuirkyPlugin({ quirks: ['unhealthy'] }),
  ]);
});
afterAll(() => Promise.all([world.release(), website.stop(), invalid.stop()]));

/** Where these variables stand for the two ends of the world, the run prints this sentence and no other. */
async function expectError(mode: string, env: Record<string, string>, code: number, sentence: string): Promise<void> {
  const ends = { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: world.plugin.url };
  const result = await runCli(mode.split(' '), { ...ends, ...env });
  expect(result).toEqual({ code, signal: null, stdout: `error  ${sentence}\n`, stderr: '' });
}

test.concurrent.each(MODES)('%s, where no database answers', (mode) =>
  expectError(
    mode,
    { DATABASE_URL: `postgres://reader:secret-1@${NOWHERE}/platform` },
    3,
    `The source database (DATABASE_URL) could not be reached: connect ECONNREFUSED ${NOWHERE}.`,
  ),
);

test.concurrent.each(MODES)('%s, where no plugin answers', (mode) =>
  expectError(
    mode,
    { MEMORY_PLUGIN_URL: `http://me:secret-2@${NOWHERE}/memories/` },
    3,
    `What MEMORY_PLUGIN_URL names (http://${NOWHERE}/memories) is not serving: The plugin could not be reached (ECONNREFUSED).`,
  ),
);

test.concurrent('--status, which needs the ledger alone, where no database answers', () =>
  expectError(
    '--status',
    { LEDGER_DATABASE_URL: `postgres://keeper:secret-4@${NOWHERE}/ledger`, MEMORY_PLUGIN_URL: '' },
    3,
    `The ledger could not be reached: connect ECONNREFUSED ${NOWHERE}.`,
  ));

test.concurrent('where a web site answers in place of the plugin', () =>
  expectError(
    '--apply',
    { MEMORY_PLUGIN_URL: website.url },
    3,
    `What MEMORY_PLUGIN_URL names (${website.url}) is no memory plugin: The plugin answered 200, but with a body of type text/html; charset=utf-8.`,
  ));

test.concurrent('where the plugin says that it is not well', () =>
  expectError(
    '--verify',
    { MEMORY_PLUGIN_URL: invalid.url },
    3,
    `What MEMORY_PLUGIN_URL names (${invalid.url}) is not serving: The plugin answered 503 and calls itself degraded: it is not able to serve.`,
  ));

test.concurrent('where the database is not the platform’s', async () => {
  const other = await createDatabase(clusterUrl(), 'other');
  const sentence = 'DATABASE_URL leads to a database that has no table "agent_memories" on its search path.';
  await expectError('--dry-run', { DATABASE_URL: other.url }, 2, sentence);
  await other.drop();
});

test.concurrent('where the database’s address is none', () =>
  expectError(
    '--dry-run',
    { DATABASE_URL: 'postgres://reader:secret-3@127.0.0.1:port/platform' },
    2,
    'DATABASE_URL is not a URL of the form postgres://user:password@host:port/database.',
  ));
