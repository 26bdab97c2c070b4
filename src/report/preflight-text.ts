/** What a preflight says on the terminal: what each check saw, and in the last line whether the copy may begin. */
import { type PreflightCheck, type PreflightResult, readiness } from '../model/preflight.ts';
import type { Report } from '../model/run.ts';
import { counted, type Style } from './format.ts';

export function renderPreflight(
  { checks }: PreflightResult,
  { error, interruptedBy }: Pick<Report, 'error' | 'interruptedBy'>,
  style: Style,
): string[] {
  return [checkTable(checks, style), verdict(checks, error !== null || interruptedBy !== null, style)];
}

function checkTable(checks: readonly PreflightCheck[], style: Style): string {
  if (checks.length === 0) return '';
  const heading = { name: 'check', outcome: 'outcome', grade: 'grade' };
  const width = (column: keyof typeof heading) =>
    Math.max(heading[column].length, ...checks.map((check) => check[column].length));
  const [name, outcome, grade] = [width('name'), width('outcome'), width('grade')];
  const line = (check: typeof heading, paint: (text: string) => string, sentence: string) =>
    `  ${check.name.padEnd(name)}   ${paint(check.outcome.padEnd(outcome))}   ${check.grade.padEnd(grade)}   ${sentence}`;
  return [
    style.dim(line(heading, (text) => text, 'what was seen')),
    ...checks.map((check) => line(check, colour(check, style), check.sentence)),
  ].join('\n');
}

function colour({ outcome, grade }: PreflightCheck, style: Style): (text: string) => string {
  switch (outcome) {
    case 'passed':
      return style.good;
    case 'not-announced':
      return style.dim;
    case 'unasked':
      return style.warn;
    case 'failed':
      return grade === 'blocks' ? style.bad : style.warn;
  }
}

function verdict(checks: readonly PreflightCheck[], cutShort: boolean, style: Style): string {
  const having = (grade: PreflightCheck['grade'], outcome: PreflightCheck['outcome']) =>
    checks.filter((check) => check.grade === grade && check.outcome === outcome).length;
  const ready = readiness(checks);
  if (ready === 'not-ready') {
    const blocking = having('blocks', 'failed');
    return style.bad(`NOT READY: ${counted(blocking, 'check')} ${blocking === 1 ? 'blocks' : 'block'}.`);
  }
  const open = having('blocks', 'unasked');
  if (ready === 'not-known' || cutShort) {
    const missing =
      open === 0
        ? 'the checks were cut short'
        : `${counted(open, 'check that blocks', 'checks that block')} could not be made`;
    return style.warn(`NOT KNOWN: ${missing}.`);
  }
  const warnings = having('warns', 'failed');
  const unmade = having('warns', 'unasked');
  const remarks = [
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(unmade > 0 ? [`${counted(unmade, 'check that only warns', 'checks that only warn')} could not be made`] : []),
  ];
  return style.good(`READY: ${remarks.length === 0 ? 'all checks passed' : `nothing blocks; ${remarks.join(', ')}`}.`);
}
