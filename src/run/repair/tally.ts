/** What a repair came to, counted as it happens: the one place from which its result, and the counts in the ledger, come. */
import { sum } from '../../model/counts.ts';
import type { RunCounts } from '../../model/ledger.ts';
import type { LeftReason, Mending, RepairedMemory, RepairResult } from '../../model/repair.ts';

/** Memories that are named at the most; counted they are all. */
const LISTED = 1_000;

export interface RepairTally {
  record(memory: RepairedMemory): void;
  /** Memories that are settled. */
  done(): number;
  failed(): number;
  /** Memories that a run that acts has sent something for, or has tried to. */
  tried(): number;
  /** For the ledger. */
  counts(): RunCounts;
  result(): Pick<RepairResult, 'mended' | 'left' | 'failed' | 'listed'>;
}

export function repairTally(): RepairTally {
  const mended: Record<Mending, number> = { sent: 0, moved: 0, forgotten: 0, already: 0, accepted: 0 };
  const left: Record<LeftReason, number> = {
    acknowledged: 0,
    changed: 0,
    gone: 0,
    text: 0,
    copy: 0,
    unproven: 0,
    unsettled: 0,
  };
  const listed: RepairedMemory[] = [];
  let failed = 0;

  return {
    record(memory) {
      if (memory.outcome === 'failed') failed++;
      else if (memory.outcome !== 'left') mended[memory.outcome]++;
      else if (memory.reason !== null) left[memory.reason]++;
      if (listed.length < LISTED) listed.push(memory);
    },
    done: () => sum(mended) + sum(left) + failed,
    failed: () => failed,
    tried: () => mended.sent + mended.moved + mended.forgotten + failed,
    counts: () => ({
      written: mended.sent + mended.moved,
      forgotten: mended.forgotten,
      recorded: mended.already,
      accepted: mended.accepted,
      kept: sum(left),
      failed,
    }),
    result: () => ({ mended: { ...mended }, left: { ...left }, failed, listed: [...listed] }),
  };
}
