/**
 * What pairs of windows say about another level, and how far they can be believed: the noise is learnt from windows that were
 * taken at one and the same level. Rates are compared as logarithms: a gain of 0.1 is about ten percent.
 */

/** Of the logarithm of a window's rate, until windows have shown their own. */
const FIRST_SPREAD = 0.04;
const LEAST_SPREAD = 0.008;

/** What one observation weighs in the spread. */
const WEIGHT = 0.1;

/** In spreads: what lies further out counts as lying here, so that no one window decides. */
const OUTLIER = 3;

export interface Noise {
  /** Takes in the logarithms of the rates of two windows at one level, one soon after the other. */
  observe(before: number, after: number): void;
  /** The standard deviation of a pair's gain: of one window at the other level against the mean of two at this one. */
  readonly spread: number;
}

export function noise(): Noise {
  let variance = FIRST_SPREAD ** 2;
  return {
    observe(before, after) {
      // The difference of two has twice the variance of one.
      const seen = Math.min((after - before) ** 2 / 2, OUTLIER ** 2 * variance);
      variance = Math.max(LEAST_SPREAD ** 2, variance + WEIGHT * (seen - variance));
    },
    get spread() {
      return Math.sqrt(1.5 * variance);
    },
  };
}

export interface Evidence {
  /** Pairs that the mean is made of. */
  readonly pairs: number;
  readonly mean: number;
  /** @param gain of one pair @param spread of a pair */
  add(gain: number, spread: number): void;
  /** The mean in standard errors. */
  errors(spread: number): number;
  clear(): void;
}

/** @param memory the number of pairs beyond which older ones fade */
export function evidence(memory: number): Evidence {
  let pairs = 0;
  let mean = 0;
  return {
    get pairs() {
      return pairs;
    },
    get mean() {
      return mean;
    },
    add(gain, spread) {
      const most = OUTLIER * spread;
      pairs = Math.min(pairs + 1, memory);
      mean += (Math.max(-most, Math.min(most, gain)) - mean) / pairs;
    },
    errors: (spread) => (mean * Math.sqrt(pairs)) / spread,
    clear() {
      pairs = 0;
      mean = 0;
    },
  };
}
