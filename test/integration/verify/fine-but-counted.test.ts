/**
 * What is fine, and counted: memories of the plugin's own users, and rows that have no place. In forests that chance has grown, small
 * enough for listings, so that each count is exact.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chanceOf } from '../../support/chaos-chance.ts';
import { insertMemories, insertWorkspaces } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { copyOf, storeOf } from '../damage/copy.ts';
import { damager } from '../damage/damages.ts';
import { growForest } from '../damage/forest.ts';
import { ALL, found, verify } from './verifying.ts';

/** Forests in which some rows have no place. */
const SEEDS = [2, 5, 8];

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin, shape: { scopeCheck: false } });
  });
  afterAll(() => world.release());

  test.each(SEEDS)(
    'what users remember is extra, what has no place is skipped, and all is told by number (seed %i)',
    async (seed) => {
      const chance = chanceOf(seed);
      const forest = growForest(chance, { rows: 70, silent: true });
      const copy = copyOf(forest, true);
      const own = chance.between(1, 20);
      damager({ chance, forest, copy, propagates: true }).addOwnMemories(own);
      const store = storeOf(world);
      await store.clear();
      await insertWorkspaces(world.sql, forest.workspaces);
      await insertMemories(world.sql, forest.rows);
      await store.follow(copy.takeChanges());
      const flags = [...ALL, ...(forest.teamLevel ? ['--team-level', forest.teamLevel] : [])];

      const { code, result } = await verify(world, ...flags);
      const strict = await verify(world, ...flags, '--fail-on-skipped');

      const placed = forest.rows.filter((row) => forest.placeOf(row) !== null).length;
      const homeless = forest.rows.length - placed;
      expect(homeless).toBeGreaterThan(0);
      expect(result.rows).toMatchObject({ compared: placed, matched: placed, extra: own });
      expect(Object.values(result.rows.skipped).reduce((sum, rows) => sum + rows, 0)).toBe(homeless);
      expect(result.findings).toEqual(found({}));
      expect([code, strict.code]).toEqual([0, 1]);
    },
  );
});
