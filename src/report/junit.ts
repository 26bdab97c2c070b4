/**
 * A verify as JUnit XML, in the dialect that CI systems have in common: a test case for each workspace that was compared, and a
 * last one, "verdict", that fails wherever the exit code is not 0. So no file is green whose run was not.
 *
 * Each case has one outcome, the gravest: a failure for what was found, an error for what could not be found out, skipped for
 * what was not reached. Identifiers and sentences alone, unless content was asked for.
 */
import { sum } from '../model/counts.ts';
import type { Report } from '../model/run.ts';
import type { Finding, VerifyResult, WorkspaceVerdict } from '../model/verify.ts';
import { count, counted } from './format.ts';
import { remarks } from './remarks.ts';
import { countedKind, verdictOf } from './verdict.ts';
import { type Xml, xmlText } from './xml.ts';

interface Case {
  name: string;
  outcome: Outcome;
}

type Outcome =
  | { is: 'passed'; says: string }
  | { is: 'skipped'; message: string }
  | { is: 'failure' | 'error'; type: string; message: string; body: string };

/** @param content excerpts of memories are wanted in the file */
export function renderJunit(report: Report, content: boolean): string {
  const cases = [
    ...(report.result?.mode === 'verify' ? workspaceCases(report.result, content) : []),
    verdictCase(report),
  ];
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ outcome }) => outcome.is === 'failure').length,
    errors: cases.filter(({ outcome }) => outcome.is === 'error').length,
    time: (report.durationMs / 1000).toFixed(3),
  };
  const suite: Xml = {
    name: 'testsuite',
    attributes: {
      name: SUITE,
      // In UTC, which the dialect has no letter for.
      timestamp: report.startedAt.slice(0, 19),
      ...counts,
      skipped: cases.filter(({ outcome }) => outcome.is === 'skipped').length,
    },
    children: [properties(report), ...cases.map(caseXml)],
  };
  return xmlText({ name: 'testsuites', attributes: { name: SUITE, ...counts }, children: [suite] });
}

const SUITE = 'memory-backfill verify';

// --- Cases --------------------------------------------------------------------------------------------------------------

/** Of what lies in no workspace, or in one that is not among those that were sampled. */
const NOWHERE = 'rows of no workspace';

function workspaceCases(result: VerifyResult, content: boolean): Case[] {
  const { judged, listed, errors } = result;
  const findingsOf = Map.groupBy(listed, ({ workspaceId }) => workspaceId ?? NOWHERE);
  const errorsOf = Map.groupBy(errors, ({ workspaceId }) => workspaceId ?? NOWHERE);
  const known = new Set(judged.map(({ id }) => id));
  const others = [...new Set([...findingsOf.keys(), ...errorsOf.keys()])].filter((name) => !known.has(name));
  const outcomeOf = (name: string, verdict: WorkspaceVerdict, rows: number): Outcome => {
    const findings = findingsOf.get(name) ?? [];
    const sentences = (errorsOf.get(name) ?? []).map(({ sentence }) => sentence);
    return outcome({ verdict, rows, findings, sentences, passes: unprovenPasses(result), content });
  };
  return [
    ...judged.map(({ id, verdict, rows }) => ({ name: id, outcome: outcomeOf(id, verdict, rows) })),
    ...others.map((name) => ({ name, outcome: outcomeOf(name, 'matches', 0) })),
  ];
}

/** So few rows are unproven that they are let pass. */
function unprovenPasses({ findings, allowUnproven }: VerifyResult): boolean {
  return findings.unproven <= (allowUnproven ?? 0);
}

interface Judged {
  verdict: WorkspaceVerdict;
  rows: number;
  findings: readonly Finding[];
  /** Why something could not be read or asked. */
  sentences: readonly string[];
  /** Unproven rows are let pass. */
  passes: boolean;
  content: boolean;
}

function outcome({ verdict, rows, findings, sentences, passes, content }: Judged): Outcome {
  const failing = passes ? findings.filter(({ kind }) => kind !== 'unproven') : findings;
  const [gravest] = failing;
  if (gravest) {
    const body = failing.map((finding) => findingText(finding, content)).join('\n\n');
    return { is: 'failure', type: gravest.kind, message: counts(failing), body };
  }
  if (verdict === 'mismatches') return unlisted('mismatch', 'differs from what was planned');
  if (verdict === 'errors' || sentences.length > 0) {
    return { is: 'error', type: 'not-checked', message: 'could not be checked', body: sentences.join('\n') };
  }
  if (verdict === 'unproven' && !passes) return unlisted('unproven', 'has rows that search could not settle');
  if (verdict === 'unproven' || findings.length > 0) {
    return { is: 'skipped', message: 'has rows that search could not settle; --allow-unproven lets them pass' };
  }
  if (verdict === 'unchecked') return { is: 'skipped', message: 'the run ended before its turn' };
  return { is: 'passed', says: `${counted(rows, 'row')} of its own` };
}

function unlisted(type: string, what: string): Outcome {
  return { is: 'failure', type, message: what, body: 'Its findings are not among those that a report lists.' };
}

/** "2 missing, 1 leak": of those that are listed. */
function counts(findings: readonly Finding[]): string {
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  return [...kinds].map(([kind, ofKind]) => countedKind(kind, ofKind.length)).join(', ');
}

function findingText(finding: Finding, content: boolean): string {
  const { kind, id, sentence, namespace, foundIn, foundAs, evidence, writtenBy, next, excerpts } = finding;
  const lines = [
    `${kind}: ${id} ${sentence}`,
    `  belongs to: ${namespace ?? 'no namespace'}`,
    foundIn === null ? '' : `  found in: ${foundIn}${foundAs === null ? '' : ` as ${foundAs}`}`,
    evidence === 'text' ? '  known by its text alone' : '',
    writtenBy === null ? '' : `  written by run: ${writtenBy}`,
    content && excerpts?.expected !== undefined ? `  source: ${excerpts.expected}` : '',
    content && excerpts?.found !== undefined ? `  plugin: ${excerpts.found}` : '',
    next === '' ? '' : `  next: ${next}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function verdictCase(report: Report): Case {
  return { name: 'verdict', outcome: verdictOutcome(report) };
}

function verdictOutcome(report: Report): Outcome {
  const { result, error, interruptedBy } = report;
  const ended = [error?.message ?? '', interruptedBy === null ? '' : `Interrupted by ${interruptedBy}.`];
  if (result?.mode !== 'verify') {
    return {
      is: 'error',
      type: 'not-checked',
      message: 'There is no result.',
      body: joined([...ended, ...report.notices]),
    };
  }
  const { word, sentence, passes } = verdictOf(result, report);
  const message = `${word}: ${sentence}`;
  const body = joined([...ended, cutSentence(result), ...remarks(result, report), ...report.notices]);
  if (passes) return { is: 'passed', says: joined([message, body]) };
  return word === 'NOT CHECKED'
    ? { is: 'error', type: 'not-checked', message, body }
    : { is: 'failure', type: word.toLowerCase().replaceAll(' ', '-'), message, body };
}

function cutSentence({ listed, findings, judged, workspaces }: VerifyResult): string {
  const all = sum(findings);
  return joined([
    listed.length < all ? `${count(listed.length)} of ${counted(all, 'finding')} are listed.` : '',
    judged.length < workspaces.sampled
      ? `${count(judged.length)} of ${counted(workspaces.sampled, 'workspace')} have a case of their own.`
      : '',
  ]);
}

function joined(lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}

// --- XML ----------------------------------------------------------------------------------------------------------------

function properties({ tool, runId, source, plugin, result, exitCode }: Report): Xml {
  const facts: Record<string, string | number | null | undefined> = {
    tool: `${tool.name} ${tool.version}`,
    run: runId,
    source: source && `${source.address}/${source.schema}`,
    plugin: plugin?.url,
    'plugin-version': plugin?.version,
    ...(result?.mode === 'verify' && {
      seed: result.seed,
      sampled: result.workspaces.sampled,
      population: result.population,
    }),
    'exit-code': exitCode,
  };
  const children = Object.entries(facts).flatMap(([name, value]): Xml[] =>
    value === null || value === undefined ? [] : [{ name: 'property', attributes: { name, value } }],
  );
  return { name: 'properties', children };
}

function caseXml({ name, outcome }: Case): Xml {
  return {
    name: 'testcase',
    attributes: { classname: 'memory-backfill.verify', name, time: '0' },
    children: [outcomeXml(outcome)],
  };
}

function outcomeXml(outcome: Outcome): Xml {
  switch (outcome.is) {
    case 'passed':
      return { name: 'system-out', text: outcome.says };
    case 'skipped':
      return { name: 'skipped', attributes: { message: outcome.message } };
    case 'failure':
    case 'error':
      return { name: outcome.is, attributes: { message: outcome.message, type: outcome.type }, text: outcome.body };
  }
}
