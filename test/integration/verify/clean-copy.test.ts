/** A whole copy is called whole: exit 0, and every counter is the number that the source yields by itself. */
import { describe, expect, test } from 'vitest';
import type { LegacyRow, SkipReason } from '../../../src/model/memory.ts';
import type { SkipCounts } from '../../../src/model/run.ts';
import { legacyWorld } from '../../support/corpus.ts';
import { insertMemories, insertWorkspaces, type LegacyWorkspace } from '../../support/legacy.ts';
import { PLUGINS, startWorld } from '../../support/migration.ts';
import { ALL, apply, counted, found, verify } from './verifying.ts';

describe.each(PLUGINS)('with the %s plugin, a copied platform', (plugin) => {
  test('is equal in all of its workspaces, and in a sample of those that are not removed', async () => {
    // So few that every namespace can be listed whole: listing-limit.test.ts has the others.
    const { workspaces, memories } = legacyWorld(20_260_301, { memories: 230 });
    await using world = await startWorld({ plugin });
    await insertWorkspaces(world.sql, workspaces);
    await insertMemories(world.sql, memories);
    await apply(world);

    const [all, living] = await Promise.all([verify(world, ...ALL), verify(world, '--verify-sample', '1000')]);

    expect(all.code).toBe(0);
    expect(all.result).toMatchObject({ ...proven(workspaces, memories), asked: { sample: 'all' }, seed: null });

    const notRemoved = workspaces.filter(({ status }) => status !== 'removed');
    const theirs = memories.filter(({ workspaceId }) => notRemoved.some(({ id }) => id === workspaceId));
    expect(living.code).toBe(0);
    expect(living.result).toMatchObject({ ...proven(notRemoved, theirs), asked: { sample: 1_000 } });
  });
});

/** What a verify of just these workspaces has to say, worked out from the rows alone. The tree is one level deep. */
function proven(workspaces: readonly LegacyWorkspace[], memories: readonly LegacyRow[]) {
  const skipped: SkipCounts = {
    accepted: 0,
    'no-workspace': 0,
    'unknown-scope': 0,
    'workspace-cycle': 0,
    'global-from-non-root': 0,
    'workspace-removed': 0,
    'empty-content': 0,
  };
  let copied = 0;
  for (const row of memories) {
    const reason = skipReason(row, workspaces);
    if (reason) skipped[reason]++;
    else copied++;
  }
  const inhabited = new Set(memories.map(({ workspaceId }) => workspaceId));
  const empty = workspaces.filter(({ id }) => !inhabited.has(id)).length;
  return {
    population: workspaces.length,
    workspaces: counted({ sampled: workspaces.length, matches: workspaces.length, empty }),
    rows: { compared: copied, matched: copied, skipped, vanished: 0 },
    findings: found({}),
    listed: [],
    errors: [],
  };
}

function skipReason(row: LegacyRow, workspaces: readonly LegacyWorkspace[]): SkipReason | undefined {
  const workspace = workspaces.find(({ id }) => id === row.workspaceId);
  if (!workspace) return 'no-workspace';
  if (row.scope === 'GLOBAL' && workspace.parentId !== null) return 'global-from-non-root';
  if (row.scope !== 'LOCAL' && workspace.status === 'removed') return 'workspace-removed';
  return row.content.trim() === '' ? 'empty-content' : undefined;
}
