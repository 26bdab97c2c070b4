/** Verify looks and touches nothing: neither end is written to, and the source's user needs SELECT alone. */
import { expect, test } from 'vitest';
import { grantReadOnly, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { nthOfEach, plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, apply, listed, verified } from './verifying.ts';

test('a verify with every kind of question is answered by searches alone, for a user who may only SELECT', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: {
      lost: { of: 'child' },
      shared: { of: 'child', scope: 'TEAM' },
      skipped: { of: 'child', scope: 'GLOBAL' },
    },
  });
  const rows = await plantTickets(world, 110, { workspaceId: tree.workspace('child') });
  await apply(world);
  const lost = [tree.memory('lost'), ...nthOfEach(0, rows)];
  await tampering(world).remove(lost.map(({ id }) => id));
  const reader = await grantReadOnly(world.sql, 'verifier');
  const [before, stored] = [await world.plugin.counters(), await world.contents()];

  const { code, result, report } = verified(await world.backfill(['--verify', ...ALL], { DATABASE_URL: reader }));

  const after = await world.plugin.counters();
  const searches = report.traffic.searchMemories?.attempts ?? 0;
  expect(listed(result)).toEqual(allNamed('missing', lost));
  expect(after.writeLog).toEqual(before.writeLog);
  expect(after.requests).toEqual({
    ...before.requests,
    getHealth: before.requests.getHealth + 1,
    searchMemories: before.requests.searchMemories + searches,
  });
  expect(await world.contents()).toEqual(stored);
  expect(code).toBe(1);
});
