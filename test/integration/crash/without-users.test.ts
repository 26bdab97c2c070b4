/** A migration to the quirky plugin that is struck over and over, and that a verify finds without fault in the end. */
import { expect, test } from 'vitest';
import { crashMigration } from './migration.ts';
import { crashPoints, crashSeed } from './random.ts';

const points = Math.max(1, Math.floor(crashPoints * 0.3));
const repeat = `CRASH_SEED=${crashSeed} CRASH_POINTS=${crashPoints}`;

test(`a migration survives ${points} blows, and a verify finds nothing wrong`, {
  timeout: 300_000 + points * 10_000,
}, async () => {
  console.log(`Crash test without users, ${points} blows; to repeat it: ${repeat}`);
  const { complaints, blows, unexplained, unchecked } = await crashMigration({
    plugin: 'quirky',
    seed: crashSeed + 1,
    points,
    rows: 1_000,
    users: false,
  });
  expect(complaints.slice(0, 20), repeat).toEqual([]);
  expect(blows.length).toBe(points);
  expect(unexplained, repeat).toEqual([]);
  expect(unchecked, repeat).toEqual([]);
});
