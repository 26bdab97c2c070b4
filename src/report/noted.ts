/** The rows that need the operator's eye: conflicts and drifts with what to do about them, and failures by their reason. */
import type { FailureGroup, NotedRow, PlannedChanges } from '../model/run.ts';
import { count, counted, type Style } from './format.ts';

/** Rows shown of each kind; `--json` lists more. */
const SHOWN = 20;

/** @param noted may be fewer than there are: the numbers are those of `changes` */
export function notedRows(noted: readonly NotedRow[], changes: PlannedChanges, style: Style): string[] {
  const conflicts = noted.filter(({ kind }) => kind === 'conflict');
  const drifts = noted.filter(({ kind }) => kind === 'drift');
  return [
    section(conflicts, changes.conflict, conflictAdvice(conflicts), style),
    section(drifts, changes.drift, DRIFT_ADVICE, style),
  ];
}

function section(rows: readonly NotedRow[], all: number, advice: string, style: Style): string {
  if (all === 0) return '';
  const shown = rows.slice(0, SHOWN);
  const more =
    all > shown.length ? [style.dim(`  and ${count(all - shown.length)} more; --json lists up to 1,000`)] : [];
  return [...shown.map((row) => rowLines(row, style)), ...more, advice].join('\n');
}

function rowLines({ kind, id, sentence, namespace, detail }: NotedRow, style: Style): string {
  const belongs = namespace ?? 'no namespace';
  const where =
    kind === 'drift'
      ? `${style.dim('is in')} ${detail}  ${style.dim('belongs to')} ${belongs}`
      : `${detail}  ${style.dim('belongs to')} ${belongs}`;
  return `  ${style.warn(kind)}  ${id} ${sentence}\n    ${where}`;
}

/** What is to be done depends on whether the plugin holds anything: nothing brings back what was forgotten there. */
function conflictAdvice(conflicts: readonly NotedRow[]): string {
  const forgotten = conflicts.some(({ detail }) => detail === 'forgotten');
  const held = conflicts.length === 0 || conflicts.some(({ detail }) => detail !== 'forgotten');
  const sentences = [
    ...(held
      ? ["To write the source's version over what the plugin holds: the same with --on-conflict overwrite."]
      : []),
    ...(forgotten
      ? ['What was forgotten in the plugin is not sent again; --accept FILE gives such rows up for good.']
      : []),
  ];
  return sentences.map((sentence) => `  ${sentence}`).join('\n');
}

const DRIFT_ADVICE = [
  '  A copy is never moved by itself. --verify --json finds it misplaced, or leaked, and --apply --repair with that report and',
  '  --include-acknowledged moves it. Or --rollback of the run that copied it (--status ID), which takes out all that it newly copied.',
].join('\n');

/** Each reason with the rows that are named for it. */
export function failureLists(label: string, failures: readonly FailureGroup[], style: Style): string {
  return failures
    .map(({ reason, count: rows, examples }) => {
      const heading = `  ${style.bad(label)}  ${counted(rows, 'row')}: ${reason}. ${examples[0]?.sentence ?? ''}`;
      const named = examples.map(({ id, namespace }) => `    ${id}  ${style.dim(namespace)}`);
      const more = rows > examples.length ? [style.dim(`    and ${count(rows - examples.length)} more`)] : [];
      return [heading, ...named, ...more].join('\n');
    })
    .join('\n\n');
}
