/** What is no request of the contract at all. */
import assert from 'node:assert/strict';
import { assertRefused, type Check, createNamespace, namespacePath } from '../check.ts';

export const errorChecks: readonly Check[] = [
  {
    name: 'a body that is no JSON is refused with 400 and an Error',
    async run(wire) {
      const namespace = await createNamespace(wire);
      for (const text of ['{"kind": "custom"', 'kind=custom']) {
        assertRefused(await wire.sendText('PUT', namespacePath(wire.freshName()), text), 400, 'bad_request');
        assertRefused(await wire.sendText('POST', `${namespacePath(namespace)}/memories`, text), 400, 'bad_request');
        assertRefused(await wire.sendText('POST', '/v1/search', text), 400, 'bad_request');
      }
    },
  },
  {
    name: 'a body that is JSON but no object is refused with 400 and an Error',
    async run(wire) {
      const namespace = await createNamespace(wire);
      for (const body of [null, [], 'text', 7]) {
        assertRefused(await wire.send('PUT', namespacePath(wire.freshName()), body), 400, 'bad_request');
        assertRefused(await wire.send('POST', `${namespacePath(namespace)}/memories`, body), 400, 'bad_request');
        assertRefused(await wire.send('POST', '/v1/search', body), 400, 'bad_request');
      }
    },
  },
  {
    name: 'a path that the contract does not have answers 404',
    async run(wire) {
      for (const path of ['/v1/memory', '/v1/namespaces', '/v1/health/deep']) {
        assert.equal((await wire.send('GET', path)).status, 404);
      }
    },
  },
  {
    name: 'a method that a path does not have is refused (the field answers 405, which version 1 does not document)',
    async run(wire) {
      for (const [method, path] of [
        ['GET', '/v1/search'],
        ['POST', '/v1/health'],
        ['GET', namespacePath(await createNamespace(wire))],
      ] as const) {
        const { status } = await wire.send(method, path);
        assert.ok(status === 404 || status === 405, `${method} ${path} was answered with ${status}`);
      }
    },
  },
];
