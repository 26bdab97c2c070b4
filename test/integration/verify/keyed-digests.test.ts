/** The digests in a report: they tell whether two contents are the same, and nobody can try out with them what a memory says. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startWorld } from '../../support/migration.ts';
import { tampering } from './tampering.ts';
import { ALL, copiedTree, verify } from './verifying.ts';

test('equal contents have equal digests within a report, and no digest can be computed from its content', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { acme: {} },
    memories: {
      one: { of: 'acme', content: 'The pin is 4711.' },
      other: { of: 'acme', content: 'The pin is 4711.' },
      changed: { of: 'acme', content: 'The pin is 4712.' },
    },
  });
  const { edit, remove } = tampering(world);
  const [one, other, changed] = [tree.memory('one'), tree.memory('other'), tree.memory('changed')];
  await remove([one.id, other.id]);
  await edit(changed.id, { content: one.content });

  const [first, second] = [await verify(world, ...ALL), await verify(world, ...ALL)];

  const digestsIn = ({ result }: typeof first, id: string) =>
    result.listed.find((finding) => finding.id === id)?.digests;
  expect(first.result.findings).toMatchObject({ missing: 2, content: 1 });
  const own = digestsIn(first, one.id)?.expected;
  expect(own).toMatch(/^[0-9a-f]{64}$/);
  expect(digestsIn(first, other.id)).toEqual({ expected: own, found: null });
  expect(digestsIn(first, changed.id)).toEqual({ expected: expect.not.stringMatching(`^${own}$`), found: own });
  // Without a key of the run's own, whoever has a guess could hash it, or look it up in an earlier report.
  expect(digestsIn(second, one.id)?.expected).not.toBe(own);
  expect(first.stdout).not.toContain(createHash('sha256').update(one.content).digest('hex'));
});
