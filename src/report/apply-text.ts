/** What an apply says on the terminal. */
import type { Traffic } from '../model/failure.ts';
import type { ApplyResult, PlannedChanges, Report } from '../model/run.ts';
import { changesTable, newAndChanged, nothingToDo, notSent } from './changes.ts';
import { bytes, count, counted, duration, type Style, table } from './format.ts';
import { failureLists, notedRows } from './noted.ts';
import { skipTable, totalSkipped, vanishedNote } from './skips.ts';

export function renderApply(result: ApplyResult, report: Report, style: Style): string[] {
  const changes = changesOf(result);
  const ended = report.error === null && report.interruptedBy === null && !result.limitReached;
  return [
    changesTable(changes, style),
    skipTable(result.skipped, style),
    ...notedRows(result.noted, changes, style),
    failureLists('failed', result.failures, style),
    trafficTable(report.traffic, style),
    latencyLine(result),
    slowestTable(result, style),
    result.limitReached ? 'The limit was reached: there may be more rows.' : '',
    ended ? nothingToDo(changes) : '',
    result.resumeWith === null ? '' : `To go on:  ${style.bold(result.resumeWith)}`,
    summary(result, changes, report, style),
  ];
}

function changesOf({ changes, adopted, recorded, conflicts, drifts, failed }: ApplyResult): PlannedChanges {
  return { ...changes, adopted, recorded, conflict: conflicts, drift: drifts, failed };
}

function trafficTable(traffic: Traffic, style: Style): string {
  const rows = Object.entries(traffic).map(([operation, { attempts, successes, retries, failures }]) => {
    const causes = Object.entries(failures).map(([reason, times]) => `${count(times)} × ${reason}`);
    return [operation, attempts, successes, retries, causes.join(', ')];
  });
  return rows.length === 0
    ? ''
    : table(['operation', 'attempts', 'successes', 'retries', 'failed attempts'], rows, style);
}

function latencyLine({ latency }: ApplyResult): string {
  if (latency === null) return '';
  const { count: attempts, p50, p95, p99 } = latency;
  return `  Of ${counted(attempts, 'request')} that carried rows, 50 % took at most ${milliseconds(p50)}, 95 % ${milliseconds(p95)}, 99 % ${milliseconds(p99)}.`;
}

function slowestTable({ slowest }: ApplyResult, style: Style): string {
  if (slowest.length === 0) return '';
  const rows = slowest.map(
    ({ id, durationMs, attempts, namespace }) => [id, milliseconds(durationMs), attempts, namespace] as const,
  );
  return table(['slowest rows', 'took', 'attempts', 'went to'], rows, style);
}

/** As {@link duration}, with a digit more where it matters. */
function milliseconds(ms: number): string {
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : duration(ms);
}

function summary(result: ApplyResult, changes: PlannedChanges, { durationMs }: Report, style: Style): string {
  const { scanned, written, failed, skipped, vanished, namespacesCreated } = result;
  const rate = durationMs > 0 && written > 0 ? `, ${count(Math.round((written * 1000) / durationMs))} rows/s` : '';
  const made = namespacesCreated > 0 ? ` ${counted(namespacesCreated, 'namespace')} made.` : '';
  const failing = failed > 0 ? style.bad(`, ${count(failed)} failed`) : '';
  const done = style.bold(
    `${counted(written, 'row')} written (${bytes(result.bytes)}, ${duration(durationMs)}${rate}${newAndChanged(changes)})`,
  );
  return `${done}${failing}${notSent(changes, style)}, ${count(totalSkipped(skipped))} skipped${vanishedNote(vanished)}; ${counted(scanned, 'row')} read.${made}`;
}
