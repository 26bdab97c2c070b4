/**
 * The operator's signals. The first asks the run to finish what is under way and to report; the second ends the process at
 * once, which costs nothing but the report: rows that were under way are written again by the next run.
 */
import type { Interruption } from '../model/settings.ts';

export interface Signals {
  /** Fires at the first signal. */
  stop: AbortSignal;
  received(): Interruption | null;
  /** Gives the signals back their ordinary meaning. */
  release(): void;
}

const SIGNALS: readonly Interruption[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @param first told of the first signal
 * @param second must end the process
 */
export function listenForSignals(
  source: NodeJS.Process,
  first: (signal: Interruption) => void,
  second: (signal: Interruption) => void,
): Signals {
  const stopping = new AbortController();
  let received: Interruption | null = null;

  function arrived(signal: Interruption): void {
    if (received) {
      second(signal);
      return;
    }
    received = signal;
    first(signal);
    stopping.abort();
  }
  const listeners = SIGNALS.map((signal): [Interruption, () => void] => [signal, () => arrived(signal)]);
  for (const [signal, listener] of listeners) source.on(signal, listener);

  return {
    stop: stopping.signal,
    received: () => received,
    release() {
      for (const [signal, listener] of listeners) source.off(signal, listener);
    },
  };
}
