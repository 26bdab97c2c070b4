/** What stands on the terminal for each mode: short reports, whole. */
import { describe, expect, test } from 'vitest';
import type { ApplyResult, NotedRow, Report, Result } from '../../../src/model/run.ts';
import type { Mode } from '../../../src/model/settings.ts';
import { plain, type Style } from '../../../src/report/format.ts';
import { renderText } from '../../../src/report/text.ts';
import { apply, conflict, drift, dryRun, finding, report, skips, verify } from './reports.ts';

type ResultOfMode = Extract<Result, { mode: Mode }>;

const text = (result: ResultOfMode | null, values: Partial<Report> = {}, content = true) =>
  renderText(report({ result, mode: result?.mode ?? 'verify', ...values }), { style: plain, content });

/** The last line, which is the answer. */
const answer = (result: ResultOfMode, values: Partial<Report> = {}) =>
  text(result, values).trimEnd().split('\n').at(-1);

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

test('an apply that could not reach its ledger does not say that none is kept', () => {
  const error = { code: 'ledger', message: 'The ledger could not be reached.' } as const;
  expect(text(null, { mode: 'apply' })).toContain('none is kept');
  expect(text(null, { mode: 'apply', error })).not.toContain('none is kept');
});

test('a dry run', () => {
  const result = dryRun({
    scanned: 1_240,
    changes: { new: 1_234 },
    skipped: skips({ accepted: 1, 'no-workspace': 2, 'empty-content': 3 }),
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
  accepted           1   given up on purpose, by --accept
  no-workspace       2   its workspace is NULL, or is not in the table
  empty-content      3   nothing but white space, which plugins refuse

  for example   scope   goes to
  a1            TEAM    team:acme
  a2            LOCAL   workspace:sales

The whole plan, a line for each row, is in plan.jsonl.

1,234 rows would be copied (56.8 kB), 6 skipped, 1 row deleted from the source meanwhile; 1,240 rows read, nothing written.
`);
});

test('a dry run of an empty table', () => {
  expect(text(dryRun())).toBe(`${ENDS}
0 rows would be copied (0 B), 0 skipped; 0 rows read, nothing written.
`);
});

test('a dry run against a ledger', () => {
  const result = dryRun({
    scanned: 517,
    changes: { new: 5, changed: 3, recorded: 500, adopted: 4, conflict: 2, drift: 1, failed: 2 },
    noted: [conflict(), drift(), conflict({ id: 'c2', detail: 'foreign', sentence: 'is in the plugin already' })],
    failures: [
      { reason: 'deadline', count: 2, examples: [{ id: 'f1', namespace: 'team:acme', sentence: 'Too late.' }] },
    ],
    bytes: 800,
  });
  expect(text(result)).toBe(`${ENDS}
  row is     rows   which says
  new           5   never copied before
  changed       3   changed in the source since they were copied
  recorded    500   copied before, and unchanged since
  adopted       4   in the plugin already, just as planned
  conflict      2   the plugin does not hold what this tool wrote, or cannot tell; left as they are
  drift         1   copied to where they no longer belong; left there

  conflict  c1 was edited in the plugin after it had been copied
    edited  belongs to team:acme
  conflict  c2 is in the plugin already
    foreign  belongs to team:acme
  To write the source's version over what the plugin holds: the same with --on-conflict overwrite.

  drift  d1 belongs elsewhere now
    is in team:acme  belongs to team:beta
  A copy is never moved by itself. --verify --json finds it misplaced, or leaked, and --apply --repair with that report and
  --include-acknowledged moves it. Or --rollback of the run that copied it (--status ID), which takes out all that it newly copied.

  not asked  2 rows: deadline. Too late.
    f1  team:acme
    and 1 more

8 rows would be copied (800 B; 5 new, 3 changed), of 2 the plugin could not be asked, 2 conflicts, 1 drift, 4 adopted, 500 recorded, 0 skipped; 517 rows read, nothing written.
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
  expect(text(result, { traffic })).toBe(`${ENDS}ledger  none is kept

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

test('an apply that goes on with a ledger', () => {
  const result = apply({
    scanned: 510,
    written: 8,
    changes: { new: 5, changed: 3 },
    recorded: 500,
    adopted: 1,
    conflicts: 1,
    noted: [conflict()],
    latency: { count: 1_009, p50: 0.42, p95: 12.4, p99: 1_230 },
    slowest: [
      { id: 'w1', namespace: 'team:acme', durationMs: 65_000, attempts: 4 },
      { id: 'w2', namespace: 'org:acme', durationMs: 3.25, attempts: 1 },
    ],
    bytes: 800,
    resumeWith: 'memory-backfill --apply --resume 5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b',
  });
  expect(text(result, { ledger: 'db.test:5432/ledger' })).toBe(`${ENDS}ledger  db.test:5432/ledger

  row is     rows   which says
  new           5   never copied before
  changed       3   changed in the source since they were copied
  recorded    500   copied before, and unchanged since
  adopted       1   in the plugin already, just as planned
  conflict      1   the plugin does not hold what this tool wrote, or cannot tell; left as they are

  conflict  c1 was edited in the plugin after it had been copied
    edited  belongs to team:acme
  To write the source's version over what the plugin holds: the same with --on-conflict overwrite.

  Of 1,009 requests that carried rows, 50 % took at most 0.4 ms, 95 % 12 ms, 99 % 1.2 s.

  slowest rows   took         attempts   went to
  w1             1 min 05 s          4   team:acme
  w2             3.3 ms              1   org:acme

To go on:  memory-backfill --apply --resume 5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b

8 rows written (800 B, 2.0 s, 4 rows/s; 5 new, 3 changed), 1 conflict, 1 adopted, 500 recorded, 0 skipped; 510 rows read.
`);
});

describe('an apply that found nothing to do says so', () => {
  const said = (values: Partial<ApplyResult>, more: Partial<Report> = {}) =>
    /^Nothing to do: .*$/m.exec(text(apply(values), more))?.[0];

  test('where all is recorded, and ends with the counts all the same', () => {
    const result = apply({ scanned: 4_700, recorded: 4_671, skipped: skips({ 'empty-content': 29 }) });
    expect(said(result)).toBe('Nothing to do: what has been copied is unchanged since, by the ledger (4,671 rows).');
    expect(answer(result)).toBe('0 rows written (0 B, 2.0 s), 4,671 recorded, 29 skipped; 4,700 rows read.');
  });

  test('where there was no row', () => {
    expect(said({ scanned: 2, skipped: skips({ accepted: 2 }) })).toBe('Nothing to do: there was no row to copy.');
  });

  test.each<[string, Partial<ApplyResult>, Partial<Report>]>([
    ['rows were written', { written: 1 }, {}],
    ['a row failed', { recorded: 9, failed: 1 }, {}],
    ['a conflict is open', { recorded: 9, conflicts: 1 }, {}],
    ['a drift is open', { recorded: 9, drifts: 1 }, {}],
    ['rows were adopted', { recorded: 9, adopted: 1 }, {}],
    ['an error ended it', { recorded: 9 }, { error: { code: 'plugin', message: 'Gone.' } }],
    ['a signal ended it', {}, { interruptedBy: 'SIGINT' }],
    ['the limit ended it', { recorded: 9, limitReached: true }, {}],
  ])('but not where %s', (_, values, more) => {
    expect(said(values, more)).toBeUndefined();
  });
});

describe('conflicts and drifts', () => {
  const lines = (values: Partial<ApplyResult>) => text(apply(values)).split('\n');
  const shown = (values: Partial<ApplyResult>, kind: string) =>
    lines(values).filter((line) => line.startsWith(`  ${kind}  row-`)).length;

  test('are shown up to twenty of each, and the rest is counted', () => {
    const many = (row: NotedRow) => Array.from({ length: 30 }, (_, index) => ({ ...row, id: `row-${index}` }));
    const values = { conflicts: 1_500, drifts: 30, noted: [...many(conflict()), ...many(drift())] };
    expect(shown(values, 'conflict')).toBe(20);
    expect(shown(values, 'drift')).toBe(20);
    expect(lines(values)).toContain('  and 1,480 more; --json lists up to 1,000');
    expect(lines(values)).toContain('  and 10 more; --json lists up to 1,000');
  });

  test('are counted, with what to do, where none of them is listed', () => {
    const values = { conflicts: 1_000, drifts: 7, noted: Array.from({ length: 1_000 }, () => conflict()) };
    expect(shown(values, 'drift')).toBe(0);
    expect(lines(values)).toContain('  and 7 more; --json lists up to 1,000');
    expect(text(apply(values))).toContain('A copy is never moved by itself.');
  });

  test('a drift of a row that belongs nowhere any more names the namespace in which it was left', () => {
    expect(lines({ drifts: 1, noted: [drift({ namespace: null })] })).toContain(
      '    is in team:acme  belongs to no namespace',
    );
  });

  test('what was forgotten in the plugin can be given up, and not be overwritten', () => {
    const forgotten = conflict({ detail: 'forgotten' });
    const advice = (...noted: NotedRow[]) => {
      const all = text(apply({ conflicts: noted.length, noted }));
      return { overwrite: all.includes('--on-conflict overwrite'), accept: all.includes('--accept FILE') };
    };
    expect(advice(forgotten)).toEqual({ overwrite: false, accept: true });
    expect(advice(forgotten, conflict())).toEqual({ overwrite: true, accept: true });
    expect(advice(conflict({ detail: 'unsettled' }))).toEqual({ overwrite: true, accept: false });
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
  expect(coloured).toContain('<r>NOT EQUAL: 1 missing; 10 of 10 rows compared match.</r>');
  expect(coloured.replace(/<\/?[bdgry]>/g, '')).toBe(text(verify({ findings: { missing: 1 }, listed: [finding()] })));
});
