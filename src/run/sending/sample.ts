/** One request that was answered, or that failed. */
export interface Sample {
  /** Milliseconds of a monotonic clock: when it was answered. */
  at: number;
  /** Milliseconds from its sending to its answer. */
  ms: number;
  /** `overload`: it asks for fewer requests at a time. `other`: a failure that says nothing about that. */
  outcome: 'success' | 'overload' | 'other';
  /** Requests under way when it was sent, itself included. */
  inFlight: number;
}
