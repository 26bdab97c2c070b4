/** @returns the items in their order, in pieces of this size; the last may be shorter. @param size 1 or more */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const cut: T[][] = [];
  for (let start = 0; start < items.length; start += size) cut.push(items.slice(start, start + size));
  return cut;
}
