/** At which concurrency a plugin takes most, by trying. */
import type { Bench } from '../bench.ts';
import { loadGenerator } from './load-generator.ts';
import type { Commits } from './memory-body.ts';

const LEVELS = [1, 2, 4, 8, 16, 32, 64];

export interface BestLoad {
  connections: number;
  perSecond: number;
}

export async function bestLoad(bench: Bench, commits: Commits): Promise<BestLoad> {
  let best: BestLoad = { connections: 1, perSecond: 0 };
  for (const connections of LEVELS) {
    const { output } = await loadGenerator({ ...commits, connections, amount: { seconds: bench.scale.trySeconds } });
    bench.say(`load generator at a concurrency of ${connections}: ${Math.round(output.perSecond)}/s`);
    if (output.perSecond > best.perSecond) best = { connections, ...output };
  }
  return best;
}
