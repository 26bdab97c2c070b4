/** The small parts of a repair: what belongs together, which reports are refused, what is counted, told and written down. */
import { describe, expect, test } from 'vitest';
import { digester } from '../../../src/model/digest.ts';
import { RunError } from '../../../src/model/errors.ts';
import type { PlannedWrite } from '../../../src/model/memory.ts';
import { LEFT_REASONS, MENDINGS, type RepairedMemory } from '../../../src/model/repair.ts';
import type { Report } from '../../../src/model/run.ts';
import { isBeingForgotten } from '../../../src/plan/changes.ts';
import type { Ends } from '../../../src/run/context.ts';
import { refuseUnfit } from '../../../src/run/fitness.ts';
import { complaintsOf, isLeak } from '../../../src/run/repair/complaints.ts';
import {
  announcementOf,
  entryOfCleared,
  entryOfForgotten,
  entryOfKept,
  entryOfRefused,
  entryOfRepaired,
} from '../../../src/run/repair/entries.ts';
import { verifyToMend } from '../../../src/run/repair/refusals.ts';
import { repairTally } from '../../../src/run/repair/tally.ts';
import { type Deed, deedIntended, told } from '../../../src/run/repair/told.ts';
import { apply, finding, report, verify } from '../report/reports.ts';

const row: PlannedWrite = {
  verdict: 'write',
  id: 'a',
  createdAt: null,
  updatedAt: '2026-01-01 00:00:00+00',
  workspaceId: 'acme',
  scope: 'TEAM',
  namespace: { name: 'team:acme', kind: 'team' },
  content: 'c',
  kind: 'fact',
  source: 'agent',
};

describe('complaints', () => {
  test('gather all that was found about one memory, in the order of the findings', () => {
    const complaints = complaintsOf([
      finding({ id: 'a', kind: 'leak', foundIn: 'team:x', writtenBy: 'r' }),
      finding({ id: 'b', kind: 'missing' }),
      finding({ id: 'a', kind: 'content', foundIn: 'team:x', writtenBy: 'r' }),
      finding({ id: 'a', kind: 'leak', foundIn: 'team:y', writtenBy: 'r' }),
    ]);
    expect(complaints).toMatchObject([
      { id: 'a', foundAs: null, kinds: ['leak', 'content'], foundIn: ['team:x', 'team:y'], writtenBy: 'r' },
      { id: 'b', kinds: ['missing'], foundIn: [] },
    ]);
  });

  test('keep apart what has another id, or another evidence', () => {
    const complaints = complaintsOf([
      finding({ id: 'a', kind: 'leak' }),
      finding({ id: 'a', kind: 'leak', foundAs: 'x' }),
      finding({ id: 'a', kind: 'leak', foundAs: 'x', evidence: 'text' }),
      finding({ id: 'a', kind: 'content', foundAs: 'a' }),
    ]);
    expect(complaints.map(({ foundAs, evidence, kinds }) => [foundAs, evidence, kinds])).toEqual([
      [null, 'id', ['leak', 'content']],
      ['x', 'id', ['leak']],
      ['x', 'text', ['leak']],
    ]);
    expect(complaints.map(isLeak)).toEqual([true, true, false]);
  });
});

describe('a report', () => {
  const given = report({ result: verify() });
  const { source, plugin, settings } = given;
  if (!source || !plugin) throw new Error('The report has ends.');
  const ends: Ends = { source: { ...source, memories: 'm', workspaces: 'w', hasCtid: true, hasXmin: true }, plugin };

  test('of a verify between the same ends is taken', () => {
    expect(verifyToMend(given, ends, settings)).toBe(given.result);
    expect(verifyToMend(given, ends, { ...settings, workspace: 'w', onConflict: 'overwrite' })).toBe(given.result);
  });

  test.each<[string, Partial<Report>, string]>([
    ['of an apply', { mode: 'apply', result: apply() }, 'is of --apply'],
    ['of a repair', { mode: 'apply', result: { ...repairResult(), mode: 'repair' } }, 'is of a repair'],
    ['without a result', { result: null }, 'ended before it had a result'],
    ['of no source', { source: null }, 'is about the source (none)'],
    ['of another database', { source: { ...source, address: 'x' } }, 'is about the source x/public'],
    ['of another schema', { source: { ...source, schema: 'x' } }, 'is about the source db.test:5432/platform/x'],
    ['of no plugin', { plugin: null }, 'is about the plugin (none)'],
    ['of another plugin', { plugin: { ...plugin, url: 'http://x' } }, 'is about the plugin http://x'],
    ['of another team level', { settings: { ...settings, teamLevel: 'root' } }, 'had --team-level root and'],
    [
      'of other removed workspaces',
      { settings: { ...settings, removedWorkspaces: 'copy' } },
      '--removed-workspaces copy, and',
    ],
  ])('%s is refused', (_, change, why) => {
    const refusing = () => verifyToMend({ ...given, ...change }, ends, settings);
    expect(refusing).toThrow(RunError);
    expect(refusing).toThrow(why);
    expect(refusing).toThrow('nothing was sent');
  });
});

describe('the tally', () => {
  const about = (outcome: RepairedMemory['outcome'], reason: RepairedMemory['reason'] = null): RepairedMemory => ({
    id: 'a',
    foundAs: null,
    kinds: ['missing'],
    outcome,
    reason,
    namespace: null,
    foundIn: [],
    sentence: 's',
    next: null,
  });

  test('counts each outcome and each reason once', () => {
    const tally = repairTally();
    for (const how of MENDINGS) tally.record(about(how));
    for (const reason of LEFT_REASONS) tally.record(about('left', reason));
    tally.record(about('failed'));
    const { mended, left, failed, listed } = tally.result();
    expect(mended).toEqual({ sent: 1, moved: 1, forgotten: 1, already: 1, accepted: 1 });
    expect(left).toEqual({ acknowledged: 1, changed: 1, gone: 1, text: 1, copy: 1, unproven: 1, unsettled: 1 });
    expect([failed, listed.length, tally.done(), tally.failed(), tally.tried()]).toEqual([1, 13, 13, 1, 4]);
    expect(tally.counts()).toEqual({ written: 2, forgotten: 1, recorded: 1, accepted: 1, kept: 7, failed: 1 });
  });

  test('lists a thousand at the most, and counts them all', () => {
    const tally = repairTally();
    for (let made = 0; made < 1_005; made++) tally.record(about('sent'));
    expect([tally.result().listed.length, tally.result().mended.sent]).toEqual([1_000, 1_005]);
  });
});

describe('what is told', () => {
  const [complaint] = complaintsOf([finding({ id: 'a', kind: 'leak', foundAs: 'b', foundIn: 'team:x' })]);
  if (!complaint) throw new Error('There is one.');
  const from = [{ namespace: 'team:x' }, { namespace: 'team:y' }].map((place) => ({ ...OBSERVED, ...place }));

  test('of a memory that is left names what to do, and the memory’s own id', () => {
    for (const reason of LEFT_REASONS) {
      const { outcome, next, ...rest } = told(complaint, 'team:acme', { deed: 'left', reason, sentence: 's' });
      expect([outcome, rest.reason, rest.foundIn]).toEqual(['left', reason, ['team:x']]);
      expect(next).toMatch(/\w+/);
      if (['gone', 'text', 'copy'].includes(reason)) expect(next).toContain(' b ');
    }
  });

  test('of a memory that is mended or failed', () => {
    expect(told(complaint, null, { deed: 'mended', how: 'moved', sentence: 's' })).toMatchObject({
      outcome: 'moved',
      reason: null,
      next: null,
    });
    expect(told(complaint, null, { deed: 'failed', sentence: 's' })).toMatchObject({
      outcome: 'failed',
      next: 'Run the same command again.',
    });
  });

  test('where nothing is done is what would be', () => {
    expect(deedIntended({ do: 'send', planned: row, created: true, from: [] })).toMatchObject({
      how: 'sent',
      sentence: 'would be sent to team:acme',
    });
    expect(deedIntended({ do: 'send', planned: row, created: true, from })).toMatchObject({
      how: 'moved',
      sentence: 'would be moved to team:acme',
    });
    const forgotten: Deed = { deed: 'mended', how: 'forgotten', sentence: 'would be forgotten in team:x and team:y' };
    expect(deedIntended({ do: 'forget', from })).toEqual(forgotten);
    expect(deedIntended({ do: 'clear', planned: row, from })).toEqual(forgotten);
    expect(deedIntended({ do: 'nothing', sentence: 'is as planned' })).toMatchObject({
      how: 'already',
      sentence: 'is as planned',
    });
    expect(deedIntended({ do: 'leave', reason: 'text', sentence: 's' })).toEqual({
      deed: 'left',
      reason: 'text',
      sentence: 's',
    });
  });
});

describe('the ledger keeps', () => {
  const digests = digester(new Uint8Array(32));
  const digest = digests.ofPlanned(row);
  const effort = { attempts: 2, durationMs: 7 };
  const doomed = { id: 'b', namespace: 'team:x', known: undefined };

  test('a row that was sent as written, with the digest by which an edit is told', () => {
    expect(entryOfRepaired(row, true, effort, digests)).toEqual({
      memoryId: 'a',
      namespace: 'team:acme',
      sourceUpdatedAt: row.updatedAt,
      outcome: 'written',
      reason: 'repaired',
      digest,
      created: true,
      ...effort,
    });
    expect(entryOfRefused(row, '400 bad_request', effort)).toMatchObject({
      outcome: 'failed',
      reason: '400 bad_request',
      digest: null,
      ...effort,
    });
    expect(entryOfCleared(row, 'team:x', digests)).toMatchObject({
      outcome: 'adopted',
      namespace: 'team:acme',
      digest,
      created: false,
    });
  });

  test('a memory that is being forgotten as one that an apply takes nothing for granted of', () => {
    const { outcome, reason, namespace, sourceUpdatedAt } = announcementOf(doomed);
    const latest = { outcome, reason, namespace, sourceUpdatedAt, runId: 'r' };
    expect(isBeingForgotten({ latest, copy: null })).toBe(true);
    expect(entryOfForgotten(doomed, effort)).toMatchObject({
      memoryId: 'b',
      outcome: 'forgotten',
      namespace: 'team:x',
      digest: null,
      ...effort,
    });
    expect(entryOfKept(doomed, effort)).toMatchObject({ outcome: 'kept', reason: 'failed' });
    const known = { latest: { ...latest, sourceUpdatedAt: 'then' }, copy: null };
    expect(announcementOf({ ...doomed, known }).sourceUpdatedAt).toBe('then');
  });
});

test('a plugin that fails a check that blocks gets no row, and one that only warns is told of', () => {
  const notices: string[] = [];
  const check = { name: 'upsert', sentence: 'It is not well.' };
  refuseUnfit(
    [
      { ...check, grade: 'warns', outcome: 'failed' },
      { ...check, grade: 'blocks', outcome: 'unasked' },
    ],
    (told) => notices.push(told),
  );
  expect(notices).toEqual(['It is not well.']);
  expect(() => refuseUnfit([{ ...check, grade: 'blocks', outcome: 'failed' }], () => {})).toThrow(
    'not fit to take the rows: It is not well.',
  );
});

const OBSERVED = {
  id: 'b',
  content: 'c',
  kind: 'fact',
  source: 'agent',
  pinned: false,
  createdAt: '',
  expiresAt: null,
  provenance: undefined,
};

function repairResult() {
  return {
    acted: true,
    of: 'r',
    seed: null,
    memories: 0,
    unlisted: 0,
    mended: { sent: 0, moved: 0, forgotten: 0, already: 0, accepted: 0 },
    left: { acknowledged: 0, changed: 0, gone: 0, text: 0, copy: 0, unproven: 0, unsettled: 0 },
    failed: 0,
    listed: [],
  };
}
