/** The report of a verify that found something of everything, with words in it that would format, link or break out if they could. */
import type { Report } from '../../../src/model/run.ts';
import type { Finding } from '../../../src/model/verify.ts';
import { finding, report, skips, verify } from './reports.ts';

const SALES = '00000001-0000-4000-8000-00000000000b';
const SUPPORT = '00000002-0000-4000-8000-00000000000b';
const LEGAL = '00000003-0000-4000-8000-00000000000b';
const IDLE = '00000004-0000-4000-8000-00000000000b';
const ACME = '000000a0-0000-4000-8000-00000000000b';
const row = (number: number) => `${String(number).padStart(8, '0')}-0000-4000-8000-00000000000a`;

const REPAIR = 'mend it with --apply --repair and the JSON report of a verify (--json)';
const digest = (digit: string) => digit.repeat(64);

const FINDINGS: Finding[] = [
  finding({
    kind: 'leak',
    id: row(1),
    workspaceId: SALES,
    namespace: `workspace:${SALES}`,
    foundIn: `team:${ACME}`,
    sentence: `is in team:${ACME}, where others read it`,
    next: `Take it away before anybody else reads it: ${REPAIR}.`,
    digests: { expected: digest('1'), found: digest('1') },
    excerpts: { expected: 'The safe <b>opens</b> with `8361` | not 8362.' },
  }),
  finding({
    kind: 'leak',
    id: row(2),
    foundAs: row(92),
    workspaceId: LEGAL,
    namespace: `workspace:${LEGAL}`,
    foundIn: `workspace:${SALES}`,
    evidence: 'text',
    sentence: `has its text in workspace:${SALES}, where others read it, under ${row(92)} (known by its text alone)`,
    next: `Look at both: where they only happen to read the same, accept ${row(92)} by --accept; else have ${row(92)} forgotten in the plugin.`,
    digests: { expected: digest('2'), found: digest('2') },
    excerpts: { expected: 'We settle.' },
  }),
  ...[3, 4].map((number) =>
    finding({
      kind: 'missing',
      id: row(number),
      workspaceId: SUPPORT,
      namespace: `team:${ACME}`,
      sentence: 'is not in the plugin',
      next: `Copy it: --apply, or ${REPAIR}.`,
      digests: { expected: digest('3'), found: null },
      excerpts: { expected: 'Deploys are frozen on *Fridays*.' },
    }),
  ),
  finding({
    kind: 'content',
    id: row(5),
    workspaceId: SUPPORT,
    namespace: `team:${ACME}`,
    foundIn: `team:${ACME}`,
    writtenBy: '5e0f7a8b-1c2d-4e3f-9a4b-000000000001',
    sentence: 'has another content, from character 12 on',
    next: 'The ledger has it as written by run 5e0f7a8b-1c2d-4e3f-9a4b-000000000001: one of the two was edited since.',
    digests: { expected: digest('5'), found: digest('6') },
    excerpts: { expected: 'Ask @ada & [bob](http://b.test).', found: 'Ask nobody ]]> at all.' },
  }),
  finding({
    kind: 'unproven',
    id: row(6),
    workspaceId: null,
    namespace: null,
    foundIn: `org:${ACME}`,
    sentence: 'could not be settled: its words are too frequent',
    next: 'Look it up through the plugin; --allow-unproven lets so many pass.',
    digests: { expected: null, found: digest('7') },
  }),
];

/** Findings of every grade, a workspace that could not be asked, one that was not reached, and one that is well. */
export function damaged(): Report {
  return report({
    source: { address: 'db.test:5432/platform', schema: 'public', hasEmbedding: false, hasTag: true },
    plugin: {
      url: 'http://plugin.test/v|1',
      status: 'ok',
      version: '1.0 <beta>',
      capabilities: ['fts', 'propagation'],
    },
    ledger: 'db.test:5432/ledger',
    durationMs: 65_432,
    timeUp: true,
    notices: ['The plugin is in trouble: it answered "503 <html>\n# Sorry, see http://status.test".'],
    exitCode: 1,
    result: verify({
      seed: 'spring sale',
      asked: { sample: 5 },
      population: 1_200,
      seedMemory: { seed: 'failed', at: '2026-11-19T08:30:00.000Z' },
      workspaces: { sampled: 6, matches: 1, empty: 1, mismatches: 3, unproven: 0, errors: 1, unchecked: 1 },
      rows: {
        compared: 500,
        matched: 494,
        skipped: skips({ accepted: 2, 'workspace-removed': 7 }),
        vanished: 1,
        extra: 31,
      },
      hunt: {
        listed: 40,
        probed: 2,
        uncovered: 1,
        known: 3_700,
        finished: false,
        rows: { probed: 12, unsearchable: 3 },
      },
      findings: { leak: 2, missing: 2, content: 1, unproven: 1 },
      listed: FINDINGS,
      errors: [{ workspaceId: IDLE, sentence: 'The plugin did not answer within 30 s.' }],
      judged: [
        { id: SALES, verdict: 'mismatches', rows: 120 },
        { id: SUPPORT, verdict: 'mismatches', rows: 379 },
        { id: LEGAL, verdict: 'mismatches', rows: 1 },
        { id: IDLE, verdict: 'errors', rows: 0 },
        { id: row(70), verdict: 'unchecked', rows: 0 },
        { id: row(71), verdict: 'matches', rows: 0 },
      ],
      accepted: [row(80), row(81)],
      acceptedFindings: 1,
      snapshot: { at: '2026-11-20T17:00:00.000Z', rows: 510, workspaces: 1_200, digest: digest('a'), moved: true },
    }),
  });
}

/** A sample in which all is well. */
export function clean(): Report {
  return report({
    result: verify({
      seed: 'k3',
      asked: { sample: 50 },
      population: 1_000,
      workspaces: { sampled: 50, matches: 50, empty: 4 },
      rows: { compared: 2_345, matched: 2_345, skipped: skips({ 'empty-content': 3 }) },
      confidence: { level: 0.95, fewerThan: 57, wouldProve: { sample: 258, percent: 1 } },
      hunt: {
        listed: 300,
        probed: 0,
        uncovered: 0,
        known: 3_000,
        finished: true,
        rows: { probed: 0, unsearchable: 0 },
      },
      judged: [
        { id: SALES, verdict: 'matches', rows: 120 },
        { id: SUPPORT, verdict: 'matches', rows: 2_225 },
      ],
    }),
  });
}

/** A run that an error ended before there was a result. */
export function broken(): Report {
  return report({
    source: null,
    plugin: null,
    error: { code: 'plugin', message: 'What MEMORY_PLUGIN_URL names is not serving: connect ECONNREFUSED.' },
    exitCode: 3,
  });
}
