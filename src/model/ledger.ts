/**
 * What the ledger keeps: runs, and what became of each memory in each of them. Plain data, without content and without
 * credentials.
 *
 * Everything belongs to a pair of one source and one plugin: a rehearsal against staging neither blocks nor satisfies the run
 * against production.
 */
import type { Digest } from './digest.ts';
import type { Position } from './memory.ts';
import type { Interruption, Mode, RunSettings } from './settings.ts';

export interface Pair {
  /** Host, port, database and schema of the source, without credentials. */
  source: string;
  /** The plugin's URL, without credentials and without a slash at its end. */
  plugin: string;
}

/** Who started a run: at most one of the two is set. */
export interface Actor {
  userId: string | null;
  serviceId: string | null;
}

/**
 * What became of a memory in a run, as an entry says it:
 * - `written`: the plugin acknowledged it
 * - `adopted`: the plugin held it already, just as planned, though no entry said so
 * - `forgotten`: a rollback took it out of the plugin again
 * - `kept`: a rollback left it, for the reason given
 * - `accepted`: the operator gave it up on purpose (`--accept`)
 * The others are those of the report.
 */
export const ENTRY_OUTCOMES = [
  'written',
  'adopted',
  'failed',
  'conflict',
  'drift',
  'skipped',
  'accepted',
  'vanished',
  'forgotten',
  'kept',
] as const;
export type EntryOutcome = (typeof ENTRY_OUTCOMES)[number];

export interface LedgerEntry {
  memoryId: string;
  outcome: EntryOutcome;
  /** Where it is, or was to go; null where it belongs nowhere. */
  namespace: string | null;
  /** A short word or the operator's own; never content. */
  reason: string | null;
  /** The source's `updated_at` of what the outcome is about. */
  sourceUpdatedAt: string | null;
  /** Of what the plugin holds since then; null where the outcome put or found nothing there. */
  digest: Digest | null;
  /** The id was proven absent from the plugin before it was written: a rollback may forget it. */
  created: boolean;
  /** Commits that were sent for it. */
  attempts: number;
  /** Milliseconds from the first commit to the answer that settled it. */
  durationMs: number;
}

/** An entry as it stands in the ledger. */
export interface RecordedEntry extends LedgerEntry {
  runId: string;
  recordedAt: string;
}

/** What the ledger knows of a memory. */
export interface Recollection {
  /** The newest entry. */
  latest: Pick<RecordedEntry, 'outcome' | 'reason' | 'namespace' | 'sourceUpdatedAt' | 'runId'>;
  /** What this tool last put into the plugin, or found there as planned, and did not take out again. */
  copy: { namespace: string; digest: Digest; sourceUpdatedAt: string | null; runId: string } | null;
}

/**
 * How far a run has come, in the order of the source:
 * - `checkpoint`: every row up to here has an entry
 * - `horizon`: no row beyond here was ever sent
 * A row between the two that has no entry may have been sent by a run that died. Null: before the first row.
 */
export interface Reach {
  checkpoint: Position | null;
  horizon: Position | null;
}

export interface RunStart {
  id: string;
  mode: Extract<Mode, 'apply' | 'rollback'>;
  actor: Actor;
  toolVersion: string;
  settings: RunSettings;
  /** The last row that the run may take; null for an empty source, or a run that takes no rows from it. */
  watermark: Position | null;
  /** Rows that it may have to look at; null where that is not known. */
  total: number | null;
}

export type RunEnd = 'done' | 'findings' | 'incomplete' | 'interrupted' | 'refused';

/** Rows by what became of them. */
export type RunCounts = Partial<Record<EntryOutcome | 'recorded', number>>;

export interface RunRecord extends RunStart, Reach {
  pair: Pair;
  counts: RunCounts;
  startedAt: string;
  /** When it last wrote to the ledger. */
  seenAt: string;
  endedAt: string | null;
  /** Null while it runs, and for ever where it died. */
  ended: RunEnd | null;
  /** The exit code, and the signal if there was one. */
  exitCode: number | null;
  interruptedBy: Interruption | null;
}

/** A repair stands in the ledger as an apply. It has rows to look at and takes none from the source: no other apply has no watermark then. */
export function isRepair({ mode, watermark, total }: RunStart): boolean {
  return mode === 'apply' && watermark === null && (total ?? 0) > 0;
}

/** The mapping flags of a run: what decides where rows go. Two runs that are to continue each other must agree on them. */
export function mappingOf({
  teamLevel,
  removedWorkspaces,
}: RunSettings): Pick<RunSettings, 'teamLevel' | 'removedWorkspaces'> {
  return { teamLevel, removedWorkspaces };
}
