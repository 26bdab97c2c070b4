/**
 * Measures the rate of answers at one level, over a window that is long enough for a firm mean.
 *
 * A window is counted in rounds, as BBR counts them (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016): a round
 * ends with the first answer to a request that was sent after the round began. Answers that come in bursts, one burst a round
 * trip, are so counted by whole bursts, wherever the window begins.
 *
 *   passing    the level has just changed, and what comes in was sent at the old one. Ends with the first round
 *   measuring  at least four rounds, a tenth of a second and thirty answers, or for longer where the noise asks for it; a slow plugin is
 *              given up waiting for after a second, once eight answers are there
 *
 * A window says nothing where the plugin fell silent for a good part of it: a pause of its own, an outage, a frozen machine. It
 * is taken again; but the third in a row counts, since silence may be what the level costs. And it is `limited` where a good part
 * of its requests were sent while slots stood empty: then the supply of rows set the rate, not the level.
 */
import type { Sample } from './sample.ts';

const ROUNDS = 4;
/** What a window takes at least, and how far that can be lengthened. */
const SHORTEST_MS = 100;
const LONGEST_MS = 400;
const ANSWERS = 30;
const PATIENCE_MS = 1000;
const FEWEST_ROUNDS = 2;
const FEWEST_ANSWERS = 8;
/** The part of a window that may pass without an answer. */
const SILENCE = 0.4;
const SILENT_IN_A_ROW = 2;
/** The part of a window's answers that the supply may have held back. */
const LIMITED = 0.1;

/** Successes a second, above 0; or why there is no such figure. */
export type Reading = { rate: number } | 'limited';

export interface Meter {
  /** Begins anew, at a time in milliseconds: the level has changed. */
  begin(at: number): void;
  /** From now on a window takes so many times as long as before, within bounds. @param times less than 1 changes nothing */
  lengthen(times: number): void;
  /** @returns the window's reading where the sample ends one, and the next window follows at once; otherwise null */
  add(sample: Sample, level: number): Reading | null;
}

export function meter(): Meter {
  let passing = true;
  let shortest = SHORTEST_MS;
  /** When the round under way began. */
  let roundAt = Number.NEGATIVE_INFINITY;
  let startedAt = 0;
  let lastAt = 0;
  let rounds = 0;
  let answers = 0;
  let successes = 0;
  let limited = 0;
  let longestGap = 0;
  let silentWindows = 0;

  function restart(at: number): void {
    passing = false;
    roundAt = at;
    startedAt = at;
    lastAt = at;
    rounds = 0;
    answers = 0;
    successes = 0;
    limited = 0;
    longestGap = 0;
  }

  function isFull(ms: number): boolean {
    if (ms >= PATIENCE_MS) return rounds >= FEWEST_ROUNDS && answers >= FEWEST_ANSWERS;
    return rounds >= ROUNDS && answers >= ANSWERS && ms >= shortest;
  }

  function reading(ms: number): Reading | null {
    if (limited > answers * LIMITED) return 'limited';
    const wasSilent = longestGap > ms * SILENCE;
    silentWindows = wasSilent ? silentWindows + 1 : 0;
    if (silentWindows > SILENT_IN_A_ROW) silentWindows = 0;
    else if (wasSilent) return null;
    return successes > 0 ? { rate: (successes * 1000) / ms } : null;
  }

  return {
    begin(at) {
      passing = true;
      roundAt = at;
    },
    lengthen(times) {
      shortest = Math.min(LONGEST_MS, shortest * Math.max(1, times));
    },
    add({ at, ms, outcome, inFlight }, level) {
      const isNewRound = at - ms >= roundAt;
      if (passing) {
        if (isNewRound) restart(at);
        return null;
      }
      answers++;
      if (outcome === 'success') successes++;
      if (inFlight < level && at - ms >= startedAt) limited++;
      if (at - lastAt > longestGap) longestGap = at - lastAt;
      lastAt = at;
      if (!isNewRound) return null;
      rounds++;
      roundAt = at;
      const elapsed = at - startedAt;
      if (!isFull(elapsed)) return null;
      const read = reading(elapsed);
      restart(at);
      return read;
    },
  };
}
