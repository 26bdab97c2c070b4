/** What a preflight found out about a plugin, the source and the ledger: plain data, and the one word that follows from it. */

/** A check that `blocks` must pass before anything is copied; one that `warns` is for the operator to weigh. */
export type Grade = 'blocks' | 'warns';

export interface PreflightCheck {
  /** A short, stable name: `health`, `upsert`, `read-after-write`. */
  name: string;
  grade: Grade;
  /** `unasked`: it could not be found out, because something before it failed, or because nobody answered. */
  outcome: 'passed' | 'failed' | 'not-announced' | 'unasked';
  /** What was seen, in one sentence. */
  sentence: string;
}

export interface PreflightResult {
  mode: 'preflight';
  checks: PreflightCheck[];
}

/**
 * - `not-ready`: a check that blocks has failed
 * - `not-known`: none has, but one could not be made, or there was none
 * - `ready`: whatever blocks has passed
 */
export type Readiness = 'ready' | 'not-ready' | 'not-known';

export function readiness(checks: readonly PreflightCheck[]): Readiness {
  const blocking = checks.filter(({ grade }) => grade === 'blocks');
  if (blocking.some(({ outcome }) => outcome === 'failed')) return 'not-ready';
  const isKnown = blocking.length > 0 && blocking.every(({ outcome }) => outcome !== 'unasked');
  return isKnown ? 'ready' : 'not-known';
}
