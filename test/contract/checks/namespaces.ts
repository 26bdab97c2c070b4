/** upsertNamespace, patchNamespace and deleteNamespace. */
import assert from 'node:assert/strict';
import {
  aMemory,
  assertRefused,
  type Check,
  commit,
  contentsOf,
  createNamespace,
  namespacePath,
  patchNamespace,
  putNamespace,
} from '../check.ts';

const metadata = { owner: 'платформа 🧠', quota: { memories: 10, ratio: 0.25 }, labels: ['a', 'b'], note: null };
const expires_at = '2099-12-31T23:59:59Z';

export const namespaceChecks: readonly Check[] = [
  {
    name: 'PUT creates a namespace and answers it',
    async run(wire) {
      const name = wire.freshName();
      const namespace = await putNamespace(wire, name);
      assert.equal(namespace.name, name);
      assert.equal(namespace.kind, 'custom');
    },
  },
  {
    name: 'PUT takes every character that a name may have',
    async run(wire) {
      const name = wire.freshName(':Az_09.-');
      assert.equal((await putNamespace(wire, name)).name, name);
    },
  },
  {
    name: 'a name of 256 characters is accepted, one of 257 is refused with 400',
    async run(wire) {
      const longest = wire.freshName('x'.repeat(256 - 32));
      assert.equal((await putNamespace(wire, longest)).name, longest);
      const longer = wire.freshName('x'.repeat(257 - 32));
      assertRefused(await wire.send('PUT', namespacePath(longer), { kind: 'custom' }), 400, 'bad_request');
    },
  },
  {
    name: 'PUT refuses a name that is not of the form kind:name with 400',
    async run(wire) {
      for (const name of [
        'no-colon',
        'Custom:a',
        'custom1:a',
        ':a',
        'custom:',
        'custom:a b',
        'custom:ä',
        'custom:a/b',
      ]) {
        assertRefused(await wire.send('PUT', namespacePath(name), { kind: 'custom' }), 400, 'bad_request');
      }
    },
  },
  {
    name: 'PUT refuses attributes that are not the contract’s with 400',
    async run(wire) {
      const path = namespacePath(wire.freshName());
      for (const body of [
        {},
        { kind: 'galaxy' },
        { kind: 'custom', metadata: 'text' },
        { kind: 'custom', metadata: [] },
      ]) {
        assertRefused(await wire.send('PUT', path, body), 400, 'bad_request');
      }
    },
  },
  {
    name: 'PUT refuses an expiry that is no time with 400',
    needs: 'ttl',
    async run(wire) {
      const path = namespacePath(wire.freshName());
      for (const wrong of ['tomorrow', '2031-02-30', 4_102_444_799, true]) {
        assertRefused(await wire.send('PUT', path, { kind: 'custom', expires_at: wrong }), 400, 'bad_request');
      }
    },
  },
  {
    name: 'PUT ignores fields that it does not know',
    async run(wire) {
      const answer = await wire.send('PUT', namespacePath(wire.freshName()), { kind: 'custom', colour: 'blue' });
      assert.equal(answer.status, 200);
    },
  },
  {
    name: 'metadata is stored and returned as it is',
    async run(wire) {
      const name = wire.freshName();
      assert.deepEqual((await putNamespace(wire, name, { metadata })).metadata, metadata);
      const other = { owner: 'research' };
      assert.deepEqual((await patchNamespace(wire, name, { metadata: other })).metadata, other);
    },
  },
  {
    name: 'the expiry of a namespace is stored and returned',
    needs: 'ttl',
    async run(wire) {
      assertSameMoment((await putNamespace(wire, wire.freshName(), { expires_at })).expires_at, expires_at);
    },
  },
  {
    name: 'PUT replaces the whole: kind alone wipes the metadata',
    async run(wire) {
      const name = await createNamespace(wire, { metadata });
      assert.equal((await putNamespace(wire, name)).metadata ?? null, null);
    },
  },
  {
    name: 'PUT replaces the whole: kind alone wipes the expiry',
    needs: 'ttl',
    async run(wire) {
      const name = await createNamespace(wire, { expires_at });
      assert.equal((await putNamespace(wire, name)).expires_at ?? null, null);
    },
  },
  {
    name: 'PUT over a namespace keeps its memories',
    async run(wire) {
      const name = await createNamespace(wire);
      await commit(wire, name, aMemory({ content: 'kept' }));
      await putNamespace(wire, name, { metadata });
      assert.deepEqual(await contentsOf(wire, name), ['kept']);
    },
  },
  {
    name: 'PATCH of the metadata leaves the expiry, PATCH of the expiry leaves the metadata',
    needs: 'ttl',
    async run(wire) {
      const name = await createNamespace(wire, { metadata, expires_at });
      assertSameMoment((await patchNamespace(wire, name, { metadata: { a: 1 } })).expires_at, expires_at);
      const later = '2100-06-01T00:00:00Z';
      const patched = await patchNamespace(wire, name, { expires_at: later });
      assert.deepEqual(patched.metadata, { a: 1 });
      assertSameMoment(patched.expires_at, later);
    },
  },
  {
    name: 'PATCH with null clears the attribute',
    async run(wire) {
      const name = await createNamespace(wire, { metadata });
      assert.equal((await patchNamespace(wire, name, { metadata: null })).metadata ?? null, null);
    },
  },
  {
    name: 'PATCH without fields changes nothing (the field refuses it with 400, which version 1 does not document)',
    async run(wire) {
      const name = await createNamespace(wire, { metadata });
      const answer = await wire.send('PATCH', namespacePath(name), {});
      if (answer.status !== 200) assertRefused(answer, 400, 'bad_request');
      const unchanged = await patchNamespace(wire, name, { expires_at: null });
      assert.deepEqual(unchanged.metadata, metadata);
    },
  },
  {
    name: 'PATCH of a missing namespace answers 404',
    async run(wire) {
      const answer = await wire.send('PATCH', namespacePath(wire.freshName()), { metadata });
      assertRefused(answer, 404, 'not_found');
    },
  },
  {
    name: 'DELETE removes a namespace together with its memories',
    async run(wire) {
      const name = await createNamespace(wire);
      await commit(wire, name, aMemory());
      assert.equal((await wire.send('DELETE', namespacePath(name))).status, 204);
      assert.deepEqual(await contentsOf(wire, name), [], 'memories are found in a namespace that was deleted');
      await putNamespace(wire, name);
      assert.deepEqual(await contentsOf(wire, name), [], 'memories came back with a namespace of the same name');
    },
  },
  {
    name: 'DELETE of a missing namespace answers 404',
    async run(wire) {
      assertRefused(await wire.send('DELETE', namespacePath(wire.freshName())), 404, 'not_found');
    },
  },
];

function assertSameMoment(actual: string | null | undefined, expected: string): void {
  assert.equal(Date.parse(actual ?? ''), Date.parse(expected), `the expiry is ${actual}, not ${expected}`);
}
