/**
 * The operator's brakes: rows a second, and a file that holds everything back for as long as it exists.
 *
 *   free     neither is asked for, or neither holds anything back: a turn is there at once
 *   pacing   turns come at the rate, evenly. What was not used is kept for a tenth of a second and no longer: after a pause, or where
 *            rows are short, there is no burst that would be felt. (The generic cell rate algorithm, ITU-T I.371: a token bucket
 *            that keeps one time instead of a number of tokens.)
 *   paused   the file is there, or it cannot be told whether it is: looked for four times a second until it is gone
 *   stopped  the run is to end: everybody has a turn at once, so as to see that
 *
 * A turn is given only where a look of the last quarter of a second has not found the file; the first waits for the first look.
 * Nothing is kept: after a crash, the next run looks for the file and begins with a full tenth of a second.
 */

/** Milliseconds from one look for the file to the next. */
const LOOK_EVERY = 250;

/** Milliseconds for which unused turns are kept. */
const BURST = 100;

export interface Brakes {
  /** Undefined where one more row may be sent now, or the run is to stop; else what resolves when it may, those first who asked first. */
  turn(): Promise<void> | undefined;
}

export interface BrakesOptions {
  /** Rows a second, above 0; null for no bound. */
  maxRate: number | null;
  /** Says whether the pause file is there; a rejection counts as "it may be". Null where there is no such file. */
  pauseFile: (() => Promise<boolean>) | null;
  /** Lets everybody go. */
  stop: AbortSignal;
  /**
   * Told when nothing is sent any more, when it is again, and when the reason changes; it must not throw.
   *
   * @param trouble half a sentence: that it cannot be told whether the file is there; null where it is there, or sending goes on
   */
  paused(paused: boolean, trouble: string | null): void;
}

export function brakes({ maxRate, pauseFile, stop, paused }: BrakesOptions): Brakes {
  if (maxRate === null && pauseFile === null) return { turn: () => undefined };
  const waiting: Array<() => void> = [];
  const rate = maxRate === null ? null : pace(maxRate);
  const gate = pauseFile === null ? null : lookout(pauseFile, paused);
  let timer: NodeJS.Timeout | null = null;

  /** Milliseconds until the one who asked first may go; null where a look that is under way will tell. */
  function wait(): number | null {
    const now = performance.now();
    if (gate && !gate.isOpen(now)) return gate.nextLook(now, letGo);
    return rate ? rate.wait(now) : 0;
  }

  function letGo(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    while (waiting.length > 0) {
      const ms = stop.aborted ? 0 : wait();
      if (ms === null) return;
      if (ms > 0) {
        timer = setTimeout(letGo, Math.ceil(ms));
        return;
      }
      if (!stop.aborted) rate?.take(performance.now());
      waiting.shift()?.();
    }
  }

  stop.addEventListener('abort', letGo, { once: true });
  return {
    turn() {
      if (stop.aborted) return undefined;
      if (waiting.length === 0 && wait() === 0) {
        rate?.take(performance.now());
        return undefined;
      }
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) letGo();
      });
    },
  };
}

/** @param rate turns a second */
function pace(rate: number) {
  const interval = 1000 / rate;
  let due = Number.NEGATIVE_INFINITY;
  return {
    wait: (now: number) => Math.max(0, due - now),
    take(now: number) {
      due = Math.max(due, now - BURST) + interval;
    },
  };
}

function lookout(exists: () => Promise<boolean>, paused: BrakesOptions['paused']) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let found = false;
  let trouble: string | null = null;
  let looking = false;

  async function look(then: () => void): Promise<void> {
    looking = true;
    const [was, why] = [found, trouble];
    try {
      found = await exists();
      trouble = null;
    } catch (error) {
      found = true;
      trouble = `it cannot be told whether the pause file is there (${codeOf(error)})`;
    }
    looking = false;
    lookedAt = performance.now();
    if (found !== was || trouble !== why) paused(found, trouble);
    then();
  }

  return {
    isOpen: (now: number) => !found && now - lookedAt < LOOK_EVERY,
    /** Milliseconds until the next look is due; where it is due now, it is begun, and `then` is called after it. */
    nextLook(now: number, then: () => void): number | null {
      const due = lookedAt + LOOK_EVERY - now;
      if (found && due > 0) return due;
      if (!looking) void look(then);
      return null;
    },
  };
}

/** A system's code, which names no path. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
