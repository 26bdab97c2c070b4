/** Watches the rate of a level that is held, and says when it has become another one. */

/** What a shift is at least, of the logarithm of the rate; and how many windows in a row must show it. */
const SHIFT = 0.25;
const IN_A_ROW = 3;
/** A shift is also at least so many times what is noise. */
const SPREADS = 3;

/** Windows before which a shift must be twice as large, and over which the mean is taken. */
const FIRM = 4;
const MEMORY = 10;

export interface Watch {
  /** @param rate the logarithm of a window's rate @param spread of a pair of windows @returns true where the plugin is not what it was */
  shifted(rate: number, spread: number): boolean;
}

/** @param first the logarithm of the rate that the level was seen with before; null where it was not */
export function watch(first: number | null): Watch {
  let mean = first ?? 0;
  let windows = first === null ? 0 : 1;
  let above = 0;
  let below = 0;
  return {
    shifted(rate, spread) {
      const off = rate - mean;
      const shift = windows < FIRM ? 2 * SHIFT : SHIFT;
      const isFar = windows > 0 && Math.abs(off) > Math.max(shift, SPREADS * spread);
      above = isFar && off > 0 ? above + 1 : 0;
      below = isFar && off < 0 ? below + 1 : 0;
      if (!isFar) {
        windows = Math.min(MEMORY, windows + 1);
        mean += off / windows;
      }
      return above >= IN_A_ROW || below >= IN_A_ROW;
    },
  };
}
