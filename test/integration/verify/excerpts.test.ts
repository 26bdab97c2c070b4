/** Content of memories: as a short, harmless excerpt on the terminal, and nowhere else unless that was asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, verify, verifyInText } from './verifying.ts';

/** A word of the content that is far from any difference, and one that is at it. */
const [FAR, NEAR] = ['Xylophone', 'yesterday'];
const CONTENT = `${FAR} ${'la '.repeat(40)}${NEAR}:\u001b[31m red\n👩🏽‍💻 \u202eesrever and ${'so on '.repeat(40)}`;
const EXCERPTS = {
  expected: '… la yesterday:\\u{1b}[31m red\\n👩🏽‍💻 \\u{202e}esrever and so on so on so on so on…',
  found: '… la yesterday:\\u{1b}[31m green\\n👩🏽‍💻 \\u{202e}esrever and so on so on so on so …',
  lost: 'lost, and Xylophone la la la la la la la la la la la la la la la la la la la la…',
};

let world: World;
let tree: Tree<'acme', 'edited' | 'lost'>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { edited: { of: 'acme', content: CONTENT }, lost: { of: 'acme', content: `lost, and ${CONTENT}` } },
  });
  await apply(world);
  await tampering(world).edit(tree.memory('edited').id, { content: CONTENT.replace('red', 'green') });
  await tampering(world).remove([tree.memory('lost').id]);
});
afterAll(() => world.release());

test.concurrent('the terminal shows at most 80 characters from around the difference, on one line and escaped', async () => {
  const { stdout, stderr } = await verifyInText(world, ALL);

  const excerpts = [...stdout.matchAll(/^ {4}(source|plugin) {4}(.*)$/gm)].map(([, end, text]) => [end, text]);
  expect(excerpts).toEqual([
    ['source', EXCERPTS.lost],
    ['source', EXCERPTS.expected],
    ['plugin', EXCERPTS.found],
  ]);
  for (const [, text] of excerpts) expect([...(text ?? '')].length).toBeLessThanOrEqual(80);
  expect(stderr).toBe('');
});

test.concurrent('--no-content hides them, and says what differs all the same', async () => {
  const { stdout, stderr } = await verifyInText(world, [...ALL, '--no-content']);

  expect(stdout).toContain(`content  ${tree.memory('edited').id} has another content`);
  expect(stdout).not.toContain(NEAR);
  expect(stdout).not.toContain(FAR);
  expect(stderr).toBe('');
});

test.concurrent('--json has them only with --show-content', async () => {
  const [without, withThem] = await Promise.all([verify(world, ...ALL), verify(world, ...ALL, '--show-content')]);

  for (const word of [FAR, NEAR]) expect(without.stdout).not.toContain(word);
  expect(without.result.listed.filter((finding) => 'excerpts' in finding)).toEqual([]);
  expect(withThem.result.listed.map(({ excerpts }) => excerpts)).toEqual([
    { expected: EXCERPTS.lost },
    { expected: EXCERPTS.expected, found: EXCERPTS.found },
  ]);
  for (const { stderr } of [without, withThem]) expect(stderr).toBe('');
});
