/** What a repair never touches: what is known by its text alone, copies that nobody reads who must not, what the operator gave up. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { apply } from '../verify/verifying.ts';
import { left, mended, plantCopy, startScene } from './repairing.ts';

test('leaks and copies known by their text, and copies in the row’s own namespace, are left with what to do', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, beta: {} },
    memories: { 'the safe is behind the painting': { of: 'beta' }, 'the cat is called Mo': { of: 'acme' } },
  });
  await apply(world, '--no-ledger');
  const [leaked, doubled] = [randomUUID(), randomUUID()];
  const acme = `workspace:${tree.workspace('acme')}`;
  await tamper.insert({ id: leaked, namespace: acme, content: 'the safe is behind the painting' });
  await tamper.insert({ id: doubled, namespace: acme, content: 'the cat is called Mo' });
  const copy = await plantCopy(
    scene,
    tree.memory('the safe is behind the painting'),
    'LOCAL',
    `workspace:${tree.workspace('beta')}`,
  );
  const { result: found } = await scene.verify();
  expect(found.findings).toMatchObject({ leak: 1, duplicate: 2 });
  const before = await world.contents();

  const { report, result } = await scene.repair();

  expect(report.exitCode).toBe(1);
  expect([result.mended, result.left]).toEqual([mended(), left({ text: 2, copy: 1 })]);
  expect(result.listed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        foundAs: leaked,
        kinds: ['leak'],
        reason: 'text',
        next: expect.stringContaining('--accept'),
      }),
      expect.objectContaining({ foundAs: doubled, kinds: ['duplicate'], reason: 'text' }),
      expect.objectContaining({
        foundAs: copy,
        kinds: ['duplicate'],
        reason: 'copy',
        next: expect.stringContaining(copy),
      }),
    ]),
  );
  expect(await world.contents()).toEqual(before);

  // Once somebody has removed them by hand, there is nothing left to do.
  await tamper.remove([leaked, doubled, copy]);
  const again = await scene.repair();
  expect(again).toMatchObject({ report: { exitCode: 0 }, result: { mended: mended({ already: 3 }) } });
});

test('rows of the operator’s --accept file are given up, whatever the report says of them', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper } = scene;
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { kept: { of: 'acme' }, given: { of: 'acme' } },
  });
  await apply(world, '--no-ledger');
  const { id } = tree.memory('given');
  await tamper.remove([id]);
  await scene.verify();
  const file = path.join(tmpdir(), `accept-${id}.jsonl`);
  await writeFile(file, `${JSON.stringify({ id, reason: 'its owner wants it gone' })}\n`);

  const { report, result } = await scene.repair('--accept', file);
  await rm(file);

  expect(report.exitCode).toBe(0);
  expect(result.mended).toEqual(mended({ accepted: 1 }));
  expect(report.traffic.commitMemory).toBeUndefined();
});
