/** What an apply says on the terminal. */
import type { Traffic } from '../model/failure.ts';
import type { ApplyResult, Report } from '../model/run.ts';
import { bytes, count, counted, duration, type Style, table } from './format.ts';
import { skipTable, totalSkipped, vanishedNote } from './skips.ts';

export function renderApply(result: ApplyResult, report: Report, style: Style): string[] {
  return [
    skipTable(result.skipped, style),
    failureTable(result, style),
    trafficTable(report.traffic, style),
    result.limitReached ? 'The limit was reached: there may be more rows.' : '',
    summary(result, report, style),
  ];
}

/** Each reason with the rows that are named for it. */
function failureTable({ failures }: ApplyResult, style: Style): string {
  return failures
    .map(({ reason, count: rows, examples }) => {
      const heading = `  ${style.bad('failed')}  ${counted(rows, 'row')}: ${reason}. ${examples[0]?.sentence ?? ''}`;
      const named = examples.map(({ id, namespace }) => `    ${id}  ${style.dim(namespace)}`);
      const more = rows > examples.length ? [style.dim(`    and ${count(rows - examples.length)} more`)] : [];
      return [heading, ...named, ...more].join('\n');
    })
    .join('\n\n');
}

function trafficTable(traffic: Traffic, style: Style): string {
  const rows = Object.entries(traffic).map(([operation, { attempts, successes, retries, failures }]) => {
    const causes = Object.entries(failures).map(([reason, times]) => `${count(times)} × ${reason}`);
    return [operation, attempts, successes, retries, causes.join(', ')];
  });
  return table(['operation', 'attempts', 'successes', 'retries', 'failed attempts'], rows, style);
}

function summary(result: ApplyResult, { durationMs }: Report, style: Style): string {
  const { scanned, written, failed, skipped, vanished, namespacesCreated } = result;
  const rate = durationMs > 0 ? `, ${count(Math.round((written * 1000) / durationMs))} rows/s` : '';
  const made = namespacesCreated > 0 ? ` ${counted(namespacesCreated, 'namespace')} made.` : '';
  const failing = failed > 0 ? style.bad(`, ${count(failed)} failed`) : '';
  const done = style.bold(
    `${counted(written, 'row')} written (${bytes(result.bytes)}, ${duration(durationMs)}${rate})`,
  );
  return `${done}${failing}, ${count(totalSkipped(skipped))} skipped${vanishedNote(vanished)}; ${counted(scanned, 'row')} read.${made}`;
}
