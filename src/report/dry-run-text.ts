/** What a dry run says on the terminal. */
import type { DryRunResult } from '../model/run.ts';
import { changesTable, newAndChanged, notSent } from './changes.ts';
import { bytes, count, counted, type Style, table } from './format.ts';
import { failureLists, notedRows } from './noted.ts';
import { skipTable, totalSkipped, vanishedNote } from './skips.ts';

export function renderDryRun(result: DryRunResult, style: Style): string[] {
  return [
    changesTable(result.changes, style),
    scopeTable(result, style),
    skipTable(result.skipped, style),
    ...notedRows(result.noted, result.changes, style),
    failureLists('not asked', result.failures, style),
    samples(result, style),
    result.planFile ? `The whole plan, a line for each row, is in ${result.planFile}.` : '',
    summary(result, style),
  ];
}

function scopeTable({ byScope }: DryRunResult, style: Style): string {
  if (byScope.length === 0) return '';
  const rows = byScope.map(({ scope, kind, rows, namespaces, bytes: size }) => [
    scope,
    kind,
    rows,
    namespaces,
    bytes(size),
  ]);
  return table(['scope', 'goes to', 'rows', 'namespaces', 'content'], rows, style);
}

function samples({ samples }: DryRunResult, style: Style): string {
  if (samples.length === 0) return '';
  return table(
    ['for example', 'scope', 'goes to'],
    samples.map(({ id, scope, namespace }) => [id, scope, namespace]),
    style,
  );
}

function summary({ scanned, changes, skipped, vanished, bytes: size }: DryRunResult, style: Style): string {
  const rows = changes.new + changes.changed;
  const would = style.bold(`${counted(rows, 'row')} would be copied (${bytes(size)}${newAndChanged(changes)})`);
  const unknown = changes.failed > 0 ? style.bad(`, of ${count(changes.failed)} the plugin could not be asked`) : '';
  return `${would}${unknown}${notSent(changes, style)}, ${count(totalSkipped(skipped))} skipped${vanishedNote(vanished)}; ${counted(scanned, 'row')} read, nothing written.`;
}
