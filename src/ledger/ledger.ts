/**
 * The ledger as the modes see it: what is known of each memory, and where a run writes down what it does.
 *
 * Two forms keep to this: postgres-ledger.ts, which outlives the run, and memory-ledger.ts, for `--no-ledger` and for a
 * dry run before the first apply.
 */
import type { Digester } from '../model/digest.ts';
import type {
  EntryOutcome,
  LedgerEntry,
  Pair,
  Recollection,
  RecordedEntry,
  RunCounts,
  RunEnd,
  RunRecord,
  RunStart,
} from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import type { Interruption } from '../model/settings.ts';

/** What one pair's runs have left behind. Every method throws RunError `ledger` where the ledger fails. */
export interface Ledger {
  readonly pair: Pair;
  /** Host, port and database, for reports; null for the ledger in memory. */
  readonly place: string | null;
  readonly digester: Digester;
  /** What is known of each id; an id without an entry is absent from the answer. */
  recall(ids: readonly string[]): Promise<ReadonlyMap<string, Recollection>>;
  /** Of these rows, those that have no entry, or whose newest entry is about another `updated_at`; in the order given. */
  outstanding(listed: ReadonlyArray<{ id: string; updatedAt: string | null }>): Promise<string[]>;
  /** Of these namespaces, those that were seen clean of the source's rows before this tool first wrote into them. */
  seenClean(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Memories that the plugin should hold, at most so many, the newest first. */
  copies(most: number): Promise<Array<{ id: string; namespace: string; digest: string }>>;
  /** Ids whose newest entry, but for what a rollback says of them, is a failure; only those that failed in that run, where one is named. */
  failures(runId: string | null): Promise<string[]>;
  /** The pair's newest apply run if it has not come to its end (it died, was interrupted, or is incomplete), else null. */
  unfinished(): Promise<RunRecord | null>;
  /** A run by its id, of whatever pair; null where there is none. */
  run(id: string): Promise<RunRecord | null>;
  /** A run's entries with one of these outcomes, in the order of recording, in batches. */
  entries(runId: string, outcomes: readonly EntryOutcome[]): AsyncGenerator<RecordedEntry[], void>;
  /**
   * Makes sure that no other run of this pair writes, until `release`.
   *
   * @throws RunError `ledger` with who holds it and since when
   */
  lock(watch: LockWatch): Promise<{ release(): Promise<void> }>;
  /** Opens a run. Nothing may be sent to the plugin before this has resolved. */
  begin(run: RunStart): Promise<RunLog>;
  close(): Promise<void>;
}

/** Told what becomes of a lock; none may throw. */
export interface LockWatch {
  /** The lock is known to be held at this moment. Told time and again; never by a ledger whose lock cannot be lost. */
  proven(): void;
  /** The lock's session has ended, and the lock with it. */
  lost(): void;
  /** This run holds it again. */
  regained(): void;
  /** This run never gets it back: another run has it, or has had it. */
  overtaken(): void;
}

/** One run's writing side. Every method throws RunError `ledger` where the ledger fails. */
export interface RunLog {
  /**
   * Written before anything of a page is sent.
   *
   * @param horizon the last row that may be sent from now on; `null` says that it may be any
   * @param seenClean namespaces that a search has just shown whole and without a row of the source that no entry knows of
   */
  announce(horizon: Position | null, seenClean: readonly string[]): Promise<void>;
  /** Writes a batch of entries, the checkpoint below which every row now has one, and the counts so far, all or nothing. */
  record(entries: readonly LedgerEntry[], checkpoint: Position | null, counts: RunCounts): Promise<void>;
  /** Closes the run: nothing of it is under way any more. */
  end(how: RunEnd, counts: RunCounts, exit: { code: number; interruptedBy: Interruption | null }): Promise<void>;
}
