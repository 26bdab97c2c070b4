/** The reference plugin on a Postgres with pgvector: it announces embeddings, keeps them exactly, and searches by them. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, describe, expect, test } from 'vitest';
import { KNOWN_CAPABILITIES } from '../../src/contract/limits.ts';
import { startVectorPostgres } from '../support/pglite.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';
import { aMemory, commit, createNamespace, namespacePath, search } from './check.ts';
import { announcedBy, checks, runCheck } from './suite.ts';
import { withWire } from './wire.ts';

const server = await startVectorPostgres();
const sql = postgres(server.url, { max: 1, onnotice: () => {} });
await sql`drop extension vector`;
const plugin = await startReferencePlugin({ databaseUrl: server.url, flags: ['--pool=2'] });
afterAll(async () => {
  await plugin.stop();
  await sql.end();
  await server.stop();
});

test('announces embedding, having installed pgvector itself', async () => {
  expect(await announcedBy(plugin.url)).toEqual(new Set(KNOWN_CAPABILITIES));
});

describe('keeps the contract with pgvector:', () => {
  test.each(checks)('$name', async (check) => {
    await runCheck(check, plugin.url);
  });
});

test('stores a vector exactly, replaces it, and drops it with a replacement that has none', async () => {
  await withWire(plugin.url, async (wire) => {
    const namespace = await createNamespace(wire);
    const id = randomUUID();
    const stored = async () => {
      const [row] = await sql<{ embedding: number[] | null }[]>`
        select embedding::real[] from memory_plugin.memories where id = ${id}`;
      return row?.embedding?.map(Math.fround) ?? null;
    };
    for (const seed of [0.1, 1e-30]) {
      const embedding = Array.from({ length: 1536 }, (_, axis) => Math.fround(seed * (axis + 1)));
      await commit(wire, namespace, aMemory({ id, embedding }));
      expect(await stored()).toEqual(embedding);
    }
    await commit(wire, namespace, aMemory({ id }));
    expect(await stored()).toBeNull();
  });
});

test('refuses a vector of another size with 400, telling the sizes, in a memory and in a search', async () => {
  await withWire(plugin.url, async (wire) => {
    const namespace = await createNamespace(wire);
    const embedding = [1, 2, 3];
    const commits = await wire.send('POST', `${namespacePath(namespace)}/memories`, aMemory({ embedding }));
    const searches = await wire.send('POST', '/v1/search', { namespaces: [namespace], embedding });
    for (const answer of [commits, searches]) {
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'bad_request', message: expect.stringContaining('3 numbers, not 1536') },
      });
    }
  });
});

test('a search by vector scores by likeness, leaves out what has none, and keeps to the words of a query', async () => {
  await withWire(plugin.url, async (wire) => {
    const namespace = await createNamespace(wire);
    const axis = (index: number) => Array.from({ length: 1536 }, (_, each) => (each === index ? 1 : 0));
    await commit(wire, namespace, aMemory({ content: 'across gearbox', embedding: axis(1) }));
    await commit(wire, namespace, aMemory({ content: 'along submarine', embedding: axis(0) }));
    await commit(wire, namespace, aMemory({ content: 'no vector gearbox' }));
    const found = await search(wire, { namespaces: [namespace], embedding: axis(0) });
    expect(found.map(({ content, score }) => [content, score])).toEqual([
      ['along submarine', 1],
      ['across gearbox', 0],
    ]);
    const both = await search(wire, { namespaces: [namespace], embedding: axis(0), query: 'gearbox' });
    expect(both.map(({ content }) => content)).toEqual(['across gearbox']);
  });
});

test('goes on with the vectors after a restart', async () => {
  const second = await startReferencePlugin({ databaseUrl: server.url, flags: ['--pool=1'] });
  expect(await announcedBy(second.url)).toContain('embedding');
  await second.stop();
});
