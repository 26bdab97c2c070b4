/**
 * The level at which the plugin was overloaded last: it is kept away from for a few seconds, and for twice as long each time that it
 * turns out to be true still. A plugin that refuses beyond a number of requests is so tried again ever more seldom; one that
 * was restarted is soon believed in again.
 */

const FIRST_MS = 4_000;
const LONGEST_MS = 512_000;

/** Within so many times, up or down, an overload is at the same level again. */
const SAME = 1.25;

export interface Ceiling {
  /** The plugin was overloaded. @param now milliseconds */
  hit(level: number, now: number): void;
  /** The level that must not be reached now; null where there is none. */
  at(now: number): number | null;
}

export function ceiling(): Ceiling {
  let lowest: number | null = null;
  let until = 0;
  let lasts = FIRST_MS;

  function isSame(level: number): boolean {
    return lowest !== null && level <= lowest * SAME && level >= lowest / SAME;
  }

  return {
    hit(level, now) {
      lasts = isSame(level) ? Math.min(LONGEST_MS, lasts * 2) : FIRST_MS;
      lowest = level;
      until = now + lasts;
    },
    at: (now) => (now < until ? lowest : null),
  };
}
