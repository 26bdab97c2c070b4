/** What stands on the terminal for each mode: short reports, whole. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../src/cli/exit-code.ts';
import type { Interruption, Report, Result } from '../../../src/model/run.ts';
import { plain, type Style } from '../../../src/report/format.ts';
import { renderText } from '../../../src/report/text.ts';
import { apply, dryRun, finding, report, skips, verify } from './reports.ts';

const text = (result: Result | null, values: Partial<Report> = {}, content = true) =>
  renderText(report({ result, mode: result?.mode ?? 'verify', ...values }), { style: plain, content });

/** The last line, which is the answer. */
const answer = (result: Result, values: Partial<Report> = {}) => text(result, values).trimEnd().split('\n').at(-1);

const ENDS = `source  db.test:5432/platform, schema public
plugin  http://plugin.test, version 1.0.0, announces fts propagation
`;

describe('both ends', () => {
  test('stand first, with what the plugin announces', () => {
    expect(text(null)).toBe(ENDS);
  });

  test('name a plugin that announces nothing, and one that is impaired', () => {
    const plugin = { url: 'http://plugin.test', status: 'degraded', version: '1.0.0', capabilities: [] } as const;
    expect(text(null, { source: null, plugin: { ...plugin, capabilities: [] } })).toBe(
      'plugin  http://plugin.test, version 1.0.0, announces nothing beyond the base (degraded)\n',
    );
  });
});

test('a dry run', () => {
  const result = dryRun({
    scanned: 1_240,
    planned: 1_234,
    skipped: skips({ 'no-workspace': 2, 'empty-content': 3 }),
    vanished: 1,
    bytes: 56_789,
    byScope: [
      { scope: 'TEAM', kind: 'team', rows: 1_200, namespaces: 3, bytes: 50_000 },
      { scope: 'LOCAL', kind: 'workspace', rows: 34, namespaces: 12, bytes: 6_789 },
    ],
    samples: [
      { id: 'a1', scope: 'TEAM', namespace: 'team:acme' },
      { id: 'a2', scope: 'LOCAL', namespace: 'workspace:sales' },
    ],
    planFile: 'plan.jsonl',
  });
  expect(text(result)).toBe(`${ENDS}
  scope   goes to      rows   namespaces   content
  TEAM    team        1,200            3   50.0 kB
  LOCAL   workspace      34           12   6.8 kB

  skipped         rows   because
  no-workspace       2   its workspace is NULL, or is not in the table
  empty-content      3   nothing but white space, which plugins refuse

  for example   scope   goes to
  a1            TEAM    team:acme
  a2            LOCAL   workspace:sales

The whole plan, a line for each row, is in plan.jsonl.

1,234 rows would be copied (56.8 kB), 5 skipped, 1 row deleted from the source meanwhile; 1,240 rows read, nothing written.
`);
});

test('a dry run of an empty table', () => {
  expect(text(dryRun())).toBe(`${ENDS}
0 rows would be copied (0 B), 0 skipped; 0 rows read, nothing written.
`);
});

test('an apply in which rows failed', () => {
  const examples = [
    { id: 'a1', namespace: 'team:acme', sentence: 'The plugin answered 400 bad_request: No.' },
    { id: 'a2', namespace: 'workspace:sales', sentence: 'The plugin answered 400 bad_request: Never.' },
  ];
  const result = apply({
    scanned: 2_016,
    written: 2_000,
    skipped: skips({ 'unknown-scope': 1 }),
    failed: 13,
    failures: [
      { reason: '400 bad_request', count: 12, examples },
      { reason: 'deadline', count: 1, examples: [{ id: 'a3', namespace: 'org:acme', sentence: 'Too late.' }] },
    ],
    vanished: 2,
    namespacesCreated: 3,
    bytes: 98_700,
    limitReached: true,
  });
  const traffic = {
    getHealth: { attempts: 1, successes: 1, retries: 0, failures: {} },
    commitMemory: { attempts: 2_020, successes: 2_000, retries: 6, failures: { '400 bad_request': 12, deadline: 8 } },
  };
  expect(text(result, { traffic })).toBe(`${ENDS}
  skipped         rows   because
  unknown-scope      1   its scope is none of LOCAL, TEAM, GLOBAL

  failed  12 rows: 400 bad_request. The plugin answered 400 bad_request: No.
    a1  team:acme
    a2  workspace:sales
    and 10 more

  failed  1 row: deadline. Too late.
    a3  org:acme

  operation      attempts   successes   retries   failed attempts
  getHealth             1           1         0
  commitMemory      2,020       2,000         6   12 × 400 bad_request, 8 × deadline

The limit was reached: there may be more rows.

2,000 rows written (98.7 kB, 2.0 s, 1,000 rows/s), 13 failed, 1 skipped, 2 rows deleted from the source meanwhile; 2,016 rows read. 3 namespaces made.
`);
});

test('an apply in which all went well says nothing of failures, skips and namespaces', () => {
  expect(answer(apply({ scanned: 1, written: 1, bytes: 30 }), { durationMs: 0 })).toBe(
    '1 row written (30 B, 0 ms), 0 skipped; 1 row read.',
  );
});

describe('a verify', () => {
  test('that found differences', () => {
    const result = verify({
      seed: 'k3',
      asked: { sample: 50 },
      population: 1_200,
      workspaces: { sampled: 50, matches: 47, empty: 4, mismatches: 1, unproven: 1, errors: 1 },
      rows: { compared: 500, matched: 497, skipped: skips({ 'workspace-removed': 7 }) },
      findings: { missing: 1, content: 1, unproven: 1 },
      listed: [
        finding({ excerpts: { expected: 'Deploys are frozen.' } }),
        finding({
          kind: 'content',
          id: 'a2',
          foundIn: 'team:acme',
          sentence: 'has another content',
          excerpts: { expected: 'on Fridays', found: 'on Mondays' },
        }),
        finding({
          kind: 'unproven',
          id: 'a3',
          workspaceId: null,
          namespace: null,
          sentence: 'could not be settled: why',
        }),
      ],
      errors: [{ workspaceId: 'support', sentence: 'The plugin did not answer within 30 s.' }],
    });
    const shown = `${ENDS}
  missing  a1 is not in the plugin
    workspace sales  belongs to team:acme
    source    Deploys are frozen.
  content  a2 has another content
    workspace sales  belongs to team:acme
    source    on Fridays
    plugin    on Mondays
  unproven  a3 could not be settled: why
    workspace none  belongs to no namespace

  not checked  1 workspace
    support  The plugin did not answer within 30 s.

  skipped             rows   because
  workspace-removed      7   the old system hid it; --removed-workspaces copy takes it along

  workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                    50      47                4          1          1       1             0

  rows   compared   match   missing   content   unproven
              500     497         1         1          1

  50 of 1,200 workspaces drawn by lot; --seed k3 draws the same again.

NOT EQUAL: 2 rows of 500 compared differ from what was planned.
`;
    expect(text(result)).toBe(shown);
    expect(text(result, {}, false)).toBe(shown.replace(/^ {4}(source|plugin) {4}.*\n/gm, ''));
  });

  test('of which more was found than a terminal can hold names twenty and counts the rest', () => {
    const listed = Array.from({ length: 30 }, (_, index) => finding({ id: `row-${index}` }));
    const lines = text(verify({ listed, findings: { missing: 1_500 } })).split('\n');
    expect(lines.filter((line) => line.startsWith('  missing  '))).toHaveLength(20);
    expect(lines).toContain('  and 1,480 more; --json lists up to 1,000');
  });

  test.each<[string, Result, Partial<Report>, string]>([
    ['all is equal', verify(), {}, 'EQUAL: all 10 rows of 2 workspaces are in the plugin as planned.'],
    [
      'one row of one workspace is',
      verify({ workspaces: { sampled: 1 }, rows: { compared: 1 } }),
      {},
      'EQUAL: all 1 row of 1 workspace are in the plugin as planned.',
    ],
    [
      'a row differs, whatever else is known',
      verify({ findings: { missing: 1, unproven: 3 }, workspaces: { errors: 2 } }),
      {},
      'NOT EQUAL: 1 row of 10 compared differ from what was planned.',
    ],
    [
      'a row can be read that should have been skipped, beside others that differ',
      verify({ findings: { unexpected: 1, fields: 2 } }),
      {},
      'NOT EQUAL: 2 rows of 10 compared differ from what was planned; 1 row that should have been skipped can be read.',
    ],
    [
      'a row differs in a run that did not reach its end',
      verify({ findings: { misplaced: 2 }, workspaces: { unchecked: 1 } }),
      {},
      'NOT EQUAL: 2 rows of 10 compared differ from what was planned. Not every workspace was reached.',
    ],
    [
      'a workspace could not be checked',
      verify({ workspaces: { errors: 1 }, findings: { unproven: 1 } }),
      {},
      'NOT CHECKED: no difference was found, but not everything could be compared.',
    ],
    [
      'rows of no workspace could not be checked',
      verify({ errors: [{ workspaceId: null, sentence: 'No.' }] }),
      {},
      'NOT CHECKED: no difference was found, but not everything could be compared.',
    ],
    [
      'search could not settle a row',
      verify({ findings: { unproven: 1 } }),
      {},
      'NOT PROVEN: no difference was found, but search could not settle 1 row.',
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
  ])('where %s ends in the answer', (_, result, values, expected) => {
    expect(answer(result, values)).toBe(expected);
  });

  test.each<[string, Partial<Report>]>([
    ['an error ended it', { error: { code: 'source', message: 'The database could not read the rows: gone.' } }],
    ['a signal ended it', { interruptedBy: 'SIGTERM' }],
  ])('is not called equal where %s', (_, values) => {
    expect(text(verify(), values)).toContain('\nNOT CHECKED: ');
    expect(text(verify(), values)).not.toContain('EQUAL: all');
  });
});

describe('after the result stand', () => {
  test('notices, the interruption and the error, each in a sentence', () => {
    const values = {
      notices: ['The cursor was lost.', 'The plugin is slow.'],
      interruptedBy: 'SIGINT',
      durationMs: 65_000,
      error: { code: 'plugin', message: 'The plugin went away.' },
    } as const;
    expect(text(null, { ...values, notices: [...values.notices] })).toBe(`${ENDS}
note  The cursor was lost.

note  The plugin is slow.

interrupted  by SIGINT after 1 min 05 s; what was under way has been finished. Run the same command again to go on.

error  The plugin went away.
`);
  });
});

test('colours come from the style alone, and none of the words are lost in them', () => {
  const mark = (name: string) => (inner: string) => `<${name}>${inner}</${name}>`;
  const style: Style = { bold: mark('b'), dim: mark('d'), good: mark('g'), bad: mark('r'), warn: mark('y') };
  const coloured = renderText(report({ result: verify({ findings: { missing: 1 }, listed: [finding()] }) }), {
    style,
    content: true,
  });
  expect(coloured).toContain('  <r>missing</r>  a1 is not in the plugin');
  expect(coloured).toContain('<r>NOT EQUAL: 1 row of 10 compared differ from what was planned.</r>');
  expect(coloured.replace(/<\/?[bdgry]>/g, '')).toBe(text(verify({ findings: { missing: 1 }, listed: [finding()] })));
});

test('the answer of a verify says EQUAL exactly where the exit code is 0 and something was compared', () => {
  const few = fc.constantFrom(0, 0, 1);
  const results = fc
    .record({
      errors: few,
      unchecked: few,
      missing: few,
      unproven: few,
      compared: few,
      listedErrors: few,
      allowed: fc.boolean(),
    })
    .map(({ errors, unchecked, missing, unproven, compared, listedErrors, allowed }) =>
      verify({
        workspaces: { errors, unchecked },
        findings: { missing, unproven },
        rows: { compared },
        errors: Array.from({ length: listedErrors }, () => ({ workspaceId: null, sentence: 'No.' })),
        emptyAllowed: allowed,
      }),
    );
  const interruptions = fc.constantFrom<Interruption | null>(null, null, 'SIGINT');
  const errors = fc.constantFrom<Report['error']>(null, null, { code: 'source', message: 'Gone.' });
  fc.assert(
    fc.property(results, interruptions, errors, (result, interruptedBy, error) => {
      const given = { interruptedBy, error, result };
      const passes = exitCode(report(given)) === 0 && result.rows.compared > 0;
      expect(/^EQUAL: /m.test(text(result, given))).toBe(passes);
    }),
    { numRuns: 300 },
  );
});
