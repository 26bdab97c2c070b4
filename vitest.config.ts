/**
 * Two projects. `unit` needs nothing but the sources. `integration` gets a Postgres server, and runs the built CLI and plugin
 * as processes: `npm run build` comes first.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const EXAMPLES = 'test/contract/examples.test.ts';
/** The tests of the embedded server are pointless, and maybe impossible, where another server takes its place. */
const EMBEDDED_SERVER = process.env.TEST_DATABASE_URL ? ['test/integration/support/postgres.test.ts'] : [];

/** What is written in CommonJS is imported as Node itself does it. */
const AS_NODE = { interopDefault: false };

/** What takes half a minute or more, the longest first. The order matters for the time alone. */
const LONG = [
  'damage/quirky',
  'damage/reference',
  'verify/listing-limit',
  'crash/with-users',
  'crash/without-users',
  'status/status',
  'damage/ordinary-corpus',
  'verify/whole-range',
  'apply/team-level',
  'rollback/cut-off',
  'apply/retry-failed',
  'crash/named-points',
].map((name) => `/test/integration/${name}.test.ts`);

/**
 * Begins with the long files, so that no worker is left alone with one in the end. Where no earlier run has left its times behind,
 * as in CI, vitest goes by the size of a file, and some of the longest are the smallest.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          deps: AS_NODE,
          include: ['test/unit/**/*.test.ts', EXAMPLES],
          // Some are laws that are held against many cases, and the other project may have the machine to itself.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          deps: AS_NODE,
          include: ['test/{integration,contract,cli}/**/*.test.ts'],
          exclude: [EXAMPLES, ...EMBEDDED_SERVER],
          globalSetup: 'test/support/global-setup.ts',
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    // The tests wait for child processes and for Postgres for a third of their time: two of them keep a core busy.
    maxWorkers: Math.min(2 * availableParallelism(), 8),
    sequence: { sequencer: LongestFirst },
    // Every file has a process of its own, and starts others: what one has compiled, and stripped of its types, the next can load.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
  },
});
