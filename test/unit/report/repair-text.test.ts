/** What stands on the terminal after a repair, and the exit code that goes with it. */
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../src/cli/exit-code.ts';
import { LEFT_REASONS, type RepairedMemory, type RepairResult } from '../../../src/model/repair.ts';
import type { Report } from '../../../src/model/run.ts';
import { plain } from '../../../src/report/format.ts';
import { renderRepair } from '../../../src/report/repair-text.ts';
import { renderText } from '../../../src/report/text.ts';
import { report } from './reports.ts';

const NOTHING: RepairResult['mended'] = { sent: 0, moved: 0, forgotten: 0, already: 0, accepted: 0 };
const NONE: RepairResult['left'] = {
  acknowledged: 0,
  changed: 0,
  gone: 0,
  text: 0,
  copy: 0,
  unproven: 0,
  unsettled: 0,
};

const repaired = (values: Partial<RepairResult> = {}): RepairResult => ({
  mode: 'repair',
  acted: true,
  of: 'run-1',
  seed: null,
  memories: 3,
  unlisted: 0,
  mended: { ...NOTHING, sent: 2, moved: 1 },
  left: NONE,
  failed: 0,
  listed: [],
  ...values,
});

const memory = (values: Partial<RepairedMemory> = {}): RepairedMemory => ({
  id: 'a1',
  foundAs: null,
  kinds: ['missing'],
  outcome: 'sent',
  reason: null,
  namespace: 'team:acme',
  foundIn: [],
  sentence: 'was sent to team:acme',
  next: null,
  ...values,
});

const text = (result: RepairResult, values: Partial<Report> = {}) =>
  renderRepair(result, report({ mode: 'apply', result, ...values }), plain)
    .filter((part) => part !== '')
    .join('\n\n');

describe('the text', () => {
  test('of one that mended all says what comes next', () => {
    expect(text(repaired())).toBe(`\
Of 3 memories that the report names, 2 sent, 1 moved, 0 forgotten, 0 left.

Now verify again, with --verify-sample all.`);
    expect(text(repaired({ seed: 'k3', mended: { ...NOTHING, already: 2, accepted: 1 } }))).toBe(`\
Of 3 memories that the report names, 0 sent, 0 moved, 0 forgotten, 2 right by now, 1 given up, 0 left.

Now verify again, with another seed than k3, which proves nothing any more, or with --verify-sample all.`);
  });

  test('of one that left and failed names those first, leaks before the rest, each with what to do', () => {
    const listed = [
      memory(),
      memory({ id: 'a2', outcome: 'left', reason: 'acknowledged', sentence: 'was written by run r', next: 'Do this.' }),
      memory({
        id: 'a3',
        foundAs: 'b3',
        kinds: ['leak'],
        outcome: 'left',
        reason: 'text',
        sentence: 'is known by its text',
        next: 'Look.',
      }),
      memory({
        id: 'a4',
        kinds: ['content', 'fields'],
        outcome: 'failed',
        sentence: 'could not be sent: No.',
        next: 'Again.',
      }),
    ];
    const left = { ...NONE, acknowledged: 1, text: 1 };
    expect(
      text(repaired({ memories: 1_204, unlisted: 200, mended: { ...NOTHING, sent: 1 }, left, failed: 1, listed })),
    ).toBe(`\
  left           memories   because
  acknowledged          1   the ledger has them as written: users may have edited or forgotten them since
  text                  1   they are known by their text alone, which two tenants may rightly share

  failed  a4 could not be sent: No.  content, fields
    Again.
  text  b3 (of a3) is known by its text  leak
    Look.
  acknowledged  a2 was written by run r  missing
    Do this.

The report lists the first 1,000 findings alone: 200 more were counted, and could not be taken up.

Of 1,204 memories that the report names, 1 sent, 0 moved, 0 forgotten, 2 left, 1 failed.

Now verify again, with --verify-sample all.`);
  });

  test('shows twenty, and counts the rest', () => {
    const listed = Array.from({ length: 25 }, () =>
      memory({ outcome: 'left', reason: 'changed', next: 'Verify again.' }),
    );
    expect(text(repaired({ left: { ...NONE, changed: 1_100 }, listed }))).toContain(
      '\n  and 1,080 more; --json lists up to 1,000\n',
    );
  });

  test('of the dry form lists what would be done, and says that nothing was', () => {
    const listed = [
      memory({ sentence: 'would be sent to team:acme' }),
      memory({ id: 'a9', outcome: 'already', sentence: 'is as planned' }),
    ];
    const mended = { ...NOTHING, sent: 1, already: 1 };
    expect(text(repaired({ acted: false, memories: 2, mended, listed }))).toBe(`\
  sent  a1 would be sent to team:acme  missing

Of 2 memories that the report names, 1 would be sent, 0 moved, 0 forgotten, 1 right by now, 0 left.

Nothing was changed: --apply does it.`);
  });

  test.each([{ error: { code: 'plugin', message: 'Gone.' } } as const, { interruptedBy: 'SIGINT' } as const])(
    'of one that was cut off says how to go on, and nothing else: %o',
    (cut) => {
      const said = text(repaired(), cut);
      expect(said).toMatch(/Not every memory was reached: run the same command again to go on\.$/);
      expect(said).not.toContain('verify again');
    },
  );

  test('stands in the whole report', () => {
    const result = repaired();
    expect(renderText(report({ mode: 'apply', result }), { style: plain, content: true })).toContain('Of 3 memories');
  });
});

describe('the exit code', () => {
  const codeOf = (result: RepairResult) => exitCode(report({ mode: 'apply', result }));

  test('is 0 where all was mended, was right, or was given up', () => {
    expect(codeOf(repaired({ mended: { ...NOTHING, sent: 1, moved: 1, forgotten: 1, already: 1, accepted: 1 } }))).toBe(
      0,
    );
  });

  test.each(LEFT_REASONS)('is 1 where something is left: %s', (reason) => {
    expect(codeOf(repaired({ left: { ...NONE, [reason]: 1 } }))).toBe(1);
    expect(codeOf(repaired({ left: { ...NONE, [reason]: 1 }, failed: 1 }))).toBe(1);
    expect(codeOf(repaired({ left: { ...NONE, [reason]: 1 }, acted: false }))).toBe(0);
  });

  test('is 1 where the report lists fewer than it counts, and 3 where something failed', () => {
    expect(codeOf(repaired({ unlisted: 1 }))).toBe(1);
    expect(codeOf(repaired({ failed: 1 }))).toBe(3);
    expect(codeOf(repaired({ failed: 1, acted: false }))).toBe(3);
  });
});
