/** Whether a report is one that this run can mend from: of a verify, between the same ends, under the same mapping. Pure. */
import { RunError } from '../../model/errors.ts';
import { mappingOf } from '../../model/ledger.ts';
import type { Report } from '../../model/run.ts';
import type { RunSettings } from '../../model/settings.ts';
import type { VerifyResult } from '../../model/verify.ts';
import type { Ends } from '../context.ts';

/** @throws RunError `configuration` with what differs */
export function verifyToMend(report: Report, ends: Ends, settings: RunSettings): VerifyResult {
  const { result, source, plugin } = report;
  if (result?.mode !== 'verify') {
    const what =
      report.mode === 'verify' ? 'is of a verify that ended before it had a result' : `is of ${nameOf(report)}`;
    throw refusal(`The report to repair from ${what}`, 'Give the JSON report of a --verify.');
  }
  if (source?.address !== ends.source.address || source.schema !== ends.source.schema) {
    throw refusal(
      `The report to repair from is about the source ${inWords(source)}, and DATABASE_URL names ${inWords(ends.source)}`,
      'Name the source of that verify, or verify this one.',
    );
  }
  if (plugin?.url !== ends.plugin.url) {
    throw refusal(
      `The report to repair from is about the plugin ${plugin?.url ?? '(none)'}, and MEMORY_PLUGIN_URL names ${ends.plugin.url}`,
      'Name the plugin of that verify, or verify this one.',
    );
  }
  const [then, now] = [flagsOf(report.settings), flagsOf(settings)];
  if (then !== now) {
    throw refusal(
      `The verify whose report is to be repaired from had ${then}, and this run has ${now}`,
      'Give the same flags.',
    );
  }
  return result;
}

function refusal(what: string, remedy: string): RunError {
  return new RunError('configuration', `${what}: nothing was sent. ${remedy}`);
}

function nameOf({ mode, result }: Report): string {
  return result?.mode === 'repair' ? 'a repair' : `--${mode}`;
}

function inWords(source: { address: string; schema: string } | null): string {
  return source ? `${source.address}/${source.schema}` : '(none)';
}

/** What decides where rows go. */
function flagsOf(settings: RunSettings): string {
  const { teamLevel, removedWorkspaces } = mappingOf(settings);
  return `${teamLevel ? `--team-level ${teamLevel}` : 'no --team-level'} and --removed-workspaces ${removedWorkspaces}`;
}
