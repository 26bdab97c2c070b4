/** A verify that is told to stop, or whose time is up, waits for no answer, and says what it had found and which workspaces it never reached. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import { halfWay } from './half-way.ts';
import { plantBlanks } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, copiedTree, counted, found, listed } from './verifying.ts';

let world: World;
let tree: Awaited<ReturnType<typeof copyThree>>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  tree = await copyThree(world);
  // So many that the first workspace makes a batch of its own.
  await plantBlanks(world, 2_100, tree.workspace('cut off'));
});
afterAll(() => world.release());

const copyThree = (among: World) =>
  copiedTree(among, {
    workspaces: { read: {}, 'cut off': {}, 'not reached': {} },
    memories: { 'of the first': { of: 'read' }, 'of the last': { of: 'not reached' } },
  });

/** The first search that is of no use to the first workspace. */
const onTheWay = () => ({ namespace: `workspace:${tree.workspace('not reached')}` });

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends in exit code %i, with what was reached and what was not', async (signal, exitCode) => {
  const run = await halfWay(world, ALL, onTheWay());
  run.child.kill(signal);
  await run.until(new RegExp(`${signal}: finishing what is under way`));
  const { code, result, report } = await run.giveUp();

  expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 1, unchecked: 2 }));
  expect(result.findings).toEqual(found({}));
  expect([report.interruptedBy, code]).toEqual([signal, exitCode]);
});

test('the end of its time leaves it incomplete, with what was covered and what was not', async () => {
  const run = await halfWay(world, [...ALL, '--max-duration', '10s'], onTheWay());
  const { code, result, report } = await run.giveUp();

  expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 1, unchecked: 2 }));
  expect(result.judged.map(({ id, verdict }) => [id, verdict])).toEqual([
    [tree.workspace('read'), 'matches'],
    [tree.workspace('cut off'), 'unchecked'],
    [tree.workspace('not reached'), 'unchecked'],
  ]);
  expect(result.rows).toMatchObject({ compared: 1, matched: 1 });
  expect(result.hunt.finished).toBe(false);
  expect([result.findings, result.errors]).toEqual([found({}), []]);
  expect([report.timeUp, report.interruptedBy, report.error, code]).toEqual([true, null, null, 3]);
});

test('what was found by then is in the report', async () => {
  const { edit } = tampering(world);
  await edit(tree.memory('of the first').id, { content: 'edited' });
  await edit(tree.memory('of the last').id, { content: 'edited' });

  const run = await halfWay(world, ALL, onTheWay());
  run.child.kill('SIGINT');
  const { code, result } = await run.giveUp();

  expect(listed(result)).toEqual(allNamed('content', [tree.memory('of the first')]));
  expect(result.workspaces).toEqual(counted({ sampled: 3, mismatches: 1, unchecked: 2 }));
  expect(code).toBe(130);
});
