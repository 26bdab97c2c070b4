/**
 * Why a request to the plugin did not succeed, as a value: what happened, whether repeating it can help, and one sentence
 * for the operator. It never holds content of a memory or a credential.
 */

export const OPERATIONS = [
  'getHealth',
  'upsertNamespace',
  'patchNamespace',
  'deleteNamespace',
  'commitMemory',
  'searchMemories',
  'forgetMemory',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export type FailureCause =
  /** No connection, or it broke before the answer was whole. The plugin may have done what was asked. */
  | 'transport'
  /** No whole answer within the deadline. The plugin may have done what was asked. */
  | 'deadline'
  /** This tool was told to stop while the request was under way, or was waiting for a plugin in trouble. */
  | 'stopped'
  /** The plugin was in trouble for longer than it is waited for. This says nothing about what was asked. */
  | 'outage'
  /** The plugin answered with an error of the contract's shape. */
  | 'refused'
  /** Something answered with an error that is not of the contract's shape: a proxy, or another service. */
  | 'foreign'
  /** The answer says success, but is not what the contract promises. */
  | 'malformed';

export interface Failure {
  cause: FailureCause;
  /** Groups failures that have the same reason: `400 bad_request`, `deadline`, `429 unavailable, after a lost answer`. */
  reason: string;
  /** The HTTP status; absent where there was no answer. */
  status?: number;
  /** True where the same request may succeed later. */
  transient: boolean;
  /**
   * What the answer means beyond its status, for plugins that answer otherwise than the contract says:
   * - `namespace-missing`: the namespace of a commit does not exist
   * - `namespace-doubtful`: it may not exist (plugins in the field answer 500 then), or something else is wrong
   * - `memory-elsewhere`: the memory to be forgotten belongs to another namespace
   * - `memory-absent-or-elsewhere`: it does not exist, or belongs to another namespace (plugins answer 404 for both)
   */
  suggests?: 'namespace-missing' | 'namespace-doubtful' | 'memory-elsewhere' | 'memory-absent-or-elsewhere';
  /** Milliseconds that the plugin asked to wait before the next attempt. */
  retryAfterMs?: number;
  sentence: string;
}

/** Ends the reason of a failure before which the answer to the same request was lost. */
const AFTER_A_LOST_ANSWER = ', after a lost answer';

/**
 * No answer, half of one, one that makes no sense, or somebody else's who may have passed the request on. What a proxy refuses with
 * a 4xx it has not passed on; but a 408 may be the plugin's slowness.
 */
const ANSWER_LOST = /^(deadline|transport |\d+ malformed|(408|5\d\d) foreign)/;

/**
 * Whether the plugin may have done what was asked, whatever was answered last.
 *
 * @param reason a {@link Failure.reason}
 */
export function mayBeDone(reason: string): boolean {
  return ANSWER_LOST.test(reason) || reason.endsWith(AFTER_A_LOST_ANSWER);
}

/**
 * The failure of a request that was sent before: says so where the earlier one may have done what was asked. What ends a request
 * for a reason of its own, an outage or the order to stop, is left as it is.
 */
export function failureAfter(earlier: Failure, later: Failure): Failure {
  if (!mayBeDone(earlier.reason) || mayBeDone(later.reason)) return later;
  if (later.cause === 'outage' || later.cause === 'stopped') return later;
  return { ...later, reason: later.reason + AFTER_A_LOST_ANSWER };
}

export type Answer<T> = ({ ok: true; value: T } | { ok: false; failure: Failure }) & {
  /** Requests that were sent to get it, retries included: 1 or more, or 0 where an outage or the order to stop came first. */
  attempts: number;
};

export interface OperationTraffic {
  /** Requests sent, retries included. */
  attempts: number;
  successes: number;
  /** Attempts that were repetitions of an earlier one. */
  retries: number;
  /** Attempts that failed, by {@link Failure.reason}. */
  failures: Record<string, number>;
}

/** What went over the wire, by operation; one that was never asked for is absent. */
export type Traffic = Partial<Record<Operation, OperationTraffic>>;
