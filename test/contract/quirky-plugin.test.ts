/**
 * The suite against a second, independent plugin: it passes where that keeps the contract, whatever the contract leaves open,
 * and fails where it does not.
 */
import { describe, expect, test } from 'vitest';
import { type Quirk, startQuirkyPlugin } from '../support/quirky-plugin.ts';
import type { Check } from './check.ts';
import { announcedBy, checks, runCheck } from './suite.ts';

describe('is content with a plugin that keeps the contract', () => {
  test.each<{ quirks: Quirk[] }>([
    { quirks: [] },
    { quirks: ['null-memories', 'future-capability'] },
    { quirks: ['no-capabilities'] },
  ])('with the quirks $quirks', async ({ quirks }) => {
    expect(await failuresOf(checks, quirks)).toEqual([]);
  });
});

test('finds each quirk of the field that is against the contract, and nothing else', async () => {
  const quirks: Quirk[] = ['unhealthy-error', 'missing-namespace-500', 'forget-404'];
  // A plugin that is not healthy announces nothing, so only what every plugin must do applies.
  expect(await failuresOf(checks, quirks)).toEqual([
    'health answers 200 with status, version and capabilities',
    'health announces no capability twice',
    'a commit into a missing namespace answers 404 (the field answers 500)',
    'a memory is not forgotten on behalf of another namespace: 403 (the field answers 404)',
  ]);
});

describe('finds a plugin that', () => {
  test.each<[quirk: Quirk, name: string]>([
    ['unhealthy', 'health answers 200 with status, version and capabilities'],
    ['invalid-500', 'an id that is no UUID is refused with 400 (the field answers 500)'],
    [
      'invalid-500',
      'a vector of another size than the plugin’s is refused with 400, if at all (the field answers 500)',
    ],
    ['ignores-query', 'a query finds the memories that hold its words, in the namespaces that are asked for'],
    ['shuffled', 'the limit is 20 by default and at most 100, and the newest are within it'],
    ['limit-50', 'the limit is 20 by default and at most 100, and the newest are within it'],
    ['wrong-id', 'a commit with an id stores the memory under it'],
    ['wrong-id', 'the same id again replaces the memory in place'],
    ['wrong-namespace', 'a commit without an id gets a fresh one each time'],
    ['wrong-shape', 'a commit without an id gets a fresh one each time'],
    ['html-201', 'a commit without an id gets a fresh one each time'],
    ['redirect', 'PUT creates a namespace and answers it'],
  ])('has the quirk %s, by the check "%s"', async (quirk, name) => {
    const check = checks.filter((each) => each.name === name);
    expect(await failuresOf(check, [quirk])).toEqual([name]);
  });
});

/** @returns the names of the checks that fail, of those that apply, in the order of the suite */
async function failuresOf(tried: readonly Check[], quirks: readonly Quirk[]): Promise<string[]> {
  const plugin = await startQuirkyPlugin({ quirks });
  try {
    const announced = await announcedBy(plugin.url).catch(() => new Set<string>());
    const failures: string[] = [];
    for (const check of tried.filter(({ needs }) => needs === undefined || announced.has(needs))) {
      await runCheck(check, plugin.url).catch(() => failures.push(check.name));
    }
    return failures;
  } finally {
    await plugin.stop();
  }
}
