/**
 * The exit code, as a pure function of the report. Where several reasons hold, the first of this list counts: a wrong set-up
 * (2), the operator's own signal, findings (1), something incomplete (3). An error never ends in 0.
 */
import { sum } from '../model/counts.ts';
import { readiness } from '../model/preflight.ts';
import type { RepairResult } from '../model/repair.ts';
import type { RollbackResult } from '../model/rollback.ts';
import type { Report, Result } from '../model/run.ts';
import type { Interruption } from '../model/settings.ts';
import type { VerifyResult } from '../model/verify.ts';

export const EXIT = { done: 0, findings: 1, usage: 2, incomplete: 3 } as const;

export const SIGNAL_EXIT: Record<Interruption, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export function exitCode({ error, interruptedBy, timeUp, result }: Omit<Report, 'exitCode'>): number {
  if (error?.code === 'configuration') return EXIT.usage;
  if (interruptedBy) return SIGNAL_EXIT[interruptedBy];
  const wasCutOff = error !== null || timeUp;
  if (error?.code === 'guard' || (result && hasFindings(result, wasCutOff))) return EXIT.findings;
  if (error || timeUp || !result || isIncomplete(result)) return EXIT.incomplete;
  return EXIT.done;
}

/** Something was found that is not as it should be. A dry run only shows what an apply would find. */
function hasFindings(result: Result, wasCutOff: boolean): boolean {
  switch (result.mode) {
    case 'dry-run':
    case 'status':
      return false;
    case 'preflight':
      return readiness(result.checks) === 'not-ready';
    case 'apply':
      return result.conflicts > 0 || result.drifts > 0;
    case 'verify':
      return failsGate(result) || (!wasCutOff && result.rows.compared === 0 && isWholeAndEmpty(result));
    case 'rollback':
      return result.acted && keptAgainstWish(result) > 0;
    case 'repair':
      return result.acted && isLeftInPart(result);
    case 'check-receipt':
      return result.verdict === 'refused';
  }
}

/** Something was not done, or could not be found out. */
function isIncomplete(result: Result): boolean {
  switch (result.mode) {
    case 'dry-run':
      return result.changes.failed > 0;
    case 'preflight':
      return readiness(result.checks) === 'not-known';
    case 'apply':
      return result.failed > 0;
    case 'verify':
      return (
        result.errors.length > 0 ||
        result.workspaces.errors > 0 ||
        result.workspaces.unchecked > 0 ||
        !result.hunt.finished
      );
    case 'status':
      return false;
    case 'rollback':
      return result.kept.failed > 0;
    case 'repair':
      return result.failed > 0;
    case 'check-receipt':
      return result.verdict === 'not-checked';
  }
}

/** Something that the report names was not mended. */
function isLeftInPart({ left, unlisted }: RepairResult): boolean {
  return unlisted > 0 || Object.values(left).some((memories) => memories > 0);
}

/** Memories that the run put into the plugin, and that a rollback had to leave there. */
function keptAgainstWish({ kept }: RollbackResult): number {
  return kept.edited + kept['written-since'] + kept.unsettled;
}

/** Nothing was compared, though nothing stood in the way; and that was not allowed. */
function isWholeAndEmpty(result: VerifyResult): boolean {
  return !result.emptyAllowed && !isIncomplete(result);
}

/** A difference, or more that could not be settled or was skipped than the operator lets pass. */
function failsGate({
  findings: { unproven, ...differences },
  allowUnproven,
  failOnSkipped,
  rows,
}: VerifyResult): boolean {
  return sum(differences) > 0 || unproven > (allowUnproven ?? 0) || (failOnSkipped && sum(rows.skipped) > 0);
}
