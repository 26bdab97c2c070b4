/** What a memory may carry where the plugin announces it: a pin, an expiry, propagation, an embedding. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  aMemory,
  assertRefused,
  type Capability,
  type Check,
  commit,
  contentsOf,
  createNamespace,
  onlyMemoryOf,
  search,
  tryCommit,
} from '../check.ts';

/** Per capability, a field that only a plugin with it looks at, with a value that the contract does not allow. */
const wrongFields: ReadonlyArray<[needs: Capability, field: Record<string, unknown>]> = [
  ['pin', { pin: 'yes' }],
  ['propagation', { propagation: 'text' }],
  ['ttl', { expires_at: 'soon' }],
  ['embedding', { embedding: ['1'] }],
];

const propagation = { backfill: { run_id: 'r-1', tag: null, depth: 2 }, hops: [1, 'zwei', { три: '🧠' }], ok: true };

export const capabilityChecks: readonly Check[] = [
  {
    name: 'a replacement without a pin takes the pin away',
    needs: 'pin',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      await commit(wire, namespace, aMemory({ id, pin: true }));
      await commit(wire, namespace, aMemory({ id }));
      assert.equal((await onlyMemoryOf(wire, namespace)).pin ?? false, false);
    },
  },
  {
    name: 'a replacement without propagation takes it away',
    needs: 'propagation',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      await commit(wire, namespace, aMemory({ id, propagation }));
      await commit(wire, namespace, aMemory({ id }));
      assert.equal((await onlyMemoryOf(wire, namespace)).propagation ?? null, null);
    },
  },
  {
    name: 'a replacement without an expiry takes it away',
    needs: 'ttl',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = randomUUID();
      await commit(wire, namespace, aMemory({ id, expires_at: '2001-01-01T00:00:00Z' }));
      await commit(wire, namespace, aMemory({ id }));
      assert.equal((await onlyMemoryOf(wire, namespace)).expires_at ?? null, null);
    },
  },
  ...wrongFields.map(
    ([needs, field]): Check => ({
      name: `a commit with ${JSON.stringify(field)} is refused with 400 and stores nothing`,
      needs,
      async run(wire) {
        const namespace = await createNamespace(wire);
        assertRefused(await tryCommit(wire, namespace, { ...aMemory(), ...field }), 400, 'bad_request');
        assert.deepEqual(await contentsOf(wire, namespace), []);
      },
    }),
  ),
  {
    name: 'a memory is pinned only where it is asked for',
    needs: 'pin',
    async run(wire) {
      for (const [memory, expected] of [
        [aMemory(), false],
        [aMemory({ pin: false }), false],
        [aMemory({ pin: true }), true],
      ] as const) {
        const namespace = await createNamespace(wire);
        await commit(wire, namespace, memory);
        assert.equal((await onlyMemoryOf(wire, namespace)).pin ?? false, expected);
      }
    },
  },
  {
    name: 'propagation is stored and returned as it is',
    needs: 'propagation',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ propagation }));
      assert.deepEqual((await onlyMemoryOf(wire, namespace)).propagation, propagation);
    },
  },
  {
    name: 'the expiry of a memory is stored and returned',
    needs: 'ttl',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ expires_at: '2099-06-30T14:00:00+02:00' }));
      const { expires_at } = await onlyMemoryOf(wire, namespace);
      assert.equal(Date.parse(expires_at ?? ''), Date.UTC(2099, 5, 30, 12));
    },
  },
  {
    name: 'a memory that has expired is not found',
    needs: 'ttl',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ expires_at: '2001-01-01T00:00:00Z' }));
      assert.deepEqual(await contentsOf(wire, namespace), []);
    },
  },
  {
    name: 'a vector of another size than the plugin’s is refused with 400, if at all (the field answers 500)',
    needs: 'embedding',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ embedding: Array.from({ length: 1536 }, () => 0.5) }));
      const answer = await tryCommit(wire, namespace, aMemory({ embedding: [0.5, 0.25, 0.125] }));
      if (answer.status !== 201) assertRefused(answer, 400, 'bad_request');
    },
  },
  {
    name: 'a search by vector answers the most similar memories first',
    needs: 'embedding',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const towards = (degrees: number) =>
        Array.from({ length: 1536 }, (_, axis) =>
          axis === 0 ? Math.cos((degrees * Math.PI) / 180) : axis === 1 ? Math.sin((degrees * Math.PI) / 180) : 0,
        );
      for (const degrees of [80, 10, 45]) {
        await commit(wire, namespace, aMemory({ content: `${degrees} degrees`, embedding: towards(degrees) }));
      }
      const found = await search(wire, { namespaces: [namespace], embedding: towards(0) });
      assert.deepEqual(
        found.map((memory) => memory.content),
        ['10 degrees', '45 degrees', '80 degrees'],
      );
    },
  },
];
