/** What a verify counts, for tests that say what they expect of it. */
import type { VerifyResult } from '../../src/model/verify.ts';

/** The counters of findings, with zero for each kind that is not named. */
export function found(given: Partial<VerifyResult['findings']> = {}): VerifyResult['findings'] {
  return {
    leak: 0,
    missing: 0,
    content: 0,
    misplaced: 0,
    duplicate: 0,
    fields: 0,
    vanishing: 0,
    unproven: 0,
    ...given,
  };
}
