/** What the ledger keeps of an outcome. Pure. */
import type { Digest, Digester } from '../model/digest.ts';
import type { LedgerEntry, Recollection } from '../model/ledger.ts';
import type { Planned, PlannedWrite, Position } from '../model/memory.ts';
import type { Outcome } from '../model/run.ts';

/** Nothing was put into the plugin, and nothing found there. */
const NOTHING = { digest: null, created: false, attempts: 0, durationMs: 0 } as const;

type Sent = Extract<Outcome, { status: 'written' | 'failed' }>;
type Settled = Extract<Outcome, { status: 'adopted' | 'conflict' | 'drift' | 'skipped' }>;

/**
 * @param created the row's id was proven absent before it was sent
 * @param digest of what was planned
 */
export function entryOfSent(
  planned: PlannedWrite,
  outcome: Sent,
  created: boolean,
  digest: Digest | null,
): LedgerEntry {
  const isWritten = outcome.status === 'written';
  return {
    ...base(planned),
    outcome: outcome.status,
    namespace: outcome.namespace,
    reason: isWritten ? outcome.change : outcome.reason,
    digest: isWritten ? digest : null,
    created,
    attempts: outcome.attempts,
    durationMs: outcome.durationMs,
  };
}

/** @param accepted the operator's own words for each row that was given up */
export function entryOfSettled(
  planned: Planned,
  outcome: Settled,
  accepted: ReadonlyMap<string, string>,
  digests: Digester,
): LedgerEntry {
  const plain = { ...base(planned), ...NOTHING };
  switch (outcome.status) {
    case 'adopted': {
      const digest = planned.verdict === 'write' ? digests.ofPlanned(planned) : null;
      return { ...plain, outcome: 'adopted', namespace: outcome.namespace, reason: null, digest };
    }
    case 'conflict':
      return { ...plain, outcome: 'conflict', namespace: outcome.namespace, reason: outcome.reason };
    case 'drift':
      return {
        ...plain,
        outcome: 'drift',
        namespace: outcome.was,
        reason: `would now go to ${outcome.namespace ?? 'nowhere'}`,
      };
    case 'skipped':
      return outcome.reason === 'accepted'
        ? { ...plain, outcome: 'accepted', namespace: null, reason: accepted.get(planned.id) ?? null }
        : { ...plain, outcome: 'skipped', namespace: null, reason: outcome.reason };
  }
}

export function entryOfVanished({ id }: Position): LedgerEntry {
  return { memoryId: id, outcome: 'vanished', namespace: null, reason: null, sourceUpdatedAt: null, ...NOTHING };
}

/** Whether the newest entry says the same already, so that repeating a run does not repeat what it skips. */
export function isRepetition(entry: LedgerEntry, known: Recollection | undefined): boolean {
  if (!known || entry.digest !== null) return false;
  const { outcome, reason, namespace, sourceUpdatedAt } = known.latest;
  return (
    entry.outcome === outcome &&
    entry.reason === reason &&
    entry.namespace === namespace &&
    entry.sourceUpdatedAt === sourceUpdatedAt
  );
}

function base({ id, updatedAt }: Planned): Pick<LedgerEntry, 'memoryId' | 'sourceUpdatedAt'> {
  return { memoryId: id, sourceUpdatedAt: updatedAt };
}
