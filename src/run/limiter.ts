/** `--limit`: takes up rows one after the other until a number of them has been sent. */
import type { Step } from '../plan/changes.ts';

export interface Limiter {
  /** False where the row is to be left for another run. */
  take(step: Step): boolean;
  /** A row was left for another run. */
  cut(): boolean;
}

/** @param limit the most rows that are sent, 1 or more; null for no bound. Rows that need nothing do not count. */
export function limiter(limit: number | null): Limiter {
  let sent = 0;
  let cut = false;
  return {
    cut: () => cut,
    take(step) {
      cut ||= limit !== null && sent >= limit;
      if (cut) return false;
      if (step.step === 'send') sent++;
      return true;
    },
  };
}
