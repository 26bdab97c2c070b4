/** The schema of reports knows the result of every mode, each with all of its fields and no other. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../../src/contract/report.gen.ts';
import { reportCheck } from '../../../src/contract/report.ts';
import type { RepairResult } from '../../../src/model/repair.ts';
import type { Report, Result } from '../../../src/model/run.ts';
import { apply, dryRun, preflight, report, rollback, status, verify } from '../report/reports.ts';

const repaired: RepairResult = {
  mode: 'repair',
  acted: true,
  of: 'r1',
  seed: 'k3',
  memories: 2,
  unlisted: 1,
  mended: { sent: 1, moved: 0, forgotten: 0, already: 0, accepted: 0 },
  left: { acknowledged: 1, changed: 0, gone: 0, text: 0, copy: 0, unproven: 0, unsettled: 0 },
  failed: 0,
  listed: [
    {
      id: 'a1',
      foundAs: null,
      kinds: ['content', 'fields'],
      outcome: 'left',
      reason: 'acknowledged',
      namespace: 'team:x',
      foundIn: ['org:x'],
      sentence: 'was written by run r0, as the ledger has it',
      next: 'Add --include-acknowledged.',
    },
  ],
};

const RESULTS = {
  preflight: preflight(),
  'dry-run': dryRun(),
  apply: apply(),
  verify: verify(),
  repair: repaired,
  rollback: rollback(),
  status: status(),
  'check-receipt': {
    mode: 'check-receipt',
    file: 'r.json',
    verdict: 'not-checked',
    reasons: [],
    receipt: null,
    now: null,
    pluginUrl: null,
    ageMs: null,
  },
} as const satisfies { [Mode in Result['mode']]: Extract<Result, { mode: Mode }> };

const isReport = reportCheck<Report>();
const reported = (result: unknown) => JSON.parse(JSON.stringify({ ...report(), result }));

describe.each(Object.entries(RESULTS))('the result of %s', (_, result) => {
  test('is of the schema', () => {
    expect([isReport(reported(result)), isReport.reason()]).toEqual([true, 'is valid']);
  });

  test('is not, with a field more or with one less', () => {
    expect(isReport(reported({ ...result, surprise: 'x' }))).toBe(false);
    for (const field of Object.keys(result)) {
      const rest = Object.fromEntries(Object.entries(result).filter(([name]) => name !== field));
      expect([field, isReport(reported(rest))]).toEqual([field, false]);
    }
  });
});

test('is of no schema under the name of another mode', () => {
  const results = fc.constantFrom(...Object.values(RESULTS));
  fc.assert(
    fc.property(results, results, ({ mode }, other) => {
      expect(isReport(reported({ ...other, mode }))).toBe(mode === other.mode);
    }),
  );
});

test('the schema says which version it is, and holds no other', () => {
  expect(reportSchema.properties.report).toMatchObject({ const: 1 });
  expect(isReport({ ...report(), report: 2 })).toBe(false);
});
