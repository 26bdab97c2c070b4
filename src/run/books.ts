/**
 * The books of a run that changes something: opened in the log and in the ledger before anything is sent, and closed in both once
 * its exit code is known.
 *
 * The log comes first: a run that cannot be logged must not stand in the ledger as one that did not come to its end.
 */
import type { Ledger, RunLog } from '../ledger/ledger.ts';
import type { RunError } from '../model/errors.ts';
import type { EventLog } from '../model/events.ts';
import type { Actor, RunCounts, RunEnd, RunStart } from '../model/ledger.ts';
import type { Exit, RunContext } from './context.ts';

export interface BooksRequest {
  ledger: Ledger;
  events: EventLog;
  actor: Actor;
  toolVersion: string;
}

export interface Books {
  log: RunLog;
  /** @param error what ended the run before its end; null where nothing did. Throws RunError */
  close(exit: Exit, error: RunError | null, counts: RunCounts): Promise<void>;
}

/** @throws RunError `ledger`, `output` */
export async function openBooks(
  { runId, settings }: RunContext,
  { ledger, events, actor, toolVersion }: BooksRequest,
  run: Pick<RunStart, 'mode' | 'watermark' | 'total'>,
): Promise<Books> {
  const begun = performance.now();
  const { pair, place } = ledger;
  const { mode } = run;
  await events.log({ event: 'run-started', mode, toolVersion, actor, ...pair, ledger: place, settings });
  const log = await ledger.begin({ id: runId, actor, toolVersion, settings, ...run });

  return {
    log,
    async close(exit, error, counts) {
      const ended = endOf(exit, error);
      await log.end(ended, counts, exit);
      const durationMs = Math.round(performance.now() - begun);
      const { interruptedBy } = exit;
      await events.log({ event: 'run-ended', ended, counts, durationMs, interruptedBy, error: error?.code ?? null });
    },
  };
}

function endOf({ code, interruptedBy }: Exit, error: RunError | null): RunEnd {
  if (interruptedBy) return 'interrupted';
  if (error) return error.code === 'guard' ? 'refused' : 'incomplete';
  if (code === 0) return 'done';
  return code === 1 ? 'findings' : 'incomplete';
}
