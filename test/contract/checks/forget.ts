/** forgetMemory: who may forget what. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { aMemory, assertRefused, type Check, commit, contentsOf, createNamespace } from '../check.ts';
import type { Wire } from '../wire.ts';

export const forgetChecks: readonly Check[] = [
  {
    name: 'a memory is forgotten on behalf of its namespace, and no other one with it',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = await commit(wire, namespace, aMemory({ content: 'to forget' }));
      await commit(wire, namespace, aMemory({ content: 'to keep' }));
      assert.equal((await forget(wire, id, namespace)).status, 204);
      assert.deepEqual(await contentsOf(wire, namespace), ['to keep']);
      assertRefused(await forget(wire, id, namespace), 404, 'not_found');
    },
  },
  {
    name: 'a memory is not forgotten on behalf of another namespace: 403 (the field answers 404)',
    async run(wire) {
      const [owner, other] = [await createNamespace(wire), await createNamespace(wire)];
      const id = await commit(wire, owner, aMemory({ content: 'still here' }));
      const answer = await forget(wire, id, other);
      assert.deepEqual(await contentsOf(wire, owner), ['still here']);
      assertRefused(answer, 403, 'forbidden');
    },
  },
  {
    name: 'an unknown memory answers 404',
    async run(wire) {
      assertRefused(await forget(wire, randomUUID(), await createNamespace(wire)), 404, 'not_found');
    },
  },
  {
    name: 'without a namespace that asks nothing is forgotten',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = await commit(wire, namespace, aMemory({ content: 'still here' }));
      const answer = await wire.send('DELETE', `/v1/memories/${id}`, {});
      assert.ok(answer.status >= 400 && answer.status < 500, `the answer was ${answer.status}`);
      assert.deepEqual(await contentsOf(wire, namespace), ['still here']);
    },
  },
];

const forget = (wire: Wire, id: string, requested_by_namespace: string) =>
  wire.send('DELETE', `/v1/memories/${id}`, { requested_by_namespace });
