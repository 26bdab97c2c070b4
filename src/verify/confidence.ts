/**
 * What a sample proves of all that it was drawn from.
 *
 * Of a population in which D are bad, a sample that is drawn by lot and without putting back holds k bad ones with the
 * hypergeometric probability. Those for k and k + 1 stand in the ratio
 *
 *   P(k + 1) / P(k) = (D − k)(n − k) / ((k + 1)(N − D − n + k + 1))
 *
 * for a population of N and a sample of n (Johnson, Kemp and Kotz, Univariate Discrete Distributions, chapter 6). So they are
 * summed up from the most likely k to both sides, relative to its probability, and no factorial is ever formed: all terms are
 * positive, nothing cancels out, and some 20 standard deviations of them are all that counts. Exact to about 11 digits for
 * populations of 10 million.
 */
import type { Confidence } from '../model/verify.ts';

/** How sure the statements of a report are. */
const LEVEL = 0.95;

/** The share of bad ones, in percent, that a sample had better rule out. */
const PERCENT = 1;

/** A term of this size, relative to the largest, and all that are further out add nothing that a double could hold. */
const NEGLIGIBLE = 1e-25;

/** A probability that is the allowed one but for rounding counts as allowed. */
const ROUNDING = 1 + 1e-12;

/** What was drawn: whole numbers, `bad` of `sampled` of `population`. */
export interface Drawn {
  population: number;
  sampled: number;
  bad: number;
}

/** @returns null where the sample proves nothing: none was drawn, or all that were are bad. Throws as {@link fewerThan}. */
export function confidenceOf({ population, sampled, bad }: Drawn): Confidence | null {
  const bound = fewerThan(population, sampled, bad, LEVEL);
  if (bound > population) return null;
  const isProven = bound <= lowestRuledOut(population, PERCENT);
  const wouldProve = isProven ? null : { sample: sampleFor(population, PERCENT, LEVEL), percent: PERCENT };
  return { level: LEVEL, fewerThan: bound, wouldProve };
}

/**
 * The upper bound that Clopper and Pearson give for the binomial distribution, for this one.
 *
 * @param level between 0 and 1, both excluded: how sure the statement is to be
 * @returns the smallest number of bad ones under which a sample as good as this has a probability of no more than
 *   1 − `level`: with that confidence fewer than this are bad. `population` + 1 where the sample proves nothing.
 * @throws RangeError for numbers that no sample can have
 */
export function fewerThan(population: number, sampled: number, bad: number, level: number): number {
  if (!(0 <= bad && bad <= sampled && sampled <= population)) {
    throw new RangeError(`No sample has ${bad} bad ones of ${sampled} out of ${population}.`);
  }
  return smallest(population + 1, (there) => isRuledOut(there, { population, sampled, bad }, level));
}

/**
 * @param percent a whole number from 1 to 100
 * @param level as in {@link fewerThan}
 * @returns how many have to be drawn, all of them good, to prove that fewer than this share of the population is bad
 */
export function sampleFor(population: number, percent: number, level: number): number {
  const there = lowestRuledOut(population, percent);
  return smallest(population, (sampled) => isRuledOut(there, { population, sampled, bad: 0 }, level));
}

/** The number of bad ones that has to be ruled out, so that what is left is less than this share. */
function lowestRuledOut(population: number, percent: number): number {
  return Math.ceil((population * percent) / 100);
}

function isRuledOut(there: number, drawn: Drawn, level: number): boolean {
  return atMost(there, drawn) <= (1 - level) * ROUNDING;
}

/** The probability that a sample holds `bad` or fewer of the bad ones, of which there are `there` in the population. */
function atMost(there: number, { population, sampled, bad }: Drawn): number {
  const likeliest = Math.floor(((sampled + 1) * (there + 1)) / (population + 2));
  /** P(k + 1) / P(k): 0 above the largest possible k, infinite below the smallest, so that the terms end there by themselves. */
  const ratio = (k: number) => ((there - k) * (sampled - k)) / ((k + 1) * (population - there - sampled + k + 1));

  let all = 0;
  let counted = 0;
  const add = (k: number, term: number) => {
    all += term;
    if (k <= bad) counted += term;
  };
  for (let k = likeliest, term = 1; term > NEGLIGIBLE; term /= ratio(--k)) add(k, term);
  for (let k = likeliest + 1, term = ratio(likeliest); term > NEGLIGIBLE; term *= ratio(k++)) add(k, term);
  return counted / all;
}

/** The smallest whole number up to `most` that something is true of, and of all above it; `most` where it is of none below. */
function smallest(most: number, isTrue: (candidate: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
