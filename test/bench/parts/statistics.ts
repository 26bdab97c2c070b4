/** Few numbers, told by their middle and their ends: a mean would let one disturbed run speak for all. */

export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** @param values at least one; throws RangeError where there is none */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('Nothing was measured.');
  const [below, above] = [sorted[(sorted.length - 1) >> 1] ?? min, sorted[sorted.length >> 1] ?? max];
  return { min, median: (below + above) / 2, max };
}

/** What stands in one list over what stands in the other, round by round; the lists are of one length. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  if (above.length !== below.length) throw new RangeError('One of the two was measured more often than the other.');
  return above.map((value, round) => value / (below[round] ?? Number.NaN));
}
