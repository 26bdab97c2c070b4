/** Which namespaces are asked for in one request. */

/** Namespaces that are asked for in one request, at most. */
export const PACKED = 100;

/** How much of an answer is filled with what is expected: the rest is for what the plugin's own users have added. */
const FILLED = 0.9;

interface Pack {
  /** The fullest first. */
  names: string[];
  /** Memories that are expected in them. */
  filled: number;
  /** The most namespaces that it may hold. */
  most: number;
}

export interface Room {
  /** The most namespaces of a request. */
  names: number;
  /** The most memories of an answer. */
  memories: number;
}

/**
 * Cuts the namespaces into requests, each of about what one answer can show: the fullest first, each into the first request
 * that has room for it. A request names no more than would have room for one more memory than is expected in each of them, had
 * the answer's room been shared out evenly.
 */
export function packed(namespaces: readonly string[], expected: (namespace: string) => number, room: Room): string[][] {
  const most = room.memories * FILLED;
  const packs: Pack[] = [];
  const isClosed = ({ names, filled, most: mostNames }: Pack) => names.length === mostNames || filled + 1 > most;
  let open = 0;
  for (const name of namespaces.toSorted((a, b) => expected(b) - expected(a))) {
    const memories = expected(name);
    for (let first = packs[open]; first && isClosed(first); first = packs[open]) open++;
    const pack = packs.slice(open).find((each) => each.names.length < each.most && each.filled + memories <= most);
    if (pack) {
      pack.names.push(name);
      pack.filled += memories;
    } else {
      const mostNames = Math.max(1, Math.min(room.names, Math.floor(room.memories / (memories + 1))));
      packs.push({ names: [name], filled: memories, most: mostNames });
    }
  }
  return packs.map(({ names }) => names);
}
