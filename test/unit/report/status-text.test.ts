/** What stands on the terminal for each form of `--status`. */
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src/model/ledger.ts';
import type { StatusResult, ToldEntry } from '../../../src/model/status.ts';
import { plain } from '../../../src/report/format.ts';
import { renderStatus } from '../../../src/report/status-text.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';

const NOW = '2026-11-21 12:00:00.5+00';
const REAL = { source: 'db.test:5432/platform/public', plugin: 'http://plugin.test' };
const REHEARSAL = { ...REAL, plugin: 'http://staging.test' };

const run = (values: Partial<RunRecord> = {}): RunRecord => ({
  id: 'run-1',
  mode: 'apply',
  actor: { userId: 'ada', serviceId: null },
  toolVersion: '1.2.3',
  settings: DEFAULT_SETTINGS,
  watermark: { createdAt: '2026-11-01 00:00:00+00', id: 'a9' },
  total: 20_000,
  checkpoint: null,
  horizon: null,
  pair: REAL,
  counts: { written: 1_200, skipped: 34 },
  startedAt: '2026-11-21 11:00:00.123456+00',
  seenAt: '2026-11-21 11:59:48.5+00',
  endedAt: '2026-11-21 11:02:05.123456+00',
  ended: 'done',
  exitCode: 0,
  interruptedBy: null,
  ...values,
});

/** As the ledger has one: an apply that has memories to look at, and takes no rows from the source. */
const REPAIR = { watermark: null, total: 3 };
const REPAIR_AGAIN =
  'memory-backfill --apply --repair <report.json>, with the report that it was given; or verify again, and repair from the new report.';

const open = { endedAt: null, ended: null, exitCode: null } as const;

const text = (result: StatusResult) =>
  renderStatus(result, plain)
    .filter((part) => part !== '')
    .join('\n\n');

const runs = (...told: RunRecord[]) =>
  text({ mode: 'status', asOf: NOW, about: 'runs', runs: told, recorded: told.length });

const detail = (of: Partial<RunRecord>, overtaken = false) =>
  text({ mode: 'status', asOf: NOW, about: 'run', run: run(of), overtaken, failures: [], left: [] });

const lastLine = (said: string) => said.split('\n').at(-1);

describe('all runs', () => {
  test('stand by source and plugin, the newest first', () => {
    const told = runs(
      run({ id: 'run-4', ...open, actor: { userId: null, serviceId: 'ci' } }),
      run({ id: 'run-3', mode: 'rollback', counts: { forgotten: 1 }, total: null, ended: 'findings', exitCode: 1 }),
      run({ id: 'run-2', pair: REHEARSAL, ended: 'interrupted', interruptedBy: 'SIGTERM', exitCode: 143 }),
      run({ id: 'run-1', ...open, actor: { userId: null, serviceId: null } }),
    );
    expect(told).toBe(`\
from db.test:5432/platform/public to http://plugin.test
  run     mode       by             began                 took          rows                   ended
  run-4   apply      service:ci     2026-11-21 11:00:00   59 min 48 s   1,234 of 20,000 rows   running or died; last seen 12.0 s ago
  run-3   rollback   user:ada       2026-11-21 11:00:00   2 min 05 s    1 row                  findings, exit code 1
  run-1   apply      nobody named   2026-11-21 11:00:00   59 min 48 s   1,234 of 20,000 rows   died; last seen 12.0 s ago

from db.test:5432/platform/public to http://staging.test
  run     mode    by         began                 took         rows                   ended
  run-2   apply   user:ada   2026-11-21 11:00:00   2 min 05 s   1,234 of 20,000 rows   interrupted by SIGTERM

4 runs, the newest first. --status <run-id> tells more of one.`);
  });

  test('that are more than are listed are counted', () => {
    const told = text({ mode: 'status', asOf: NOW, about: 'runs', runs: [run()], recorded: 1_000 });
    expect(lastLine(told)).toBe(
      '1 run, the newest first, of 1,000 that are recorded. --status <run-id> tells more of one.',
    );
  });

  test('that are repairs are called so', () => {
    const told = runs(run({ id: 'run-2', ...REPAIR }), run({ id: 'run-1' }));
    expect(told).toMatch(/run-2 +repair +user:ada.*1,234 of 3 rows.*\n.* run-1 +apply /);
    expect(detail(REPAIR)).toContain('run     run-1, repair by user:ada, memory-backfill 1.2.3');
  });

  test('where there is none, say so', () => {
    expect(runs()).toBe('No run is recorded: the first --apply will be.');
  });
});

describe('one run', () => {
  test('is told with its ends, its flags, its counts, and what failed and what was left by reason', () => {
    const ids = Array.from({ length: 10 }, (_, n) => `a${n}`);
    const said = text({
      mode: 'status',
      asOf: NOW,
      about: 'run',
      overtaken: false,
      run: run({
        settings: { ...run().settings, workspace: 'sales', teamLevel: 'root', retryFailed: { run: 'run-0' } },
        ended: 'incomplete',
        exitCode: 3,
      }),
      failures: [{ outcome: 'failed', reason: '400 bad_request', count: 12, ids }],
      left: [{ outcome: 'conflict', reason: 'edited', count: 1, ids: ['b1'] }],
    });
    expect(said).toBe(`\
run     run-1, apply by user:ada, memory-backfill 1.2.3
source  db.test:5432/platform/public
plugin  http://plugin.test
flags   --workspace sales --team-level root --retry-failed run-0
began   2026-11-21 11:00:00, 1 h 00 min ago
took    2 min 05 s, 1,234 of 20,000 rows

  outcome    rows
  written   1,200
  skipped      34

  failed  12 rows: 400 bad_request
${ids.map((id) => `    ${id}`).join('\n')}
    and 2 more

  conflict  1 row: edited
    b1

Run run-1: incomplete, exit code 3. Go on with: memory-backfill --apply --resume run-1 --workspace sales --team-level root --retry-failed run-0`);
  });
});

describe('the last line of one run', () => {
  const resume = 'memory-backfill --apply --resume run-1';

  test.each([
    { of: {}, says: 'Run run-1: done.' },
    { of: { ended: 'findings', exitCode: 1 }, says: 'Run run-1: findings, exit code 1.' },
    { of: { ended: 'refused', exitCode: 1 }, says: 'Run run-1: refused, exit code 1.' },
    { of: { ended: 'incomplete', exitCode: 3 }, says: `Run run-1: incomplete, exit code 3. Go on with: ${resume}` },
    {
      of: { ended: 'interrupted', interruptedBy: 'SIGHUP', settings: { ...run().settings, removedWorkspaces: 'copy' } },
      says: `Run run-1: interrupted by SIGHUP. Go on with: ${resume} --removed-workspaces copy`,
    },
    {
      of: open,
      says: `Run run-1: running or died; last seen 12.0 s ago. If it is not running any more, go on with: ${resume}`,
    },
    {
      of: { ...open, mode: 'rollback' },
      says: 'Run run-1: running or died; last seen 12.0 s ago. If it is not running any more, go on with the same --rollback again.',
    },
    {
      of: { ...open, ...REPAIR },
      says: `Run run-1: running or died; last seen 12.0 s ago. If it is not running any more, go on with: ${REPAIR_AGAIN}`,
    },
    {
      of: { ...REPAIR, ended: 'interrupted', interruptedBy: 'SIGINT', exitCode: 130 },
      says: `Run run-1: interrupted by SIGINT. Go on with: ${REPAIR_AGAIN}`,
    },
    {
      of: { ...REPAIR, ended: 'incomplete', exitCode: 3, settings: { ...run().settings, teamLevel: 'root' } },
      says: `Run run-1: incomplete, exit code 3. Go on with: ${REPAIR_AGAIN.replace('>,', '> --team-level root,')}`,
    },
    { of: { ...REPAIR, ended: 'findings', exitCode: 1 }, says: 'Run run-1: findings, exit code 1.' },
    {
      of: { ...open, watermark: null, total: 0 },
      says: `Run run-1: running or died; last seen 12.0 s ago. If it is not running any more, go on with: ${resume}`,
    },
  ] satisfies Array<{ of: Partial<RunRecord>; says: string }>)('$says', ({ of, says }) => {
    expect(lastLine(detail(of))).toBe(says);
  });

  test('says of a run that ended in nothing and was followed by another that it died, and offers nothing', () => {
    expect(lastLine(detail(open, true))).toBe('Run run-1: died; last seen 12.0 s ago.');
  });
});

describe('one memory', () => {
  const entry = (values: Partial<ToldEntry>): ToldEntry => ({
    memoryId: 'a1',
    outcome: 'written',
    namespace: 'team:acme',
    reason: 'new',
    sourceUpdatedAt: null,
    digest: 'd1',
    created: true,
    attempts: 1,
    durationMs: 3,
    runId: 'run-1',
    recordedAt: '2026-11-21 11:00:00.5+00',
    pair: REAL,
    actor: { userId: 'ada', serviceId: null },
    mode: 'apply',
    ...values,
  });

  test('is told as a timeline for each source and plugin, safe for a terminal', () => {
    const entries = [
      entry({ pair: REHEARSAL }),
      entry({ runId: 'run-2' }),
      entry({ runId: 'run-3', outcome: 'accepted', namespace: null, reason: 'too\n\u001b[31mold' }),
    ];
    expect(text({ mode: 'status', asOf: NOW, about: 'memory', id: 'a1', entries })).toBe(`\
from db.test:5432/platform/public to http://staging.test
  when                  run     mode    outcome   namespace   by         reason
  2026-11-21 11:00:00   run-1   apply   written   team:acme   user:ada   new

from db.test:5432/platform/public to http://plugin.test
  when                  run     mode    outcome    namespace   by         reason
  2026-11-21 11:00:00   run-2   apply   written    team:acme   user:ada   new
  2026-11-21 11:00:00   run-3   apply   accepted   –           user:ada   too [31mold

Memory a1: 3 entries; the newest says accepted (too [31mold).`);
  });
});
