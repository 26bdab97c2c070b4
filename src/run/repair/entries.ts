/** What the ledger keeps of a repair. Pure. */
import type { Digester } from '../../model/digest.ts';
import type { LedgerEntry, Recollection } from '../../model/ledger.ts';
import type { PlannedWrite } from '../../model/memory.ts';
import { BEING_FORGOTTEN } from '../../model/rollback.ts';

const NOTHING = { digest: null, created: false, attempts: 0, durationMs: 0 } as const;

/** A memory that is to be forgotten, or was. */
export interface Doomed {
  id: string;
  namespace: string;
  known: Recollection | undefined;
}

export interface Effort {
  attempts: number;
  durationMs: number;
}

/** @param created the row's id was proven absent before it was sent */
export function entryOfRepaired(
  planned: PlannedWrite,
  created: boolean,
  effort: Effort,
  digests: Digester,
): LedgerEntry {
  return {
    ...ofRow(planned),
    outcome: 'written',
    reason: 'repaired',
    digest: digests.ofPlanned(planned),
    created,
    ...effort,
  };
}

export function entryOfRefused(planned: PlannedWrite, reason: string, effort: Effort): LedgerEntry {
  return { ...ofRow(planned), ...NOTHING, outcome: 'failed', reason, ...effort };
}

/** The row is as planned where it belongs, and was taken out of another namespace. */
export function entryOfCleared(planned: PlannedWrite, from: string, digests: Digester): LedgerEntry {
  const digest = digests.ofPlanned(planned);
  return { ...ofRow(planned), ...NOTHING, outcome: 'adopted', reason: `repaired: forgotten in ${from}`, digest };
}

/** Written before the memory is forgotten: with this as its newest entry, an apply takes nothing for granted of it. */
export function announcementOf(doomed: Doomed): LedgerEntry {
  return { ...ofDoomed(doomed), outcome: 'kept', reason: BEING_FORGOTTEN };
}

export function entryOfForgotten(doomed: Doomed, effort: Effort): LedgerEntry {
  return { ...ofDoomed(doomed), outcome: 'forgotten', reason: 'repaired: it had leaked', ...effort };
}

/** It stays, and is not being forgotten any more. */
export function entryOfKept(doomed: Doomed, effort: Effort): LedgerEntry {
  return { ...ofDoomed(doomed), outcome: 'kept', reason: 'failed', ...effort };
}

function ofRow({ id, namespace, updatedAt }: PlannedWrite) {
  return { memoryId: id, namespace: namespace.name, sourceUpdatedAt: updatedAt } as const;
}

/** It says nothing new of the source. */
function ofDoomed({ id, namespace, known }: Doomed) {
  return { ...NOTHING, memoryId: id, namespace, sourceUpdatedAt: known?.latest.sourceUpdatedAt ?? null } as const;
}
