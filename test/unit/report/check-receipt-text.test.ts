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
      findings: { ...receipt().findings, unproven: 4 },
    },
    KEY,
  );
  expect(text({ verdict: 'refused', receipt: given, reasons: ['It is this.', 'It is that.'] })).toBe(`\
source  db.test:5432/platform, schema public

receipt  receipt.json, by memory-backfill 1.2.3, made with a key
         verify of 2026-11-20T17:00:00.123456Z against http://plugin.test: 50 of 1,000 workspaces
         12,345 rows compared, 3 skipped, 4 unproven

  refused  It is this.
  refused  It is that.

REFUSED: do not drop the old table on this receipt, for the 2 reasons above.
`);
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
