/** The reference plugin, in a process of its own, keeps the contract, and serves the golden examples. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, describe, expect, test } from 'vitest';
import { KNOWN_CAPABILITIES } from '../../src/contract/limits.ts';
import { clusterUrl } from '../support/cluster.ts';
import { createDatabase } from '../support/postgres.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';
import { at, keysOf } from '../unit/contract/contract.ts';
import { examplesOf, readExample } from './examples.ts';
import { announcedBy, checks, runCheck } from './suite.ts';
import { withWire } from './wire.ts';

const database = await createDatabase(clusterUrl(), 'contract');
const plugin = await startReferencePlugin({ databaseUrl: database.url });
const announced = await announcedBy(plugin.url);
afterAll(async () => {
  await plugin.stop();
  await database.drop();
});

test('announces every capability, embedding only where the server has pgvector', async () => {
  const sql = postgres(clusterUrl(), { max: 1 });
  const pgvector = await sql`select from pg_available_extensions where name = 'vector'`;
  await sql.end();
  expect(announced).toEqual(new Set(KNOWN_CAPABILITIES.filter((each) => each !== 'embedding' || pgvector.length > 0)));
});

describe('keeps the contract:', () => {
  test.each(checks.filter(({ needs }) => needs === undefined || announced.has(needs)))('$name', async (check) => {
    await runCheck(check, plugin.url);
  });

  test('the checks leave nothing behind', async () => {
    const sql = postgres(database.url, { max: 1 });
    const rows = await sql`
      select name from memory_plugin.namespaces where name like 'custom:contract-%'
      union all select content from memory_plugin.memories where namespace like 'custom:contract-%'`;
    await sql.end();
    expect(rows).toEqual([]);
  });
});

describe('serves the golden examples:', () => {
  const namespaces = '/v1/namespaces/';

  test.each(examplesOf('NamespaceUpsert'))('%s is accepted, and read back as a Namespace', async (name) => {
    await withWire(plugin.url, async (wire) => {
      const answer = await wire.send('PUT', namespaces + wire.freshName(), readExample(name));
      expect(answer.status).toBe(200);
      const shape = name.endsWith('.full') ? 'Namespace.full' : 'Namespace.minimal';
      expect(keysOf(answer.body)).toEqual(keysOf(readExample(shape)));
      expect(at(answer.body, 'metadata') ?? null).toEqual(at(readExample(name), 'metadata') ?? null);
    });
  });

  test.each(examplesOf('NamespacePatch'))('%s is accepted', async (name) => {
    await withWire(plugin.url, async (wire) => {
      const path = namespaces + wire.freshName();
      await wire.send('PUT', path, readExample('NamespaceUpsert.full'));
      expect((await wire.send('PATCH', path, readExample(name))).status).toBe(200);
    });
  });

  test.each(examplesOf('MemoryWrite'))('%s is stored, and read back as it is', async (name) => {
    await withWire(plugin.url, async (wire) => {
      const namespace = wire.freshName();
      await wire.send('PUT', namespaces + namespace, { kind: 'custom' });
      const sent = readExample(name);
      const stored = await wire.send('POST', `${namespaces}${namespace}/memories`, sent);
      expect(stored.status).toBe(201);
      expect(keysOf(stored.body)).toEqual(keysOf(readExample('MemoryWriteResponse.stored')));
      const { body } = await wire.send('POST', '/v1/search', { namespaces: [namespace] });
      for (const field of ['content', 'kind', 'source']) {
        expect(at(body, 'memories', '0', field)).toBe(at(sent, field));
      }
      expect(at(body, 'memories', '0', 'propagation') ?? null).toEqual(at(sent, 'propagation') ?? null);
    });
  });

  test.each(examplesOf('SearchRequest'))('%s is accepted', async (name) => {
    await withWire(plugin.url, async (wire) => {
      expect((await wire.send('POST', '/v1/search', readExample(name))).status).toBe(200);
    });
  });

  test.each(examplesOf('ForgetRequest'))(
    '%s is accepted, and answered like Error.not-found for an unknown memory',
    async (name) => {
      await withWire(plugin.url, async (wire) => {
        const answer = await wire.send('DELETE', `/v1/memories/${randomUUID()}`, readExample(name));
        expect(answer.status).toBe(404);
        expect(keysOf(answer.body)).toEqual(keysOf(readExample('Error.not-found')));
      });
    },
  );

  test('a listing and a search by words look like SearchResponse.listing and SearchResponse.words', async () => {
    await withWire(plugin.url, async (wire) => {
      const namespace = wire.freshName();
      await wire.send('PUT', namespaces + namespace, { kind: 'custom' });
      for (const name of ['MemoryWrite.full', 'MemoryWrite.nulls']) {
        await wire.send('POST', `${namespaces}${namespace}/memories`, readExample(name));
      }
      const listing = await wire.send('POST', '/v1/search', { namespaces: [namespace] });
      const words = await wire.send('POST', '/v1/search', { namespaces: [namespace], query: 'rollback approvals' });
      expect(shapesIn(listing.body)).toEqual(shapesIn(readExample('SearchResponse.listing')));
      expect(shapesIn(words.body)).toEqual(shapesIn(readExample('SearchResponse.words')));
    });
  });

  test('a search that finds nothing is SearchResponse.empty', async () => {
    await withWire(plugin.url, async (wire) => {
      const answer = await wire.send('POST', '/v1/search', { namespaces: [wire.freshName()] });
      expect(answer.body).toEqual(readExample('SearchResponse.empty'));
    });
  });

  test('health looks like HealthResponse.full', async () => {
    await withWire(plugin.url, async (wire) => {
      const { body } = await wire.send('GET', '/v1/health');
      expect(keysOf(body)).toEqual(keysOf(readExample('HealthResponse.full')));
      expect(at(body, 'version')).toBe(at(readExample('HealthResponse.full'), 'version'));
    });
  });
});

/** The keys of each memory in a SearchResponse, in alphabetical order. */
function shapesIn(body: unknown): string[][] {
  const memories = at(body, 'memories');
  if (!Array.isArray(memories)) throw new Error('This is no SearchResponse with memories.');
  return memories.map((memory) => keysOf(memory).sort());
}
