/**
 * What a run was asked, what became of each row, and the report that says so: plain data, in the shape in which `--json`
 * prints it. The text on the terminal and the exit code are functions of a {@link Report} and of nothing else.
 */
import type { RunErrorCode } from './errors.ts';
import type { Traffic } from './failure.ts';
import type { NamespaceKind, Scope, SkipReason } from './memory.ts';
import type { PreflightResult } from './preflight.ts';
import type { CheckReceiptResult } from './receipt.ts';
import type { RepairResult } from './repair.ts';
import type { RollbackResult } from './rollback.ts';
import type { Interruption, Mode, RunSettings } from './settings.ts';
import type { StatusResult } from './status.ts';
import type { VerifyResult } from './verify.ts';

/** Why a row is written: it was never copied, or it was and has changed in the source since. */
export type Change = 'new' | 'changed';

/** Why a row that the source would have written is left as the plugin holds it. */
export type ConflictReason =
  /** What the plugin holds is not what this tool wrote: somebody edited it there. */
  | 'edited'
  /** It was copied, and the plugin does not hold it any more: somebody had it forgotten. */
  | 'forgotten'
  /** The plugin holds another memory under the row's id, and no entry of the ledger says how it came there. */
  | 'foreign'
  /** Search cannot tell what the plugin holds. */
  | 'unsettled';

/** What became of one row of the source. Every row that a run takes up ends in exactly one of these. */
export type Outcome =
  | { status: 'written'; change: Change; id: string; namespace: string; attempts: number; durationMs: number }
  /** The plugin held it already, just as planned, though the ledger did not know. */
  | { status: 'adopted'; id: string; namespace: string }
  /** It is in the ledger, and has not changed since. */
  | { status: 'recorded'; id: string; namespace: string }
  | {
      status: 'failed';
      id: string;
      namespace: string;
      attempts: number;
      durationMs: number;
      reason: string;
      sentence: string;
    }
  | { status: 'conflict'; id: string; namespace: string; reason: ConflictReason; sentence: string }
  /** It was copied to `was`, and would now go to `namespace`, or nowhere. */
  | { status: 'drift'; id: string; namespace: string | null; was: string; sentence: string }
  | { status: 'skipped'; id: string; reason: SkipReason }
  /** It was deleted from the source between the run's start and the moment when its turn came. */
  | { status: 'vanished'; id: string };

export type OutcomeStatus = Outcome['status'];

export interface FailureGroup {
  reason: string;
  count: number;
  /** At most ten rows, the first that failed for this reason. */
  examples: Array<{ id: string; namespace: string; sentence: string }>;
}

export interface ScopeCount {
  scope: Scope;
  kind: NamespaceKind;
  rows: number;
  /** How many different namespaces these rows go to. */
  namespaces: number;
  /** UTF-8 bytes of the rows' content. */
  bytes: number;
}

export type SkipCounts = Record<SkipReason, number>;

/** A row that needs the operator's eye: a conflict, or a drift. */
export type NotedRow = Pick<Extract<Outcome, { status: 'conflict' | 'drift' }>, 'id' | 'namespace' | 'sentence'> & {
  kind: 'conflict' | 'drift';
  /** Of a conflict: why; of a drift: the namespace in which the row was left. */
  detail: string;
};

/** What an apply would do with the rows that have a place in the plugin. */
export interface PlannedChanges {
  new: number;
  changed: number;
  recorded: number;
  adopted: number;
  conflict: number;
  drift: number;
  /** Rows of which the plugin could not be asked. */
  failed: number;
}

export interface DryRunResult {
  mode: 'dry-run';
  scanned: number;
  changes: PlannedChanges;
  skipped: SkipCounts;
  vanished: number;
  /** Conflicts and drifts, at most 1,000; `changes` counts them all. */
  noted: NotedRow[];
  /** Rows of which the plugin could not be asked, by reason. */
  failures: FailureGroup[];
  /** UTF-8 bytes of content that would be sent. */
  bytes: number;
  byScope: ScopeCount[];
  /** At most ten. */
  samples: Array<{ id: string; scope: Scope; namespace: string }>;
  /** The file that holds the whole plan, where one was asked for. */
  planFile: string | null;
}

/** How long something took, in milliseconds. */
export interface Latency {
  count: number;
  p50: number;
  p95: number;
  p99: number;
}

/** How fast the rows went out, and what set the pace. */
export interface Pace {
  /** Requests that were allowed to be under way when the last row went out. */
  concurrency: number;
  /** That number was found by measuring; else it was given. */
  adaptive: boolean;
  /** Milliseconds in which rows could have been sent, and the source had not delivered any. */
  waitedForSourceMs: number;
}

export interface ApplyResult {
  mode: 'apply';
  scanned: number;
  written: number;
  /** The written rows by why they were written. */
  changes: Record<Change, number>;
  adopted: number;
  recorded: number;
  conflicts: number;
  drifts: number;
  skipped: SkipCounts;
  vanished: number;
  failed: number;
  /** Conflicts and drifts, at most 1,000; the counts count them all. */
  noted: NotedRow[];
  failures: FailureGroup[];
  /** Of the requests that carried rows, each attempt by itself; null where there was none. */
  latency: Latency | null;
  /** At most five, the slowest first: from the first request for a row to its acknowledgement. */
  slowest: Array<{ id: string; namespace: string; durationMs: number; attempts: number }>;
  namespacesCreated: number;
  pace: Pace;
  /** UTF-8 bytes of content that the plugin acknowledged. */
  bytes: number;
  /** True where `--limit` ended the run before the source did. */
  limitReached: boolean;
  /** The command that goes on where this run stopped; null where all that was asked is done. */
  resumeWith: string | null;
}

export type Result =
  | DryRunResult
  | ApplyResult
  | VerifyResult
  | PreflightResult
  | StatusResult
  | RollbackResult
  | RepairResult
  | CheckReceiptResult;

export interface SourceFacts {
  /** Host, port and database, without credentials. */
  address: string;
  schema: string;
  hasEmbedding: boolean;
  hasTag: boolean;
}

export interface PluginFacts {
  /** The base URL, without credentials. */
  url: string;
  status: 'ok' | 'degraded';
  version: string;
  capabilities: string[];
}

export interface Report {
  /** The version of this shape. */
  report: 1;
  tool: { name: string; version: string };
  mode: Mode;
  runId: string;
  startedAt: string;
  endedAt: string;
  durationMs: number;
  source: SourceFacts | null;
  plugin: PluginFacts | null;
  /** Where the ledger is, without credentials; null where none is kept. */
  ledger: string | null;
  /** The flags that decide which rows are taken and where they go. */
  settings: RunSettings;
  /** Null where the run ended before there was anything to say. */
  result: Result | null;
  traffic: Traffic;
  /** What the operator should know, and what is no failure. */
  notices: string[];
  interruptedBy: Interruption | null;
  /** The time of --max-duration was up. */
  timeUp: boolean;
  /** What ended the run before its end. */
  error: { code: RunErrorCode | 'internal'; message: string } | null;
  exitCode: number;
}
