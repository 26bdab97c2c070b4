/** A namespace is judged against all that is planned into it, so that a workspace gets the same verdict in whatever sample it is. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, found, type Verified, verify } from './verifying.ts';

test('the verdict on a workspace is the same alone, in any sample, and among all', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: {
      acme: {},
      left: { parent: 'acme' },
      right: { parent: 'acme' },
      beta: {},
      gamma: {},
      delta: { parent: 'gamma' },
    },
    memories: {
      'left to the team': { of: 'left', scope: 'TEAM' },
      'acme to everybody': { of: 'acme', scope: 'GLOBAL' },
      'left to itself': { of: 'left' },
      'right to itself': { of: 'right' },
      'beta to itself': { of: 'beta' },
      'delta to itself': { of: 'delta' },
      'delta to everybody': { of: 'delta', scope: 'GLOBAL' },
      'gamma to itself': { of: 'gamma' },
    },
  });
  await apply(world);
  await tampering(world).remove([tree.memory('left to the team').id]);
  await tampering(world).edit(tree.memory('right to itself').id, { content: 'edited' });
  await tampering(world).edit(tree.memory('delta to itself').id, { namespace: `team:${tree.workspace('gamma')}` });

  const all = await verify(world, ...ALL);
  expect(all.result.findings).toEqual(found({ missing: 1, content: 1, leak: 1 }));
  expect(verdicts(all)).toEqual({
    [tree.workspace('acme')]: 'mismatches 1',
    [tree.workspace('left')]: 'mismatches 2',
    [tree.workspace('right')]: 'mismatches 1',
    [tree.workspace('beta')]: 'matches 1',
    [tree.workspace('gamma')]: 'mismatches 1',
    [tree.workspace('delta')]: 'mismatches 2',
  });

  const alone = (['left', 'beta', 'gamma', 'delta'] as const).map((name) => ['--workspace', tree.workspace(name)]);
  const samples = ['one', 'another'].map((seed) => ['--verify-sample', '3', '--seed', seed]);
  for (const run of await Promise.all([...alone, ...samples].map((asked) => verify(world, ...asked)))) {
    expect(verdicts(all)).toMatchObject(verdicts(run));
    expect(Object.keys(verdicts(run))).toHaveLength(run.result.workspaces.sampled);
    // Of what it lists, all is among what the verify of all lists, and told in the same words.
    expect(all.result.listed).toEqual(expect.arrayContaining(run.result.listed.map(told)));
  }
});

const verdicts = ({ result }: Verified) =>
  Object.fromEntries(result.judged.map(({ id, verdict, rows }) => [id, `${verdict} ${rows}`]));

/** Without what depends on the run: digests are keyed anew each time. */
const told = ({ digests: _digests, ...finding }: Verified['result']['listed'][number]) =>
  expect.objectContaining(finding);
