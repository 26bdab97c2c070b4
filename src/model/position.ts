/** The source's order as a comparison: by creation, rows without a creation time first, then by id. Pure. */
import type { Position } from './memory.ts';

/** Negative where `a` stands before `b`, positive where it stands behind it, 0 for the same row. */
export function comparePositions(a: Position, b: Position): number {
  return compareTimes(a.createdAt, b.createdAt) || compareText(a.id, b.id);
}

/** Times as Postgres prints them in UTC: `2025-01-31 08:09:10.000123+00`, `0044-03-15 12:00:00+00 BC`, `infinity`; null stands first. */
function compareTimes(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  const [one, other] = [yearOf(a), yearOf(b)];
  // Within a year the text orders as the time does: "+" stands before ".", and both before the digits.
  return one === other ? compareText(a, b) : one - other;
}

/** Years before Christ are negative, as their text does not order; the two infinities lie beyond all years. */
function yearOf(time: string): number {
  if (time.endsWith('infinity')) return time.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const year = Number.parseInt(time, 10);
  return time.endsWith('BC') ? -year : year;
}

/** By UTF-16 units, which is the order of ids and names in lower case. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
