/** What a run was asked to do: plain data. */

export type Mode = 'preflight' | 'dry-run' | 'apply' | 'verify' | 'status' | 'rollback' | 'check-receipt';

export type Interruption = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A number of rows, or a share of them in percent. */
export type Bound = { rows: number } | { percent: number };

export type TeamLevel = 'parent' | 'root';

/** Requests under way at a time; `auto` is found by measuring. */
export type Concurrency = 'auto' | number;

/** The most of them that may be asked for, or found. */
export const MOST_CONCURRENCY = 256;

export interface RunSettings {
  workspace: string | null;
  limit: number | null;
  teamLevel: TeamLevel | null;
  removedWorkspaces: 'skip' | 'copy';
  /** What an apply does with a row that the plugin holds otherwise than this tool wrote it. */
  onConflict: 'keep' | 'overwrite';
  /** Take the recorded failures alone: of the pair's every run, or of one. */
  retryFailed: 'all' | { run: string } | null;
}
