/** Plugins for the simulation, and what is measured of them. */
import { fixed, generator, type PluginModel, simulate } from './simulation.ts';

export const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
export const STALLS = { stallEveryMs: 3_000, stallMs: [100, 200] } satisfies Partial<PluginModel>;

/** Best at so many requests; beyond, each as many more add that part to the time of all. */
export const knee = (requests: number, serviceMs: number, penalty = 0.5): PluginModel => ({
  ...STALLS,
  servers: requests,
  serviceMs,
  knee: requests,
  penalty,
});

/** As commits that share their writes to disk: each doubling brings less, and 64 at a time four times what one brings. */
export const SHARING: PluginModel = { ...STALLS, servers: 300, serviceMs: 2, knee: 1, penalty: 0.26 };

/** With swings of its own, slower than a window, as on a machine that others use, too: about by so much, as a part of its time. */
export function swinging(
  plugin: PluginModel,
  { seed, everyMs, by }: { seed: number; everyMs: number; by: number },
): (at: number) => PluginModel {
  const random = generator(seed);
  const swings: number[] = [];
  for (let swing = 0; swings.length < 1_000; swings.push(Math.exp(swing))) {
    swing = 0.8 * swing + by * (random() + random() - 1);
  }
  return (at) => ({ ...plugin, serviceMs: plugin.serviceMs * (swings[Math.floor(at / everyMs)] ?? 1) });
}

/** As `swinging`, and nine times as slow in the beginning: programs that are just being compiled, and caches that are empty. */
export function fromCold(plugin: PluginModel, swings: { seed: number; everyMs: number; by: number }) {
  const warm = swinging(plugin, swings);
  return (at: number): PluginModel => {
    const model = warm(at);
    return { ...model, serviceMs: model.serviceMs * (1 + 8 * Math.exp(-at / 700)) };
  };
}

/** What a sender with a level of its own would get: the best of many. */
export function bestOf(plugin: PluginModel): number {
  const levels = [1, 2, 4, 5, 8, 16, 20, 32, 48, 64, 80, 100];
  return Math.max(...levels.map((level) => simulate(fixed(level), { plugin, seconds: 12, seed: 99 }).rate(2, 12)));
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
