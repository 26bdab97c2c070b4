/** Counts outcomes as they happen: the one place from which an apply's numbers come. */
import { sum } from '../model/counts.ts';
import type { RunCounts } from '../model/ledger.ts';
import type { Change, FailureGroup, NotedRow, Outcome, OutcomeStatus, SkipCounts } from '../model/run.ts';

/** Rows that are named for each reason of failure. */
const EXAMPLES = 10;

/** Conflicts and drifts that are listed, at most. */
const LISTED = 1_000;

export interface Tally {
  record(outcome: Outcome): void;
  count(status: OutcomeStatus): number;
  scanned(): number;
  changes(): Record<Change, number>;
  skipped(): SkipCounts;
  /** Conflicts and drifts in the order in which they were found; the first thousand. */
  noted(): NotedRow[];
  /** The most frequent reason first. */
  failures(): FailureGroup[];
  /** For the ledger. */
  counts(): RunCounts;
}

export function tally(): Tally {
  const counts: Record<OutcomeStatus, number> = {
    written: 0,
    adopted: 0,
    recorded: 0,
    failed: 0,
    conflict: 0,
    drift: 0,
    skipped: 0,
    vanished: 0,
  };
  const changes: Record<Change, number> = { new: 0, changed: 0 };
  const skips = noSkips();
  const noted: NotedRow[] = [];
  const failures = failureGroups();

  function note(outcome: Outcome): void {
    if (noted.length >= LISTED) return;
    if (outcome.status === 'conflict') {
      const { id, namespace, reason, sentence } = outcome;
      noted.push({ kind: 'conflict', id, namespace, detail: reason, sentence });
    }
    if (outcome.status === 'drift') {
      const { id, namespace, was, sentence } = outcome;
      noted.push({ kind: 'drift', id, namespace, detail: was, sentence });
    }
  }

  return {
    record(outcome) {
      counts[outcome.status]++;
      note(outcome);
      if (outcome.status === 'written') changes[outcome.change]++;
      if (outcome.status === 'skipped') skips[outcome.reason]++;
      if (outcome.status === 'failed') failures.add(outcome);
    },
    count: (status) => counts[status],
    scanned: () => sum(counts),
    changes: () => ({ ...changes }),
    skipped: () => ({ ...skips }),
    noted: () => [...noted],
    failures: failures.sorted,
    counts() {
      const { accepted, ...others } = skips;
      const skipped = sum(others);
      return { ...counts, skipped, accepted };
    },
  };
}

/** Failures by reason, the most frequent first, each with its first rows. */
export function failureGroups() {
  const groups = new Map<string, FailureGroup>();
  return {
    add({
      reason,
      id,
      namespace,
      sentence,
    }: {
      reason: string;
      id: string;
      namespace: string;
      sentence: string;
    }): void {
      const group = groups.get(reason) ?? { reason, count: 0, examples: [] };
      groups.set(reason, group);
      group.count++;
      if (group.examples.length < EXAMPLES) group.examples.push({ id, namespace, sentence });
    },
    sorted: (): FailureGroup[] => [...groups.values()].sort((a, b) => b.count - a.count),
  };
}

export function noSkips(): SkipCounts {
  return {
    accepted: 0,
    'no-workspace': 0,
    'unknown-scope': 0,
    'workspace-cycle': 0,
    'global-from-non-root': 0,
    'workspace-removed': 0,
    'empty-content': 0,
  };
}
