/**
 * Trouble on the wire between the command line and a plugin that is well: whatever breaks, and whenever, a row is stored once
 * or reported. The plugin may have stored what the client never heard of.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { type Fault, type FaultProxy, type Match, startFaultProxy } from '../../support/fault-proxy.ts';
import { PLUGINS, type Run, startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { type Lane, plantLane } from './lane.ts';
import { rowTraffic } from './traffic.ts';

const COMMIT: Match = { method: 'POST', path: ROW_COMMITS };

/** What becomes of a row whose commit is hit by it once: the attempt counts as failed for this reason, and is repeated. */
const once: Record<string, { fault: Fault; reason: string }> = {
  'reset before the plugin has seen it': { fault: { kind: 'reset-before' }, reason: 'transport ECONNRESET' },
  'reset after the plugin has stored it': { fault: { kind: 'reset-after' }, reason: 'transport ECONNRESET' },
  'acknowledged by half a body': { fault: { kind: 'truncate' }, reason: 'transport UND_ERR_SOCKET' },
  'answered with what is no HTTP': { fault: { kind: 'garbage' }, reason: 'transport HTTPParserError' },
  'never answered': { fault: { kind: 'hang' }, reason: 'deadline' },
  'stored, and acknowledged too slowly': { fault: { kind: 'slow-drip', millisecondsPerByte: 100 }, reason: 'deadline' },
};

describe.concurrent.each(PLUGINS)('before the %s plugin', (plugin) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin });
  });
  afterAll(() => world.release());

  interface Wire extends AsyncDisposable {
    /**
     * Faults are ordered here. The first commit finds no namespace, the second stores the first row. What one fault takes is
     * not among the requests that a later one lets pass.
     */
    proxy: FaultProxy;
    rows: readonly LegacyRow[];
    /** Applies the rows through the proxy, with a deadline of two seconds. */
    apply(): Promise<Run>;
    kept: Lane['kept'];
  }

  async function wire(...contents: string[]): Promise<Wire> {
    const { rows, args, kept } = await plantLane(world, ...contents);
    const proxy = await startFaultProxy(world.plugin.url);
    return {
      proxy,
      rows,
      apply: () => world.backfill([...args, '--request-timeout', '2'], { MEMORY_PLUGIN_URL: proxy.url }),
      kept,
      [Symbol.asyncDispose]: () => proxy.stop(),
    };
  }

  test(`each row is stored once, though its first commit is ${Object.keys(once).join(', or ')}`, async () => {
    const contents = ['untroubled', ...Object.keys(once)];
    await using through = await wire(...contents);
    for (const [place, { fault }] of Object.values(once).entries()) {
      through.proxy.on({ ...COMMIT, skip: 2 + place, times: 1 }, fault);
    }

    const { report } = await through.apply();

    const failures: Record<string, number> = { '404 not_found': 1 };
    for (const { reason } of Object.values(once)) failures[reason] = (failures[reason] ?? 0) + 1;
    expect(report).toMatchObject({ exitCode: 0, result: { written: 7, failed: 0, namespacesCreated: 1 } });
    expect(rowTraffic(report, 'commitMemory')).toEqual({ attempts: 14, successes: 7, retries: 6, failures });
    expect(await through.kept()).toEqual(contents);
  });

  test('each row is stored once, though everything breaks once: the health check, the first commit, the PUT, the next', async () => {
    await using through = await wire('one', 'two');
    const broken: Fault = { kind: 'reset-after' };
    through.proxy.on({ path: /\/health$/, times: 1 }, broken);
    through.proxy.on({ ...COMMIT, times: 1 }, broken);
    through.proxy.on({ method: 'PUT', path: /\/namespaces\/workspace:/, times: 1 }, broken);
    through.proxy.on({ ...COMMIT, skip: 1, times: 1 }, broken);

    const { report } = await through.apply();

    expect(report).toMatchObject({
      exitCode: 0,
      result: { written: 2, failed: 0, namespacesCreated: 1 },
      traffic: { getHealth: { attempts: 2, successes: 1, retries: 1 } },
    });
    expect(rowTraffic(report, 'upsertNamespace')).toMatchObject({ attempts: 2, successes: 1, retries: 1 });
    expect(rowTraffic(report, 'commitMemory')).toMatchObject({ attempts: 5, successes: 2 });
    expect(await through.kept()).toEqual(['one', 'two']);
  });

  test('a row outlives four broken connections and four deadlines, and is given up at once where it is redirected', async () => {
    await using through = await wire('first', 'broken', 'second', 'unanswered', 'redirected', 'last');
    const redirect = { status: 307, headers: { location: `${world.plugin.url}/v1/health` } };
    through.proxy.on({ ...COMMIT, skip: 2, times: 4 }, { kind: 'reset-before' });
    through.proxy.on({ ...COMMIT, skip: 4, times: 4 }, { kind: 'hang' });
    through.proxy.on({ ...COMMIT, skip: 5, times: 1 }, { kind: 'answer', ...redirect });

    const { report } = await through.apply();

    const sentence =
      "The plugin's address redirects elsewhere (307), and redirects are not followed: set MEMORY_PLUGIN_URL to the final address.";
    expect(report).toMatchObject({
      exitCode: 3,
      result: {
        written: 5,
        failed: 1,
        failures: [{ reason: 'redirect 307', count: 1, examples: [{ id: through.rows[4]?.id, sentence }] }],
      },
    });
    expect(rowTraffic(report, 'commitMemory')).toMatchObject({
      attempts: 15,
      successes: 5,
      failures: { 'transport ECONNRESET': 4, deadline: 4 },
    });
    expect(await through.kept()).toEqual(['first', 'broken', 'second', 'unanswered', 'last']);
  });
});
