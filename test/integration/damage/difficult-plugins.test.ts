/**
 * The damage suite against plugins that answer in their own way. None of it may make a damaged row a match or a whole one a
 * mismatch: what such a search cannot settle is unproven.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { Quirk, QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { type CourseOptions, noTally, runCourse } from './course.ts';
import { damageSeeds } from './seeds.ts';

interface Difficult {
  quirks: readonly Quirk[];
  plugin: CourseOptions['plugin'];
}

const DIFFICULT: readonly Difficult[] = [
  { quirks: ['null-memories'], plugin: {} },
  { quirks: ['ignores-query'], plugin: { blind: true } },
  { quirks: ['shuffled'], plugin: {} },
  { quirks: ['limit-50'], plugin: { cap: 50 } },
  { quirks: ['no-fts'], plugin: { blind: true } },
  { quirks: ['no-propagation'], plugin: { propagates: false } },
  { quirks: ['null-memories', 'shuffled', 'limit-50'], plugin: { cap: 50 } },
  { quirks: ['shuffled', 'ignores-query'], plugin: { blind: true } },
];

describe('damage to the copy in a plugin that is difficult', () => {
  let world: World<QuirkyPlugin>;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky', shape: { scopeCheck: false } });
  });
  afterAll(() => world.release());

  for (const [index, { quirks, plugin }] of DIFFICULT.entries()) {
    // Each plugin gets one of forty seeds, and one at the least.
    const share = damageSeeds.filter((seed) => seed % 40 === index + 1);
    for (const seed of share.length > 0 ? share : damageSeeds.slice(0, 1)) {
      test(`makes no false match and no false mismatch: ${quirks.join(', ')}, seed ${seed} (DAMAGE_FROM=${seed} DAMAGE_SEEDS=1)`, {
        timeout: 180_000,
      }, async () => {
        const tally = noTally();
        await world.plugin.setQuirks(quirks);
        await runCourse(world, { seed, alone: null, least: 150, most: 350, plugin: { ...plugin } }, tally);
        expect(tally.rows).toBeGreaterThan(0);
      });
    }
  }
});

describe('damage to the copy in a plugin whose index has been lost', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'reference', shape: { scopeCheck: false } });
    // From now on no memory has a word: it is listed, and no search for words finds it.
    await world.sql`alter table memory_plugin.memories alter column words drop expression`;
  });
  afterAll(() => world.release());

  for (const seed of damageSeeds.filter((one, index) => index === 0 || one % 40 === 12)) {
    test(`makes no false match and no false mismatch: seed ${seed} (DAMAGE_FROM=${seed} DAMAGE_SEEDS=1)`, {
      timeout: 180_000,
    }, async () => {
      const tally = noTally();
      await runCourse(world, { seed, alone: null, least: 250, most: 350, plugin: { blind: true } }, tally);
      expect(tally.rows).toBeGreaterThan(0);
    });
  }
});
