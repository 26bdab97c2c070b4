/** Counts outcomes as they happen: the one place from which an apply's numbers come. */
import type { FailureGroup, Outcome, OutcomeStatus, SkipCounts } from '../model/run.ts';

/** Rows that are named for each reason of failure. */
const EXAMPLES = 10;

export interface Tally {
  record(outcome: Outcome): void;
  count(status: OutcomeStatus): number;
  scanned(): number;
  skipped(): SkipCounts;
  /** The most frequent reason first. */
  failures(): FailureGroup[];
}

export function tally(): Tally {
  const counts: Record<OutcomeStatus, number> = { written: 0, failed: 0, skipped: 0, vanished: 0 };
  const skips = noSkips();
  const failures = new Map<string, FailureGroup>();

  function recordFailure({ reason, id, namespace, sentence }: Extract<Outcome, { status: 'failed' }>): void {
    const group = failures.get(reason) ?? { reason, count: 0, examples: [] };
    failures.set(reason, group);
    group.count++;
    if (group.examples.length < EXAMPLES) group.examples.push({ id, namespace, sentence });
  }

  return {
    record(outcome) {
      counts[outcome.status]++;
      if (outcome.status === 'skipped') skips[outcome.reason]++;
      if (outcome.status === 'failed') recordFailure(outcome);
    },
    count: (status) => counts[status],
    scanned: () => Object.values(counts).reduce((sum, count) => sum + count, 0),
    skipped: () => ({ ...skips }),
    failures: () => [...failures.values()].sort((a, b) => b.count - a.count),
  };
}

export function noSkips(): SkipCounts {
  return {
    'no-workspace': 0,
    'unknown-scope': 0,
    'workspace-cycle': 0,
    'global-from-non-root': 0,
    'workspace-removed': 0,
    'empty-content': 0,
  };
}
