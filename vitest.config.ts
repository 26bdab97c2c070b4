/**
 * Two projects. `unit` needs nothing but the sources. `integration` gets a Postgres server, and runs the built CLI and plugin
 * as processes: `npm run build` comes first.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const EXAMPLES = 'test/contract/examples.test.ts';
/** The tests of the embedded server are pointless, and maybe impossible, where another server takes its place. */
const EMBEDDED_SERVER = process.env.TEST_DATABASE_URL ? ['test/integration/support/postgres.test.ts'] : [];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', EXAMPLES],
          // A few of them start a process.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,contract,cli}/**/*.test.ts'],
          exclude: [EXAMPLES, ...EMBEDDED_SERVER],
          globalSetup: 'test/support/global-setup.ts',
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    // The tests wait for child processes and for Postgres more than they compute.
    maxWorkers: Math.min(availableParallelism() + 1, 8),
  },
});
