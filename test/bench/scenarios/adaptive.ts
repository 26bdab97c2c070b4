/** Plugins with a best concurrency of their own that nobody tells: see sessions/knees.ts. */
import type { Bench } from '../bench.ts';
import type { Knee } from '../parts/knee-plugin.ts';
import type { Bound, Scenario } from '../scenario.ts';
import { type KneeCase, measureKnees } from '../sessions/knees.ts';

const KNEES: readonly Knee[] = [
  { servers: 1, serviceMs: 5 },
  { servers: 4, serviceMs: 6 },
  { servers: 16, serviceMs: 20 },
  { servers: 64, serviceMs: 80 },
];

const knees: readonly KneeCase[] = KNEES.map((knee) => ({
  name: `adaptive-${knee.servers}`,
  knee,
  fixed: [knee.servers],
}));

/** The way there and back takes four times as long as the commit: the best concurrency is some five times the number of servers. */
const distant: KneeCase = {
  name: 'latency',
  knee: { servers: 4, serviceMs: 5, latencyMs: 20 },
  fixed: [8, 12, 16, 20, 24],
};

const slowing: KneeCase = {
  name: 'slowing',
  knee: { servers: 16, serviceMs: 20, later: { afterMs: 8_000, servers: 4 } },
  fixed: [4],
};

const KNEE_ROUNDS = 2;

/** All that are asked for share one session. */
const kneeRounds = (bench: Bench) => measureKnees(bench, knees, bench.short ? 1 : KNEE_ROUNDS);
const otherRounds = (bench: Bench) => measureKnees(bench, [distant, slowing], 1);

/** One of them has to do for the one-minute form. */
function isShort({ knee }: KneeCase): boolean {
  return knee.servers === 16;
}

function scenario(one: KneeCase, claim: string, bound: Bound | null, session: typeof kneeRounds): Scenario {
  return {
    name: one.name,
    claim,
    bound,
    short: bound !== null && isShort(one),
    async measure(bench) {
      const measured = (await bench.once(session)).get(one.name);
      if (!measured) throw new Error('This plugin was not measured.');
      return measured;
    },
  };
}

export const adaptive: readonly Scenario[] = knees.map((one) =>
  scenario(
    one,
    `rate after 10 s over the best fixed concurrency, for a plugin whose best is ${one.knee.servers}`,
    { least: 0.8 },
    kneeRounds,
  ),
);

export const latency = scenario(distant, 'the same, with 20 ms of network latency', null, otherRounds);

export const slowDown = scenario(
  slowing,
  'the same, for a plugin that falls from 16 to 4 half way, 10 s after that',
  null,
  otherRounds,
);
