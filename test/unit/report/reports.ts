/** Reports made by hand: each is one of a run in which all went well, but for what the test says. */
import type {
  ApplyResult,
  DryRunResult,
  Finding,
  FindingKind,
  Report,
  SkipCounts,
  VerifyResult,
} from '../../../src/model/run.ts';

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
    settings: { workspace: null, limit: null, teamLevel: null, removedWorkspaces: 'skip' },
    result: null,
    traffic: {},
    notices: [],
    interruptedBy: null,
    error: null,
    exitCode: 0,
    ...values,
  };
}

export function skips(counts: Partial<SkipCounts> = {}): SkipCounts {
  return {
    'no-workspace': 0,
    'unknown-scope': 0,
    'workspace-cycle': 0,
    'global-from-non-root': 0,
    'workspace-removed': 0,
    'empty-content': 0,
    ...counts,
  };
}

export function dryRun(values: Partial<DryRunResult> = {}): DryRunResult {
  return {
    mode: 'dry-run',
    scanned: 0,
    planned: 0,
    skipped: skips(),
    vanished: 0,
    bytes: 0,
    byScope: [],
    samples: [],
    planFile: null,
    ...values,
  };
}

export function apply(values: Partial<ApplyResult> = {}): ApplyResult {
  return {
    mode: 'apply',
    scanned: 0,
    written: 0,
    skipped: skips(),
    vanished: 0,
    failed: 0,
    failures: [],
    namespacesCreated: 0,
    bytes: 0,
    limitReached: false,
    ...values,
  };
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
    listed: [],
    errors: [],
    emptyAllowed: false,
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
    rows: { compared: 10, matched: 10, skipped: skips(), absenceUnproven: 0, vanished: 0, ...values.rows },
    findings: { misplaced: 0, missing: 0, content: 0, fields: 0, unexpected: 0, unproven: 0, ...values.findings },
  };
}

export function finding(values: Partial<Finding> = {}): Finding {
  return {
    kind: 'missing',
    id: 'a1',
    workspaceId: 'sales',
    namespace: 'team:acme',
    foundIn: null,
    sentence: 'is not in the plugin',
    ...values,
  };
}
