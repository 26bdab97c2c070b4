/** What becomes of each memory that a run wrote, and what the ledger keeps of that. Pure. */
import type { RunError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { LedgerEntry, Recollection, RecordedEntry } from '../model/ledger.ts';
import { BEING_FORGOTTEN, type KeptReason } from '../model/rollback.ts';
import { cutOff } from './cut-off.ts';
import type { Candidate } from './rollback-looks.ts';

/** What has become of a memory. */
export type Fate =
  /** An earlier rollback forgot it; one that died could not record that. */
  | { fate: 'already'; recorded: boolean }
  | { fate: 'forgotten'; attempts: number; durationMs: number }
  | { fate: 'kept'; reason: KeptReason; sentence: string }
  /** The run ends before its turn: it is left for the next rollback. */
  | { fate: 'left'; error: RunError | null };

/** A memory that may have to be forgotten, and what the ledger knows of it. */
export interface Sought extends Candidate {
  known: Recollection | undefined;
}

/** A memory and what became of it. */
export interface Settled {
  id: string;
  namespace: string;
  fate: Fate;
  known: Recollection | undefined;
}

/** What the ledger settles by itself, or what is to be looked up. */
export function byLedger(entry: RecordedEntry, known: Recollection | undefined, of: string): Settled | Sought {
  const id = entry.memoryId;
  const namespace = known?.copy?.namespace ?? entry.namespace ?? '';
  const digest = known?.copy?.digest ?? entry.digest;
  const settled = (fate: Fate): Settled => ({ id, namespace, fate, known });
  if (known?.latest.outcome === 'forgotten') return settled({ fate: 'already', recorded: true });
  if (!entry.created) return settled(kept('not-created', 'was in the plugin before the run, or may have been'));
  if (known?.copy && known.copy.runId !== of) {
    return settled(kept('written-since', `was written again by run ${known.copy.runId}`));
  }
  if (digest === null) return settled(unsettled('the ledger does not say what was written'));
  return { id, namespace, digest, known };
}

export function kept(reason: KeptReason, sentence: string): Fate {
  return { fate: 'kept', reason, sentence };
}

export function unsettled(why: string): Fate {
  return kept('unsettled', `could not be settled: ${why}`);
}

/** What was cut off is left as it is. @param stopping the operator has told the run to stop */
export function leftBy(failure: Failure | undefined, stopping: boolean): Fate | null {
  const cut = cutOff(failure, stopping);
  return cut && { fate: 'left', error: cut.error };
}

/**
 * @param of the run that is undone
 * @returns null where nothing happened that the ledger does not know
 */
export function entryOf({ id, namespace, fate, known }: Settled, of: string): LedgerEntry | null {
  const nothing = { attempts: 0, durationMs: 0 };
  switch (fate.fate) {
    case 'forgotten':
      return { ...forgottenEntry(id, namespace, of), attempts: fate.attempts, durationMs: fate.durationMs };
    case 'already':
      return fate.recorded ? null : { ...forgottenEntry(id, namespace, of), ...nothing };
    case 'kept':
      return keptEntry(id, namespace, fate.reason, known);
    case 'left':
      return null;
  }
}

/** What is written down before the memory is forgotten. */
export function announcement({ id, namespace, known }: Sought): LedgerEntry {
  return keptEntry(id, namespace, BEING_FORGOTTEN, known);
}

/** The memory as the ledger knows it once its announcement is recorded. */
export function announced<One extends Sought>(sought: One, runId: string): One {
  const { outcome, reason, namespace, sourceUpdatedAt } = announcement(sought);
  const latest = { outcome, reason, namespace, sourceUpdatedAt, runId };
  return { ...sought, known: { copy: sought.known?.copy ?? null, latest } };
}

function forgottenEntry(memoryId: string, namespace: string, of: string) {
  const reason = `rollback of run ${of}`;
  return {
    memoryId,
    namespace,
    outcome: 'forgotten',
    reason,
    sourceUpdatedAt: null,
    digest: null,
    created: false,
  } as const;
}

/** It says nothing new of the source. */
function keptEntry(memoryId: string, namespace: string, reason: string, known: Recollection | undefined): LedgerEntry {
  const sourceUpdatedAt = known?.latest.sourceUpdatedAt ?? null;
  return {
    memoryId,
    namespace,
    outcome: 'kept',
    reason,
    sourceUpdatedAt,
    digest: null,
    created: false,
    attempts: 0,
    durationMs: 0,
  };
}
