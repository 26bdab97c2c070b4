/**
 * Whether a verify has proven parity: one answer, the same in every form of the report, and in step with the exit code.
 *
 * What was found comes before what could not be found out, as in the exit code: a difference stays one, whatever else is not
 * known.
 */
import type { Report } from '../model/run.ts';
import { FINDING_KINDS, type FindingKind, type VerifyResult } from '../model/verify.ts';
import { count, counted } from './format.ts';
import { totalSkipped } from './skips.ts';

export interface Verdict {
  word: 'EQUAL' | 'NOT EQUAL' | 'NOT PROVEN' | 'NOT CHECKED' | 'NOTHING WAS VERIFIED' | 'Nothing was verified';
  /** What follows the word and a colon. */
  sentence: string;
  /** True where the exit code is 0. */
  passes: boolean;
}

export function verdictOf(result: VerifyResult, report: Report): Verdict {
  const verdict = found(result, report) ?? notFoundOut(result, report) ?? nothing(result) ?? equal(result);
  // Should the exit code ever know of something that is not known here, nothing is called equal.
  return verdict.passes && report.exitCode !== 0 ? unchecked('') : verdict;
}

/** "3 missing", "1 leak": findings of one kind, as they are counted. */
export function countedKind(kind: FindingKind, times: number): string {
  const [one, many] = KIND_WORDS[kind];
  return `${count(times)} ${times === 1 ? one : many}`;
}

const KIND_WORDS: Record<FindingKind, readonly [one: string, many: string]> = {
  leak: ['leak', 'leaks'],
  missing: ['missing', 'missing'],
  content: ['with another content', 'with another content'],
  misplaced: ['misplaced', 'misplaced'],
  duplicate: ['duplicate', 'duplicates'],
  fields: ['with other fields', 'with other fields'],
  vanishing: ['that will expire', 'that will expire'],
  unproven: ['unproven', 'unproven'],
};

/** The kinds of which something was found, the gravest first. */
export function kindsFound({ findings }: VerifyResult): FindingKind[] {
  return FINDING_KINDS.filter((kind) => findings[kind] > 0);
}

function found(result: VerifyResult, report: Report): Verdict | null {
  const { findings, rows } = result;
  const kinds = kindsFound(result);
  const skipped = result.failOnSkipped ? totalSkipped(rows.skipped) : 0;
  const rest = restUnknown(result, report);
  if (skipped > 0 || kinds.some((kind) => kind !== 'unproven')) {
    const counts = kinds.map((kind) => countedKind(kind, findings[kind])).join(', ');
    const matches = `${count(rows.matched)} of ${counted(rows.compared, 'row')} compared match`;
    const strict =
      skipped > 0 ? `${counted(skipped, 'row')} skipped, and --fail-on-skipped lets no verify pass with any` : '';
    return failed('NOT EQUAL', [counts, matches, strict].filter((part) => part !== '').join('; '), rest);
  }
  const allowed = result.allowUnproven ?? 0;
  if (findings.unproven <= allowed) return null;
  const bound = allowed > 0 ? `; --allow-unproven lets no more than ${count(allowed)} pass` : '';
  const sentence = `no difference was found, but search could not settle ${counted(findings.unproven, 'row')}${bound}`;
  return failed('NOT PROVEN', sentence, rest);
}

function failed(word: Verdict['word'], sentence: string, rest: string): Verdict {
  return { word, sentence: `${sentence}.${rest}`, passes: false };
}

function notFoundOut(result: VerifyResult, report: Report): Verdict | null {
  if (report.error?.code === 'output' && isWhole(result, { ...report, error: null })) {
    const sentence = 'no difference was found, but what was found out could not be written where it was asked for.';
    return { word: 'NOT CHECKED', sentence, passes: false };
  }
  return isWhole(result, report) ? null : unchecked(restUnknown(result, report));
}

function unchecked(rest: string): Verdict {
  return failed('NOT CHECKED', 'no difference was found, but not everything could be compared', rest);
}

/** Everything that was to be looked at was looked at. */
function isWhole({ workspaces, errors, hunt }: VerifyResult, { error, interruptedBy, timeUp }: Report): boolean {
  const stopped = error !== null || interruptedBy !== null || timeUp || !hunt.finished;
  return !stopped && workspaces.errors === 0 && workspaces.unchecked === 0 && errors.length === 0;
}

/** What cannot be said, beside what can. */
function restUnknown({ workspaces, errors }: VerifyResult, { interruptedBy, timeUp }: Report): string {
  const sentences = [
    workspaces.errors > 0 || errors.length > 0 ? ' Not everything could be read or asked.' : '',
    workspaces.unchecked > 0 || interruptedBy !== null ? ' Not every workspace was reached.' : '',
    timeUp && workspaces.unchecked === 0 ? ' The time of --max-duration was up.' : '',
  ];
  return sentences.join('');
}

function nothing({ rows, emptyAllowed }: VerifyResult): Verdict | null {
  if (rows.compared > 0) return null;
  if (!emptyAllowed) {
    const sentence = 'there was no row to compare. --allow-empty lets that pass.';
    return { word: 'NOTHING WAS VERIFIED', sentence, passes: false };
  }
  const sentence = 'there was no row to compare (--allow-empty lets that pass).';
  return { word: 'Nothing was verified', sentence, passes: true };
}

function equal({ rows, findings, workspaces, allowUnproven }: VerifyResult): Verdict {
  const { unproven } = findings;
  const where = `of ${counted(workspaces.sampled, 'workspace')} are in the plugin as planned`;
  const sentence =
    unproven === 0
      ? `all ${counted(rows.compared, 'row')} ${where}.`
      : `${count(rows.matched)} of ${counted(rows.compared, 'row')} ${where}; search could not settle ${count(unproven)}, and --allow-unproven lets ${count(allowUnproven ?? 0)} pass.`;
  return { word: 'EQUAL', sentence, passes: true };
}
