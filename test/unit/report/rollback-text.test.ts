/** What stands on the terminal after a rollback. */
import { describe, expect, test } from 'vitest';
import type { RollbackResult } from '../../../src/model/rollback.ts';
import type { Report } from '../../../src/model/run.ts';
import { plain } from '../../../src/report/format.ts';
import { renderRollback } from '../../../src/report/rollback-text.ts';
import { report } from './reports.ts';

const NOTHING = { 'not-created': 0, 'written-since': 0, edited: 0, absent: 0, unsettled: 0, failed: 0 };

const rollback = (values: Partial<RollbackResult> = {}): RollbackResult => ({
  mode: 'rollback',
  of: 'run-1',
  acted: true,
  forgotten: 0,
  already: 0,
  kept: NOTHING,
  listed: [],
  ...values,
});

const text = (result: RollbackResult, values: Partial<Report> = {}) =>
  renderRollback(result, report({ mode: 'rollback', result, ...values }), plain)
    .filter((part) => part !== '')
    .join('\n\n');

test('one that kept some memories names them, the gravest first', () => {
  const kept = { ...NOTHING, 'not-created': 1, edited: 1, failed: 1 };
  const listed: RollbackResult['listed'] = [
    { id: 'a1', namespace: 'team:acme', reason: 'not-created', sentence: 'was in the plugin before the run' },
    { id: 'a2', namespace: 'team:acme', reason: 'edited', sentence: 'is no longer what the run wrote' },
    { id: 'a3', namespace: 'team:beta', reason: 'failed', sentence: 'could not be forgotten: No.' },
  ];
  expect(text(rollback({ forgotten: 1_200, already: 3, kept, listed }))).toBe(`\
  kept          memories   because
  not-created          1   they were in the plugin before the run, or may have been
  edited               1   they are no longer what the run wrote: somebody edited them
  failed               1   the plugin refused to forget them, or could not be asked

  failed  a3 could not be forgotten: No.  team:beta
  edited  a2 is no longer what the run wrote  team:acme
  not-created  a1 was in the plugin before the run  team:acme

1,200 memories of run run-1 forgotten, 3 had been forgotten before, 3 kept.`);
});

test('twenty memories are named, and how many more there are', () => {
  const listed = Array.from({ length: 30 }, (_, n) => ({
    id: `a${n}`,
    namespace: 'team:acme',
    reason: 'absent' as const,
    sentence: 'is gone',
  }));
  const said = text(rollback({ kept: { ...NOTHING, absent: 1_030 }, listed }));
  expect(said.match(/^ {2}absent {2}a\d+ is gone/gm)).toHaveLength(20);
  expect(said).toContain('  and 1,010 more; --json lists up to 1,000');
});

describe('the last line', () => {
  test('of the dry form says that nothing was changed, and how to do it', () => {
    expect(text(rollback({ acted: false, forgotten: 1 }))).toBe(
      '1 memory of run run-1 would be forgotten, 0 kept. Nothing was changed: --yes does it.',
    );
  });

  test.each([{ error: { code: 'plugin', message: 'Away.' } } as const, { interruptedBy: 'SIGINT' } as const])(
    'of one that was cut off says how to go on: %o',
    (cut) => {
      expect(text(rollback({ forgotten: 2 }), cut)).toBe(
        '2 memories of run run-1 forgotten, 0 kept. Not every memory was reached: run the same command again to go on.',
      );
    },
  );
});
