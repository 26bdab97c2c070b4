/**
 * The controller against a modelled plugin (simulation.ts): what it reaches, how soon, and how still it stands then. Every seed holds
 * the bounds; the tighter one is for their median.
 */
import { describe, expect, test } from 'vitest';
import { type Controller, controller } from '../../../../src/run/sending/controller.ts';
import { bestOf, fromCold, knee, median, SEEDS, SHARING, STALLS, swinging } from './plugins.ts';
import { fixed, type PluginModel, simulate } from './simulation.ts';

describe('ten seconds after the start the rate is near that of the best fixed level', () => {
  test.each<[string, PluginModel]>([
    ['1, quick', knee(1, 2, 0.3)],
    ['1, slow', knee(1, 20, 0.3)],
    ['4, and less than half of it at 16', knee(4, 4, 0.5)],
    ['4, and no worse beyond', knee(4, 4, 0)],
    ['16, and much worse beyond', knee(16, 10, 0.6)],
    ['16, because of the way there', { ...STALLS, servers: 1, serviceMs: 1.25, networkMs: 18.75 }],
    ['64, at a tenth of a second', knee(64, 100, 0.5)],
    ['64, and much worse beyond', knee(64, 30, 1)],
    ['64 or more, since part of it is the way there', { ...STALLS, servers: 64, serviceMs: 50, networkMs: 20 }],
  ])('for a plugin that is best at %s', (_, plugin) => {
    const best = bestOf(plugin);
    const ratios = SEEDS.map((seed) => simulate(controller(), { plugin, seconds: 20, seed }).rate(10, 20) / best);
    expect(Math.min(...ratios)).toBeGreaterThan(0.8);
    expect(median(ratios)).toBeGreaterThan(0.92);
  });
});

test('a slope that is lost in the noise of one step is climbed all the same', () => {
  const gentle: PluginModel = { stallEveryMs: 3_000, stallMs: [50, 100], servers: 300, serviceMs: 0.3, slope: 0.06 };
  const best = bestOf(gentle);
  const ratios = SEEDS.map((seed) => {
    const plugin = swinging(gentle, { seed, everyMs: 200, by: 0.1 });
    return simulate(controller(), { plugin, seconds: 20, seed }).rate(10, 20) / best;
  });
  expect(Math.min(...ratios)).toBeGreaterThan(0.85);
  expect(median(ratios)).toBeGreaterThan(0.92);
});

describe('from a cold start', () => {
  /** Of the best fixed level's rate, from one second to another, for sixteen seeds. */
  const ratios = (plugin: PluginModel, by: number, everyMs: number, [from, to]: [number, number]) =>
    SEEDS.concat(SEEDS.map((seed) => seed + SEEDS.length)).map((seed) => {
      const cold = fromCold(plugin, { seed, everyMs, by });
      const rateOf = (controlled: Controller) =>
        simulate(controlled, { plugin: cold, seconds: to, seed }).rate(from, to);
      return rateOf(controller()) / Math.max(...[1, 8, 16, 32, 64, 128].map((level) => rateOf(fixed(level))));
    });

  test('a rate that levels off is climbed, on a machine whose speed swings by a third', () => {
    const reached = ratios(SHARING, 0.4, 100, [10, 20]);
    expect(Math.min(...reached)).toBeGreaterThan(0.8);
    expect(median(reached)).toBeGreaterThan(0.93);
  });

  test('so it is where answers come in bursts, as those of programs that share a core', () => {
    const reached = ratios({ ...SHARING, serviceMs: 1.35, stallEveryMs: 38, stallMs: [4, 32] }, 0.15, 500, [15, 30]);
    expect(Math.min(...reached)).toBeGreaterThan(0.75);
    expect(median(reached)).toBeGreaterThan(0.92);
  });

  test('what was only warming up is not taken for a gain for long', () => {
    const reached = ratios(knee(1, 2, 0.3), 0.1, 500, [20, 30]);
    expect(Math.min(...reached)).toBeGreaterThan(0.8);
    expect(median(reached)).toBeGreaterThan(0.92);
  });
});

describe('once settled', () => {
  test.each<[string, PluginModel, number]>([
    ['1', knee(1, 5, 0.3), 1],
    ['4', knee(4, 8, 0.5), 1],
    ['4, and no worse beyond', knee(4, 6, 0), 2],
    ['16', knee(16, 32, 0.6), 1],
    ['16, and no worse beyond', knee(16, 32, 0), 1],
    ['64', knee(64, 100, 0.5), 1],
  ])(
    'the level stays within a quarter, or a request or two, for minutes, for a plugin that is best at %s',
    (_, plugin, least) => {
      for (const seed of SEEDS.slice(0, 5)) {
        const { levels } = simulate(controller(), {
          plugin: swinging(plugin, { seed, everyMs: 500, by: 0.08 }),
          seconds: 150,
          seed,
        });
        const held = levels.slice(400);
        const level = median(held);
        const around = Math.max(least, Math.ceil(level / 4));
        expect(Math.min(...held)).toBeGreaterThanOrEqual(level - around);
        expect(Math.max(...held)).toBeLessThanOrEqual(level + around);
      }
    },
  );

  test('it is probed now and then, up and down, and is at its level most of the time', () => {
    const { levels, settled } = simulate(controller(), { plugin: knee(16, 16, 0.6), seconds: 120, seed: 1 });
    const held = levels.slice(300);
    const level = median(held);
    expect(settled.slice(300).every(Boolean)).toBe(true);
    expect(held.some((each) => each > level)).toBe(true);
    expect(held.some((each) => each < level)).toBe(true);
    expect(held.filter((each) => each === level).length / held.length).toBeGreaterThan(0.75);
  });

  test('it is the lowest level that is nearly as good: latency is not paid for nothing', () => {
    const flat = knee(16, 20, 0);
    for (const seed of SEEDS) {
      const level = median(simulate(controller(), { plugin: flat, seconds: 60, seed }).levels.slice(300));
      expect(level).toBeGreaterThanOrEqual(13);
      expect(level).toBeLessThanOrEqual(20);
    }
  });

  test('it is not one that twice as many requests improve by two percent: that is too little for twice the latency', () => {
    const saturating: PluginModel = { ...STALLS, servers: 200, serviceMs: 16, knee: 4, penalty: 0.96 };
    const levels = SEEDS.map((seed) =>
      median(simulate(controller(), { plugin: saturating, seconds: 60, seed }).levels.slice(300)),
    );
    expect(median(levels)).toBeLessThanOrEqual(7);
    expect(Math.max(...levels)).toBeLessThanOrEqual(16);
  });

  test('it was reached within so many seconds', () => {
    const untilSettled = (plugin: PluginModel) =>
      SEEDS.map((seed) => simulate(controller(), { plugin, seconds: 30, seed }).settled.indexOf(true) / 10);
    expect(Math.max(...untilSettled(knee(4, 4)))).toBeLessThan(4);
    expect(Math.max(...untilSettled(knee(16, 10)))).toBeLessThan(6);
    expect(Math.max(...untilSettled(knee(64, 100)))).toBeLessThan(25);
  });
});
