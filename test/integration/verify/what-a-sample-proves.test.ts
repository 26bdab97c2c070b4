/** How sure a sample makes its operator: of clean workspaces, of some that search cannot settle, and of one that has failed before. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fewerThan } from '../../../src/verify/confidence.ts';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { SEARCH } from './half-way.ts';
import { plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { apply, verify, verifyInText } from './verifying.ts';

let world: World;
let tree: Tree<'one' | 'two' | 'three' | 'full', 'said by one' | '👍'>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  tree = await plantTree(world.sql, {
    workspaces: { one: {}, two: {}, three: {}, full: {} },
    memories: { 'said by one': { of: 'one' }, '👍': { of: 'full' } },
  });
  // They push the thumb off the listing, and no word finds it.
  await plantTickets(world, 105, { workspaceId: tree.workspace('full') });
  await apply(world);
});
afterAll(() => world.release());

/** All four of them, and still drawn by lot. */
const drawn = (seed: string) => ['--verify-sample', '4', '--seed', seed, '--allow-unproven', '1'];

test('a workspace that search cannot settle counts as a bad one, even where it is let pass', async () => {
  const { code, result } = await verify(world, ...drawn('spring'));

  expect(code).toBe(0);
  expect(result.workspaces).toMatchObject({ sampled: 4, matches: 3, unproven: 1 });
  expect(result.confidence?.fewerThan).toBe(fewerThan(4, 4, 1, 0.95));
  expect(fewerThan(4, 4, 1, 0.95)).toBeGreaterThan(fewerThan(4, 4, 0, 0.95));
});

test('a sample that failed proves nothing, and nor does its seed when all is mended; another seed does', async () => {
  const { id, content } = tree.memory('said by one');
  await tampering(world).edit(id, { content: 'edited' });
  const failed = await verify(world, ...drawn('summer'));
  await tampering(world).edit(id, { content });

  const [again, other] = [await verify(world, ...drawn('summer')), await verify(world, ...drawn('autumn'))];
  const { stdout } = await verifyInText(world, drawn('summer'));

  expect([failed.code, failed.result.confidence]).toEqual([1, null]);
  expect(again.result).toMatchObject({ seedMemory: { seed: 'failed' }, findings: { content: 0 }, confidence: null });
  expect(other.result).toMatchObject({ seedMemory: { seed: 'fresh' }, confidence: { level: 0.95 } });
  expect(stdout).toContain('4 of 4 workspaces drawn by lot.');
  expect(stdout).toMatch(
    /This seed drew the sample of a verify that failed on .* UTC; after repairs it proves nothing/,
  );
  expect(stdout).not.toContain('confidence');
});

test('nor does one of which a part could not be asked, though nothing was found', async () => {
  const proxy = await world.faultProxy();
  const isAboutThree = { ...SEARCH, body: new RegExp(`workspace:${tree.workspace('three')}`) };
  proxy.on(isAboutThree, {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html>',
  });

  const { code, result } = await verify(world, ...drawn('winter'));

  expect(code).toBe(3);
  expect(result.workspaces).toMatchObject({ mismatches: 0, errors: 1 });
  expect(result.confidence).toBeNull();
});
