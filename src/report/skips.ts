/** The rows that were left out on purpose, in words. */
import { sum } from '../model/counts.ts';
import { SKIP_REASONS, type SkipReason } from '../model/memory.ts';
import type { SkipCounts } from '../model/run.ts';
import { counted, type Style, table } from './format.ts';

const REASONS: Record<SkipReason, string> = {
  accepted: 'given up on purpose, by --accept',
  'no-workspace': 'its workspace is NULL, or is not in the table',
  'unknown-scope': 'its scope is none of LOCAL, TEAM, GLOBAL',
  'workspace-cycle': 'its workspace has no root: the parents go round in a circle',
  'global-from-non-root': 'only a root may write to an org',
  'workspace-removed': 'the old system hid it; --removed-workspaces copy takes it along',
  'empty-content': 'nothing but white space, which plugins refuse',
};

/** Each reason that held, with the rows that it held for, and in words. */
export function skipRows(skipped: SkipCounts): Array<readonly [reason: SkipReason, rows: number, because: string]> {
  return SKIP_REASONS.filter((reason) => skipped[reason] > 0).map(
    (reason) => [reason, skipped[reason], REASONS[reason]] as const,
  );
}

/** The table of skips; empty where there were none. */
export function skipTable(skipped: SkipCounts, style: Style): string {
  const rows = skipRows(skipped);
  return rows.length === 0 ? '' : table(['skipped', 'rows', 'because'], rows, style);
}

export function totalSkipped(skipped: SkipCounts): number {
  return sum(skipped);
}

/** ", 3 were deleted from the source meanwhile", or nothing. */
export function vanishedNote(vanished: number): string {
  return vanished === 0 ? '' : `, ${counted(vanished, 'row')} deleted from the source meanwhile`;
}
