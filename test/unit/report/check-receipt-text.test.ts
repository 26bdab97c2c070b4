/** What stands on the terminal after a check of a receipt. */
import { describe, expect, test } from 'vitest';
import type { CheckReceiptResult } from '../../../src/model/receipt.ts';
import { plain } from '../../../src/report/format.ts';
import { renderText } from '../../../src/report/text.ts';
import { KEY, receipt, SNAPSHOT } from '../model/receipts.ts';
import { report, skips } from './reports.ts';

const HOLDS: CheckReceiptResult = {
  mode: 'check-receipt',
  file: 'receipt.json',
  verdict: 'holds',
  reasons: [],
  receipt: receipt(),
  now: SNAPSHOT,
  pluginUrl: 'http://plugin.test',
  ageMs: 7_500_000,
};

const text = (values: Partial<CheckReceiptResult> = {}) =>
  renderText(report({ mode: 'check-receipt', plugin: null, result: { ...HOLDS, ...values } }), {
    style: plain,
    content: true,
  });
const lastLine = (values: Partial<CheckReceiptResult>) => text(values).trimEnd().split('\n').at(-1);

test('one that holds', () => {
  expect(text()).toBe(`\
source  db.test:5432/platform, schema public

receipt  receipt.json, by memory-backfill 1.2.3, made without a key
         verify of 2026-11-20T17:00:00.123456Z against http://plugin.test: 2 of 2 workspaces
         10 rows compared, 0 skipped, 0 unproven
         copies that belong elsewhere were looked for in all 6 namespaces

The receipt holds: 10 rows in 2 workspaces, unchanged since the verify began 2 h 05 min ago.
`);
});

test('one that is refused, with all the reasons', () => {
  const given = receipt(
    {
      asked: { workspace: null, sample: 50, seed: 'x' },
      population: 1_000,
      workspaces: { ...receipt().workspaces, sampled: 50 },
      rows: { ...receipt().rows, compared: 12_345, skipped: skips({ accepted: 1, 'no-workspace': 2 }) },
      hunt: { ...receipt().hunt, known: 3_000, listed: 1_000, probed: 5, finished: false },
    },
    KEY,
  );
  expect(text({ verdict: 'refused', receipt: given, reasons: ['It is this.', 'It is that.'] })).toBe(`\
source  db.test:5432/platform, schema public

receipt  receipt.json, by memory-backfill 1.2.3, made with a key
         verify of 2026-11-20T17:00:00.123456Z against http://plugin.test: 50 of 1,000 workspaces
         12,345 rows compared, 3 skipped, 0 unproven
         copies that belong elsewhere were looked for in 1,005 of the 3,000 namespaces, and not to the end

  refused  It is this.
  refused  It is that.

REFUSED: do not drop the old table on this receipt, for the 2 reasons above.
`);
});

describe('what the verify left open stands above what speaks against it:', () => {
  const { rows, findings, hunt } = receipt();
  const opens = (values: Parameters<typeof receipt>[0], pluginUrl: string | null = 'http://plugin.test') =>
    text({ receipt: receipt(values), pluginUrl })
      .split('\n')
      .filter((line) => line.startsWith('  open     '))
      .map((line) => line.slice(11));

  test('nothing, where nothing is', () => {
    expect(opens({})).toEqual([]);
  });

  test('which plugin it was, where nobody says which it has to be', () => {
    expect(opens({}, null)).toEqual([
      'MEMORY_PLUGIN_URL is not set: see for yourself that what was verified, http://plugin.test, is what takes the place of the old table.',
    ]);
  });

  test('rows that search could not settle, by name, safe for a terminal', () => {
    const ids = ['u1', 'u2\u001b[2J'];
    expect(opens({ findings: { ...findings, unproven: 2 }, unproven: ids })).toEqual([
      'Search could not settle 2 rows: u1, u2 [2J.',
    ]);
    const many = Array.from({ length: 1_000 }, (_, made) => `u${made}`);
    expect(opens({ findings: { ...findings, unproven: 1_234 }, unproven: many })).toEqual([
      `Search could not settle 1,234 rows: ${many.slice(0, 20).join(', ')}, and 1,214 more.`,
    ]);
  });

  test.each<[string, Parameters<typeof receipt>[0]]>([
    ['1 finding was let pass by --accept.', { acceptedFindings: 1 }],
    ['2 findings were let pass by --accept.', { acceptedFindings: 2 }],
    [
      'Of the skipped rows, 3 could neither be found in the plugin nor be shown to be absent.',
      { rows: { ...rows, absenceUnproven: 3 } },
    ],
    [
      '1 row is in place, but search cannot show whether a copy stands beside it.',
      { rows: { ...rows, copiesUnseen: 1 } },
    ],
    [
      '4 rows are in place, but search cannot show whether a copy stands beside them.',
      { rows: { ...rows, copiesUnseen: 4 } },
    ],
    [
      '1 row has no words by which copies could be looked for in full namespaces.',
      { hunt: { ...hunt, rows: { probed: 0, unsearchable: 1 } } },
    ],
    [
      '5 rows have no words by which copies could be looked for in full namespaces.',
      { hunt: { ...hunt, rows: { probed: 9, unsearchable: 5 } } },
    ],
  ])('%s', (sentence, values) => {
    expect(opens(values)).toEqual([sentence]);
  });
});

test('what is no receipt is named, and nothing is said of it', () => {
  expect(
    text({ verdict: 'refused', receipt: null, now: null, ageMs: null, reasons: ['The file is none.'] }),
  ).toContain(`
receipt  receipt.json

  refused  The file is none.

REFUSED: do not drop the old table on this receipt, for the reason above.
`);
});

test('one of a single workspace names it', () => {
  expect(text({ receipt: receipt({ asked: { workspace: 'w1', sample: null, seed: null } }) })).toContain(
    'against http://plugin.test: workspace w1\n',
  );
});

describe('the last line, where the source could not be asked,', () => {
  test('says that nothing may be dropped', () => {
    expect(lastLine({ verdict: 'not-checked', now: null, ageMs: null })).toBe(
      'NOT CHECKED: the source could not be asked whether it still is what was compared. Drop nothing.',
    );
  });

  test('says so beside what is known', () => {
    expect(lastLine({ verdict: 'refused', reasons: ['It is this.'], now: null, ageMs: null })).toBe(
      'REFUSED: do not drop the old table on this receipt, for the reason above. The source itself could not be asked.',
    );
  });
});
