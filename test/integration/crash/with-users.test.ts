/**
 * A migration to the reference plugin that is struck over and over, while people edit on both sides: nothing is lost, doubled,
 * overwritten or brought back.
 */
import { expect, test } from 'vitest';
import { crashMigration } from './migration.ts';
import { crashPoints, crashSeed } from './random.ts';

const points = Math.ceil(crashPoints * 0.7);
const repeat = `CRASH_SEED=${crashSeed} CRASH_POINTS=${crashPoints}`;

test(`a migration survives ${points} blows, and every word of a user stands`, {
  timeout: 300_000 + points * 10_000,
}, async () => {
  console.log(`Crash test with users, ${points} blows; to repeat it: ${repeat}`);
  const { complaints, blows, unexplained, unchecked } = await crashMigration({
    plugin: 'reference',
    seed: crashSeed,
    points,
    rows: 1_000,
    users: true,
  });
  expect(complaints.slice(0, 20), repeat).toEqual([]);
  expect(blows.length).toBe(points);
  expect(unexplained, repeat).toEqual([]);
  expect(unchecked, repeat).toEqual([]);
});
