/** The plugin of a receipt is the one that takes the old table's place: where that is named, it has to be the one that was verified. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { copiedWorld, type Proven } from './checking.ts';

let proven: Proven;
beforeAll(async () => {
  proven = await copiedWorld();
  expect((await proven.prove()).code).toBe(0);
});
afterAll(() => proven.release());

describe('with MEMORY_PLUGIN_URL', () => {
  test.each<[string, (url: string) => string]>([
    ['as the verify had it', (url) => url],
    ['with a slash behind it', (url) => `${url}/`],
    ['with a user and a password', (url) => url.replace('//', '//ada:s3cret@')],
  ])('%s, it holds, though nobody asks the plugin', async (_, written) => {
    const { code, result, report, stdout, stderr } = await proven.check([], {
      MEMORY_PLUGIN_URL: written(proven.world.plugin.url),
    });
    expect([code, result?.verdict, result?.pluginUrl]).toEqual([0, 'holds', proven.world.plugin.url]);
    expect(report.traffic).toEqual({});
    expect(stdout + stderr).not.toContain('s3cret');
  });

  test.each<[string, (url: string) => string]>([
    ['another host', () => 'http://staging.test:8080'],
    ['another port', (url) => url.replace(/:\d+$/, ':1')],
    ['another path', (url) => `${url}/v2`],
    ['another protocol', (url) => url.replace('http:', 'https:')],
  ])('of %s it is refused', async (_, other) => {
    const url = other(proven.world.plugin.url);
    const { code, result } = await proven.check([], { MEMORY_PLUGIN_URL: url.replace('//', '//ada:s3cret@') });
    expect([code, result?.verdict, result?.reasons]).toEqual([
      1,
      'refused',
      [`It is of another plugin: ${proven.world.plugin.url}; and MEMORY_PLUGIN_URL names ${url}.`],
    ]);
  });

  test('that is no address is a matter of configuration', async () => {
    const env = { DATABASE_URL: proven.reader, MEMORY_PLUGIN_URL: 'plugin.test' };
    expect(await runCli(['--check-receipt', proven.file], env)).toMatchObject({
      code: 2,
      stderr: 'memory-backfill: MEMORY_PLUGIN_URL must be an address that begins with http:// or https://.\n',
    });
  });
});

test('without it, a person is told which plugin it was that was verified', async () => {
  const { code, stdout } = await runCli(['--check-receipt', proven.file], { DATABASE_URL: proven.reader });
  expect(stdout).toContain(
    `  open     MEMORY_PLUGIN_URL is not set: see for yourself that what was verified, ${proven.world.plugin.url}, is what takes the place of the old table.\n`,
  );
  expect(code).toBe(0);
});
