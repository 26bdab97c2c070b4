/**
 * Where the best level may lie, as far as a search knows: above one that was found worse, below another, around the best so far.
 *
 * Where nothing bounds a side yet, the next level to be tried lies a step away, and each step that helped doubles the next, up to
 * twice the level; between two bounds it lies in the (geometric) middle. The wider side is tried first, so that no time is spent
 * on the fine shape of one side while the other has not been looked at. The search ends where both bounds are close.
 *
 * A gentle slope is lost in the noise of one step, and shows over two: where twice the level cannot be told from the best, four times
 * the level is tried before the first is believed to be a bound.
 */

/** A bound is close that is less than this many times as high or as low as the best level. */
const CLOSE = 1.2;

export interface Bracket {
  /** The best level so far. */
  readonly base: number;
  /** @param ceiling a level from which on none may be tried @returns the level to try next; null where the search is over */
  next(ceiling: number | null): number | null;
  /** What was tried is the best so far. */
  better(level: number): void;
  /** What was tried is not. */
  worse(level: number): void;
  /** What was tried cannot be told from the best so far, and is not taken for better. */
  alike(level: number): void;
}

export interface Limits {
  least: number;
  most: number;
}

/**
 * @param step octaves: 1 doubles or halves
 * @param floor the level below which nothing is to be tried; null for none
 */
export function bracket(start: number, step: number, limits: Limits, floor: number | null = null): Bracket {
  let base = start;
  let stride = step;
  let low = floor;
  let high: number | null = null;
  /** What is still to be tried beyond a bound that is one only because nothing could be told. */
  let beyond: number | null = null;
  let wasUp = true;

  function towards(bound: number | null, up: boolean): { level: number; gap: number } | null {
    const aim = bound === null ? base * 2 ** (up ? stride : -stride) : Math.sqrt(base * bound);
    const gap = bound === null ? Number.POSITIVE_INFINITY : Math.max(base / bound, bound / base);
    const level = stepFrom(base, aim, up, limits);
    const isBetween = bound === null || (up ? level < bound : level > bound);
    return level !== base && isBetween && gap > CLOSE ? { level, gap } : null;
  }

  return {
    get base() {
      return base;
    },
    next(ceiling) {
      if (beyond !== null && (ceiling === null || beyond < ceiling)) return beyond;
      const top = high === null || ceiling === null ? (high ?? ceiling) : Math.min(high, ceiling);
      const above = towards(top, true);
      const below = towards(low, false);
      if (!above || !below) return (above ?? below)?.level ?? null;
      const goesUp = above.gap === below.gap ? wasUp : above.gap > below.gap;
      return goesUp ? above.level : below.level;
    },
    better(level) {
      wasUp = level > base;
      if (wasUp) low = base;
      else high = base;
      if (high !== null && level > high) high = null;
      base = level;
      beyond = null;
      stride = Math.min(1, stride * 2);
    },
    worse(level) {
      if (level < base) low = level;
      else if (level !== beyond) high = level;
      beyond = null;
    },
    alike(level) {
      const isStep = high === null && level >= base * 2;
      this.worse(level);
      const further = Math.min(limits.most, Math.round(level ** 2 / base));
      if (isStep && further > level) beyond = further;
    },
  };
}

/** The whole number nearest to the aim, at least one away, and within the limits: so it may be the level itself. */
export function stepFrom(level: number, aim: number, up: boolean, { least, most }: Limits): number {
  const nearest = Math.round(aim);
  const away = nearest === level ? level + (up ? 1 : -1) : nearest;
  return Math.max(least, Math.min(most, away));
}
