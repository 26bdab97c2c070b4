/** What a repair says on the terminal: what is left and why, and in the last line what was mended, or would be, and what comes next. */
import { sum } from '../model/counts.ts';
import { LEFT_REASONS, type LeftReason, type RepairedMemory, type RepairResult } from '../model/repair.ts';
import type { Report } from '../model/run.ts';
import { count, counted, type Style, table } from './format.ts';

/** Memories shown on the terminal; `--json` lists more. */
const SHOWN = 20;

const REASONS: Record<LeftReason, string> = {
  acknowledged: 'the ledger has them as written: users may have edited or forgotten them since',
  changed: 'they are no longer what the verify saw',
  gone: 'the source does not hold their rows any more',
  text: 'they are known by their text alone, which two tenants may rightly share',
  copy: 'they are copies too many, which nobody can read who must not',
  unproven: 'the verify could not settle them, so that there is nothing to mend',
  unsettled: 'search cannot tell what the plugin holds of them',
};

export function renderRepair(result: RepairResult, report: Report, style: Style): string[] {
  return [
    leftTable(result, style),
    ...listed(result, style),
    cutList(result),
    summary(result, report, style),
    nextStep(result, report, style),
  ];
}

function leftTable({ left }: RepairResult, style: Style): string {
  const rows = LEFT_REASONS.filter((reason) => left[reason] > 0).map(
    (reason) => [reason, left[reason], REASONS[reason]] as const,
  );
  return rows.length === 0 ? '' : table(['left', 'memories', 'because'], rows, style);
}

/** What somebody may have to look at stands first; what is in order by now, or was mended, is counted alone. */
function listed({ listed, acted, failed, left, mended }: RepairResult, style: Style): string[] {
  const open = listed.filter(({ outcome }) => outcome === 'failed' || outcome === 'left').sort(byGravity);
  const intended = acted ? [] : listed.filter(({ outcome }) => isDone(outcome));
  return [
    section(open, failed + sum(left), style),
    section(intended, acted ? 0 : mended.sent + mended.moved + mended.forgotten, style),
  ];
}

function section(memories: readonly RepairedMemory[], all: number, style: Style): string {
  const shown = memories.slice(0, SHOWN);
  const rest = all - shown.length;
  const more = rest > 0 ? [style.dim(`  and ${count(rest)} more; --json lists up to 1,000`)] : [];
  return [...shown.map((memory) => lines(memory, style)), ...more].join('\n');
}

function lines({ id, foundAs, kinds, outcome, reason, sentence, next }: RepairedMemory, style: Style): string {
  const mark =
    outcome === 'failed'
      ? style.bad('failed')
      : outcome === 'left'
        ? style.warn(reason ?? 'left')
        : style.good(outcome);
  const which = foundAs === null ? id : `${foundAs} ${style.dim(`(of ${id})`)}`;
  const what = `  ${mark}  ${which} ${sentence}  ${style.dim(kinds.join(', '))}`;
  return next === null ? what : `${what}\n    ${next}`;
}

function byGravity(one: RepairedMemory, other: RepairedMemory): number {
  return gravity(other) - gravity(one);
}

/** What failed, then leaks, then the rest in the order in which it was taken up. */
function gravity({ outcome, kinds }: RepairedMemory): number {
  return outcome === 'failed' ? 2 : Number(kinds.includes('leak'));
}

function isDone(outcome: RepairedMemory['outcome']): boolean {
  return outcome === 'sent' || outcome === 'moved' || outcome === 'forgotten';
}

function cutList({ unlisted }: RepairResult): string {
  if (unlisted === 0) return '';
  return `The report lists the first 1,000 findings alone: ${counted(unlisted, 'more was', 'more were')} counted, and could not be taken up.`;
}

function summary(
  { acted, memories, mended, left, failed }: RepairResult,
  { error, interruptedBy }: Report,
  style: Style,
): string {
  const done = `${count(mended.sent)}${acted ? '' : ' would be'} sent, ${count(mended.moved)} moved, ${count(mended.forgotten)} forgotten`;
  const right = mended.already > 0 ? `, ${count(mended.already)} right by now` : '';
  const accepted = mended.accepted > 0 ? `, ${count(mended.accepted)} given up` : '';
  const failing = failed > 0 ? style.bad(`, ${count(failed)} failed`) : '';
  const rest = error || interruptedBy ? ' Not every memory was reached: run the same command again to go on.' : '';
  const said = style.bold(`Of ${counted(memories, 'memory', 'memories')} that the report names, ${done}`);
  return `${said}${right}${accepted}, ${count(sum(left))} left${failing}.${rest}`;
}

/** A repair proves nothing; and the sample in which something was found is no longer one that was drawn by lot. */
function nextStep({ acted, seed }: RepairResult, { error, interruptedBy }: Report, style: Style): string {
  if (error || interruptedBy) return '';
  if (!acted) return 'Nothing was changed: --apply does it.';
  const another = seed === null ? '' : ` another seed than ${seed}, which proves nothing any more, or with`;
  return style.bold(`Now verify again, with${another} --verify-sample all.`);
}
