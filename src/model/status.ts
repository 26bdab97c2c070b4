/** What `--status` tells from the ledger: plain data. */
import type { EntryOutcome, RecordedEntry, RunRecord } from './ledger.ts';

/** Entries of a run that have their outcome and their reason in common. */
export interface OutcomeGroup {
  outcome: EntryOutcome;
  reason: string;
  count: number;
  /** At most ten, the first that were recorded. */
  ids: string[];
}

/** An entry with what is known of the run that made it. */
export interface ToldEntry extends RecordedEntry, Pick<RunRecord, 'pair' | 'actor' | 'mode'> {}

export type StatusResult = {
  mode: 'status';
  /** The time at the ledger's database, by which "running" and "ago" are judged. */
  asOf: string;
} & (
  | {
      about: 'runs';
      /** The newest first. */
      runs: RunRecord[];
      /** Runs that the ledger holds, those that are not listed too. */
      recorded: number;
    }
  | {
      about: 'run';
      run: RunRecord;
      /** A later run of the same source and plugin has begun: this one is not under way, whatever it says. */
      overtaken: boolean;
      /** What failed and was not made good in the same run, the most frequent reason first. */
      failures: OutcomeGroup[];
      /** Likewise what was left as the plugin holds it: conflicts, and what a rollback kept. */
      left: OutcomeGroup[];
    }
  | {
      about: 'memory';
      id: string;
      /** Over all sources and plugins, the oldest first. */
      entries: ToldEntry[];
    }
);
