/** What a rollback came to, counted as it happens: the one place from which its result, and the counts in the ledger, come. */
import type { RunCounts } from '../model/ledger.ts';
import { KEPT_REASONS, type KeptMemory, type KeptReason, type RollbackResult } from '../model/rollback.ts';

/** Memories that are named at the most; counted they are all. */
const LISTED = 1_000;

export interface RollbackTally {
  /** Forgotten, or one that would be. */
  forgot(): void;
  already(): void;
  keep(memory: KeptMemory): void;
  /** Memories that are settled. */
  done(): number;
  /** For the ledger. */
  counts(): RunCounts;
  result(): Omit<RollbackResult, 'mode' | 'of' | 'acted'>;
}

export function rollbackTally(): RollbackTally {
  const kept: Record<KeptReason, number> = {
    'not-created': 0,
    'written-since': 0,
    edited: 0,
    absent: 0,
    unsettled: 0,
    failed: 0,
  };
  const listed: KeptMemory[] = [];
  let forgotten = 0;
  let already = 0;

  const allKept = () => KEPT_REASONS.reduce((sum, reason) => sum + kept[reason], 0);

  return {
    forgot() {
      forgotten++;
    },
    already() {
      already++;
    },
    keep(memory) {
      kept[memory.reason]++;
      if (listed.length < LISTED) listed.push(memory);
    },
    done: () => forgotten + already + allKept(),
    counts: () => ({ forgotten, kept: allKept() }),
    result: () => ({ forgotten, already, kept: { ...kept }, listed: [...listed] }),
  };
}
