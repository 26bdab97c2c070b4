/** What a rollback says on the terminal: what stays and why, and in the last line what was undone, or would be. */
import { sum } from '../model/counts.ts';
import { KEPT_REASONS, type KeptReason, type RollbackResult } from '../model/rollback.ts';
import type { Report } from '../model/run.ts';
import { count, counted, type Style, table } from './format.ts';

/** Memories shown on the terminal; `--json` lists more. */
const SHOWN = 20;

const REASONS: Record<KeptReason, string> = {
  'not-created': 'they were in the plugin before the run, or may have been',
  'written-since': 'a later run wrote them again, or found them as planned',
  edited: 'they are no longer what the run wrote: somebody edited them',
  absent: 'their namespaces do not hold them any more',
  unsettled: 'search cannot tell what the plugin holds of them',
  failed: 'the plugin refused to forget them, or could not be asked',
};

export function renderRollback(result: RollbackResult, report: Report, style: Style): string[] {
  return [keptTable(result, style), listed(result, style), summary(result, report, style)];
}

function keptTable({ kept }: RollbackResult, style: Style): string {
  const rows = KEPT_REASONS.filter((reason) => kept[reason] > 0).map(
    (reason) => [reason, kept[reason], REASONS[reason]] as const,
  );
  return rows.length === 0 ? '' : table(['kept', 'memories', 'because'], rows, style);
}

/** The memories that somebody may have to look at stand first. */
function listed({ listed, kept }: RollbackResult, style: Style): string {
  const byGravity = [...listed].sort((a, b) => gravity(a.reason) - gravity(b.reason));
  const shown = byGravity
    .slice(0, SHOWN)
    .map(
      ({ id, namespace, reason, sentence }) =>
        `  ${reason === 'failed' ? style.bad(reason) : style.warn(reason)}  ${id} ${sentence}  ${style.dim(namespace)}`,
    );
  const rest = total(kept) - shown.length;
  const more = rest > 0 ? [style.dim(`  and ${count(rest)} more; --json lists up to 1,000`)] : [];
  return [...shown, ...more].join('\n');
}

function gravity(reason: KeptReason): number {
  return KEPT_REASONS.length - KEPT_REASONS.indexOf(reason);
}

function summary(result: RollbackResult, { error, interruptedBy }: Report, style: Style): string {
  const { of, acted, forgotten, already, kept } = result;
  const done = acted
    ? `${counted(forgotten, 'memory', 'memories')} of run ${of} forgotten`
    : `${counted(forgotten, 'memory', 'memories')} of run ${of} would be forgotten`;
  const before = already > 0 ? `, ${count(already)} had been forgotten before` : '';
  const stay = `, ${count(total(kept))} kept`;
  const rest = error || interruptedBy ? ' Not every memory was reached: run the same command again to go on.' : '';
  const how = acted ? '' : ' Nothing was changed: --yes does it.';
  return `${style.bold(done)}${before}${stay}.${rest}${how}`;
}

function total(kept: RollbackResult['kept']): number {
  return sum(kept);
}
