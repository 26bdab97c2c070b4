/** What a copy needs beside the plugin, and the end of a preflight that is told to stop or that breaks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunError } from '../../../src/model/errors.ts';
import { type PreflightCheck, readiness } from '../../../src/model/preflight.ts';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { isSearch, memoriesOf, startTampering } from './tampering.ts';
import { type Trying, troubles, tryPlugin } from './trying.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, fruit: { parent: 'sales' } },
    memories: {
      local: { of: 'fruit' },
      global: { of: 'sales', scope: 'GLOBAL' },
      team: { of: 'fruit', scope: 'TEAM' },
    },
  });
});
afterAll(() => world.release());

/** With the settings that this tree needs, unless the test gives others. */
async function tryIn(trying: Trying): Promise<PreflightCheck[]> {
  return await tryPlugin(world, { announcing: [], settings: { teamLevel: 'root' }, ...trying });
}

const named = (checks: readonly PreflightCheck[], name: string) => checks.find((check) => check.name === name);

describe('the source', () => {
  test('is counted, with the rows that would be skipped', async () => {
    const rows = named(await tryIn({}), 'rows');
    expect(rows?.sentence).toBe(
      '2 of 3 rows would be copied, to 2 namespaces; skipped would be: 1 global-from-non-root.',
    );
  });

  test('blocks where TEAM rows cannot be placed, and all else is found out all the same', async () => {
    const checks = await tryIn({ settings: {} });
    expect(troubles(checks)).toEqual([expect.stringMatching(/^rows failed blocks: .*--team-level/)]);
    expect(named(checks, 'throughput')?.sentence).toMatch(/How long the copy takes is not known\.$/);
    expect(readiness(checks)).toBe('not-ready');
  });

  test('that fails on the way is not known, and all else is found out all the same', async () => {
    const { sql } = world;
    try {
      const checks = await tryIn({ between: async () => void (await sql`alter table workspaces rename to elsewhere`) });
      expect(troubles(checks)).toEqual([
        'rows unasked blocks: The source database (DATABASE_URL) could not list the workspaces: relation "public.workspaces" does not exist (42P01).',
      ]);
      expect(readiness(checks)).toBe('not-known');
    } finally {
      await sql`alter table elsewhere rename to workspaces`;
    }
  });
});

describe('the ledger', () => {
  test('blocks where it cannot be kept, with the sentence that says why', async () => {
    const sentence = 'The user may not create the schema memory_backfill.';
    const checks = await tryIn({ tools: { checkLedger: async () => ({ ok: false, sentence }) } });
    expect(troubles(checks)).toEqual([`ledger failed blocks: ${sentence}`]);
  });

  test('is not known where its database does not answer', async () => {
    const checkLedger = () => Promise.reject(new RunError('ledger', 'The ledger could not be reached: gone.'));
    const checks = await tryIn({ tools: { checkLedger } });
    expect(troubles(checks)).toEqual(['ledger unasked blocks: The ledger could not be reached: gone.']);
    expect(readiness(checks)).toBe('not-known');
  });
});

describe('clocks', () => {
  test('that differ by seconds are warned of, with whose it is and by how much', async () => {
    const checks = await tryIn({ tools: { databaseClock: async () => Date.now() + 90_000 } });
    expect(troubles(checks)).toEqual([
      expect.stringMatching(/^clocks failed warns: The database's clock is 90 s ahead of this machine's: /),
    ]);
  });

  test('that this machine has wrong are warned of, both', async () => {
    const checks = await tryIn({ tools: { now: () => Date.now() - 60_000 } });
    expect(troubles(checks)).toEqual([
      expect.stringMatching(
        /^clocks failed warns: The database's clock is 60 s ahead of this machine's; The plugin's clock is 60 s ahead of this machine's: /,
      ),
    ]);
  });

  test('that are off do not make an expiry look wrong', async () => {
    const now = () => Date.now() - 7_200_000;
    expect(named(await tryIn({ announcing: ['ttl'], tools: { now } }), 'ttl')?.outcome).toBe('passed');
  });

  test('of a database that does not answer are not known', async () => {
    const databaseClock = () =>
      Promise.reject(new RunError('source', 'The source database (DATABASE_URL) could not tell the time: gone.'));
    expect(troubles(await tryIn({ tools: { databaseClock } }))).toEqual([
      'clocks unasked warns: The source database (DATABASE_URL) could not tell the time: gone.',
    ]);
  });
});

describe('a preflight that is told to stop', () => {
  test('removes what it has made, wherever it was, and does not call the plugin ready', async () => {
    const before = await world.contents();
    const whole = await tryIn({});
    for (const stopAt of [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 120]) {
      const stop = new AbortController();
      await using tampering = await startTampering(world.plugin.url, {
        instead({ earlier }) {
          if (earlier === stopAt + 1) stop.abort();
          return undefined;
        },
      });
      const checks = await tryIn({ url: tampering.url, stop: stop.signal });
      expect(checks.map(({ name }) => name)).toEqual(whole.map(({ name }) => name));
      expect(checks.some(({ outcome }) => outcome === 'unasked')).toBe(true);
      expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(named(checks, 'removal')?.outcome).toBe('passed');
      expect(await world.contents()).toEqual(before);
    }
  });

  test('between two looks does not take for lost what it has not seen yet', async () => {
    const stop = new AbortController();
    let looked = false;
    await using tampering = await startTampering(world.plugin.url, {
      answer(answer, call) {
        if (!isSearch(call)) return answer;
        looked = true;
        return memoriesOf(answer, () => []);
      },
    });
    const now = () => {
      if (looked) stop.abort();
      return Date.now();
    };
    const checks = await tryIn({ url: tampering.url, stop: stop.signal, tools: { now } });
    expect(named(checks, 'read-after-write')?.outcome).toBe('unasked');
    expect(readiness(checks)).toBe('not-known');
  });

  test.each([
    ['throughput', 1_000],
    ['listing', 0],
  ])('while memories are written for the %s makes nothing of the few that were', async (check, levelRows) => {
    const stop = new AbortController();
    await using tampering = await startTampering(world.plugin.url, {
      instead({ body }) {
        if (String(body.content).includes('how fast')) stop.abort();
        return undefined;
      },
    });
    const pace = { levels: [1], levelMs: 10_000, levelRows };
    const checks = await tryIn({ url: tampering.url, stop: stop.signal, tools: { pace } });
    expect(named(checks, check)).toMatchObject({
      outcome: 'unasked',
      sentence: 'This run was told to stop before it had written enough.',
    });
  });

  test('before it came to the plugin sends it nothing', async () => {
    const stop = new AbortController();
    const checkLedger = async () => {
      stop.abort();
      return { ok: true } as const;
    };
    const { requests } = await world.plugin.counters();
    const checks = await tryIn({ stop: stop.signal, tools: { checkLedger } });
    expect(named(checks, 'namespace')?.sentence).toBe('This run was told to stop before it came to that.');
    expect(named(checks, 'removal')?.sentence).toBe('Nothing was sent that would have to be removed.');
    expect(readiness(checks)).toBe('not-known');
    const asked = (await world.plugin.counters()).requests;
    expect(asked).toEqual({ ...requests, getHealth: asked.getHealth });
  });
});

test('a fault of the tool itself is thrown, and what was made by then is removed all the same', async () => {
  const before = await world.contents();
  const databaseClock = () => Promise.reject(new TypeError('a fault'));
  await expect(tryIn({ tools: { databaseClock } })).rejects.toThrow('a fault');
  expect(await world.contents()).toEqual(before);
});

test('a plugin that is gone on the way leaves the rest open', async () => {
  await using tampering = await startTampering(world.plugin.url, {
    instead: ({ earlier }) => {
      if (earlier > 2) throw new Error('The connection is reset.');
      return undefined;
    },
  });
  const checks = await tryIn({ url: tampering.url });
  expect(troubles(checks).at(-1)).toMatch(/^removal failed warns: custom:backfill-preflight-.* could not be removed/);
  expect(readiness(checks)).toBe('not-known');
});
