/** The lot that draws workspaces: repeatable by its seed, fair, and with those that come next for whoever looks further. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertWorkspaces, type LegacyWorkspace } from '../../support/legacy.ts';
import { type LegacyDatabase, legacyDatabase } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

async function plant(count: number, removed = 0): Promise<string[]> {
  const workspaces = Array.from({ length: count }, (_, index): LegacyWorkspace => {
    const id = `0000000b-0000-4000-8000-${String(index).padStart(12, '0')}`;
    return { id, name: `Workspace ${index}`, parentId: null, status: index < removed ? 'removed' : 'online' };
  });
  await insertWorkspaces(legacy.sql, workspaces);
  return workspaces.map(({ id }) => id);
}

/** The order of the lot, by its definition. */
function drawnFrom(ids: readonly string[], seed: string): string[] {
  const key = (id: string) => createHash('sha256').update(`${seed}:${id}`).digest('hex');
  return ids.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

test('a sample is the first of the lot, and the others are the next hundred of it', async () => {
  const order = drawnFrom(await plant(160), 'seed');
  expect(await legacy.source.draw(50, 'seed')).toEqual({
    ids: order.slice(0, 50),
    others: order.slice(50, 150),
    population: 160,
  });
});

test('another seed draws another order, and the same seed the same', async () => {
  const ids = await plant(160);
  const [one, again, other] = [
    await legacy.source.draw(10, 'one'),
    await legacy.source.draw(10, 'one'),
    await legacy.source.draw(10, 'other'),
  ];
  expect(again).toEqual(one);
  expect(other.ids).toEqual(drawnFrom(ids, 'other').slice(0, 10));
  expect(other.ids).not.toEqual(one.ids);
});

test('a larger sample of the same seed begins with the smaller one, and goes on with its others', async () => {
  await plant(40);
  const small = await legacy.source.draw(10, 'seed');
  expect((await legacy.source.draw(25, 'seed')).ids).toEqual([...small.ids, ...small.others].slice(0, 25));
});

test('a number leaves removed workspaces out of the sample, the others and the population', async () => {
  const ids = await plant(30, 20);
  const order = drawnFrom(ids.slice(20), 'seed');
  expect(await legacy.source.draw(4, 'seed')).toEqual({
    ids: order.slice(0, 4),
    others: order.slice(4),
    population: 10,
  });
});

test('all takes removed workspaces too, and leaves no others', async () => {
  const ids = await plant(130, 20);
  expect(await legacy.source.draw('all', 'seed')).toEqual({
    ids: drawnFrom(ids, 'seed'),
    others: [],
    population: 130,
  });
});

test('more than there are is all there are, and of none there is nothing to draw', async () => {
  expect(await legacy.source.draw(5, 'seed')).toEqual({ ids: [], others: [], population: 0 });
  const ids = await plant(3);
  expect(await legacy.source.draw(5, 'seed')).toEqual({ ids: drawnFrom(ids, 'seed'), others: [], population: 3 });
});
