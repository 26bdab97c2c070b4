/** A report for the terminal: the result first, then what leads to it, and in the last line the answer. */
import type { Report, Result } from '../model/run.ts';
import { renderApply } from './apply-text.ts';
import { renderCheckReceipt } from './check-receipt-text.ts';
import { renderDryRun } from './dry-run-text.ts';
import { duration, type Style, type TextOptions } from './format.ts';
import { renderPreflight } from './preflight-text.ts';
import { renderRepair } from './repair-text.ts';
import { renderRollback } from './rollback-text.ts';
import { renderStatus } from './status-text.ts';
import { renderVerify } from './verify-text.ts';

export function renderText(report: Report, options: TextOptions): string {
  const { style } = options;
  const parts = [ends(report, style)];
  const said = report.result ? renderResult(report.result, report, options) : [];
  // A verify is a gate: nothing stands after its verdict.
  const verdict = report.result?.mode === 'verify' ? said.pop() : undefined;
  parts.push(...said);
  for (const notice of report.notices) parts.push(`${style.warn('note')}  ${notice}`);
  if (report.interruptedBy) parts.push(interruption(report, style));
  if (report.error) parts.push(`${style.bad('error')}  ${report.error.message}`);
  if (verdict !== undefined) parts.push(verdict);
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function renderResult(result: Result, report: Report, options: TextOptions): string[] {
  switch (result.mode) {
    case 'preflight':
      return renderPreflight(result, report, options.style);
    case 'dry-run':
      return renderDryRun(result, options.style);
    case 'apply':
      return renderApply(result, report, options.style);
    case 'verify':
      return renderVerify(result, report, options);
    case 'status':
      return renderStatus(result, options.style);
    case 'rollback':
      return renderRollback(result, report, options.style);
    case 'repair':
      return renderRepair(result, report, options.style);
    case 'check-receipt':
      return renderCheckReceipt(result, options.style);
  }
}

function ends({ source, plugin, ledger, mode, error }: Report, style: Style): string {
  const lines = [];
  if (source) lines.push(`${style.dim('source')}  ${source.address}, schema ${source.schema}`);
  if (plugin) {
    const abilities = plugin.capabilities.length > 0 ? plugin.capabilities.join(' ') : 'nothing beyond the base';
    const state = plugin.status === 'ok' ? '' : style.warn(` (${plugin.status})`);
    lines.push(`${style.dim('plugin')}  ${plugin.url}, version ${plugin.version}, announces ${abilities}${state}`);
  }
  // Every run that copies says whether it is written down anywhere; one that could not reach its ledger says that.
  if (ledger) lines.push(`${style.dim('ledger')}  ${ledger}`);
  else if (mode === 'apply' && plugin && error?.code !== 'ledger') lines.push(`${style.dim('ledger')}  none is kept`);
  return lines.join('\n');
}

function interruption({ interruptedBy, durationMs, result }: Report, style: Style): string {
  const said = `${style.warn('interrupted')}  by ${interruptedBy} after ${duration(durationMs)}; what was under way has been finished.`;
  const isTold = result?.mode === 'apply' && result.resumeWith !== null;
  return isTold ? said : `${said} Run the same command again to go on.`;
}
