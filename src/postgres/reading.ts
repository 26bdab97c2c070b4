/**
 * How a query is waited for: until it is answered, until the run is told to stop, and no longer than an answer can still come. Whatever
 * goes wrong becomes one sentence, without credentials and without rows.
 */
import { RunError } from '../model/errors.ts';

/**
 * Runs a query and turns whatever goes wrong into a {@link RunError} of one sentence. `doing` is what was being done, to
 * follow "could not"; the query is given up when the run is told to stop, or after `deadlineMs` (ten minutes where that is not
 * given), or, where it has a deadline, soon after a connection of its pool has ended: what is sent in the moment between the
 * breaking and the end of one gets no answer at all, since the driver has settled what it was asked by then, and does not look again.
 */
export type Read = <T>(doing: string, query: () => Promise<T>, deadlineMs?: number) => Promise<T>;

/** The cause of an error for which a deadline was passed. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** Tells of the connections of one pool that have ended. */
export interface Endings {
  tell(): void;
  /** @param until takes the listener away when it fires */
  listen(listener: () => void, until: AbortSignal): void;
}

export function endings(): Endings {
  const listeners = new Set<() => void>();
  return {
    tell() {
      for (const listener of listeners) listener();
    },
    listen(listener, until) {
      listeners.add(listener);
      until.addEventListener('abort', () => listeners.delete(listener));
    },
  };
}

/**
 * Milliseconds for which a query is still waited for once one of its pool's connections has ended: whether it was that one's is
 * not known, and it may be on its way over another. What may rightly take as long as a table is large has no deadline, nor this one.
 */
const STILL_WAITED_FOR = 30_000;

/** Which of the two databases an error is about. */
export type DatabaseEnd = 'source' | 'ledger';

const NAMES: Record<DatabaseEnd, string> = { source: 'The source database (DATABASE_URL)', ledger: 'The ledger' };

/**
 * @param stop ends the wait for whatever query is under way; the database may go on with it until the session ends
 * @param ended of the pool that the queries go to; without it, their deadlines alone bound them
 */
export function reader(stop: AbortSignal, end: DatabaseEnd = 'source', ended?: Endings): Read {
  return async (doing, query, deadlineMs = 600_000) => {
    const ending = new AbortController();
    try {
      return await Promise.race([query(), givenUp(stop, deadlineMs, ending.signal, ended)]);
    } catch (error) {
      if (error instanceof RunError) throw error;
      throw new RunError(end, `${NAMES[end]} could not ${doing}: ${databaseReason(error)}.`, { cause: error });
    } finally {
      ending.abort(OVER);
    }
  };
}

/** Said to those who wait no longer. Without a reason of its own an abort makes an error, with a stack, that nobody reads. */
const OVER = 'over';

/** Rejects when a query is to be waited for no longer; `over` takes its timer and listener away. */
function givenUp(stop: AbortSignal, deadlineMs: number, over: AbortSignal, ended?: Endings): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stopped = () => reject(new Error('this run was told to stop'));
    if (stop.aborted) stopped();
    stop.addEventListener('abort', stopped, { signal: over });

    if (!Number.isFinite(deadlineMs)) return;
    const within = (ms: number, since = '') => {
      const late = () => reject(new DeadlinePassed(`it did not answer within ${ms / 1000} s${since}`));
      const timer = setTimeout(late, ms);
      over.addEventListener('abort', () => clearTimeout(timer));
    };
    within(deadlineMs);
    ended?.listen(() => within(STILL_WAITED_FOR, ' of the loss of a connection'), over);
  });
}

/**
 * Resolves as the query does, or to null as soon as its connection has ended: what is sent while that breaks gets no answer. The
 * wait is made anew each time, and taken down: a promise that outlived the queries would keep what each of them resolved with.
 */
export async function unlessEnded<T>(connection: AbortSignal, query: Promise<T>): Promise<T | null> {
  const answered = new AbortController();
  const ended = new Promise<null>((resolve) => {
    connection.addEventListener('abort', () => resolve(null), { once: true, signal: answered.signal });
  });
  try {
    return await Promise.race([query, ended]);
  } finally {
    answered.abort(OVER);
  }
}

/** The SQLSTATE of an error, or the connection's error code; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Postgres' own message without its detail, which may quote a row. */
function databaseReason(error: unknown): string {
  if (error instanceof AggregateError) return databaseReason(error.errors[0]);
  const code = errorCode(error);
  const message = error instanceof Error && error.message ? error.message : String(error);
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
