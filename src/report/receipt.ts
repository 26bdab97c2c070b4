/** A verify's receipt, from its report: what `--receipt` writes. */
import { MOST_UNPROVEN, type Receipt, sealed } from '../model/receipt.ts';
import type { Report } from '../model/run.ts';
import type { VerifyResult } from '../model/verify.ts';

/**
 * @param report of a verify that has ended, with its exit code
 * @param contract the version of the plugin's contract
 * @param key of the operator, not empty; null for none
 * @returns null where the verify ended before there was anything to say, or took no snapshot of the source
 */
export function receiptOf(report: Report, contract: string, key: string | null): Receipt | null {
  const { tool, runId, endedAt, source, plugin, settings, result, exitCode } = report;
  if (result?.mode !== 'verify' || !result.snapshot || !source || !plugin) return null;
  const { seed, asked, population, snapshot, rows, findings, accepted, acceptedFindings, allowUnproven } = result;
  const { at, digest, moved } = snapshot;
  const { compared, matched, skipped, absenceUnproven, vanished, extra, copiesUnseen } = rows;
  const { known, listed, probed, uncovered, finished } = result.hunt;
  return sealed(
    {
      receipt: 1,
      tool: { name: tool.name, version: tool.version },
      contract,
      runId,
      endedAt,
      source: { address: source.address, schema: source.schema },
      snapshot: { at, rows: snapshot.rows, workspaces: snapshot.workspaces, digest, moved },
      plugin: { url: plugin.url, version: plugin.version },
      mapping: { teamLevel: settings.teamLevel, removedWorkspaces: settings.removedWorkspaces },
      asked: { workspace: null, sample: null, ...asked, seed },
      population,
      workspaces: result.workspaces,
      rows: { compared, matched, skipped, absenceUnproven, vanished, extra, copiesUnseen },
      hunt: { known, listed, probed, uncovered, finished, rows: { ...result.hunt.rows } },
      findings,
      unproven: unprovenIn(result),
      allowUnproven,
      accepted,
      acceptedFindings,
      verdict: isParity(result, exitCode) ? 'parity' : 'no parity',
      exitCode,
    },
    key,
  );
}

function unprovenIn({ listed }: VerifyResult): string[] {
  const ids = listed.flatMap(({ kind, id }) => (kind === 'unproven' ? [id] : []));
  return ids.slice(0, MOST_UNPROVEN);
}

/** A run that was allowed to pass without a row to compare has proven something only where the source holds none. */
function isParity({ rows, snapshot }: VerifyResult, exitCode: number): boolean {
  return exitCode === 0 && (rows.compared > 0 || snapshot?.rows === 0);
}
