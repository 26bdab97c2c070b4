/**
 * What happens in a run, as it happens: the lines of `--log-file`. Their fields are ids, names, numbers, words, and sentences
 * of this tool's own; none has room for what a memory says.
 */
import type { RunErrorCode } from './errors.ts';
import type { Actor, EntryOutcome, LedgerEntry, RunCounts, RunEnd } from './ledger.ts';
import type { Interruption, Mode, RunSettings } from './settings.ts';

export type LogEvent =
  | {
      event: 'run-started';
      mode: Mode;
      toolVersion: string;
      actor: Actor;
      /** Both ends and the ledger, without credentials; null where no ledger is kept. */
      source: string;
      plugin: string;
      ledger: string | null;
      settings: RunSettings;
    }
  /** Every row up to the last one is settled, and recorded where a ledger is kept. */
  | {
      event: 'page';
      /** Of this page, and of the run so far. */
      rows: number;
      scanned: number;
      /** Rows that the run may have to look at; null where that is not known. */
      total: number | null;
      lastCreatedAt: string | null;
      lastId: string;
    }
  | {
      event: 'row';
      id: string;
      outcome: EntryOutcome | 'recorded';
      namespace: string | null;
      reason: string | null;
      attempts: number;
      durationMs: number;
    }
  /** The plugin is in trouble, and is waited for. */
  | { event: 'outage-began'; sentence: string }
  | { event: 'outage-ended'; durationMs: number }
  | { event: 'notice'; sentence: string }
  | {
      event: 'run-ended';
      ended: RunEnd;
      counts: RunCounts;
      durationMs: number;
      interruptedBy: Interruption | null;
      error: RunErrorCode | 'internal' | null;
    };

/** Where events go. */
export interface EventLog {
  /**
   * Resolves once the event is written down: what must not happen without a record waits for it. Undefined where no log is kept.
   *
   * @throws RunError `output` where it cannot be written, now and for every later event
   */
  log(event: LogEvent): Promise<void> | undefined;
}

/** The event of an entry, whether or not a ledger is kept for it. */
export function rowEvent(
  entry: Omit<LedgerEntry, 'sourceUpdatedAt' | 'digest' | 'created'>,
): Extract<LogEvent, { event: 'row' }> {
  const { memoryId: id, outcome, namespace, reason, attempts, durationMs } = entry;
  return { event: 'row', id, outcome, namespace, reason, attempts, durationMs };
}
