/** The controller when things change: the plugin, its load, or the supply of rows. Every seed holds the bounds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controller, type Sample } from '../../../../src/run/sending/controller.ts';
import { bestOf, knee, median, SEEDS, STALLS } from './plugins.ts';
import { type PluginModel, simulate } from './simulation.ts';

describe('a plugin that changes is followed', () => {
  test.each<[string, PluginModel, PluginModel]>([
    ['to a lower level', knee(16, 10), knee(4, 10)],
    ['to a much lower one', knee(64, 50), knee(16, 50)],
    ['to a higher one, though the rate at the old one stays as it was', knee(4, 10), knee(16, 10)],
    ['to a much higher one', knee(16, 50), knee(64, 50)],
    ['from a curve that was flat beyond', knee(4, 10, 0), knee(16, 10, 0)],
    [
      'into a network far away',
      { ...STALLS, servers: 1, serviceMs: 1 },
      { ...STALLS, servers: 1, serviceMs: 1, networkMs: 40 },
    ],
    ['when it becomes three times slower', knee(16, 5), knee(16, 15)],
    ['when it becomes three times faster', knee(16, 15), knee(16, 5)],
  ])('%s', (_, before, after) => {
    const best = bestOf(after);
    const plugin = (at: number) => (at < 20_000 ? before : after);
    const ratios = SEEDS.map((seed) => simulate(controller(), { plugin, seconds: 60, seed }).rate(40, 60) / best);
    expect(Math.min(...ratios)).toBeGreaterThan(0.8);
    expect(median(ratios)).toBeGreaterThan(0.9);
  });
});

test.each([10_000, 15_000, 20_000])(
  'so is one that becomes quite another while it is still searched, after %d ms',
  (when) => {
    const [before, after] = [knee(64, 100), knee(4, 4)];
    const plugin = (at: number) => (at < when ? before : after);
    const ratios = SEEDS.map(
      (seed) => simulate(controller(), { plugin, seconds: 60, seed }).rate(45, 60) / bestOf(after),
    );
    expect(Math.min(...ratios)).toBeGreaterThan(0.8);
  },
);

test('one that is slow for half a second every three is no other one each time: a level is found', () => {
  const even: PluginModel = { servers: 16, serviceMs: 10 };
  const plugin = (at: number) => (at % 3_000 < 500 ? { ...even, serviceMs: 25 } : even);
  for (const seed of SEEDS) {
    const { settled } = simulate(controller(), { plugin, seconds: 90, seed });
    expect(settled.slice(0, 300)).toContain(true);
  }
});

describe('overload', () => {
  const refusing: PluginModel = { ...STALLS, servers: 64, serviceMs: 20, refusesBeyond: 20 };
  const overload = (at: number, ms: number): Sample => ({ at, ms, outcome: 'overload', inFlight: 64 });

  test('halves the level at once', () => {
    const control = controller({ start: 64 });
    control.answered(overload(100, 10));
    expect(control.level).toBe(32);
    expect(control.settled).toBe(false);
  });

  test('halves it once a round trip: what was sent before the halving does not halve again', () => {
    const control = controller({ start: 64 });
    for (let at = 100; at < 110; at++) control.answered(overload(at, 10.5));
    expect(control.level).toBe(32);
    control.answered(overload(112, 11));
    expect(control.level).toBe(16);
  });

  test('goes down to the least level and no further', () => {
    const control = controller({ start: 64, least: 3 });
    for (let at = 100; at < 1_000; at += 20) control.answered(overload(at, 10));
    expect(control.level).toBe(3);
  });

  test('is seldom caused again by a plugin that refuses beyond so many, and little is lost by it', () => {
    for (const seed of SEEDS) {
      const run = simulate(controller(), { plugin: refusing, seconds: 120, seed });
      expect(run.rate(10, 120)).toBeGreaterThan(0.8 * 1000);
      expect(run.overloads).toBeLessThan(40);
    }
  });

  test('that has passed is recovered from', () => {
    const plugin = (at: number): PluginModel => ({
      ...knee(16, 10),
      refusesBeyond: at > 30_000 && at < 31_000 ? 2 : Infinity,
    });
    const best = bestOf(knee(16, 10));
    for (const seed of SEEDS) {
      const run = simulate(controller(), { plugin, seconds: 60, seed });
      expect(Math.min(...run.levels.slice(300, 315))).toBeLessThanOrEqual(4);
      expect(run.rate(45, 60)).toBeGreaterThan(0.85 * best);
    }
  });
});

describe('where the supply of rows is the limit, the level is not raised', () => {
  const wide: PluginModel = { ...STALLS, servers: 64, serviceMs: 20 };

  test('beyond what the supply can use, but for a try', () => {
    for (const seed of SEEDS) {
      const { levels } = simulate(controller(), { plugin: wide, seconds: 60, seed, supply: 10 });
      expect(Math.max(...levels)).toBeLessThanOrEqual(16);
      expect(median(levels.slice(100))).toBeLessThanOrEqual(10);
    }
  });

  test('at all, where it cannot fill even the first level', () => {
    const { levels } = simulate(controller(), { plugin: wide, seconds: 30, seed: 1, supply: 3 });
    expect(new Set(levels)).toEqual(new Set([4]));
  });

  test('and rises once it is not any more', () => {
    for (const seed of SEEDS) {
      const supply = (at: number) => (at < 20_000 ? 3 : Infinity);
      const { levels } = simulate(controller(), { plugin: wide, seconds: 40, seed, supply });
      expect(median(levels.slice(350))).toBeGreaterThanOrEqual(50);
    }
  });

  test('nor is a level that was found given up while there is little to send', () => {
    for (const seed of SEEDS) {
      const supply = (at: number) => (at > 30_000 && at < 60_000 ? 5 : Infinity);
      const { levels } = simulate(controller(), { plugin: knee(16, 10), seconds: 62, seed, supply });
      expect(Math.abs((levels[605] ?? 0) - (levels[295] ?? 0))).toBeLessThanOrEqual(4);
    }
  });
});

describe('whatever it is told', () => {
  const samples = fc.array(
    fc.record({
      gap: fc.double({ min: 0, max: 500, noNaN: true }),
      ms: fc.double({ min: 0, max: 2_000, noNaN: true }),
      outcome: fc.constantFrom<Sample['outcome']>('success', 'success', 'success', 'overload', 'other'),
      inFlight: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 2_000 },
  );
  const limits = fc.tuple(
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 1, max: 90 }),
  );

  function levelsOf(course: Array<Omit<Sample, 'at'> & { gap: number }>, options: Parameters<typeof controller>[0]) {
    const control = controller(options);
    let at = 0;
    return course.map(({ gap, ...rest }) => {
      at += gap;
      control.answered({ at, ...rest });
      return control.level;
    });
  }

  test('the level is a whole number between the least and the most, and the same samples lead to the same levels', () => {
    fc.assert(
      fc.property(samples, limits, (course, [least, room, start]) => {
        const options = { start, least, most: least + room };
        const levels = levelsOf(course, options);
        for (const level of levels) {
          expect(Number.isInteger(level)).toBe(true);
          expect(level).toBeGreaterThanOrEqual(least);
          expect(level).toBeLessThanOrEqual(least + room);
        }
        expect(levelsOf(course, options)).toEqual(levels);
      }),
      { numRuns: 50 },
    );
  });
});

test('failures that say nothing about the load, such as a namespace that is still to be made, do not stop the search', () => {
  const control = controller();
  let turn = 0;
  const everyOtherFails = {
    get level() {
      return control.level;
    },
    get settled() {
      return control.settled;
    },
    answered(sample: Sample) {
      turn++;
      control.answered(turn % 2 === 0 ? { ...sample, outcome: 'other' } : sample);
    },
  };
  const run = simulate(everyOtherFails, { plugin: knee(16, 10), seconds: 30, seed: 1 });
  expect(run.levels.at(-1)).toBeGreaterThanOrEqual(12);
  expect(run.settled.at(-1)).toBe(true);
});
