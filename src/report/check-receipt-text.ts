/**
 * What a check of a receipt says on the terminal: what it is of, what its verify left open, what speaks against it, and in the last line
 * whether it holds.
 */
import type { CheckReceiptResult } from '../model/receipt.ts';
import { count, counted, duration, oneLine, type Style } from './format.ts';
import { totalSkipped } from './skips.ts';

/** Ids that are named on the terminal; `--json` names more. */
const NAMED = 20;

export function renderCheckReceipt(result: CheckReceiptResult, style: Style): string[] {
  return [told(result, style), open(result, style), against(result, style), answer(result, style)];
}

type Told = NonNullable<CheckReceiptResult['receipt']>;

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
    `         copies that belong elsewhere were looked for in ${looked(receipt)}`,
  ].join('\n');
}

function looked({ hunt: { known, listed, probed, finished } }: Told): string {
  const seen = listed + probed;
  const where = `${seen === known ? 'all' : `${count(seen)} of the`} ${counted(known, 'namespace')}`;
  return finished ? where : `${where}, and not to the end`;
}

/** What is not known, or was let pass, even where the receipt holds. */
function open({ receipt, pluginUrl }: CheckReceiptResult, style: Style): string {
  if (!receipt) return '';
  const sentences = [
    pluginUrl === null
      ? `MEMORY_PLUGIN_URL is not set: see for yourself that what was verified, ${receipt.plugin.url}, is what takes the place of the old table.`
      : '',
    unproven(receipt),
    accepted(receipt),
    absence(receipt),
    copies(receipt),
    unsearchable(receipt),
  ];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => `  ${style.warn('open')}     ${sentence}`)
    .join('\n');
}

function unproven({ findings, unproven: ids }: Told): string {
  if (findings.unproven === 0) return '';
  const named = ids.slice(0, NAMED).map(oneLine).join(', ');
  const rest = findings.unproven - Math.min(ids.length, NAMED);
  return `Search could not settle ${counted(findings.unproven, 'row')}: ${named}${rest > 0 ? `, and ${count(rest)} more` : ''}.`;
}

function accepted({ acceptedFindings }: Told): string {
  if (acceptedFindings === 0) return '';
  return `${counted(acceptedFindings, 'finding')} ${acceptedFindings === 1 ? 'was' : 'were'} let pass by --accept.`;
}

function absence({ rows: { absenceUnproven } }: Told): string {
  if (absenceUnproven === 0) return '';
  return `Of the skipped rows, ${count(absenceUnproven)} could neither be found in the plugin nor be shown to be absent.`;
}

function copies({ rows: { copiesUnseen } }: Told): string {
  if (copiesUnseen === 0) return '';
  const [are, them] = copiesUnseen === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${counted(copiesUnseen, 'row')} ${are} in place, but search cannot show whether a copy stands beside ${them}.`;
}

function unsearchable({ hunt: { rows } }: Told): string {
  if (rows.unsearchable === 0) return '';
  const have = rows.unsearchable === 1 ? 'has' : 'have';
  return `${counted(rows.unsearchable, 'row')} ${have} no words by which copies could be looked for in full namespaces.`;
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
