/** What stands on the terminal for a verify: its parts, and the verdict, which is the last line and agrees with the exit code. */
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/run.ts';
import { FINDING_KINDS, type VerifyResult } from '../../../src/model/verify.ts';
import { plain } from '../../../src/report/format.ts';
import { renderText } from '../../../src/report/text.ts';
import { verdictOf } from '../../../src/report/verdict.ts';
import { codeOf, someVerify, verdictsAgree } from './outcomes.ts';
import { finding, report, skips, verify } from './reports.ts';

const text = (result: VerifyResult, values: Partial<Report> = {}, content = true) =>
  renderText(report({ result, ...values }), { style: plain, content });

/** The last line, which is the verdict. */
const answer = (result: VerifyResult, values: Partial<Report> = {}) =>
  text(result, { ...values, exitCode: codeOf(result, values) })
    .trimEnd()
    .split('\n')
    .at(-1);

/** The lines that are sentences, between the tables and the verdict. */
const lines = (result: VerifyResult, values: Partial<Report> = {}) => text(result, values).split('\n');

describe('a finding', () => {
  test('stands with where it belongs, where and as what it was found, who wrote it, both excerpts, and what to do', () => {
    const found = finding({
      kind: 'leak',
      foundIn: 'workspace:legal',
      foundAs: 'b7',
      evidence: 'text',
      writtenBy: 'run-1',
      sentence: 'has its text elsewhere',
      excerpts: { expected: 'We settle.', found: 'We settle!' },
    });
    const shown = `
  leak  a1 has its text elsewhere
    workspace sales  belongs to team:acme
    found in workspace:legal  as b7  known by its text alone  written by run run-1
    source    We settle.
    plugin    We settle!
  → Copy it with --apply.
`;
    const result = verify({ listed: [found], findings: { leak: 1 } });
    expect(text(result)).toContain(shown);
    expect(text(result, {}, false)).toContain(shown.replace(/^ {4}(source|plugin) {4}.*\n/gm, ''));
  });

  test('says nothing more where it is plain, and names what it does not belong to', () => {
    const result = verify({
      listed: [finding({ foundIn: 'team:acme' }), finding({ id: 'a2', workspaceId: null, namespace: null, next: '' })],
      findings: { missing: 2 },
    });
    expect(text(result)).toContain(`
  missing  a1 is not in the plugin
    workspace sales  belongs to team:acme
  → Copy it with --apply.

  missing  a2 is not in the plugin
    workspace none  belongs to no namespace

`);
  });

  test('shares what is to be done with those that follow it and ask for the same', () => {
    const result = verify({
      listed: [finding(), finding({ id: 'a2' }), finding({ id: 'a3', kind: 'content', next: 'Look at it.' })],
      findings: { missing: 2, content: 1 },
    });
    const steps = lines(result).filter((line) => /^ {2}(?:→|missing|content)/.test(line));
    expect(steps).toEqual([
      '  missing  a1 is not in the plugin',
      '  missing  a2 is not in the plugin',
      '  → Copy it with --apply.',
      '  content  a3 is not in the plugin',
      '  → Look at it.',
    ]);
  });

  test.each([
    [20, 20, null],
    [21, 20, '  and 1 more; --json lists up to 1,000'],
    [1_500, 20, '  and 1,480 more; --json lists up to 1,000'],
  ])('of %i, %i are shown, and the rest counted', (all, shown, more) => {
    const listed = Array.from({ length: Math.min(all, 1_000) }, (_, index) => finding({ id: `row-${index}` }));
    const said = lines(verify({ listed, findings: { missing: all } }));
    expect(said.filter((line) => line.startsWith('  missing  '))).toHaveLength(shown);
    expect(said.find((line) => line.includes(' more; ')) ?? null).toBe(more);
  });
});

describe('what could not be checked', () => {
  test('is named, workspace by workspace', () => {
    const errors = [
      { workspaceId: 'support', sentence: 'The plugin did not answer within 30 s.' },
      { workspaceId: null, sentence: 'The database was gone.' },
    ];
    expect(text(verify({ errors, workspaces: { errors: 1 } }))).toContain(`
  not checked  2 workspaces
    support  The plugin did not answer within 30 s.
    no workspace  The database was gone.
`);
  });

  test.each([
    [20, null],
    [21, '    and 1 more'],
    [4_000, '    and 3,980 more'],
  ])('%i times is shown twenty times, and counted', (all, more) => {
    const errors = Array.from({ length: Math.min(all, 100) }, (_, index) => ({
      workspaceId: `w${index}`,
      sentence: 'No.',
    }));
    const said = lines(verify({ errors, workspaces: { errors: all } }));
    expect(said.filter((line) => /^ {4}w\d+ {2}No\.$/.test(line))).toHaveLength(20);
    expect(said.find((line) => /^ {4}and [\d,]+ more$/.test(line)) ?? null).toBe(more);
  });
});

test('rows are counted by what was found, and so is what is in the plugin alone', () => {
  const findings = {
    leak: 1,
    missing: 2,
    content: 3,
    misplaced: 4,
    duplicate: 5,
    fields: 6,
    vanishing: 7,
    unproven: 8,
  };
  expect(text(verify({ findings, rows: { compared: 1_000, matched: 964, extra: 9 } }))).toContain(`
  rows   compared   match   leak   missing   content   misplaced   duplicate   fields   vanishing   unproven   only in the plugin
            1,000     964      1         2         3           4           5        6           7          8                    9
`);
  expect(text(verify())).toContain(`
  rows   compared   match
               10      10
`);
});

describe('how sure a sample is', () => {
  const SAMPLE = { seed: 'k3', asked: { sample: 50 }, population: 1_000 } as const;
  const confidence = { level: 0.95, fewerThan: 57, wouldProve: { sample: 258, percent: 1 } };

  test('is said in the words of the gate', () => {
    const result = verify({ ...SAMPLE, confidence, workspaces: { sampled: 50, matches: 50 } });
    expect(lines(result)).toContain(
      '50 of 1,000 workspaces, all clean: with 95 % confidence fewer than 57 of them (5.7 %) have a mismatch; 258 would prove fewer than 1 %.',
    );
    expect(lines(result)).toContain('--seed k3 draws the same sample again.');
  });

  test('ends there where no larger sample is needed', () => {
    const sure = { ...confidence, fewerThan: 3, wouldProve: null };
    const result = verify({ ...SAMPLE, confidence: sure, workspaces: { sampled: 700, matches: 700 } });
    expect(text(result)).toContain('fewer than 3 of them (0.3 %) have a mismatch.\n');
  });

  test('does not call a sample clean that is not', () => {
    const result = verify({
      ...SAMPLE,
      confidence: { ...confidence, fewerThan: 92 },
      workspaces: { sampled: 50, matches: 48, unproven: 1, mismatches: 1 },
    });
    expect(lines(result)).toContain(
      '50 of 1,000 workspaces, 2 not clean: with 95 % confidence fewer than 92 of all (9.2 %) have a mismatch; 258, all clean, would prove fewer than 1 %.',
    );
  });

  test('is nothing where nothing is proven, and is not spoken of where nothing was drawn', () => {
    const drawn = verify({ ...SAMPLE, workspaces: { sampled: 50, matches: 50 } });
    expect(lines(drawn)).toContain('50 of 1,000 workspaces drawn by lot, which proves nothing of the others.');
    const all = verify({ ...SAMPLE, population: 2 });
    expect(lines(all)).toContain('2 of 2 workspaces drawn by lot.');
    expect(text(verify())).not.toMatch(/drawn by lot|--seed/);
  });

  test('tells a seed as a shell takes it', () => {
    expect(lines(verify({ ...SAMPLE, seed: "it's spring" }))).toContain(
      "--seed 'it'\\''s spring' draws the same sample again.",
    );
  });

  test('is nothing after a verify with the same seed that failed', () => {
    const failed = verify({ ...SAMPLE, seedMemory: { seed: 'failed', at: '2026-11-19T08:30:59.123Z' } });
    expect(lines(failed)).toContain(
      'This seed drew the sample of a verify that failed on 2026-11-19 08:30 UTC; after repairs it proves nothing: take another seed, or all.',
    );
    const unknown = verify({ ...SAMPLE, seedMemory: { seed: 'unknown' } });
    expect(text(unknown)).toContain('Whether a verify with this seed has failed before is not known, ');
    expect(text(verify(SAMPLE))).not.toMatch(/this seed/i);
  });
});

describe('where copies were looked for that belong elsewhere', () => {
  const hunted = (hunt: Partial<VerifyResult['hunt']>) =>
    lines(verify({ hunt: { ...verify().hunt, ...hunt } })).find((line) => line.startsWith('Copies that')) ?? null;

  test('is told in one line', () => {
    expect(hunted({})).toBe(
      'Copies that belong elsewhere were looked for in all 6 namespaces that the plugin may hold: 6 listed whole.',
    );
    expect(hunted({ listed: 40, probed: 2, uncovered: 1, known: 3_700, rows: { probed: 12, unsearchable: 3 } })).toBe(
      'Copies that belong elsewhere were looked for in 42 of the 3,700 namespaces that the plugin may hold: 40 listed whole, 2 too full for that, by the words of 12 rows. 1 could not be covered. 3 rows could not be looked for in all of the full ones.',
    );
    expect(hunted({ listed: 0, finished: false })).toBe(
      'Copies that belong elsewhere were looked for in 0 of the 6 namespaces that the plugin may hold. It was cut off before its end.',
    );
  });

  test('is not spoken of where there is nowhere', () => {
    expect(hunted({ listed: 0, known: 0 })).toBeNull();
  });
});

test.each<[string, VerifyResult, Partial<Report>, string]>([
  [
    'skipped rows that search does not reach',
    verify({ rows: { absenceUnproven: 3 } }),
    {},
    'Of the skipped rows, 3 could neither be found in the plugin nor be shown to be absent: search does not reach them.',
  ],
  [
    'findings that were accepted',
    verify({ acceptedFindings: 2 }),
    {},
    '2 findings known by text alone were let pass by --accept.',
  ],
  ['rows that were deleted', verify({ rows: { vanished: 1 } }), {}, '1 row deleted from the source meanwhile.'],
  [
    'time that was up',
    verify({ workspaces: { sampled: 50, matches: 38, unchecked: 12 }, rows: { compared: 1_234 } }),
    { timeUp: true, durationMs: 1_800_000 },
    'The time of --max-duration was up after 30 min 00 s: 38 of 50 workspaces and 1,234 rows were compared by then.',
  ],
  [
    'a source that moved, where a receipt was asked for',
    verify({ snapshot: { at: '', rows: 1, workspaces: 1, digest: '', moved: true } }),
    {},
    'The source changed during the verify: its receipt will not pass.',
  ],
])('%s stand in a line', (_, result, values, line) => {
  expect(lines(result, values)).toContain(line);
  expect(lines(verify())).not.toContain(line);
});

test('a run within its time speaks of no time, and a source that stood still of no move', () => {
  const snapshot = { at: '', rows: 1, workspaces: 1, digest: '', moved: false };
  const said = text(verify({ snapshot, workspaces: { unchecked: 1 } }));
  expect(said).not.toMatch(/max-duration|The source changed/);
});

describe('the verdict', () => {
  test.each<[string, VerifyResult, Partial<Report>, string]>([
    ['all is equal', verify(), {}, 'EQUAL: all 10 rows of 2 workspaces are in the plugin as planned.'],
    [
      'a row differs, whatever else is known',
      verify({ findings: { missing: 1, unproven: 3 }, rows: { matched: 6 }, workspaces: { errors: 2 } }),
      {},
      'NOT EQUAL: 1 missing, 3 unproven; 6 of 10 rows compared match. Not everything could be read or asked.',
    ],
    [
      'all was found',
      verify({
        findings: { leak: 2, missing: 2, content: 3, misplaced: 4, duplicate: 2, fields: 6, vanishing: 7, unproven: 1 },
      }),
      {},
      'NOT EQUAL: 2 leaks, 2 missing, 3 with another content, 4 misplaced, 2 duplicates, 6 with other fields, 7 that will expire, 1 unproven; 10 of 10 rows compared match.',
    ],
    [
      'a row differs in a run that did not reach its end',
      verify({ findings: { leak: 1 }, workspaces: { unchecked: 1 } }),
      { timeUp: true },
      'NOT EQUAL: 1 leak; 10 of 10 rows compared match. Not every workspace was reached.',
    ],
    [
      'rows were skipped, and that is not to be',
      verify({ failOnSkipped: true, rows: { skipped: skips({ accepted: 1, 'empty-content': 2 }) } }),
      {},
      'NOT EQUAL: 10 of 10 rows compared match; 3 rows skipped, and --fail-on-skipped lets no verify pass with any.',
    ],
    [
      'rows were skipped, and that may be',
      verify({ rows: { skipped: skips({ accepted: 1, 'empty-content': 2 }) } }),
      {},
      'EQUAL: all 10 rows of 2 workspaces are in the plugin as planned.',
    ],
    [
      'a workspace could not be checked',
      verify({ workspaces: { errors: 1 } }),
      {},
      'NOT CHECKED: no difference was found, but not everything could be compared. Not everything could be read or asked.',
    ],
    [
      'rows of no workspace could not be checked',
      verify({ errors: [{ workspaceId: null, sentence: 'No.' }] }),
      {},
      'NOT CHECKED: no difference was found, but not everything could be compared. Not everything could be read or asked.',
    ],
    [
      'the time was up while leaks were looked for',
      verify({ hunt: { ...verify().hunt, finished: false } }),
      { timeUp: true },
      'NOT CHECKED: no difference was found, but not everything could be compared. The time of --max-duration was up.',
    ],
    [
      'search could not settle a row',
      verify({ findings: { unproven: 1 } }),
      {},
      'NOT PROVEN: no difference was found, but search could not settle 1 row.',
    ],
    [
      'search could not settle more rows than are let pass, and not everything was reached',
      verify({ findings: { unproven: 3 }, allowUnproven: 2, workspaces: { unchecked: 1 } }),
      {},
      'NOT PROVEN: no difference was found, but search could not settle 3 rows; --allow-unproven lets no more than 2 pass. Not every workspace was reached.',
    ],
    [
      'search could not settle as many rows as are let pass',
      verify({ findings: { unproven: 2 }, allowUnproven: 2, rows: { matched: 8 } }),
      {},
      'EQUAL: 8 of 10 rows of 2 workspaces are in the plugin as planned; search could not settle 2, and --allow-unproven lets 2 pass.',
    ],
    [
      'there was nothing to compare',
      verify({ rows: { compared: 0 } }),
      {},
      'NOTHING WAS VERIFIED: there was no row to compare. --allow-empty lets that pass.',
    ],
    [
      'there was nothing to compare, and that is allowed',
      verify({ rows: { compared: 0 }, emptyAllowed: true }),
      {},
      'Nothing was verified: there was no row to compare (--allow-empty lets that pass).',
    ],
    [
      'a file could not be written',
      verify(),
      { error: { code: 'output', message: 'The report could not be written.' } },
      'NOT CHECKED: no difference was found, but what was found out could not be written where it was asked for.',
    ],
  ])('where %s', (_, result, values, expected) => {
    expect(answer(result, values)).toBe(expected);
  });

  test.each<[string, Partial<Report>]>([
    [
      'an error',
      { error: { code: 'source', message: 'The source database (DATABASE_URL) could not read the rows: gone.' } },
    ],
    ['a signal', { interruptedBy: 'SIGTERM' }],
    ['a notice', { notices: ['The plugin is slow.'], exitCode: 3 }],
  ])('stands after %s', (_, values) => {
    expect(text(verify(), values).trimEnd().split('\n').at(-1)).toMatch(/^NOT CHECKED: /);
  });

  test('is never EQUAL where the exit code is another than 0, whoever knows why', () => {
    for (const exitCode of [1, 2, 3, 130]) {
      expect(verdictOf(verify(), report({ exitCode }))).toMatchObject({ word: 'NOT CHECKED', passes: false });
    }
  });

  test.each(FINDING_KINDS)('is not EQUAL where one row is %s', (kind) => {
    expect(answer(verify({ findings: { [kind]: 1 } }))).toMatch(/^NOT /);
  });

  test('agrees with the exit code, whatever was found and whatever is not known', () => {
    verdictsAgree(someVerify, (result, values) => {
      const shown = answer(result, values) ?? '';
      return shown.slice(0, shown.indexOf(':'));
    });
  });
});
