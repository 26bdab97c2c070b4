/** Receipts made by hand: of a verify of everything, in which all went well, but for what the test says. */
import { type Receipt, sealed } from '../../../src/model/receipt.ts';
import type { Report } from '../../../src/model/run.ts';
import type { SourceSnapshot } from '../../../src/model/verify.ts';
import { report, skips, verify } from '../report/reports.ts';

export const KEY = 'a key of the operator';

/** Ten rows in two workspaces. */
export const SNAPSHOT: SourceSnapshot = {
  at: '2026-11-20T17:00:00.123456Z',
  rows: 10,
  workspaces: 2,
  digest: `${'ab'.repeat(32)}${'cd'.repeat(32)}`,
};

/** Of a verify that compared ten rows of two workspaces. */
export function verifyReport(values: Partial<Report> = {}, result: Parameters<typeof verify>[0] = {}): Report {
  return report({ result: verify({ snapshot: { ...SNAPSHOT, moved: false }, ...result }), ...values });
}

/** Sealed with what it says, whatever that is; with no key, unless one is given. */
export function receipt(values: Partial<Receipt> = {}, key: string | null = null): Receipt {
  const { algorithm: _algorithm, digest: _digest, ...said } = { ...PLAIN, ...values };
  return sealed(said, key);
}

const PLAIN: Omit<Receipt, 'algorithm' | 'digest'> & Partial<Receipt> = {
  receipt: 1,
  tool: { name: 'memory-backfill', version: '1.2.3' },
  contract: '1.0.0',
  runId: '5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b',
  endedAt: '2026-11-20T17:00:02.000Z',
  source: { address: 'db.test:5432/platform', schema: 'public' },
  snapshot: { ...SNAPSHOT, moved: false },
  plugin: { url: 'http://plugin.test', version: '1.0.0' },
  mapping: { teamLevel: null, removedWorkspaces: 'skip' },
  asked: { workspace: null, sample: 'all', seed: null },
  population: 2,
  workspaces: { sampled: 2, empty: 0, matches: 2, mismatches: 0, unproven: 0, errors: 0, unchecked: 0 },
  rows: { compared: 10, matched: 10, skipped: skips(), absenceUnproven: 0, vanished: 0, extra: 0, copiesUnseen: 0 },
  hunt: { known: 6, listed: 6, probed: 0, uncovered: 0, finished: true, rows: { probed: 0, unsearchable: 0 } },
  findings: { leak: 0, missing: 0, content: 0, misplaced: 0, duplicate: 0, fields: 0, vanishing: 0, unproven: 0 },
  unproven: [],
  allowUnproven: null,
  accepted: [],
  acceptedFindings: 0,
  verdict: 'parity',
  exitCode: 0,
};
