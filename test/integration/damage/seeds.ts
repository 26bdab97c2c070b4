/**
 * Which seeds the damage suite runs over: DAMAGE_SEEDS says how many, 20 by default, and DAMAGE_FROM which is the first, 1 by
 * default. The same seeds each time, so that a change is judged by what the last one was judged by; another DAMAGE_FROM explores.
 */
const SEEDS = 20;

export const damageSeeds: readonly number[] = (() => {
  const count = wholeNumber('DAMAGE_SEEDS') ?? SEEDS;
  const first = wholeNumber('DAMAGE_FROM') ?? 1;
  return Array.from({ length: count }, (_, index) => first + index);
})();

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable];
  if (!text) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${variable} must be a whole number, and is ${text}.`);
  return Number(text);
}
