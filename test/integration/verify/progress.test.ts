/** What a verify tells of its progress: workspaces as they are judged, and rows as they are hunted for in full namespaces. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { pluginClient } from '../../../src/client/plugin-client.ts';
import { resilientPlugin } from '../../../src/client/resilience.ts';
import { pooledTransport } from '../../../src/client/transport.ts';
import { checkEnds, type RunContext } from '../../../src/run/context.ts';
import { verify } from '../../../src/run/verify.ts';
import { legacySource } from '../../../src/source/legacy-source.ts';
import { plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';
import { plantTickets } from './rows.ts';
import { apply } from './verifying.ts';

test('is told in workspaces of all that were drawn, then in rows, and never goes back', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { one: {}, two: {}, full: {} },
    memories: { a: { of: 'one' } },
  });
  await plantTickets(world, 105, { workspaceId: tree.workspace('full') });
  await apply(world);
  const stop = new AbortController().signal;
  const url = new URL(world.plugin.url);
  const transport = pooledTransport(url.origin);
  const client = pluginClient({ url, deadlineMs: 5_000, transport, abortReads: stop });
  const source = legacySource(world.databaseUrl, stop);
  const told: Array<[done: number, total: number | null, unit: string]> = [];
  const context: RunContext = {
    runId: randomUUID(),
    settings: DEFAULT_SETTINGS,
    accepted: new Map(),
    source,
    plugin: resilientPlugin(client, stop),
    observer: { progress: (...step) => void told.push(step), notice() {}, waiting() {} },
    stop,
    concurrency: 4,
  };

  const { result } = await verify(context, await checkEnds(context, world.plugin.url), {
    sample: 'all',
    seed: 'any',
    seedGiven: false,
    allowEmpty: false,
    allowUnproven: null,
    failOnSkipped: false,
    takeSnapshot: false,
    digestOf: () => randomBytes(32).toString('hex'),
    ledger: null,
  });
  await Promise.all([source.close(), client.close()]);

  expect(result.rows.matched).toBe(106);
  for (const [unit, total] of [
    ['workspaces', 3],
    ['rows', 106],
  ] as const) {
    const steps = told.filter((step) => step[2] === unit);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.map((step) => step[1])).toEqual(steps.map(() => total));
    expect(steps.map(([done]) => done)).toEqual(steps.map(([done]) => done).toSorted((a, b) => a - b));
    expect(steps.at(-1)?.[0]).toBe(total);
  }
});
