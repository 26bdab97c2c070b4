/**
 * The ends of the damage suite's range, which chance does not reach by itself: a class that its seeds never leave alone with the reference
 * plugin, a single memory, and five thousand.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import { noTally, runCourse } from '../damage/course.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ plugin: 'reference', shape: { scopeCheck: false } });
});
afterAll(() => world.release());

test.each([
  ['rows that are misplaced', 'misplaced', 100],
  ['damage of all classes', null, 1],
  ['damage of all classes', null, 5_000],
] as const)(
  '%s, and nothing else, is found (alone: %s) among %i memories',
  { timeout: 300_000 },
  async (_, alone, size) => {
    const tally = noTally();
    await runCourse(world, { seed: 4, alone, least: size, most: size }, tally);
    expect(tally.rows).toBe(size);
  },
);
