/** Failures that say nothing of what was asked: the request was cut off, so that whatever it was about is still to be done. */
import { RunError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';

/**
 * @param stopping the operator has told the run to stop
 * @returns null where the failure is an answer; else the error that ends the run, which is null where the operator's signal does
 */
export function cutOff(failure: Failure | undefined, stopping: boolean): { error: RunError | null } | null {
  if (failure?.cause === 'outage') return { error: new RunError('plugin', failure.sentence) };
  if (failure?.cause !== 'stopped') return null;
  return { error: stopping ? null : lockLost() };
}

function lockLost(): RunError {
  return new RunError(
    'ledger',
    "The ledger's lock was lost while a request was under way, which was not sent again; what is recorded stays. Run the same command again to go on.",
  );
}
