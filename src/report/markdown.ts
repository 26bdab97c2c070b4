/**
 * A verify in Markdown, for a file that people keep and for the summary of a CI job: the verdict first, then what leads to it, and
 * how to repeat it. Identifiers and sentences alone, unless content was asked for.
 *
 * Whatever somebody else wrote (a plugin's words, a seed, an excerpt) is escaped: it can neither format nor link.
 */
import { sum } from '../model/counts.ts';
import type { Report } from '../model/run.ts';
import { type Finding, type FindingKind, type VerifyResult, WORKSPACE_VERDICTS } from '../model/verify.ts';
import { count, counted, duration, oneLine, shellWord } from './format.ts';
import { remarks } from './remarks.ts';
import { flagsOf } from './settings-flags.ts';
import { skipRows } from './skips.ts';
import { countedKind, kindsFound, verdictOf } from './verdict.ts';

export interface MarkdownOptions {
  /** Excerpts of memories are wanted. */
  content: boolean;
  /** The most findings that are listed. */
  most: number;
}

export function renderMarkdown(report: Report, options: MarkdownOptions): string {
  const { result } = report;
  const parts =
    result?.mode === 'verify'
      ? verifyParts(result, report, options)
      : ['# memory-backfill: no result', ...ending(report)];
  return `${[...parts, facts(report)].filter((part) => part !== '').join('\n\n')}\n`;
}

function verifyParts(result: VerifyResult, report: Report, options: MarkdownOptions): string[] {
  const { word, sentence } = verdictOf(result, report);
  const said = remarks(result, report);
  return [
    `# memory-backfill verify: ${word}`,
    paragraph(upperFirst(sentence)),
    ...ending(report),
    ...findings(result, options),
    ...errors(result),
    '## Counts',
    workspaceTable(result),
    rowTable(result),
    skipTable(result),
    ...(said.length > 0 ? ['## How sure this is', list(said)] : []),
    ...(report.notices.length > 0 ? ['## Notices', list(report.notices)] : []),
    ...again(result, report),
  ];
}

function ending({ error, interruptedBy }: Report): string[] {
  return [
    error === null ? '' : `**Error:** ${escaped(error.message)}`,
    interruptedBy === null ? '' : `**Interrupted** by ${interruptedBy}.`,
  ];
}

// --- What was found -----------------------------------------------------------------------------------------------------

function findings(result: VerifyResult, { content, most }: MarkdownOptions): string[] {
  const { listed, findings: kinds } = result;
  const all = sum(kinds);
  if (all === 0) return [];
  const shown = listed.slice(0, most);
  const cut =
    all > shown.length
      ? `**The list is cut:** it shows ${count(shown.length)} of ${counted(all, 'finding')}, the gravest first; all are counted.`
      : '';
  const ofKind = Map.groupBy(shown, ({ kind }) => kind);
  return [
    '## Findings',
    cut,
    ...kindsFound(result).flatMap((kind) => kindSection(kind, kinds[kind], ofKind.get(kind) ?? [], content)),
  ];
}

function kindSection(kind: FindingKind, all: number, shown: readonly Finding[], content: boolean): string[] {
  const heading = `### ${upperFirst(countedKind(kind, all))}`;
  if (shown.length === 0) return [heading, 'None of them is among those that are listed.'];
  const steps = [...new Set(shown.map(({ next }) => next))].filter((step) => step !== '');
  // Where each row asks for something of its own, it says so in its line.
  const shared = steps.length === 1;
  const columns = [...COLUMNS, ...(content ? CONTENT : []), ...(shared ? [] : [NEXT])].filter(([, cell]) =>
    shown.some((finding) => cell(finding) !== ''),
  );
  const rows = shown.map((finding) => columns.map(([, cell]) => cell(finding)));
  const names = columns.map(([name]) => name);
  return [heading, shared ? paragraph(steps[0] ?? '') : '', table(names, rows)];
}

type Column = readonly [name: string, cell: (finding: Finding) => string];

const COLUMNS: readonly Column[] = [
  ['row', ({ id }) => code(id)],
  ['workspace', ({ workspaceId }) => code(workspaceId)],
  ['belongs to', ({ namespace }) => code(namespace)],
  ['found in', ({ foundIn }) => code(foundIn)],
  ['found as', ({ foundAs, evidence }) => `${code(foundAs)}${evidence === 'text' ? ' by its text alone' : ''}`.trim()],
  ['what is wrong', ({ sentence }) => escaped(sentence)],
  ['written by run', ({ writtenBy }) => code(writtenBy)],
];
const CONTENT: readonly Column[] = [
  ['in the source', ({ excerpts }) => escaped(excerpts?.expected ?? '')],
  ['in the plugin', ({ excerpts }) => escaped(excerpts?.found ?? '')],
];
const NEXT: Column = ['what to do', ({ next }) => escaped(next)];

function errors({ errors: failed, workspaces }: VerifyResult): string[] {
  if (failed.length === 0) return [];
  const all = Math.max(workspaces.errors, failed.length);
  const cut = all > failed.length ? `The first ${count(failed.length)} of ${count(all)}:` : '';
  const rows = failed.map(({ workspaceId, sentence }) => [code(workspaceId), escaped(sentence)]);
  return ['## Not checked', cut, table(['workspace', 'why'], rows)];
}

// --- Counts -------------------------------------------------------------------------------------------------------------

function workspaceTable({ workspaces, population }: VerifyResult): string {
  const rows = [
    ['in all', count(population)],
    ['sampled', count(workspaces.sampled)],
    ...WORKSPACE_VERDICTS.map((verdict) => [verdict, count(workspaces[verdict])]),
    ['of the matches, empty', count(workspaces.empty)],
  ];
  return table(['workspaces', 'number'], rows, 'right');
}

function rowTable(result: VerifyResult): string {
  const { rows, findings: kinds } = result;
  const lines = [
    ['compared', count(rows.compared)],
    ['matched', count(rows.matched)],
    ...kindsFound(result).map((kind) => [kind, count(kinds[kind])]),
    ['in the plugin only', count(rows.extra)],
  ];
  return table(['rows', 'number'], lines, 'right');
}

function skipTable({ rows }: VerifyResult): string {
  const lines = skipRows(rows.skipped).map(([reason, number, because]) => [reason, count(number), escaped(because)]);
  return lines.length === 0 ? '' : table(['skipped', 'rows', 'because'], lines, 'right');
}

// --- Around it ----------------------------------------------------------------------------------------------------------

/** The command that asks the same again; none where the seed cannot be typed. */
function again({ asked, seed, accepted }: VerifyResult, { settings }: Report): string[] {
  if (seed !== null && oneLine(seed) !== seed) return [];
  const sample = 'sample' in asked ? [`--verify-sample ${asked.sample}`] : [];
  const drawn = seed === null ? [] : [`--seed ${shellWord(seed)}`];
  const command = ['memory-backfill --verify', ...sample, ...drawn, ...flagsOf(settings)].join(' ');
  const file =
    accepted.length > 0 ? [`With the same file of --accept, which names ${counted(accepted.length, 'row')}.`] : [];
  return ['## To verify the same again', `    ${command}`, ...file];
}

function facts({ tool, runId, startedAt, durationMs, source, plugin, ledger, exitCode }: Report): string {
  const rows = [
    ['source', source ? `${code(source.address)}, schema ${code(source.schema)}` : ''],
    ['plugin', plugin ? `${code(plugin.url)}, version ${escaped(plugin.version)}` : ''],
    ['ledger', code(ledger)],
    ['began', escaped(startedAt)],
    ['took', duration(durationMs)],
    ['run', code(runId)],
    ['tool', escaped(`${tool.name} ${tool.version}`)],
    ['exit code', String(exitCode)],
  ];
  return `## The run\n\n${table(
    ['', ''],
    rows.filter(([, value]) => value !== ''),
  )}`;
}

// --- Markdown -----------------------------------------------------------------------------------------------------------

/** @param second how the second column is aligned */
function table(
  heading: readonly string[],
  rows: ReadonlyArray<readonly (string | undefined)[]>,
  second: 'left' | 'right' = 'left',
): string {
  const rule = heading.map((_name, column) => (column === 1 && second === 'right' ? '---:' : '---'));
  return [heading, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${paragraph(sentence)}`).join('\n');
}

/** An identifier as it stands, or escaped where it holds what would end its quotes; nothing for null. */
function code(text: string | null): string {
  if (text === null || text === '') return '';
  return /^[\w:./?=%+,@[\]-]+$/.test(text) ? `\`${text}\`` : escaped(text);
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Text that Markdown and HTML take for text, on one line: nothing in it formats, links, mentions or ends a cell. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]|~#@!$]/g, '\\$&')
    .replaceAll('://', '\\://')
    .replaceAll(/www\./gi, (match) => `${match.slice(0, 3)}\\.`)
    .replace(/[&<>]/g, (character) => ENTITIES.get(character) ?? character);
}

/** The same at the start of a line, where it opens no list, draws no rule and makes no heading of what is above it. */
function paragraph(text: string): string {
  return escaped(text).replace(/^(\d*)([-+=.)])(?=[-+=]*(?:\s|$))/, '$1\\$2');
}

function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
