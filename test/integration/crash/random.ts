/** How many blows the random crash tests deal, and from which seed: CRASH_POINTS and CRASH_SEED say so. */

/** What one run of the tests deals out, over all files. */
const POINTS = 20;

export const crashPoints = wholeNumber('CRASH_POINTS') ?? POINTS;

/** Another one each time, unless it is given. */
export const crashSeed = wholeNumber('CRASH_SEED') ?? Date.now() % 1_000_000;

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable];
  if (!text) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${variable} must be a whole number, and is ${text}.`);
  return Number(text);
}
