/** What a verify says on the terminal: the findings, the counts, and in the last line whether parity is proven. */
import { sum } from '../model/counts.ts';
import type { Report } from '../model/run.ts';
import type { Finding, VerifyResult } from '../model/verify.ts';
import { count, counted, type Style, type TextOptions, table } from './format.ts';
import { remarks } from './remarks.ts';
import { skipTable } from './skips.ts';
import { kindsFound, verdictOf } from './verdict.ts';

/** Findings and errors shown on the terminal; `--json` lists more. */
const SHOWN = 20;

export function renderVerify(result: VerifyResult, report: Report, options: TextOptions): string[] {
  const { style } = options;
  return [
    ...findings(result, options),
    errors(result, style),
    skipTable(result.rows.skipped, style),
    workspaceTable(result, style),
    rowTable(result, style),
    remarks(result, report).join('\n'),
    verdict(result, report, style),
  ];
}

function findings({ listed, findings: kinds }: VerifyResult, { style, content }: TextOptions): string[] {
  const all = sum(kinds);
  const shown = listed.slice(0, SHOWN);
  const more =
    all > shown.length ? [style.dim(`  and ${count(all - shown.length)} more; --json lists up to 1,000`)] : [];
  return [...byNextStep(shown).map((group) => findingGroup(group, content, style)), ...more];
}

/** Findings that follow each other and ask for the same. */
function byNextStep(listed: readonly Finding[]): Finding[][] {
  const groups: Finding[][] = [];
  for (const finding of listed) {
    const last = groups.at(-1);
    if (last?.[0]?.next === finding.next) last.push(finding);
    else groups.push([finding]);
  }
  return groups;
}

function findingGroup(group: readonly Finding[], content: boolean, style: Style): string {
  const next = group[0]?.next ?? '';
  return [
    ...group.map((finding) => findingLines(finding, content, style)),
    ...(next === '' ? [] : [`  → ${next}`]),
  ].join('\n');
}

function findingLines(finding: Finding, content: boolean, style: Style): string {
  const { kind, id, sentence, workspaceId, namespace, excerpts } = finding;
  const label = kind === 'unproven' ? style.warn(kind) : style.bad(kind);
  const lines = [
    `  ${label}  ${id} ${sentence}`,
    `    ${style.dim('workspace')} ${workspaceId ?? 'none'}  ${style.dim('belongs to')} ${namespace ?? 'no namespace'}`,
    ...foundLine(finding, style),
  ];
  if (content && excerpts?.expected !== undefined) lines.push(`    ${style.dim('source')}    ${excerpts.expected}`);
  if (content && excerpts?.found !== undefined) lines.push(`    ${style.dim('plugin')}    ${excerpts.found}`);
  return lines.join('\n');
}

/** What is not plain from where the row belongs. */
function foundLine({ namespace, foundIn, foundAs, evidence, writtenBy }: Finding, style: Style): string[] {
  const facts = [
    foundIn !== null && foundIn !== namespace ? `${style.dim('found in')} ${foundIn}` : '',
    foundAs === null ? '' : `${style.dim('as')} ${foundAs}`,
    evidence === 'text' ? style.warn('known by its text alone') : '',
    writtenBy === null ? '' : `${style.dim('written by run')} ${writtenBy}`,
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? [] : [`    ${facts.join('  ')}`];
}

function errors({ errors: failed, workspaces }: VerifyResult, style: Style): string {
  if (failed.length === 0) return '';
  const all = Math.max(workspaces.errors, failed.length);
  const shown = failed
    .slice(0, SHOWN)
    .map(({ workspaceId, sentence }) => `    ${workspaceId ?? 'no workspace'}  ${sentence}`);
  const more = all > shown.length ? [style.dim(`    and ${count(all - shown.length)} more`)] : [];
  return [`  ${style.bad('not checked')}  ${counted(all, 'workspace')}`, ...shown, ...more].join('\n');
}

function workspaceTable({ workspaces }: VerifyResult, style: Style): string {
  const { sampled, matches, empty, mismatches, unproven, errors: failed, unchecked } = workspaces;
  const heading = ['workspaces', 'sampled', 'match', 'of which empty', 'mismatch', 'unproven', 'error', 'not reached'];
  return table(heading, [['', sampled, matches, empty, mismatches, unproven, failed, unchecked]], style);
}

function rowTable(result: VerifyResult, style: Style): string {
  const { rows, findings: kinds } = result;
  const found = kindsFound(result);
  const extra = rows.extra > 0 ? [['only in the plugin', rows.extra] as const] : [];
  const columns = [
    ['compared', rows.compared] as const,
    ['match', rows.matched] as const,
    ...found.map((kind) => [kind, kinds[kind]] as const),
    ...extra,
  ];
  return table(['rows', ...columns.map(([name]) => name)], [['', ...columns.map(([, value]) => value)]], style);
}

function verdict(result: VerifyResult, report: Report, style: Style): string {
  const { word, sentence, passes } = verdictOf(result, report);
  const tint = passes ? (word === 'EQUAL' ? style.good : style.warn) : word === 'NOT PROVEN' ? style.warn : style.bad;
  return tint(`${word}: ${sentence}`);
}
