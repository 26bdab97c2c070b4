/**
 * Connections that are reset while an answer is on its way. A driver may send the next query onto a socket that is dead already,
 * and that query is never answered: the run must neither hang nor end in silence, and no row may be lost.
 */
import { describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { startResettingProxy } from '../../support/resetting-proxy.ts';

describe.each(['the one', 'all'] as const)('a reset of %s of the connections at a fetch', (which) => {
  test.each(['--dry-run', '--verify'])('costs %s no row, and is told', async (mode) => {
    await using world = await startWorld({ plugin: 'quirky' });
    const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: {} });
    const rows = Array.from({ length: 60 }, (_, index) =>
      memory({ workspaceId: tree.workspace('acme'), content: `Invoice ${index} was paid.` }),
    );
    await insertMemories(world.sql, rows);
    if (mode === '--verify') await world.backfill(['--apply']);
    await using proxy = await startResettingProxy(world.databaseUrl, 'fetch 2000 from', which);

    const { report, code } = await world.backfill([mode], { DATABASE_URL: proxy.url });

    expect(proxy.resets()).toBe(1);
    expect(report.notices).toEqual([expect.stringContaining('The cursor over the source was lost')]);
    expect(report.result).toMatchObject(
      mode === '--verify' ? { rows: { compared: 60, matched: 60 } } : { changes: { new: 60 } },
    );
    expect(code).toBe(0);
  });
});
