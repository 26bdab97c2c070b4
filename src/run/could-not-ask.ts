/** That the plugin gave no answer, which is never taken for one that says "nothing". */
import type { Failure } from '../model/failure.ts';

/** The plugin gave no answer that says anything; the message is for the operator. Caught where a row is judged. */
export class CouldNotAsk extends Error {
  override readonly name = 'CouldNotAsk';
  /** Why there was no answer; undefined where there was one that makes no sense. */
  readonly failure: Failure | undefined;

  constructor(message: string, failure?: Failure) {
    super(message);
    this.failure = failure;
  }
}

/** An answer that makes no sense may be the doing of one memory in it; no answer at all is everybody's. */
export function mayBeOneNamespaces({ failure }: CouldNotAsk): boolean {
  return failure === undefined || failure.cause === 'refused' || failure.cause === 'malformed';
}

/** For questions that may go unanswered: what cannot be asked proves nothing; that the operator wants to stop does. */
export function unlessStopped(error: unknown): [] {
  if (error instanceof CouldNotAsk && error.failure?.cause !== 'stopped') return [];
  throw error;
}
