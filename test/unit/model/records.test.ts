/** What of one record goes into another: the fields that are named, and no others. */
import { expect, test } from 'vitest';
import { RunError } from '../../../src/model/errors.ts';
import { rowEvent } from '../../../src/model/events.ts';
import { isRepair, type LedgerEntry, mappingOf, type RunStart } from '../../../src/model/ledger.ts';
import { BEING_FORGOTTEN } from '../../../src/model/rollback.ts';
import type { RunSettings } from '../../../src/model/settings.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';

test('the log line of an entry has its id, its outcome and where it went, and no digest', () => {
  const entry: LedgerEntry = {
    memoryId: 'a1',
    outcome: 'written',
    namespace: 'team:acme',
    reason: null,
    sourceUpdatedAt: '2025-01-01 00:00:00+00',
    digest: 'd'.repeat(64),
    created: true,
    attempts: 2,
    durationMs: 12,
  };
  expect(rowEvent(entry)).toEqual({
    event: 'row',
    id: 'a1',
    outcome: 'written',
    namespace: 'team:acme',
    reason: null,
    attempts: 2,
    durationMs: 12,
  });
});

test('the mapping of a run is its team level and what becomes of removed workspaces: no filter, and no limit', () => {
  const settings: RunSettings = {
    workspace: 'w',
    limit: 7,
    teamLevel: 'root',
    removedWorkspaces: 'copy',
    onConflict: 'overwrite',
    retryFailed: 'all',
  };
  expect(mappingOf(settings)).toEqual({ teamLevel: 'root', removedWorkspaces: 'copy' });
});

test('an error that ends a run has its code, its sentence and its cause', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new RunError('plugin', 'The plugin does not answer.', { cause });
  expect({ ...error }).toEqual({ name: 'RunError', code: 'plugin' });
  expect(String(error)).toBe('RunError: The plugin does not answer.');
  expect(error.cause).toBe(cause);
  expect(new RunError('guard', 'Stopped.').cause).toBeUndefined();
});

test('a memory whose forgetting is under way is recorded by a word that ledgers hold already', () => {
  expect(BEING_FORGOTTEN).toBe('being-forgotten');
});

test('a repair is told from other runs by rows that it has to look at without taking any from the source', () => {
  const repair: RunStart = {
    id: 'r',
    mode: 'apply',
    actor: { userId: null, serviceId: null },
    toolVersion: '1.0.0',
    settings: DEFAULT_SETTINGS,
    watermark: null,
    total: 2,
  };
  const others: RunStart[] = [
    { ...repair, mode: 'rollback' },
    { ...repair, watermark: { createdAt: null, id: 'a' } },
    { ...repair, total: 0 },
    { ...repair, total: null },
  ];
  expect(isRepair(repair)).toBe(true);
  expect(others.map(isRepair)).toEqual([false, false, false, false]);
});
