/**
 * The ledger's lock as a run sees it: while it holds the lock it may send, and while it does not it waits.
 *
 *   held   senders pass
 *   stale  the lock was proven too long ago, by the clock on the wall: the machine has slept, and another run may hold the lock by
 *          now. Senders wait for the next proof, or for the word that the lock is lost
 *   lost   the lock's session has ended, and another run may take the lock. Rows that were under way are finished; nothing new is
 *          sent until the lock is held again. If another run has taken it, or after too long a time, the run ends
 */
import type { LockWatch } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';

/** Milliseconds: a proof older than this says nothing. One is due every five seconds, and may take as long again. */
const FRESH = 15_000;

export interface Hold extends LockWatch {
  /**
   * Undefined while the lock is held, as a rule, and where the run is told to stop; else what resolves once either is so, and rejects
   * with RunError `ledger` after too long a wait.
   */
  maySend(): Promise<void> | undefined;
  /** Whether the lock is held at this moment, as far as is known: for whoever cannot wait, such as a repeated attempt. */
  isHeld(): boolean;
}

/** A wait that ends by itself when the run is told to stop, and fails after too long a time. */
interface Pause {
  over: Promise<void>;
  end(): void;
  fail(sentence: string): void;
}

/**
 * @param maxMs milliseconds for which a lost lock is waited for
 * @param notice told when the lock is lost, and when it is held again
 */
export function hold(maxMs: number, stop: AbortSignal, notice: (sentence: string) => void): Hold {
  let provenAt: number | null = null;
  let stale: Pause | null = null;
  let lost: Pause | null = null;

  /** A ledger whose lock cannot be lost proves nothing, and need not. */
  function isStale(): boolean {
    return provenAt !== null && Date.now() - provenAt > FRESH;
  }

  function endStale(): void {
    stale?.end();
    stale = null;
  }

  function pause(): Pause {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // Met by whoever waits; nobody may.
    const fail = (why: string) =>
      reject(new RunError('ledger', `${why}; what is recorded stays. Run the same command again to go on.`));
    const late = `The ledger's lock was lost and could not be had again within ${maxMs / 1000} s`;
    const timer = setTimeout(fail, maxMs, late);
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    stop.addEventListener('abort', end, { once: true });
    return { over: promise, end, fail };
  }

  async function wait(): Promise<void> {
    if (!lost) {
      stale ??= pause();
      await stale.over;
    }
    await lost?.over;
  }

  return {
    proven() {
      provenAt = Date.now();
      endStale();
    },
    lost() {
      if (lost) return;
      lost = pause();
      endStale();
      notice("The ledger's lock was lost, since its session ended: nothing is sent until this run holds it again.");
    },
    regained() {
      if (!lost) return;
      lost.end();
      lost = null;
      notice("The ledger's lock is held again: going on.");
    },
    overtaken() {
      lost?.fail("The ledger's lock was lost, and another run has taken it since");
    },
    isHeld: () => !lost && !isStale(),
    maySend: () => (stop.aborted || (!lost && !isStale()) ? undefined : wait()),
  };
}
