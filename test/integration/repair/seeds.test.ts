/**
 * The seed of a verify that found something draws no sample by lot any more, whatever is repaired: it is remembered however that verify
 * ended, and where it cannot be, the verify says so.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { grantReadOnly, plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { halfWay } from '../verify/half-way.ts';
import { plantBlanks } from '../verify/rows.ts';
import { apply, verify } from '../verify/verifying.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: World<QuirkyPlugin>;
let last: string;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { found: {}, 'on the way': {}, last: {} },
    memories: { lost: { of: 'found' }, kept: { of: 'last' } },
  });
  await apply(world);
  await world.plugin.remove([tree.memory('lost').id]);
  // So many that the first workspace makes a batch of its own.
  await plantBlanks(world, 2_100, tree.workspace('on the way'));
  last = `workspace:${tree.workspace('last')}`;
});
afterAll(() => world.release());

const sampled = (seed: string) => ['--verify-sample', '3', '--seed', seed];
const memoryOf = async (seed: string) => (await verify(world, ...sampled(seed))).result.seedMemory;

describe('the seed of a verify with findings is remembered where it', () => {
  test('came to its end', async () => {
    const { code, result } = await verify(world, ...sampled('whole'));
    expect([code, result.seedMemory]).toEqual([1, { seed: 'fresh' }]);
    expect(await memoryOf('whole')).toEqual({ seed: 'failed', at: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  test.each([
    ['was cut off by --max-duration', ['--max-duration', '10s'], null, 1],
    ['was interrupted by SIGINT', [], 'SIGINT', 130],
  ] as const)('%s', async (_, flags, signal, exitCode) => {
    const seed = `cut ${exitCode}`;
    const run = await halfWay(world, [...sampled(seed), ...flags], { namespace: last });
    if (signal) {
      run.child.kill(signal);
      await run.until(/finishing what is under way/);
    }
    const { code, result } = await run.giveUp();
    expect([code, result.findings.missing, result.hunt.finished]).toEqual([exitCode, 1, false]);

    expect(await memoryOf(seed)).toMatchObject({ seed: 'failed' });
  });
});

describe('it cannot be remembered, and the verify says so,', () => {
  const NOT_KEPT =
    /So no later verify will know that this seed has failed: after repairs its sample proves nothing, so take another seed, or all\.$/;
  const failing = async (env: Record<string, string>) => {
    const { code, report } = await world.backfill(['--verify', ...sampled('forgotten')], env);
    expect(code).toBe(1);
    return report.notices;
  };

  test('where there is no ledger', async () => {
    const elsewhere = new URL(world.databaseUrl);
    elsewhere.pathname = '/postgres';
    expect(await failing({ LEDGER_DATABASE_URL: elsewhere.href })).toEqual([
      expect.stringMatching(/^There is no ledger that can be asked\. So no later verify/),
    ]);
  });

  test.each([
    ['read the ledger alone', true, /^The ledger could not note that a seed has failed: permission denied/],
    ['not even read the ledger', false, /^There is no ledger that can be asked\./],
  ])('for a user who may %s', async (_, mayRead, why) => {
    const reader = await grantReadOnly(world.sql, 'verifier');
    const { username } = new URL(reader);
    if (mayRead) {
      await world.sql.unsafe(`
        grant usage on schema memory_backfill to "${username}";
        grant select on all tables in schema memory_backfill to "${username}"`);
    }
    const last = (await failing({ DATABASE_URL: reader })).at(-1);
    expect(last).toMatch(why);
    expect(last).toMatch(NOT_KEPT);
  });

  test('and nothing was kept of it', async () => {
    expect(await memoryOf('forgotten')).toEqual({ seed: 'fresh' });
  });
});

test('a verify of everything draws nothing by lot, and spoils no seed', async () => {
  const { sql } = world;
  const seeds = async () => (await sql`select count(*)::int as kept from memory_backfill.failed_seeds`)[0]?.kept;
  const before = await seeds();
  await verify(world, '--verify-sample', 'all', '--seed', 'unused');
  expect(await seeds()).toBe(before);
});
