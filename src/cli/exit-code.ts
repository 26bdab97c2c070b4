/**
 * The exit code, as a pure function of the report. Where several reasons hold, the first of this list counts: a wrong set-up
 * (2), the operator's own signal, findings (1), something incomplete (3). An error never ends in 0.
 */
import type { Interruption, Report, Result, VerifyResult } from '../model/run.ts';

export const EXIT = { done: 0, findings: 1, usage: 2, incomplete: 3 } as const;

export const SIGNAL_EXIT: Record<Interruption, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export function exitCode({ error, interruptedBy, result }: Omit<Report, 'exitCode'>): number {
  if (error?.code === 'configuration') return EXIT.usage;
  if (interruptedBy) return SIGNAL_EXIT[interruptedBy];
  if (result && hasFindings(result)) return EXIT.findings;
  if (error || !result || isIncomplete(result)) return EXIT.incomplete;
  return EXIT.done;
}

function hasFindings(result: Result): boolean {
  return (
    result.mode === 'verify' && (countFindings(result) > 0 || (result.rows.compared === 0 && isWholeAndEmpty(result)))
  );
}

function isIncomplete(result: Result): boolean {
  switch (result.mode) {
    case 'dry-run':
      return false;
    case 'apply':
      return result.failed > 0;
    case 'verify':
      return result.errors.length > 0 || result.workspaces.errors > 0 || result.workspaces.unchecked > 0;
  }
}

/** Nothing was compared, though nothing stood in the way; and that was not allowed. */
function isWholeAndEmpty(result: VerifyResult): boolean {
  return !result.emptyAllowed && !isIncomplete(result);
}

export function countFindings({ findings }: VerifyResult): number {
  return Object.values(findings).reduce((sum, count) => sum + count, 0);
}
