/**
 * Nothing counts as a finding that was seen once. While a verify is under way rows are edited, deleted and copied, workspaces move,
 * and a plugin's users write: so a row with which something seemed wrong is read anew from the source, planned anew with the tree
 * as it is now, and looked for anew.
 *
 * A finding counts once two looks in a row agree on it, with the same row in the source. A row that is right at a later look was
 * a live write; one that is gone from the source has vanished; and one that was different at each of the looks could not be
 * checked, which is an error and no finding.
 */
import type { LegacyRow } from '../../model/memory.ts';
import type { Finding } from '../../model/verify.ts';
import { CouldNotAsk } from '../could-not-ask.ts';
import type { RowVerdict } from './judging.ts';

/** Looks at one row, the first included. */
const LOOKS = 4;

export interface Confirmed {
  verdicts: RowVerdict[];
  /** How many of the rows are gone from the source. */
  vanished: number;
}

export interface SecondLook {
  /** The rows as the source has them now. Throws RunError `source` */
  find(ids: readonly string[]): Promise<LegacyRow[]>;
  /** Plans and judges rows with the tree and the plugin as they are now. */
  judgeAnew(rows: readonly LegacyRow[]): Promise<RowVerdict[]>;
}

/** @param doubtful verdicts of a first look, all with findings */
export async function lookAgain(doubtful: readonly RowVerdict[], { find, judgeAnew }: SecondLook): Promise<Confirmed> {
  const verdicts: RowVerdict[] = [];
  let vanished = 0;
  let open = new Map(doubtful.map((verdict) => [verdict.row.id, verdict]));

  for (let look = 2; look <= LOOKS && open.size > 0; look++) {
    const rows = await find([...open.keys()]);
    vanished += open.size - rows.length;
    const moving = new Map<string, RowVerdict>();
    for (const now of await judgeAnew(rows)) {
      const before = open.get(now.row.id);
      const settled = now.error !== null || now.findings.length === 0 || (before && isTheSame(before, now));
      if (settled) verdicts.push(now);
      else moving.set(now.row.id, now);
    }
    open = moving;
  }
  for (const { row } of open.values()) {
    verdicts.push({
      row,
      findings: [],
      copiesUnseen: false,
      error: new CouldNotAsk(`Row ${row.id} was another at each of ${LOOKS} looks.`),
    });
  }
  return { verdicts, vanished };
}

function isTheSame(before: RowVerdict, now: RowVerdict): boolean {
  return describe(before) === describe(now);
}

/** The row, where it belongs, and what is wrong with it. */
function describe({ row, findings }: RowVerdict): string {
  const target = row.verdict === 'write' ? row.namespace.name : row.reason;
  return JSON.stringify([row.content, row.updatedAt, row.workspaceId, row.scope, target, findings.map(essence)]);
}

function essence({ kind, sentence, foundIn, digests }: Finding): unknown[] {
  return [kind, sentence, foundIn, digests.found];
}
