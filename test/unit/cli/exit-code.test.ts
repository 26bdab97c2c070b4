/** The exit code of every kind of report: each reason alone, the order where several hold, and that an error never ends in 0. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXIT, exitCode } from '../../../src/cli/exit-code.ts';
import { SKIP_REASONS } from '../../../src/model/memory.ts';
import type { CheckReceiptResult } from '../../../src/model/receipt.ts';
import { LEFT_REASONS, type RepairResult } from '../../../src/model/repair.ts';
import type { Report, Result } from '../../../src/model/run.ts';
import type { Interruption } from '../../../src/model/settings.ts';
import { FINDING_KINDS } from '../../../src/model/verify.ts';
import { apply, dryRun, preflight, report, rollback, skips, status, verify } from '../report/reports.ts';

const codeOf = (values: Partial<Report>) => exitCode(report(values));
const modeOf = ({ mode }: Result): Report['mode'] => (mode === 'repair' ? 'apply' : mode);
const failure = (code: NonNullable<Report['error']>['code']) => ({ error: { code, message: 'No.' } });
const MISMATCH = verify({ findings: { missing: 1 }, workspaces: { matches: 1, mismatches: 1 } });
const UNREADABLE = verify({
  workspaces: { matches: 1, errors: 1 },
  errors: [{ workspaceId: 'sales', sentence: 'No.' }],
});
const UNFINISHED_HUNT = verify({ hunt: { ...verify().hunt, finished: false } });

/** One that was carried out, and mended what it named. */
function repair(
  values: Partial<Omit<RepairResult, 'left'>> & { left?: Partial<RepairResult['left']> } = {},
): RepairResult {
  return {
    mode: 'repair',
    acted: true,
    of: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
    seed: null,
    memories: 2,
    unlisted: 0,
    mended: { sent: 1, moved: 1, forgotten: 0, already: 0, accepted: 0 },
    failed: 0,
    listed: [],
    ...values,
    left: { acknowledged: 0, changed: 0, gone: 0, text: 0, copy: 0, unproven: 0, unsettled: 0, ...values.left },
  };
}

function receiptCheck(verdict: CheckReceiptResult['verdict']): CheckReceiptResult {
  const reasons = verdict === 'refused' ? ['It is too old.'] : [];
  return {
    mode: 'check-receipt',
    file: 'receipt.json',
    verdict,
    reasons,
    receipt: null,
    now: null,
    pluginUrl: null,
    ageMs: null,
  };
}

test('the codes are those that are documented', () => {
  expect(EXIT).toEqual({ done: 0, findings: 1, usage: 2, incomplete: 3 });
});

describe('0: all that was asked is done', () => {
  test.each<[string, Result]>([
    ['a dry run', dryRun({ scanned: 9, changes: { new: 4 }, skipped: skips({ 'no-workspace': 5 }) })],
    ['a dry run of nothing', dryRun()],
    ['a dry run that shows conflicts and drifts', dryRun({ changes: { conflict: 2, drift: 3 } })],
    ['an apply, also of nothing', apply()],
    [
      'an apply with skips, vanished rows and its limit reached',
      apply({ written: 4, vanished: 1, limitReached: true, skipped: skips({ accepted: 2 }) }),
    ],
    ['an apply that found rows recorded or adopted them', apply({ recorded: 8, adopted: 2 })],
    ['a preflight in which all passed', preflight()],
    ['a preflight that warns', preflight([{}, { grade: 'warns', outcome: 'failed' }])],
    ['a preflight that could not find out what only warns', preflight([{}, { grade: 'warns', outcome: 'unasked' }])],
    ['a preflight of a plugin that announces little', preflight([{}, { outcome: 'not-announced' }])],
    ['a status', status()],
    ['a rollback that was carried out', rollback({ kept: { 'not-created': 2, absent: 1 } })],
    [
      'a rollback that only shows what it would do',
      rollback({ acted: false, kept: { edited: 1, 'written-since': 1, unsettled: 1 } }),
    ],
    ['a verify in which all rows match', verify()],
    [
      'a verify with empty workspaces and skips among them',
      verify({ workspaces: { empty: 1 }, rows: { vanished: 2 } }),
    ],
    ['a verify of nothing, where that is allowed', verify({ rows: { compared: 0 }, emptyAllowed: true })],
    ['a verify with as much unproven as is allowed', verify({ findings: { unproven: 3 }, allowUnproven: 3 })],
    ['a strict verify without a skipped row', verify({ failOnSkipped: true })],
    [
      'a verify that met memories of agents, and findings that were accepted',
      verify({ acceptedFindings: 2, rows: { extra: 7 } }),
    ],
    [
      'a verify whose hunt could not look everywhere',
      verify({ hunt: { ...verify().hunt, uncovered: 5, rows: { probed: 9, unsearchable: 1 } } }),
    ],
    [
      'a verify during which the source moved',
      verify({ snapshot: { at: '', rows: 1, workspaces: 1, digest: '', moved: true } }),
    ],
    ['a repair that mended all', repair()],
    ['a repair that only shows what it would do', repair({ acted: false, unlisted: 2, left: { text: 1 } })],
    ['a receipt that holds', receiptCheck('holds')],
  ])('%s', (_, result) => {
    expect(codeOf({ result, mode: modeOf(result) })).toBe(0);
  });
});

describe('1: findings', () => {
  test.each(FINDING_KINDS)('a row that is %s', (kind) => {
    expect(codeOf({ result: verify({ findings: { [kind]: 1 } }) })).toBe(1);
  });

  test.each(FINDING_KINDS.filter((kind) => kind !== 'unproven'))(
    'a row that is %s, however much unproven is allowed',
    (kind) => {
      expect(codeOf({ result: verify({ findings: { [kind]: 1 }, allowUnproven: 9 }) })).toBe(1);
    },
  );

  test('one unproven row more than is allowed', () => {
    expect(codeOf({ result: verify({ findings: { unproven: 4 }, allowUnproven: 3 }) })).toBe(1);
    expect(codeOf({ result: verify({ findings: { unproven: 1 }, allowUnproven: 0 }) })).toBe(1);
  });

  test.each(SKIP_REASONS)('a skipped row (%s), where that is to fail', (reason) => {
    const rows = { skipped: skips({ [reason]: 1 }) };
    expect(codeOf({ result: verify({ rows, failOnSkipped: true }) })).toBe(1);
    expect(codeOf({ result: verify({ rows }) })).toBe(0);
  });

  test.each(LEFT_REASONS)('a repair left what is %s', (reason) => {
    expect(codeOf({ result: repair({ left: { [reason]: 1 } }) })).toBe(1);
  });

  test('nothing was compared, and that was not allowed', () => {
    expect(codeOf({ result: verify({ rows: { compared: 0 } }) })).toBe(1);
    expect(codeOf({ result: verify({ rows: { compared: 0 }, workspaces: { sampled: 0, matches: 0 } }) })).toBe(1);
  });

  test.each<[string, Result]>([
    ['an apply left a conflict', apply({ written: 5, conflicts: 1 })],
    ['an apply left a drift', apply({ written: 5, drifts: 1 })],
    ['a preflight saw what blocks', preflight([{}, { outcome: 'failed' }])],
    ['a rollback kept what was edited', rollback({ kept: { edited: 1 } })],
    ['a rollback kept what was written since', rollback({ kept: { 'written-since': 1 } })],
    ['a rollback kept what search could not settle', rollback({ kept: { unsettled: 1 } })],
    ['a repair left what its report does not list', repair({ unlisted: 1 })],
    ['a receipt is refused', receiptCheck('refused')],
  ])('%s', (_, result) => {
    expect(codeOf({ result, mode: modeOf(result) })).toBe(1);
  });

  test.each<[string, Result | null]>([
    ['before there was a result', null],
    ['with nothing written', apply()],
    ['beside rows that failed', apply({ failed: 3 })],
  ])('a guard stopped the run, %s', (_, result) => {
    expect(codeOf({ ...failure('guard'), result })).toBe(1);
  });
});

describe('2: usage or configuration', () => {
  test.each<[string, Result | null]>([
    ['before anything was done', null],
    ['on the way', apply({ written: 5 })],
  ])('an error of configuration %s', (_, result) => {
    expect(codeOf({ ...failure('configuration'), result })).toBe(2);
  });
});

describe('3: incomplete', () => {
  test.each(['source', 'plugin', 'ledger', 'output', 'internal'] as const)('an error of the kind %s', (code) => {
    expect(codeOf({ ...failure(code) })).toBe(3);
    expect(codeOf({ ...failure(code), result: dryRun() })).toBe(3);
    expect(codeOf({ ...failure(code), result: apply() })).toBe(3);
    expect(codeOf({ ...failure(code), result: verify() })).toBe(3);
    expect(codeOf({ ...failure(code), result: preflight() })).toBe(3);
    expect(codeOf({ ...failure(code), result: status() })).toBe(3);
    expect(codeOf({ ...failure(code), result: rollback() })).toBe(3);
  });

  test('the time was up', () => {
    for (const result of [null, verify(), apply()]) expect(codeOf({ timeUp: true, result })).toBe(3);
  });

  test('no result, and nobody knows why', () => {
    expect(codeOf({ result: null })).toBe(3);
  });

  test('rows failed', () => {
    expect(codeOf({ result: apply({ written: 99, failed: 1 }) })).toBe(3);
  });

  test.each<[string, Result]>([
    ['a dry run could not ask the plugin of a row', dryRun({ changes: { new: 9, conflict: 1, failed: 1 } })],
    ['a preflight could not find out what blocks', preflight([{}, { outcome: 'unasked' }])],
    ['a preflight checked nothing', preflight([])],
    ['a memory could not be forgotten', rollback({ kept: { failed: 1 } })],
    ['a rollback that only shows could not ask', rollback({ acted: false, kept: { edited: 1, failed: 1 } })],
    ['a workspace could not be checked', UNREADABLE],
    ['a row of no workspace could not be checked', verify({ errors: [{ workspaceId: null, sentence: 'No.' }] })],
    ['a workspace was not reached', verify({ workspaces: { matches: 1, unchecked: 1 } })],
    ['the hunt did not come to its end', UNFINISHED_HUNT],
    [
      'nothing was compared before the hunt was cut off',
      { ...UNFINISHED_HUNT, rows: { ...UNFINISHED_HUNT.rows, compared: 0 } },
    ],
    ['a memory could not be repaired', repair({ failed: 1 })],
    ['a receipt could not be checked', receiptCheck('not-checked')],
    [
      'nothing was compared because nothing could be checked',
      verify({ rows: { compared: 0 }, workspaces: { errors: 2 } }),
    ],
    [
      'nothing could be checked, though an empty comparison is allowed',
      verify({ rows: { compared: 0 }, workspaces: { errors: 2 }, emptyAllowed: true }),
    ],
  ])('%s', (_, result) => {
    expect(codeOf({ result })).toBe(3);
  });
});

describe('a signal has its own code', () => {
  test.each<[Interruption, number]>([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s: %d, whatever was done by then', (interruptedBy, code) => {
    for (const result of [null, dryRun(), apply({ failed: 1 }), verify(), MISMATCH, UNREADABLE]) {
      expect(codeOf({ interruptedBy, result })).toBe(code);
      expect(codeOf({ interruptedBy, result, ...failure('source') })).toBe(code);
    }
  });
});

describe('where several hold', () => {
  test('configuration comes before a signal and everything else', () => {
    expect(codeOf({ ...failure('configuration'), interruptedBy: 'SIGINT', result: MISMATCH })).toBe(2);
  });

  test('findings come before what is incomplete', () => {
    expect(codeOf({ ...failure('source'), result: MISMATCH })).toBe(1);
    const both = verify({ findings: { content: 1 }, workspaces: { mismatches: 1, errors: 1, matches: 0 } });
    expect(codeOf({ result: both })).toBe(1);
    expect(codeOf({ result: verify({ findings: { unproven: 1 }, workspaces: { unchecked: 1 } }) })).toBe(1);
  });

  test.each<[string, Result]>([
    ['an apply with conflicts and failures', apply({ conflicts: 1, failed: 1 })],
    ['a preflight that blocks and could not ask', preflight([{ outcome: 'unasked' }, { outcome: 'failed' }])],
    ['a rollback that kept an edited memory and failed at another', rollback({ kept: { edited: 1, failed: 1 } })],
    ['a repair that left a memory and failed at another', repair({ left: { text: 1 }, failed: 1 })],
    ['a verify that found something, and whose hunt was cut off', { ...MISMATCH, hunt: UNFINISHED_HUNT.hunt }],
  ])('findings come before what is incomplete: %s', (_, result) => {
    expect(codeOf({ result })).toBe(1);
    expect(codeOf({ result, ...failure('plugin') })).toBe(1);
    expect(codeOf({ result, timeUp: true })).toBe(1);
  });

  test('a signal comes before a guard', () => {
    expect(codeOf({ ...failure('guard'), interruptedBy: 'SIGTERM' })).toBe(143);
  });

  test('a signal comes before the end of the time', () => {
    expect(codeOf({ interruptedBy: 'SIGINT', timeUp: true, result: verify() })).toBe(130);
  });

  test('an empty comparison that is allowed does not let a finding pass', () => {
    expect(codeOf({ result: verify({ findings: { leak: 1 }, rows: { compared: 0 }, emptyAllowed: true }) })).toBe(1);
  });
});

test('an error, a signal, the end of the time or the lack of a result never ends in 0', () => {
  const results = fc.constantFrom<Result | null>(
    null,
    dryRun(),
    apply(),
    apply({ failed: 1 }),
    apply({ conflicts: 1 }),
    preflight(),
    preflight([{ outcome: 'failed' }]),
    status(),
    rollback(),
    rollback({ kept: { edited: 1 } }),
    verify(),
    verify({ rows: { compared: 0 }, emptyAllowed: true }),
    MISMATCH,
    UNREADABLE,
    UNFINISHED_HUNT,
    repair(),
    repair({ acted: false, left: { gone: 1 } }),
    receiptCheck('holds'),
  );
  const errors = fc.constantFrom<Report['error']>(
    null,
    ...(['configuration', 'source', 'plugin', 'ledger', 'guard', 'output', 'internal'] as const).map(
      (code) => failure(code).error,
    ),
  );
  const signals = fc.constantFrom<Interruption | null>(null, 'SIGINT', 'SIGTERM', 'SIGHUP');
  fc.assert(
    fc.property(results, errors, signals, fc.boolean(), (result, error, interruptedBy, timeUp) => {
      const code = codeOf({ result, error, interruptedBy, timeUp });
      expect([0, 1, 2, 3, 129, 130, 143]).toContain(code);
      if (error || interruptedBy || timeUp || !result) expect(code).not.toBe(0);
    }),
    { numRuns: 400 },
  );
});
