/** searchMemories: order, limits, filters, and the search by words. */
import assert from 'node:assert/strict';
import { aMemory, assertRefused, type Check, commit, contentsOf, createNamespace, search } from '../check.ts';
import type { Wire } from '../wire.ts';

export const searchChecks: readonly Check[] = [
  {
    name: 'without a query the newest come first',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commitAll(wire, namespace, ['first', 'second', 'third', 'fourth']);
      assert.deepEqual(await contentsOf(wire, namespace), ['fourth', 'third', 'second', 'first']);
    },
  },
  {
    name: 'without a query the pinned come before the others',
    needs: 'pin',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ content: 'first, pinned', pin: true }));
      await commit(wire, namespace, aMemory({ content: 'second, pinned', pin: true }));
      await commitAll(wire, namespace, ['third', 'fourth']);
      assert.deepEqual(await contentsOf(wire, namespace), ['second, pinned', 'first, pinned', 'fourth', 'third']);
    },
  },
  {
    name: 'the pinned are within the limit, however old they are',
    needs: 'pin',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commit(wire, namespace, aMemory({ content: 'first, pinned', pin: true }));
      await commitAll(wire, namespace, ['second', 'third', 'fourth']);
      const found = await search(wire, { namespaces: [namespace], limit: 2 });
      assert.deepEqual(
        found.map((memory) => memory.content),
        ['first, pinned', 'fourth'],
      );
    },
  },
  {
    name: 'the newest come first across several namespaces',
    async run(wire) {
      const [one, two] = [await createNamespace(wire), await createNamespace(wire)];
      await commitAll(wire, one, ['first']);
      await commitAll(wire, two, ['second']);
      await commitAll(wire, one, ['third']);
      const found = await search(wire, { namespaces: [one, two] });
      assert.deepEqual(
        found.map(({ content, namespace }) => [content, namespace]),
        [
          ['third', one],
          ['second', two],
          ['first', one],
        ],
      );
    },
  },
  {
    name: 'only the namespaces that are asked for are searched',
    async run(wire) {
      const [asked, other] = [await createNamespace(wire), await createNamespace(wire)];
      await commitAll(wire, asked, ['asked for']);
      await commitAll(wire, other, ['not asked for']);
      assert.deepEqual(await contentsOf(wire, asked), ['asked for']);
    },
  },
  {
    name: 'a namespace that is named twice is searched once',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commitAll(wire, namespace, ['once']);
      assert.equal((await search(wire, { namespaces: [namespace, namespace] })).length, 1);
    },
  },
  {
    name: 'the limit is 20 by default and at most 100, and the newest are within it',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const oldest = Array.from({ length: 80 }, (_, number) => `old ${number}`);
      await Promise.all(oldest.map((content) => commit(wire, namespace, aMemory({ content }))));
      const newest = Array.from({ length: 21 }, (_, number) => `new ${number}`);
      await commitAll(wire, namespace, newest);
      const asked = { namespaces: [namespace] };
      const contents = async (limit?: number) =>
        (await search(wire, { ...asked, ...(limit !== undefined && { limit }) })).map((memory) => memory.content);
      assert.deepEqual(await contents(), newest.toReversed().slice(0, 20));
      assert.deepEqual(await contents(1), ['new 20']);
      assert.deepEqual((await contents(100)).slice(0, 21), newest.toReversed());
      assert.equal((await contents(100)).length, 100);
    },
  },
  {
    name: 'a limit below 1, above 100 or between two numbers is refused with 400',
    async run(wire) {
      const namespace = await createNamespace(wire);
      for (const limit of [0, -1, 101, 1.5, '20']) {
        const answer = await wire.send('POST', '/v1/search', { namespaces: [namespace], limit });
        assertRefused(answer, 400, 'bad_request');
      }
    },
  },
  {
    name: 'a search without a namespace is refused with 400',
    async run(wire) {
      for (const body of [{}, { namespaces: [] }, { namespaces: null }, { namespaces: 'custom:a' }, { query: 'a' }]) {
        assertRefused(await wire.send('POST', '/v1/search', body), 400, 'bad_request');
      }
    },
  },
  {
    name: 'a search in which nothing is found answers 200 with no memories (the field answers null)',
    async run(wire) {
      assert.deepEqual(await contentsOf(wire, await createNamespace(wire)), []);
    },
  },
  {
    name: 'a search in a missing namespace finds nothing, and finds what is in the others',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commitAll(wire, namespace, ['here']);
      assert.deepEqual(await contentsOf(wire, wire.freshName()), []);
      assert.equal((await search(wire, { namespaces: [wire.freshName(), namespace] })).length, 1);
    },
  },
  {
    name: 'kinds restrict what is found',
    async run(wire) {
      const namespace = await createNamespace(wire);
      for (const kind of ['fact', 'summary', 'checkpoint'] as const) {
        await commit(wire, namespace, aMemory({ kind, content: kind }));
      }
      const found = async (kinds: ('fact' | 'summary' | 'checkpoint')[]) =>
        (await search(wire, { namespaces: [namespace], kinds })).map((memory) => memory.kind);
      assert.deepEqual(await found(['summary']), ['summary']);
      assert.deepEqual(await found(['fact', 'checkpoint']), ['checkpoint', 'fact']);
      const answer = await wire.send('POST', '/v1/search', { namespaces: [namespace], kinds: ['rumour'] });
      assertRefused(answer, 400, 'bad_request');
    },
  },
  {
    name: 'a search ignores fields that it does not know',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const answer = await wire.send('POST', '/v1/search', { namespaces: [namespace], offset: 10 });
      assert.equal(answer.status, 200);
    },
  },
  {
    name: 'a query finds the memories that hold its words, in the namespaces that are asked for',
    needs: 'fts',
    async run(wire) {
      const [asked, other] = [await createNamespace(wire), await createNamespace(wire)];
      await commitAll(wire, asked, ['The gearbox needs oil.', 'The gearbox is new.', 'The roof is new.']);
      await commitAll(wire, other, ['A gearbox in another place.']);
      const found = await search(wire, { namespaces: [asked], query: 'gearbox' });
      assert.deepEqual(
        new Set(found.map((memory) => memory.content)),
        new Set(['The gearbox needs oil.', 'The gearbox is new.']),
      );
      const both = await search(wire, { namespaces: [asked], query: 'gearbox oil' });
      assert.equal(both[0]?.content, 'The gearbox needs oil.');
      assert.deepEqual(await search(wire, { namespaces: [asked], query: 'submarine' }), []);
    },
  },
  {
    name: 'a query keeps to the limit and to the kinds',
    needs: 'fts',
    async run(wire) {
      const namespace = await createNamespace(wire);
      await commitAll(wire, namespace, ['gearbox one', 'gearbox two', 'gearbox three']);
      await commit(wire, namespace, aMemory({ content: 'gearbox four', kind: 'summary' }));
      assert.equal((await search(wire, { namespaces: [namespace], query: 'gearbox', limit: 2 })).length, 2);
      const summaries = await search(wire, { namespaces: [namespace], query: 'gearbox', kinds: ['summary'] });
      assert.deepEqual(
        summaries.map((memory) => memory.content),
        ['gearbox four'],
      );
    },
  },
  {
    name: 'a query finds a memory by what it was replaced with, no longer by what it was',
    needs: 'fts',
    async run(wire) {
      const namespace = await createNamespace(wire);
      const id = await commit(wire, namespace, aMemory({ content: 'the gearbox' }));
      await commit(wire, namespace, aMemory({ id, content: 'the submarine' }));
      assert.deepEqual(await search(wire, { namespaces: [namespace], query: 'gearbox' }), []);
      assert.equal((await search(wire, { namespaces: [namespace], query: 'submarine' })).length, 1);
    },
  },
];

/** Commits one after another, so that they have an order. */
async function commitAll(wire: Wire, namespace: string, contents: readonly string[]): Promise<void> {
  for (const content of contents) await commit(wire, namespace, aMemory({ content }));
}
