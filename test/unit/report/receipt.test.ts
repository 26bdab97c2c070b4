/** What a verify's report leaves for its receipt. */
import { describe, expect, test } from 'vitest';
import { isWhole } from '../../../src/model/receipt.ts';
import type { Report } from '../../../src/model/run.ts';
import { receiptOf } from '../../../src/report/receipt.ts';
import { KEY, receipt, SNAPSHOT, verifyReport } from '../model/receipts.ts';
import { apply, finding, report, skips, verify } from './reports.ts';

const of = (values: Report, key: string | null = null) => receiptOf(values, '1.0.0', key);

test('a verify of everything that found nothing leaves one that says parity', () => {
  expect(of(verifyReport())).toEqual(receipt());
});

test('all that it was asked, found and let pass is in it', () => {
  const settings = { ...report().settings, teamLevel: 'root', removedWorkspaces: 'copy' } as const;
  const skipped = skips({ accepted: 1, 'empty-content': 2 });
  const given = verifyReport(
    { settings, exitCode: 1, tool: { name: 'memory-backfill', version: '9.9.9' } },
    {
      asked: { sample: 50 },
      seed: 'drawn',
      population: 1_000,
      workspaces: { sampled: 50, empty: 3, matches: 40, mismatches: 10 },
      rows: { compared: 100, matched: 90, skipped, absenceUnproven: 6, vanished: 4, extra: 5, copiesUnseen: 8 },
      hunt: { known: 9, listed: 4, probed: 3, uncovered: 2, finished: false, rows: { probed: 11, unsearchable: 12 } },
      findings: { missing: 10, unproven: 1 },
      listed: [finding(), finding({ kind: 'unproven', id: 'u1' })],
      allowUnproven: 7,
      accepted: ['7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b'],
      acceptedFindings: 2,
      snapshot: { ...SNAPSHOT, moved: true },
    },
  );
  expect(receiptOf(given, '1.1.0', KEY)).toEqual(
    receipt(
      {
        tool: { name: 'memory-backfill', version: '9.9.9' },
        contract: '1.1.0',
        mapping: { teamLevel: 'root', removedWorkspaces: 'copy' },
        asked: { workspace: null, sample: 50, seed: 'drawn' },
        population: 1_000,
        workspaces: { ...receipt().workspaces, sampled: 50, empty: 3, matches: 40, mismatches: 10 },
        rows: { compared: 100, matched: 90, skipped, absenceUnproven: 6, vanished: 4, extra: 5, copiesUnseen: 8 },
        hunt: { known: 9, listed: 4, probed: 3, uncovered: 2, finished: false, rows: { probed: 11, unsearchable: 12 } },
        findings: { ...receipt().findings, missing: 10, unproven: 1 },
        unproven: ['u1'],
        allowUnproven: 7,
        accepted: ['7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b'],
        acceptedFindings: 2,
        snapshot: { ...SNAPSHOT, moved: true },
        verdict: 'no parity',
        exitCode: 1,
      },
      KEY,
    ),
  );
});

test('a verify of one workspace names it', () => {
  const workspace = '00000000-0000-4000-8000-00000000000a';
  expect(of(verifyReport({}, { asked: { workspace } }))?.asked).toEqual({ workspace, sample: null, seed: null });
});

test('of what search could not settle, it names a thousand at the most', () => {
  const listed = Array.from({ length: 1_001 }, (_, made) => finding({ kind: 'unproven', id: `u${made}` }));
  const named = of(verifyReport({}, { listed, findings: { unproven: 1_001 }, allowUnproven: 1_001 }))?.unproven;
  expect([named?.length, named?.at(-1)]).toEqual([1_000, 'u999']);
});

test('it is sealed with the key that is given, and without one where none is', () => {
  const [keyed, unkeyed] = [of(verifyReport(), KEY), of(verifyReport())];
  expect(keyed && isWhole(keyed, KEY)).toBe(true);
  expect(unkeyed && isWhole(unkeyed, null)).toBe(true);
});

describe('the verdict is parity', () => {
  test('of a source without a row, where that was let pass', () => {
    const given = verifyReport({}, { rows: { compared: 0 }, snapshot: { ...SNAPSHOT, rows: 0, moved: false } });
    expect(of(given)?.verdict).toBe('parity');
  });

  test.each([1, 2, 3, 129, 130, 143])('not where the verify ended with %i', (exitCode) => {
    expect(of(verifyReport({ exitCode }))).toMatchObject({ verdict: 'no parity', exitCode });
  });

  test('not where no row of those that there are was compared', () => {
    expect(of(verifyReport({}, { rows: { compared: 0 } }))?.verdict).toBe('no parity');
  });
});

test('there is no content of a memory in it', () => {
  const listed = [finding({ excerpts: { expected: 'The safe opens with 8361.', found: '8361' } })];
  expect(JSON.stringify(of(verifyReport({}, { listed })))).not.toContain('8361');
});

describe('there is none', () => {
  test.each<[string, Partial<Report>]>([
    ['of a run that ended before there was a result', { result: null }],
    ['of a verify that took no snapshot of the source', { result: verify() }],
    ['of an apply', { mode: 'apply', result: apply() }],
    ['where the source was not reached', { source: null }],
    ['where the plugin was not reached', { plugin: null }],
  ])('%s', (_, values) => {
    expect(of(verifyReport(values))).toBeNull();
  });
});
