/** `--preflight` as an operator runs it: its exit codes, and that nothing of it stays. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PreflightResult } from '../../../src/model/preflight.ts';
import type { Report } from '../../../src/model/run.ts';
import { runCli } from '../../support/cli.ts';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { troubles } from './trying.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
});
afterAll(() => world.release());

function resultOf({ result }: Report): PreflightResult {
  if (result?.mode !== 'preflight') throw new Error('It is not the report of a preflight.');
  return result;
}

test.each(PLUGINS)('the %s plugin is READY: exit 0, and nothing is left in it', async (plugin) => {
  await using ready = await startWorld({ plugin });
  await plantTree(ready.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
  const { report } = await ready.backfill(['--preflight']);
  expect(troubles(resultOf(report).checks)).toEqual([]);
  expect(report).toMatchObject({ exitCode: 0, error: null });
  expect(await ready.contents()).toEqual({ memories: [], namespaces: [] });
});

test('the text ends in the verdict', async () => {
  const { code, stdout } = await runCli(['--preflight'], {
    DATABASE_URL: world.databaseUrl,
    MEMORY_PLUGIN_URL: world.plugin.url,
  });
  expect(stdout).toMatch(/\n {2}read-after-write +passed +blocks +What was acknowledged is found at once\.\n/);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('READY: all checks passed.');
  expect(code).toBe(0);
});

test('what blocks is a finding: exit 1', async () => {
  await using blocked = await startWorld({ plugin: 'quirky', quirks: ['wrong-id'] });
  const { report } = await blocked.backfill(['--preflight']);
  expect(troubles(resultOf(report).checks)[0]).toMatch(/^commit failed blocks: /);
  expect(report.exitCode).toBe(1);
});

test('what only warns is none: exit 0', async () => {
  await using careless = await startWorld({ plugin: 'quirky', quirks: ['ignores-query'] });
  const { report } = await careless.backfill(['--preflight']);
  expect(troubles(resultOf(report).checks)).toEqual([expect.stringMatching(/^fts failed warns: /)]);
  expect(report.exitCode).toBe(0);
});

test('what could not be found out is not called ready: exit 3', async () => {
  await using behindProxy = await startWorld({ plugin: 'quirky', quirks: ['html-502'] });
  const { report } = await behindProxy.backfill(['--preflight']);
  expect(troubles(resultOf(report).checks)[0]).toMatch(/^commit unasked blocks: /);
  expect(report.exitCode).toBe(3);
});

test('a plugin that does not serve ends it in one sentence: exit 3', async () => {
  await using unhealthy = await startWorld({ plugin: 'quirky', quirks: ['unhealthy'] });
  const { report } = await unhealthy.backfill(['--preflight']);
  expect(report).toMatchObject({ exitCode: 3, result: null, error: { code: 'plugin' } });
});

test('TEAM rows that cannot be placed block until --team-level is given', async () => {
  await using deep = await startWorld({ plugin: 'quirky' });
  await plantTree(deep.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, fruit: { parent: 'sales' } },
    memories: { one: { of: 'fruit', scope: 'TEAM' } },
  });
  const { report } = await deep.backfill(['--preflight']);
  expect(troubles(resultOf(report).checks)).toEqual([expect.stringMatching(/^rows failed blocks: .*--team-level/)]);
  expect(report.exitCode).toBe(1);
  expect((await deep.backfill(['--preflight', '--team-level', 'root'])).report.exitCode).toBe(0);
});

test.each([
  ['SIGINT', 130, 2],
  ['SIGTERM', 143, 20],
] as const)(
  '%s in the middle ends it with %i, and nothing is left in the plugin',
  async (signal, exitCode, request) => {
    const before = await world.contents();
    const proxy = await world.faultProxy();
    const { firstFired } = proxy.on({ path: /memories$/, skip: request, times: 1 }, { kind: 'delay', milliseconds: 1 });
    // Ahead of the delay's timer: the plugin is frozen before the request is passed on to it.
    const frozen = firstFired.then(() => world.plugin.freeze());
    const run = world.start(['--preflight']);
    await frozen;

    run.child.kill(signal);
    await run.until(/finishing what is under way/);
    world.plugin.thaw();

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode, interruptedBy: signal });
    expect(resultOf(report).checks.at(-1)).toMatchObject({ name: 'removal', outcome: 'passed' });
    expect(resultOf(report).checks.some(({ outcome }) => outcome === 'unasked')).toBe(true);
    expect(await world.contents()).toEqual(before);
  },
);
