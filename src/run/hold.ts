/**
 * The ledger's lock as a run sees it: while it holds the lock it may send, and while it does not it waits.
 *
 *   held   senders pass
 *   lost   the lock's session has ended, and another run may take the lock. Rows that were under way are finished; nothing new is
 *          sent until the lock is held again, or too long a time has passed, which ends the run
 */
import { RunError } from '../model/errors.ts';

export interface Hold {
  /** Told by the ledger. */
  lost(): void;
  regained(): void;
  /** Resolves while the lock is held, or the run is told to stop. Throws RunError `ledger` after too long a wait. */
  maySend(): Promise<void>;
}

/**
 * @param maxMs milliseconds for which a lost lock is waited for
 * @param notice told when the lock is lost, and when it is held again
 */
export function hold(maxMs: number, stop: AbortSignal, notice: (sentence: string) => void): Hold {
  let waiting: { over: Promise<void>; end(): void } | null = null;

  return {
    lost() {
      if (waiting) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => {}); // Met by whoever waits; nobody may.
      const late = () =>
        reject(
          new RunError(
            'ledger',
            `The ledger's lock was lost and could not be had again within ${maxMs / 1000} s; what was written is recorded. Run the same command again to go on.`,
          ),
        );
      const timer = setTimeout(late, maxMs);
      const end = () => {
        clearTimeout(timer);
        stop.removeEventListener('abort', end);
        resolve();
      };
      stop.addEventListener('abort', end, { once: true });
      waiting = { over: promise, end };
      notice("The ledger's lock was lost, since its session ended: nothing is sent until this run holds it again.");
    },
    regained() {
      if (!waiting) return;
      waiting.end();
      waiting = null;
      notice("The ledger's lock is held again: going on.");
    },
    maySend: () => waiting?.over ?? Promise.resolve(),
  };
}
