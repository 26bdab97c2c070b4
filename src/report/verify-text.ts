/** What a verify says on the terminal: the findings, the counts, and in the last line whether parity is proven. */
import type { Report } from '../model/run.ts';
import type { Finding, VerifyResult } from '../model/verify.ts';
import { count, counted, type Style, type TextOptions, table } from './format.ts';
import { skipTable } from './skips.ts';

/** Findings shown on the terminal; `--json` lists more. */
const SHOWN = 20;

export function renderVerify(result: VerifyResult, report: Report, options: TextOptions): string[] {
  const { style } = options;
  return [
    findings(result, options),
    errors(result, style),
    skipTable(result.rows.skipped, style),
    counts(result, style),
    drawn(result, style),
    absence(result),
    verdict(result, report, style),
  ];
}

function findings({ listed, findings: kinds }: VerifyResult, { style, content }: TextOptions): string {
  const all = Object.values(kinds).reduce((sum, rows) => sum + rows, 0);
  const shown = listed.slice(0, SHOWN).map((finding) => findingLines(finding, content, style));
  const more = all > SHOWN ? [style.dim(`  and ${count(all - SHOWN)} more; --json lists up to 1,000`)] : [];
  return [...shown, ...more].join('\n');
}

function findingLines(
  { kind, id, workspaceId, namespace, sentence, excerpts }: Finding,
  content: boolean,
  style: Style,
) {
  const label = kind === 'unproven' ? style.warn(kind) : style.bad(kind);
  const lines = [
    `  ${label}  ${id} ${sentence}`,
    `    ${style.dim('workspace')} ${workspaceId ?? 'none'}  ${style.dim('belongs to')} ${namespace ?? 'no namespace'}`,
  ];
  if (content && excerpts?.expected !== undefined) lines.push(`    ${style.dim('source')}    ${excerpts.expected}`);
  if (content && excerpts?.found !== undefined) lines.push(`    ${style.dim('plugin')}    ${excerpts.found}`);
  return lines.join('\n');
}

function errors({ errors: failed, workspaces }: VerifyResult, style: Style): string {
  if (failed.length === 0) return '';
  const shown = failed
    .slice(0, SHOWN)
    .map(({ workspaceId, sentence }) => `    ${workspaceId ?? 'no workspace'}  ${sentence}`);
  return [
    `  ${style.bad('not checked')}  ${counted(Math.max(workspaces.errors, failed.length), 'workspace')}`,
    ...shown,
  ].join('\n');
}

function counts({ workspaces, rows, findings: kinds }: VerifyResult, style: Style): string {
  const { sampled, matches, empty, mismatches, unproven, errors: failed, unchecked } = workspaces;
  const heading = ['workspaces', 'sampled', 'match', 'of which empty', 'mismatch', 'unproven', 'error', 'not reached'];
  const perWorkspace = table(heading, [['', sampled, matches, empty, mismatches, unproven, failed, unchecked]], style);
  const found = Object.entries(kinds).filter(([, times]) => times > 0);
  const perRow = table(
    ['rows', 'compared', 'match', ...found.map(([kind]) => kind)],
    [['', rows.compared, rows.matched, ...found.map(([, times]) => times)]],
    style,
  );
  return `${perWorkspace}\n\n${perRow}`;
}

function drawn({ seed, population, workspaces }: VerifyResult, style: Style): string {
  if (seed === null) return '';
  return style.dim(
    `  ${count(workspaces.sampled)} of ${counted(population, 'workspace')} drawn by lot; --seed ${seed} draws the same again.`,
  );
}

function absence({ rows }: VerifyResult): string {
  if (rows.absenceUnproven === 0) return '';
  return `Of the skipped rows, ${count(rows.absenceUnproven)} could neither be found in the plugin nor be shown to be absent: search does not reach them.`;
}

function verdict(result: VerifyResult, { error, interruptedBy }: Report, style: Style): string {
  const { workspaces, rows, findings: kinds } = result;
  const stopped = interruptedBy !== null || workspaces.unchecked > 0 ? ' Not every workspace was reached.' : '';
  const differences = differencesIn(result);
  if (differences.length > 0) return style.bad(`NOT EQUAL: ${differences.join('; ')}.${stopped}`);
  if (error || workspaces.errors > 0 || result.errors.length > 0 || stopped) {
    return style.bad(`NOT CHECKED: no difference was found, but not everything could be compared.${stopped}`);
  }
  if (kinds.unproven > 0) {
    return style.warn(
      `NOT PROVEN: no difference was found, but search could not settle ${counted(kinds.unproven, 'row')}.`,
    );
  }
  if (rows.compared === 0) return nothingCompared(result, style);
  return style.good(
    `EQUAL: all ${counted(rows.compared, 'row')} of ${counted(workspaces.sampled, 'workspace')} are in the plugin as planned.`,
  );
}

function differencesIn({ rows, findings: kinds }: VerifyResult): string[] {
  const different = kinds.misplaced + kinds.missing + kinds.content + kinds.fields + kinds.duplicate + kinds.vanishing;
  const differing =
    different > 0
      ? [`${counted(different, 'row')} of ${count(rows.compared)} compared differ from what was planned`]
      : [];
  const unexpected = kinds.leak > 0 ? [`${counted(kinds.leak, 'row')} can be read by others than planned`] : [];
  return [...differing, ...unexpected];
}

function nothingCompared({ emptyAllowed }: VerifyResult, style: Style): string {
  return emptyAllowed
    ? style.warn('Nothing was verified: there was no row to compare (--allow-empty lets that pass).')
    : style.bad('NOTHING WAS VERIFIED: there was no row to compare. --allow-empty lets that pass.');
}
