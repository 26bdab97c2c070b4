/** What is proven stays proven, whatever cannot be asked beside it. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { allNamed, listed, verify } from './verifying.ts';

test('a row that is not where it belongs is missing, even where its team cannot be asked whether it has it', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: { 'a private remark': { of: 'child' } },
  });
  const proxy = await world.faultProxy();
  // The first search lists the row's own namespace, and finds nothing: the row was never copied.
  proxy.on(
    { method: 'POST', path: /^\/v1\/search$/, skip: 1 },
    { kind: 'answer', status: 400, headers: {}, body: 'no' },
  );

  const { code, result } = await verify(world, '--workspace', tree.workspace('child'));

  expect(listed(result)).toEqual(allNamed('missing', [tree.memory('a private remark')]));
  expect(code).toBe(1);
});
