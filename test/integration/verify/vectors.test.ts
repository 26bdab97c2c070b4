/** A vector that is lost is found where the plugin shows those of others, in whatever order it came to show them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { type TurnTaker, takingTurns } from '../source/taking-turns.ts';
import { ALL, found, verified } from './verifying.ts';

const vector = Array.from({ length: 1_536 }, (_, index) => Math.fround(Math.sin(index)));
const another = vector.toSpliced(7, 1, 0.5);

let world: World<QuirkyPlugin>;
let tree: Tree<'acme', 'whole' | 'stripped' | 'bent' | 'bare'>;
let source: TurnTaker;

beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky', shape: { embedding: 'vector' } });
  const embedding = vector;
  tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: {
      stripped: { of: 'acme', embedding },
      bent: { of: 'acme', embedding },
      whole: { of: 'acme', embedding },
      bare: { of: 'acme' },
    },
  });
  source = await takingTurns(world.databaseUrl);
  await world.backfill(['--apply', '--no-ledger'], { DATABASE_URL: source.url });
});
beforeEach(async () => {
  for (const { id } of tree.memories) await world.plugin.edit(id, { embedding: id === row('bare') ? null : vector });
});
afterAll(async () => {
  await source.stop();
  await world.release();
});

const row = (name: 'whole' | 'stripped' | 'bent' | 'bare') => tree.memory(name).id;

async function verify() {
  return verified(await world.backfill(['--verify', ...ALL], { DATABASE_URL: source.url }));
}

test('a row that comes back without its vector, where others come with theirs, has another one than was planned', async () => {
  await world.plugin.edit(row('stripped'), { embedding: null });

  const { code, result } = await verify();

  expect(result.listed).toMatchObject([
    { kind: 'fields', id: row('stripped'), sentence: 'has another embedding (none)' },
  ]);
  expect(result.rows).toMatchObject({ compared: 4, matched: 3 });
  expect(code).toBe(1);
});

test('a plugin that shows no vector at all is asked for none', async () => {
  for (const { id } of tree.memories) await world.plugin.edit(id, { embedding: null });

  const { code, result } = await verify();

  expect(result.rows).toMatchObject({ compared: 4, matched: 4 });
  expect([result.findings, code]).toEqual([found({}), 0]);
});

test('vectors are compared though none of the first hundred memories that the plugin shows has one', async () => {
  const namespace = `workspace:${tree.workspace('acme')}`;
  for (let told = 0; told < 100; told++) {
    await world.plugin.insert({ namespace, content: `An agent summed up ${told}.`, kind: 'summary' });
  }
  const clean = await verify();
  await world.plugin.edit(row('stripped'), { embedding: null, kind: 'fact' });
  await world.plugin.edit(row('bent'), { embedding: another });

  const { code, result } = await verify();

  expect(clean.result.rows).toMatchObject({ compared: 4, matched: 4, extra: 100 });
  expect([clean.result.findings, clean.code]).toEqual([found({}), 0]);
  expect(result.listed.map(({ id, sentence }) => [id, sentence])).toEqual([
    [row('stripped'), 'has another embedding (none)'],
    [row('bent'), 'has another embedding'],
  ]);
  expect(result.rows).toMatchObject({ compared: 4, matched: 2, extra: 100 });
  expect(code).toBe(1);
});
