/**
 * How far everything is settled: rows are taken up in the order of the source and settle in any order; the checkpoint is the
 * last one before which nothing is open. It never moves back.
 */
import type { Position } from '../model/memory.ts';

export interface Frontier {
  /** @returns a ticket to settle the row with. Rows must come in the order of the source */
  take(position: Position): number;
  /** Harmless where the row has been settled before. */
  settle(ticket: number): void;
  /** The last row such that it and every row before it are settled; null before the first. */
  checkpoint(): Position | null;
}

export function frontier(): Frontier {
  const open = new Map<number, { position: Position; settled: boolean }>();
  let next = 0;
  let first = 0;
  let reached: Position | null = null;

  return {
    take(position) {
      open.set(next, { position, settled: false });
      return next++;
    },
    settle(ticket) {
      const taken = open.get(ticket);
      if (taken) taken.settled = true;
      for (let head = open.get(first); head?.settled; head = open.get(first)) {
        reached = head.position;
        open.delete(first++);
      }
    },
    checkpoint: () => reached,
  };
}
