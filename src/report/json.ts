/** The report as JSON, for `--json`: one object, without content of memories unless that was asked for. */
import type { Report } from '../model/run.ts';

export function renderJson(report: Report, showContent: boolean): string {
  return `${JSON.stringify(showContent ? report : withoutContent(report), null, 2)}\n`;
}

/** The same report, fit to be kept in a file or a log. */
export function withoutContent(report: Report): Report {
  if (report.result?.mode !== 'verify') return report;
  const listed = report.result.listed.map(({ excerpts: _excerpts, ...finding }) => finding);
  return { ...report, result: { ...report.result, listed } };
}
