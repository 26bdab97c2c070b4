/**
 * Which of a call's failed attempts count towards the number that it may make: those that may be its own fault, and none that
 * the plugin's being down explains. A row must not be set aside because the plugin was away for a while and came back.
 *
 *   of an outage's kind     transport errors, deadlines, 502, 503, 504: they count only for as long as the breaker stays
 *                           closed. When it opens, they are given back, and so is one that was under way then
 *   answered with a 500     counts: a row that can never be stored must not be sent for ever. It is given back, once in a
 *                           call, where the plugin's own health turned out to be bad after it
 *   any other               counts
 */
import type { Failure } from '../model/failure.ts';
import type { Breaker } from './breaker.ts';

export interface Allowance {
  /** To be told before an attempt goes out. */
  sent(): void;
  /** To be told how it failed. */
  failed(failure: Failure): void;
  /** No attempt is left. */
  usedUp(): boolean;
}

/**
 * @param most attempts that a call may make
 * @param spent attempts made before the call; one is left, whatever they were
 */
export function allowance(most: number, spent: number, breaker: Breaker): Allowance {
  let counted = Math.min(spent, most - 1);
  let lent = 0;
  let pardoned = false;
  let openings = breaker.openings();
  const badHealth = breaker.badHealth();

  function giveBack(): void {
    if (breaker.openings() !== openings) {
      openings = breaker.openings();
      lent = 0;
    }
    if (!pardoned && breaker.badHealth() !== badHealth) {
      pardoned = true;
      counted = 0;
    }
  }

  return {
    sent: giveBack,
    failed(failure) {
      const openedMeanwhile = breaker.openings() !== openings;
      giveBack();
      if (!breaker.suspects(failure)) counted++;
      else if (!openedMeanwhile) lent++;
    },
    usedUp: () => counted + lent >= most,
  };
}
