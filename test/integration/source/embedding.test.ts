/** The embedding column, from a Postgres with pgvector to a plugin that keeps vectors, number for number. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { type TurnTaker, takingTurns } from './taking-turns.ts';

/** 1,536 of 32 bits each, as pgvector keeps them: fractions that no decimal hits, the least, the largest, both signs. */
const vector = Float32Array.from({ length: 1_536 }, (_, index) => Math.sin(index) / 3 ** (index % 40));
vector.set([0, -1, 1.1754943508222875e-38, 1e-45, 3.4028234663852886e38, 0.1, 16_777_216]);

let world: World<QuirkyPlugin>;
let tree: Tree<'acme', 'with' | 'without'>;
/** PGlite by way of turns. */
let source: TurnTaker;

beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky', shape: { embedding: 'vector' } });
  tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { with: { of: 'acme', embedding: [...vector] }, without: { of: 'acme' } },
  });
  source = await takingTurns(world.databaseUrl);
});
// What is there, or recorded, is not sent again: each test begins with an empty plugin, and keeps no ledger.
beforeEach(async () => {
  const { memories } = await world.contents();
  await world.plugin.remove(memories.map(({ id }) => id));
});
afterAll(async () => {
  await source.stop();
  await world.release();
});

test('a plugin that does not announce embedding is sent none', async () => {
  const proxy = await world.faultProxy();
  const bare = { status: 'ok', version: '1.0.0', capabilities: [] };
  proxy.on({ path: /health/, times: 1 }, { kind: 'answer', status: 200, body: JSON.stringify(bare) });

  const { report } = await world.backfill(['--apply', '--no-ledger'], { DATABASE_URL: source.url });

  expect(report).toMatchObject({ exitCode: 0, source: { hasEmbedding: true }, result: { written: 2 } });
  expect((await world.contents()).memories).toMatchObject([{ embedding: null }, { embedding: null }]);
});

test('an embedding arrives exactly as it is stored, and a row without one arrives without one', async () => {
  const { report } = await world.backfill(['--apply', '--no-ledger'], { DATABASE_URL: source.url });

  expect(report).toMatchObject({ exitCode: 0, source: { hasEmbedding: true }, result: { written: 2 } });
  const { memories } = await world.contents();
  expect(memories.map(({ id }) => id)).toEqual([tree.memory('with').id, tree.memory('without').id]);
  expect(memories[1]?.embedding).toBeNull();
  // The same 32 bits: what differs in a digit that a vector does not keep is still the same vector.
  expect(Float32Array.from(memories[0]?.embedding ?? [])).toEqual(vector);
});

test('where the plugin returns vectors, a verify compares them, and one that differs in a single bit is found', async () => {
  const env = { DATABASE_URL: source.url };
  await world.backfill(['--apply', '--no-ledger'], env);
  const whole = await world.backfill(['--verify', '--verify-sample', 'all'], env);
  const other = [...vector];
  other[7] = Math.fround((other[7] ?? 0) + 2 ** -20);
  await world.plugin.edit(tree.memory('with').id, { embedding: other });
  const damaged = await world.backfill(['--verify', '--verify-sample', 'all'], env);

  expect(whole.report).toMatchObject({ exitCode: 0, result: { rows: { compared: 2, matched: 2 } } });
  expect(damaged.report).toMatchObject({
    exitCode: 1,
    result: { listed: [{ kind: 'fields', id: tree.memory('with').id, sentence: 'has another embedding' }] },
  });
});
