/** What a check of a receipt says on the terminal: what it is of, what speaks against it, and in the last line whether it holds. */
import type { CheckReceiptResult } from '../model/receipt.ts';
import { count, counted, duration, type Style } from './format.ts';
import { totalSkipped } from './skips.ts';

export function renderCheckReceipt(result: CheckReceiptResult, style: Style): string[] {
  return [told(result, style), against(result, style), answer(result, style)];
}

/** What the file says of itself, true or not. */
function told({ file, receipt }: CheckReceiptResult, style: Style): string {
  if (!receipt) return `${style.dim('receipt')}  ${file}`;
  const { asked, workspaces, population, rows, findings, snapshot, plugin, tool, algorithm } = receipt;
  const extent =
    asked.workspace === null
      ? `${count(workspaces.sampled)} of ${counted(population, 'workspace')}`
      : `workspace ${asked.workspace}`;
  const seal = algorithm === 'HMAC-SHA-256' ? 'made with a key' : 'made without a key';
  return [
    `${style.dim('receipt')}  ${file}, by ${tool.name} ${tool.version}, ${seal}`,
    `         verify of ${snapshot.at} against ${plugin.url}: ${extent}`,
    `         ${counted(rows.compared, 'row')} compared, ${count(totalSkipped(rows.skipped))} skipped, ${count(findings.unproven)} unproven`,
  ].join('\n');
}

function against({ reasons }: CheckReceiptResult, style: Style): string {
  return reasons.map((reason) => `  ${style.bad('refused')}  ${reason}`).join('\n');
}

function answer({ verdict, reasons, receipt, now, ageMs }: CheckReceiptResult, style: Style): string {
  switch (verdict) {
    case 'holds': {
      const held = now ? `${counted(now.rows, 'row')} in ${counted(now.workspaces, 'workspace')}` : 'the source';
      return style.good(`The receipt holds: ${held}, unchanged since the verify began ${duration(ageMs ?? 0)} ago.`);
    }
    case 'refused': {
      const why = reasons.length === 1 ? 'reason' : `${reasons.length} reasons`;
      const rest = receipt && !now ? ' The source itself could not be asked.' : '';
      return style.bad(`REFUSED: do not drop the old table on this receipt, for the ${why} above.${rest}`);
    }
    case 'not-checked':
      return style.bad(
        'NOT CHECKED: the source could not be asked whether it still is what was compared. Drop nothing.',
      );
  }
}
