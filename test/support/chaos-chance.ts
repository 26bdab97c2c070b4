/** What a crash test leaves to chance, drawn from a seed, so that a failure can be repeated. The generator is mulberry32. */

export interface Chance {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  happens(probability: number): boolean;
  /** @throws Error where the list is empty */
  pick<T>(list: readonly T[]): T;
  /** At most so many different ones. */
  some<T>(list: readonly T[], most: number): T[];
  uuid(): string;
}

/** @param seed any whole number */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;

  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const between = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  const digits = (count: number) => Array.from({ length: count }, () => between(0, 15).toString(16)).join('');

  function pick<T>(list: readonly T[]): T {
    const item = list[between(0, list.length - 1)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  return {
    between,
    happens: (probability) => fraction() < probability,
    pick,
    some: (list, most) => [...new Set(list.length === 0 ? [] : Array.from({ length: most }, () => pick(list)))],
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`,
  };
}
