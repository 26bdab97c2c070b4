/** The bounds at which an apply stops by itself: before it begins (too many changes), or on its way (too many failures). */
import { RunError } from '../model/errors.ts';
import type { Bound } from '../model/settings.ts';

/** Rows that must be through before a share of failures says anything. */
const ENOUGH = 200;

/**
 * @param rows that would be sent
 * @param of rows that have a place in the plugin
 * @throws RunError `guard`
 */
export function refuseTooManyChanges(rows: number, of: number, most: Bound): void {
  const allowed = 'rows' in most ? most.rows : (of * most.percent) / 100;
  if (rows <= allowed) return;
  throw new RunError(
    'guard',
    `${rows} of ${of} rows would be sent, and --max-changes allows ${inWords(most)}: nothing was sent. --dry-run shows what would change.`,
  );
}

/**
 * @param failed rows that failed
 * @param through rows that were written or failed
 * @returns the error that ends the run, or null
 */
export function tooManyFailures(failed: number, through: number, most: Bound): RunError | null {
  const isTooMany = 'rows' in most ? failed > most.rows : through >= ENOUGH && failed > (through * most.percent) / 100;
  if (!isTooMany) return null;
  return new RunError(
    'plugin',
    `${failed} of ${through} rows failed, and --max-failures allows ${inWords(most)}: the run was stopped; what was written is recorded.`,
  );
}

function inWords(bound: Bound): string {
  return 'rows' in bound ? String(bound.rows) : `${bound.percent} %`;
}
