/** Reports made by hand: each is one of a run in which all went well, but for what the test says. */

import type { PreflightCheck, PreflightResult } from '../../../src/model/preflight.ts';
import type { RollbackResult } from '../../../src/model/rollback.ts';
import type {
  ApplyResult,
  DryRunResult,
  NotedRow,
  PlannedChanges,
  Report,
  SkipCounts,
} from '../../../src/model/run.ts';
import type { StatusResult } from '../../../src/model/status.ts';
import type { Finding, FindingKind, VerifyResult } from '../../../src/model/verify.ts';
import { found } from '../../support/findings.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';

export function report(values: Partial<Report> = {}): Report {
  return {
    report: 1,
    tool: { name: 'memory-backfill', version: '1.2.3' },
    mode: 'verify',
    runId: '5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b',
    startedAt: '2026-11-20T17:00:00.000Z',
    endedAt: '2026-11-20T17:00:02.000Z',
    durationMs: 2_000,
    source: { address: 'db.test:5432/platform', schema: 'public', hasEmbedding: false, hasTag: true },
    plugin: { url: 'http://plugin.test', status: 'ok', version: '1.0.0', capabilities: ['fts', 'propagation'] },
    ledger: null,
    settings: DEFAULT_SETTINGS,
    result: null,
    traffic: {},
    notices: [],
    interruptedBy: null,
    timeUp: false,
    error: null,
    exitCode: 0,
    ...values,
  };
}

export function skips(counts: Partial<SkipCounts> = {}): SkipCounts {
  return {
    accepted: 0,
    'no-workspace': 0,
    'unknown-scope': 0,
    'workspace-cycle': 0,
    'global-from-non-root': 0,
    'workspace-removed': 0,
    'empty-content': 0,
    ...counts,
  };
}

export function dryRun(
  values: Partial<Omit<DryRunResult, 'changes'>> & { changes?: Partial<PlannedChanges> } = {},
): DryRunResult {
  return {
    mode: 'dry-run',
    scanned: 0,
    skipped: skips(),
    vanished: 0,
    noted: [],
    failures: [],
    bytes: 0,
    byScope: [],
    samples: [],
    planFile: null,
    ...values,
    changes: { new: 0, changed: 0, recorded: 0, adopted: 0, conflict: 0, drift: 0, failed: 0, ...values.changes },
  };
}

/** All written rows are new ones, unless the test says otherwise. */
export function apply(values: Partial<ApplyResult> = {}): ApplyResult {
  return {
    mode: 'apply',
    scanned: 0,
    written: 0,
    changes: { new: values.written ?? 0, changed: 0 },
    adopted: 0,
    recorded: 0,
    conflicts: 0,
    drifts: 0,
    skipped: skips(),
    vanished: 0,
    failed: 0,
    noted: [],
    failures: [],
    latency: null,
    slowest: [],
    namespacesCreated: 0,
    pace: { concurrency: 4, adaptive: true, waitedForSourceMs: 0 },
    bytes: 0,
    limitReached: false,
    resumeWith: null,
    ...values,
  };
}

export function conflict(values: Partial<NotedRow> = {}): NotedRow {
  return {
    kind: 'conflict',
    id: 'c1',
    namespace: 'team:acme',
    detail: 'edited',
    sentence: 'was edited in the plugin after it had been copied',
    ...values,
  };
}

export function drift(values: Partial<NotedRow> = {}): NotedRow {
  return {
    kind: 'drift',
    id: 'd1',
    namespace: 'team:beta',
    detail: 'team:acme',
    sentence: 'belongs elsewhere now',
    ...values,
  };
}

export function preflight(checks: Array<Partial<PreflightCheck>> = [{}]): PreflightResult {
  const passed: PreflightCheck = { name: 'health', grade: 'blocks', outcome: 'passed', sentence: 'It is well.' };
  return { mode: 'preflight', checks: checks.map((check) => ({ ...passed, ...check })) };
}

/** One that was carried out, and forgot three memories. */
export function rollback(
  values: Partial<Omit<RollbackResult, 'kept'>> & { kept?: Partial<RollbackResult['kept']> } = {},
): RollbackResult {
  return {
    mode: 'rollback',
    of: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
    acted: true,
    forgotten: 3,
    already: 0,
    listed: [],
    ...values,
    kept: { 'not-created': 0, 'written-since': 0, edited: 0, absent: 0, unsettled: 0, failed: 0, ...values.kept },
  };
}

export function status(): StatusResult {
  return { mode: 'status', asOf: '2026-11-20T17:00:00.000Z', about: 'runs', runs: [], recorded: 0 };
}

/** Two workspaces with ten rows, all of which match. */
export function verify(
  values: Partial<Omit<VerifyResult, 'workspaces' | 'rows' | 'findings'>> & {
    workspaces?: Partial<VerifyResult['workspaces']>;
    rows?: Partial<VerifyResult['rows']>;
    findings?: Partial<Record<FindingKind, number>>;
  } = {},
): VerifyResult {
  return {
    mode: 'verify',
    seed: null,
    asked: { sample: 'all' },
    population: 2,
    seedMemory: { seed: 'fresh' },
    confidence: null,
    hunt: { listed: 6, probed: 0, uncovered: 0, known: 6, finished: true, rows: { probed: 0, unsearchable: 0 } },
    listed: [],
    accepted: [],
    acceptedFindings: 0,
    errors: [],
    judged: [],
    allowUnproven: null,
    failOnSkipped: false,
    emptyAllowed: false,
    snapshot: null,
    ...values,
    workspaces: {
      sampled: 2,
      empty: 0,
      matches: 2,
      mismatches: 0,
      unproven: 0,
      errors: 0,
      unchecked: 0,
      ...values.workspaces,
    },
    rows: {
      compared: 10,
      matched: 10,
      skipped: skips(),
      absenceUnproven: 0,
      vanished: 0,
      extra: 0,
      copiesUnseen: 0,
      ...values.rows,
    },
    findings: found(values.findings),
  };
}

export function finding(values: Partial<Finding> = {}): Finding {
  return {
    kind: 'missing',
    id: 'a1',
    foundAs: null,
    evidence: 'id',
    writtenBy: null,
    next: 'Copy it with --apply.',
    digests: { expected: null, found: null },
    workspaceId: 'sales',
    namespace: 'team:acme',
    foundIn: null,
    sentence: 'is not in the plugin',
    ...values,
  };
}
