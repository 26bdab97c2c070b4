/**
 * The deadline of each request, at the price of one for many: a signal and a timer of its own would cost a request more than
 * the writing of its body. Requests that begin within the same tenth of a second share theirs, so that a signal may fire by as
 * much after the deadline, and never before it.
 */
import { setMaxListeners } from 'node:events';

/** Milliseconds. */
const SHARED_FOR = 100;

/**
 * @param ms milliseconds from the beginning of a request to its deadline
 * @returns called when a request begins: the signal that fires once its deadline has passed
 */
export function deadlines(ms: number): () => AbortSignal {
  let shared: AbortSignal | null = null;
  let until = 0;

  return () => {
    const now = performance.now();
    if (!shared || now >= until) {
      shared = firingAfter(ms + SHARED_FOR);
      until = now + SHARED_FOR;
    }
    return shared;
  };
}

/** The timer holds up no process that has nothing else to do. */
function firingAfter(ms: number): AbortSignal {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  setTimeout(() => ending.abort(), ms).unref();
  return ending.signal;
}

/** A signal that fires with the first of others which may outlive it by far: it is to be released from them. */
export interface Either {
  signal: AbortSignal;
  release(): void;
}

export function eitherOf(...others: readonly AbortSignal[]): Either {
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const other of others) other.addEventListener('abort', end, { once: true });
  if (others.some(({ aborted }) => aborted)) end();
  return {
    signal: ending.signal,
    release() {
      for (const other of others) other.removeEventListener('abort', end);
    },
  };
}
