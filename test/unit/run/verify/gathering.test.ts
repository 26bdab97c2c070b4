/** A memory that many searches show is settled once, and not too many wait for that at a time. */
import { expect, test } from 'vitest';
import type { ObservedMemory } from '../../../../src/model/memory.ts';
import { gathering } from '../../../../src/run/verify/gathering.ts';

function memory(id: string, namespace = 'team:acme', content = 'hm'): ObservedMemory {
  const said = { kind: 'fact', source: 'agent', pinned: false, createdAt: '', expiresAt: null, provenance: undefined };
  return { id, namespace, content, ...said };
}

test('what was added is taken once, in its order', () => {
  const gathered = gathering();
  gathered.add(memory('a'));
  gathered.add(memory('b'));

  expect(gathered.take()).toEqual([memory('a'), memory('b')]);
  expect(gathered.take()).toEqual([]);
});

test('a memory counts once, even where it is shown again after it was taken', () => {
  const gathered = gathering();
  gathered.add(memory('a'));
  gathered.add(memory('a'));
  expect(gathered.take()).toHaveLength(1);

  gathered.add(memory('a'));
  gathered.add(memory('b'));
  expect(gathered.take()).toEqual([memory('b')]);
});

test('in another namespace it is another one', () => {
  const gathered = gathering();
  gathered.add(memory('a', 'team:acme'));
  gathered.add(memory('a', 'org:acme'));

  expect(gathered.take()).toHaveLength(2);
});

test.each<[string, number, string]>([
  ['twenty thousand', 20_000, 'hm'],
  ['sixteen million characters', 16, 'x'.repeat(1_000_000)],
])('%s are enough to be settled, until they are taken', (_what, most, content) => {
  const gathered = gathering();
  for (let index = 0; index < most - 1; index++) gathered.add(memory(String(index), 'team:acme', content));
  gathered.add(memory('0', 'team:acme', content));
  expect(gathered.isFull()).toBe(false);

  gathered.add(memory('last', 'team:acme', content));
  expect(gathered.isFull()).toBe(true);

  gathered.take();
  expect(gathered.isFull()).toBe(false);
});
