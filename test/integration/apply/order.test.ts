/** In which order rows reach a plugin, how many at a time, and that the report counts the very requests that it got. */
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../../src/model/failure.ts';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { insertMemories, memory, plantTree, postgresTimestamp } from '../../support/legacy.ts';
import { PLUGINS, startWorld } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { rowTraffic } from './traffic.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const SIX = { a: {}, b: {}, c: {}, d: {}, e: {}, f: {} };

/** Rows by turns for the six workspaces; the later one is made, the older the row, so that ids say the opposite. */
function rowsByTurns(workspace: (name: (typeof NAMES)[number]) => string, count: number): LegacyRow[] {
  const row = (made: number) => memory({ workspaceId: workspace(NAMES[made % NAMES.length] ?? 'a'), ...older(made) });
  return Array.from({ length: count }, (_, made) => row(made)).reverse();
}

/** @param by how many microseconds older than the beginning of 2025. */
function older(by: number): Pick<LegacyRow, 'createdAt'> {
  return { createdAt: postgresTimestamp(Date.UTC(2025, 0, 1) * 1_000 - by) };
}

describe.each(PLUGINS)('the %s plugin', (plugin) => {
  test('gets the rows of each namespace in the order of the source, over several pages and failures on the way', async () => {
    await using world = await startWorld({ plugin });
    const { workspace } = await plantTree(world.sql, { workspaces: SIX });
    const rows = rowsByTurns(workspace, 120);
    // Rows that are skipped fill up the first page: one half of the others is on it, the other half on the second.
    const skipped = Array.from({ length: 440 }, () => memory(older(60)));
    await insertMemories(world.sql, [...rows, ...skipped]);
    const proxy = await world.faultProxy();
    for (const skip of [10, 11, 12, 60, 100]) {
      proxy.on({ path: ROW_COMMITS, skip, times: 1 }, { kind: 'answer', status: 503 });
    }

    const { report } = await world.backfill(['--apply']);

    expect(report).toMatchObject({
      exitCode: 0,
      result: { scanned: 560, written: 120 },
      traffic: { commitMemory: { retries: 5 } },
    });
    const { memories } = await world.contents();
    for (const name of NAMES) {
      const namespace = `workspace:${workspace(name)}`;
      const inOrder = rows.filter(({ workspaceId }) => workspaceId === workspace(name)).map(({ id }) => id);
      expect(memories.filter((kept) => kept.namespace === namespace).map(({ id }) => id)).toEqual(inOrder);
    }
  });
});

test('one request is in flight at a time, or three, or four, of six that could be: as --concurrency says, or by default', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { workspace } = await plantTree(world.sql, { workspaces: SIX });
  await world.plugin.delay('commitMemory', 30);

  // The plugin remembers the most that it ever saw, so the runs go from the fewest to the most.
  for (const { flags, most } of [
    { flags: ['--concurrency', '1'], most: 1 },
    { flags: ['--concurrency', '3'], most: 3 },
    { flags: [], most: 4 },
  ]) {
    await insertMemories(world.sql, rowsByTurns(workspace, 18));
    const { report } = await world.backfill(['--apply', ...flags]);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 18 } });
    expect((await world.plugin.counters()).maxCommitsInFlight).toBe(most);
  }
});

test('commits reach the plugin in the order of the source within each namespace, each row once, however often it is run', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { workspace } = await plantTree(world.sql, { workspaces: SIX });
  const rows = rowsByTurns(workspace, 60);
  await insertMemories(world.sql, rows);
  await world.backfill(['--apply']);
  await world.backfill(['--apply']);

  const { writeLog } = await world.plugin.counters();
  for (const name of NAMES) {
    const [first, ...arrived] = writeLog
      .filter(
        ({ operation, namespace }) => operation === 'commitMemory' && namespace === `workspace:${workspace(name)}`,
      )
      .map(({ id }) => id);
    const inOrder = rows.filter(({ workspaceId }) => workspaceId === workspace(name)).map(({ id }) => id);
    // The first commit found no namespace, and was sent again.
    expect(first).toBe(inOrder[0]);
    expect(arrived).toEqual(inOrder);
  }
});

test('the traffic of the report is what the plugin has counted itself, operation by operation', async () => {
  await using world = await startWorld({
    plugin: 'quirky',
    quirks: ['too-many-requests', 'poison', 'reject', 'missing-namespace-500'],
  });
  const { workspace } = await plantTree(world.sql, { workspaces: SIX });
  const contents = ['fine', 'poison', 'reject-me', 'fine as well'];
  const rows = rowsByTurns(workspace, 24).map((row, place) => ({ ...row, content: contents[place % 4] ?? '' }));
  await insertMemories(world.sql, rows);

  const { report } = await world.backfill(['--apply']);

  const { requests } = await world.plugin.counters();
  const counted = Object.fromEntries(OPERATIONS.map((name) => [name, report.traffic[name]?.attempts ?? 0]));
  expect({ ...counted, unknown: 0 }).toEqual(requests);
  for (const traffic of Object.values(report.traffic)) {
    const failed = Object.values(traffic.failures).reduce((sum, times) => sum + times, 0);
    expect(traffic.successes + failed).toBe(traffic.attempts);
  }
  expect(report).toMatchObject({
    exitCode: 3,
    result: { written: 12, failed: 12, failures: [{ count: 6 }, { count: 6 }] },
  });
  expect(rowTraffic(report, 'commitMemory').successes).toBe(12);
});
