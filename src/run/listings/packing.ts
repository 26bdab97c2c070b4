/** Which namespaces are asked for in one request. */

/** Namespaces that are asked for in one request, at most. */
export const PACKED = 100;

/** How much of an answer is filled with what is expected: the rest is for what the plugin's own users have added. */
const FILLED = 0.9;

export interface Room {
  /** The most namespaces of a request. */
  names: number;
  /** The most memories of an answer. */
  memories: number;
}

/**
 * Cuts the namespaces into requests, each of about what one answer can show: the fullest first, each into the first request
 * that has room for it.
 */
export function packed(namespaces: readonly string[], expected: (namespace: string) => number, room: Room): string[][] {
  const most = room.memories * FILLED;
  const packs: Array<{ names: string[]; filled: number }> = [];
  let open = 0;
  for (const name of namespaces.toSorted((a, b) => expected(b) - expected(a))) {
    const memories = expected(name);
    while (packs[open] && (packs[open]?.names.length === room.names || (packs[open]?.filled ?? 0) + 1 > most)) open++;
    const pack = packs.slice(open).find(({ names, filled }) => names.length < room.names && filled + memories <= most);
    if (pack) {
      pack.names.push(name);
      pack.filled += memories;
    } else packs.push({ names: [name], filled: memories });
  }
  return packs.map(({ names }) => names);
}
