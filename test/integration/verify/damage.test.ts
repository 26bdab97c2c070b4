/**
 * Whatever happens to a row is found, called what it is, and told by the row's id; and nothing else is found. Chance decides
 * where it happens: in namespaces of one to 300 memories, so within what a search can list and beyond it. The names of
 * the tests say the seed, and DAMAGE_SEED repeats it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { DAMAGES, type Damage, OTHER_DAMAGES, type Place, plantPlace } from './damages.ts';
import { tampering } from './tampering.ts';
import { ALL, apply, counted, found, listed, named, type Verified, verify } from './verifying.ts';

const SEED = Number(process.env.DAMAGE_SEED ?? Date.now() % 1_000_000);
const kinds = Object.entries({ ...DAMAGES, ...OTHER_DAMAGES });
const chance = decidedByLot();

function decidedByLot() {
  const row = fc.nat(1_000);
  const size = fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 60 }), weight: 2 },
    { arbitrary: fc.integer({ min: 95, max: 300 }), weight: 1 },
  );
  const damage = fc.constantFrom(...Object.values(DAMAGES));
  const [decided] = fc.sample(
    fc.record({
      /** For each kind of damage, the place where it is done alone, and to which row. */
      places: fc.array(fc.record({ size, row }), { minLength: kinds.length, maxLength: kinds.length }),
      /** What is then done to any of them. */
      mixture: fc.array(fc.record({ place: fc.nat(kinds.length - 1), row, damage }), { minLength: 25, maxLength: 25 }),
    }),
    { seed: SEED, numRuns: 1 },
  );
  if (!decided) throw new Error('Nothing was decided.');
  return decided;
}

describe.each(PLUGINS)(`with the %s plugin (DAMAGE_SEED=${SEED})`, (plugin) => {
  let world: World;
  const places: Place[] = [];
  const done = new Map<string, Damage>();

  beforeAll(async () => {
    world = await startWorld({ plugin });
    for (const { size } of chance.places) places.push(await plantPlace(world, size));
    await apply(world);
  });
  afterAll(() => world.release());

  async function inflict(damage: Damage, row: LegacyRow, place: Place): Promise<void> {
    if (done.has(row.id)) return;
    done.set(row.id, damage);
    await damage.inflict(tampering(world), row, place);
  }

  /** Does each damage in a place of its own. @returns the row that was hit, and the place. */
  async function inflictAlone(damage: Damage, index: number): Promise<{ victim: LegacyRow; place: Place }> {
    const place = nth(places, index);
    const victim = damage.victim?.(place) ?? nth(place.rows, nth(chance.places, index).row);
    await inflict(damage, victim, place);
    return { victim, place };
  }

  test('nothing is found before there is damage', async () => {
    const { code, result } = await verify(world, ...ALL);

    expect(result.findings).toEqual(found({}));
    expect(result.workspaces).toEqual(counted({ sampled: 2 * places.length, matches: 2 * places.length }));
    expect(result.rows.compared).toBe(copied(places));
    expect(code).toBe(0);
  });

  // Each takes a run of its own: with one plugin they are done alone, with both together.
  const alone = plugin === 'reference' ? kinds : [];
  test.concurrent.each(alone.map(([name, damage], index) => [name, damage, index] as const))(
    'a row that was %s is found, and no other',
    async (_name, damage, index) => {
      const { victim, place } = await inflictAlone(damage, index);

      const { code, result } = await verify(world, '--workspace', place.child);

      // The hunt may come upon what the other tests, at the same time, have let out of the other places.
      const own = new Set(rowsOf(place).map(({ id }) => id));
      const { true: here = [], false: elsewhere = [] } = Object.groupBy(result.listed, ({ id }) => `${own.has(id)}`);
      expect(here).toMatchObject([{ kind: damage.kind, id: victim.id, workspaceId: place.child }]);
      expect(here[0]?.sentence).toContain(damage.sentence);
      expect(elsewhere.filter(({ id, kind }) => done.get(id)?.kind !== kind)).toEqual([]);
      expect(result.workspaces).toEqual(counted({ sampled: 1, mismatches: 1 }));
      expect(code).toBe(1);
    },
  );

  test('all of it together is found, and no more', async () => {
    for (const [index, [, damage]] of kinds.entries()) await inflictAlone(damage, index);
    for (const { place: index, row, damage } of chance.mixture) {
      const place = nth(places, index);
      await inflict(damage, nth(place.rows, row), place);
    }

    const { code, result } = await verify(world, ...ALL);

    expect(listed(result)).toEqual([...done].map(([id, { kind }]) => named({ kind, id })).sort());
    expectCounted(result, places, done);
    expect(code).toBe(1);
  });
});

function expectCounted(result: Verified['result'], places: readonly Place[], done: ReadonlyMap<string, Damage>): void {
  const damagesOf = (place: Place) => rowsOf(place).flatMap(({ id }) => done.get(id) ?? []);
  const children = places.filter((place) => damagesOf(place).length > 0).length;
  const roots = places.filter((place) => damagesOf(place).some(({ concernsTeam }) => concernsTeam)).length;
  const [sampled, mismatches] = [2 * places.length, children + roots];
  expect(result.workspaces).toEqual(counted({ sampled, matches: sampled - mismatches, mismatches }));
  const differing = [...done.values()].filter((damage) => damage !== OTHER_DAMAGES['let in']).length;
  expect(result.rows).toMatchObject({ compared: copied(places), matched: copied(places) - differing });
}

/** The rows of a place that damage may be done to. */
function rowsOf({ rows, shared, skipped }: Place): LegacyRow[] {
  return [...rows, shared, skipped];
}

/** The rows of a place, one of the team and one of the org. */
function copied(places: readonly Place[]): number {
  return places.reduce((sum, { rows }) => sum + rows.length + 2, 0);
}

/** Of a list that begins again at its end. */
function nth<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('The list is empty.');
  return item;
}
