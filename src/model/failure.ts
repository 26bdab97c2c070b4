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
  /** Groups failures that have the same reason: `400 bad_request`, `deadline`, `transport ECONNRESET`. */
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
