/** The short form of the preflight, before anything is sent. */
import { RunError } from '../model/errors.ts';
import type { PreflightCheck } from '../model/preflight.ts';

/**
 * @param notice told of what failed and does not stand in the way
 * @throws RunError `guard` where a check that blocks has failed
 */
export function refuseUnfit(checks: readonly PreflightCheck[], notice: (sentence: string) => void): void {
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  for (const { grade, sentence } of failed) if (grade === 'warns') notice(sentence);
  const blocking = failed.find(({ grade }) => grade === 'blocks');
  if (!blocking) return;
  throw new RunError(
    'guard',
    `The plugin is not fit to take the rows: ${blocking.sentence} No row was sent. --preflight tells more.`,
  );
}
