/** commitMemory: what every plugin stores, under which id, and what it refuses. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  aMemory,
  assertRefused,
  type Check,
  commit,
  contentsOf,
  createNamespace,
  onlyMemoryOf,
  tryCommit,
} from '../check.ts';

export const memoryChecks: readonly Check[] = [
  {
    name: 'a commit without an id gets a fresh one each time',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const first = await commit(wire, namespace, aMemory());
      const second = await commit(wire, namespace, aMemory());
      assert.notEqual(first, second);
      assert.equal((await contentsOf(wire, namespace)).length, 2);
    },
  },
  {
    name: 'a commit with an id stores the memory under it',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      assert.equal(await commit(wire, namespace, aMemory({ id })), id);
      assert.equal((await onlyMemoryOf(wire, namespace)).id, id);
    },
  },
  {
    name: 'the same id again replaces the memory in place',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      await commit(wire, namespace, aMemory({ id, content: 'before' }));
      await commit(wire, namespace, { id, content: 'after', kind: 'summary', source: 'user' });
      const { content, kind, source } = await onlyMemoryOf(wire, namespace);
      assert.deepEqual({ content, kind, source }, { content: 'after', kind: 'summary', source: 'user' });
    },
  },
  {
    name: 'the same id in another namespace moves the memory there',
    async run(wire) {
      const [from, to] = [await createNamespace(wire), await createNamespace(wire)];
      const id = randomUUID();
      await commit(wire, from, aMemory({ id }));
      await commit(wire, to, aMemory({ id }));
      assert.deepEqual(await contentsOf(wire, from), [], 'it is still in the namespace that it came from');
      assert.equal((await onlyMemoryOf(wire, to)).id, id);
    },
  },
  {
    name: 'the same id written ten times at once is one memory',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      const contents = Array.from({ length: 10 }, (_, number) => `writer ${number}`);
      await Promise.all(contents.map((content) => commit(wire, namespace, aMemory({ id, content }))));
      assert.ok(contents.includes((await onlyMemoryOf(wire, namespace)).content));
    },
  },
  {
    name: 'fifty commits at once are all stored',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const contents = Array.from({ length: 50 }, (_, number) => `memory ${number}`);
      await Promise.all(contents.map((content) => commit(wire, namespace, aMemory({ content }))));
      assert.deepEqual(new Set(await contentsOf(wire, namespace)), new Set(contents));
    },
  },
  {
    name: 'every kind and every source is stored and returned',
    async run(wire) {
      for (const kind of ['fact', 'summary', 'checkpoint'] as const) {
        for (const source of ['agent', 'runtime', 'user'] as const) {
          const namespace = await createNamespace(wire);
          await commit(wire, namespace, aMemory({ kind, source }));
          const stored = await onlyMemoryOf(wire, namespace);
          assert.deepEqual([stored.kind, stored.source, stored.namespace], [kind, source, namespace]);
        }
      }
    },
  },
  {
    name: 'content comes back as it was sent: emoji, combining marks, right-to-left, separators, white space',
    async run(wire) {
      for (const content of [
        '👩🏽‍💻🚀👨‍👩‍👧‍👦🇳🇱',
        'cafe\u0301 is not caf\u00e9',
        'עברית ثم العربية \u202eoverride\u202c',
        'line\u2028separator paragraph\u2029separator next\u0085line',
        '  leading and trailing \t\r\n',
        '\ufeffa byte order mark',
        'quote " backslash \\ percent %41 null \\u0000 bell \u0007',
        "'; drop table memories; --",
        '…',
      ]) {
        const namespace = await createNamespace(wire);
        await commit(wire, namespace, aMemory({ content }));
        assert.equal((await onlyMemoryOf(wire, namespace)).content, content);
      }
    },
  },
  {
    name: 'content of a megabyte is stored, whatever it is made of',
    async run(wire) {
      const megabyte = 1024 * 1024;
      for (const content of [
        'x'.repeat(megabyte),
        'stored nightly '.repeat(megabyte / 15),
        '🧠'.repeat(megabyte / 4),
        manyDifferentWords(megabyte),
      ]) {
        const namespace = await createNamespace(wire);
        await commit(wire, namespace, aMemory({ content }));
        assert.ok((await onlyMemoryOf(wire, namespace)).content === content, 'it came back changed');
      }
    },
  },
  {
    name: 'content that is nothing but white space is stored as it is or refused with 400 (the field refuses it)',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const answer = await tryCommit(wire, namespace, { ...aMemory(), content: ' \t\u2003\n' });
      if (answer.status === 201) assert.deepEqual(await contentsOf(wire, namespace), [' \t\u2003\n']);
      else assertRefused(answer, 400, 'bad_request');
    },
  },
  {
    name: 'a commit that is not the contract’s is refused with 400 and stores nothing',
    async run(wire) {
      const namespace = await createNamespace(wire);
      for (const body of [
        {},
        { ...aMemory(), content: '' },
        { ...aMemory(), content: 7 },
        { ...aMemory(), content: null },
        { ...aMemory(), kind: 'rumour' },
        { ...aMemory(), source: 'oracle' },
        { ...aMemory(), kind: undefined },
        { ...aMemory(), source: undefined },
      ]) {
        assertRefused(await tryCommit(wire, namespace, body), 400, 'bad_request');
      }
      assert.deepEqual(await contentsOf(wire, namespace), []);
    },
  },
  {
    name: 'an id that is no UUID is refused with 400 (the field answers 500)',
    async run(wire) {
      const namespace = await createNamespace(wire);
      assertRefused(await tryCommit(wire, namespace, { ...aMemory(), id: 'not-a-uuid' }), 400, 'bad_request');
    },
  },
  {
    name: 'a commit into a missing namespace answers 404 (the field answers 500)',
    async run(wire) {
      assertRefused(await tryCommit(wire, wire.freshName(), aMemory()), 404, 'not_found');
    },
  },
  {
    name: 'a commit into a name that is not of the form kind:name is refused with 400',
    async run(wire) {
      assertRefused(await tryCommit(wire, 'No Namespace', aMemory()), 400, 'bad_request');
    },
  },
  {
    name: 'fields that the plugin does not know are ignored, and created_at cannot be set',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const answer = await tryCommit(wire, namespace, {
        ...aMemory(),
        created_at: '1999-01-01T00:00:00Z',
        mood: 'hopeful',
      });
      assert.equal(answer.status, 201, `the answer was ${answer.status}, not 201: ${answer.text.slice(0, 200)}`);
      assert.ok(!(await onlyMemoryOf(wire, namespace)).created_at.startsWith('1999'), 'created_at was set');
    },
  },
];

/** Text for which a full-text index needs more room than for any other: hardly a word occurs twice. */
function manyDifferentWords(length: number): string {
  let text = '';
  for (let number = 0; text.length < length; number += 1) text += `${(number * 7919).toString(36)} `;
  return text;
}
