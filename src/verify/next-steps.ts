/** What the operator can do about a finding. Pure. */
import type { Finding, FindingKind } from '../model/verify.ts';

/** @param finding with the run that wrote it, where the ledger knows one */
export function nextStep(finding: Finding): string {
  return STEPS[finding.kind](finding);
}

const REPAIR = 'mend it with --apply --repair and the JSON report of a verify (--json)';

const STEPS: Record<FindingKind, (finding: Finding) => string> = {
  leak: ({ evidence, foundAs, id }) =>
    evidence === 'id'
      ? `Take it away before anybody else reads it: ${REPAIR}.`
      : `Look at both: where they only happen to read the same, accept ${foundAs ?? id} by --accept; else have ${foundAs ?? id} forgotten in the plugin.`,
  missing: (finding) =>
    finding.writtenBy === null
      ? `Copy it: --apply, or ${REPAIR}.`
      : `${written(finding)}: it was forgotten since, or lost. If it is to be there, ${REPAIR} and --include-acknowledged; if not, give it up by name with --accept.`,
  content: (finding) =>
    finding.writtenBy === null
      ? `Write the source's version over it: ${REPAIR}.`
      : `${written(finding)}: one of the two was edited since. If the source was, --apply sends it (where both were, that is a conflict, and --on-conflict overwrite decides); if the plugin was and the source is to win, ${REPAIR} and --include-acknowledged; if the plugin is to win, correct the row in the source.`,
  misplaced: (finding) => `Move it: ${REPAIR}${acknowledged(finding)}.`,
  duplicate: ({ evidence, foundAs }) =>
    foundAs === null
      ? 'Have all but one of them removed in the plugin, past its contract: forgetting the id may take every one.'
      : evidence === 'id'
        ? `Have the copy ${foundAs} forgotten in the plugin.`
        : `Look at both: where somebody wrote the same again, accept ${foundAs} by --accept; else have it forgotten in the plugin.`,
  fields: (finding) => `Send it again: ${REPAIR}${acknowledged(finding)}.`,
  vanishing: (finding) => `Send it again, without an expiry: ${REPAIR}${acknowledged(finding)}.`,
  unproven: () => 'Look it up through the plugin; --allow-unproven lets so many pass.',
};

function written({ writtenBy }: Finding): string {
  return `The ledger has it as written by run ${writtenBy}`;
}

function acknowledged({ writtenBy }: Finding): string {
  return writtenBy === null ? '' : ', with --include-acknowledged, since the ledger has it as written';
}
