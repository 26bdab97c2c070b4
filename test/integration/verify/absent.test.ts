/** What is proven stays proven, whatever cannot be asked beside it. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { SEARCH } from './half-way.ts';
import { allNamed, counted, listed, verify } from './verifying.ts';

test('a row that is not where it belongs is missing, even where its team cannot be asked whether it has it', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: { 'a private remark': { of: 'child' } },
  });
  const proxy = await world.faultProxy();
  proxy.on({ ...SEARCH, body: /"team:/ }, { kind: 'answer', status: 400, headers: {}, body: 'no' });

  const { code, result } = await verify(world, '--workspace', tree.workspace('child'));

  expect(listed(result)).toEqual(allNamed('missing', [tree.memory('a private remark')]));
  expect(result.errors).toMatchObject([{ workspaceId: tree.workspace('child') }]);
  expect(result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
  expect(code).toBe(1);
});
