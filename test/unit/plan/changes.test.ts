/** The rules by which no later edit is overwritten and nothing is brought back from the dead, one by one. */
import { describe, expect, test } from 'vitest';
import { digester } from '../../../src/model/digest.ts';
import type { EntryOutcome, Recollection } from '../../../src/model/ledger.ts';
import type { PlannedWrite, Skip } from '../../../src/model/memory.ts';
import { BEING_FORGOTTEN } from '../../../src/model/rollback.ts';
import { type Held, type Standing, standingOf, stepFor } from '../../../src/plan/changes.ts';

const ID = '11111111-1111-4111-8111-111111111111';
const digests = digester(Buffer.alloc(32, 7));

const planned = (given: Partial<PlannedWrite> = {}): PlannedWrite => ({
  verdict: 'write',
  id: ID,
  createdAt: '2025-01-01 00:00:00+00',
  updatedAt: '2025-01-02 00:00:00+00',
  workspaceId: 'w',
  scope: 'LOCAL',
  namespace: { name: 'workspace:w', kind: 'workspace' },
  content: 'The key is under the mat.',
  kind: 'fact',
  source: 'agent',
  ...given,
});
const SKIP: Skip = {
  verdict: 'skip',
  id: ID,
  createdAt: null,
  updatedAt: null,
  workspaceId: 'w',
  scope: 'TEAM',
  content: 'x',
  reason: 'workspace-removed',
};
const copyOf = (row: PlannedWrite) => ({
  namespace: row.namespace.name,
  digest: digests.ofPlanned(row),
  sourceUpdatedAt: row.updatedAt,
  runId: 'run-1',
});
const known = (outcome: EntryOutcome, copy: Recollection['copy'] = null): Recollection => ({
  latest: { outcome, reason: null, namespace: null, sourceUpdatedAt: null, runId: 'run-1' },
  copy,
});

describe('what the ledger says of a row', () => {
  const standing = (recollection?: Recollection) => standingOf(planned(), recollection, digests).standing;

  test('without an entry it is new', () => {
    expect(standing()).toBe('new');
  });

  test.each(['conflict', 'forgotten', 'kept', 'drift'] as const)(
    'after "%s" and without a copy it is doubtful',
    (outcome) => {
      expect(standing(known(outcome))).toBe('doubtful');
    },
  );

  test.each(['skipped', 'accepted', 'vanished'] as const)('after "%s" and without a copy it is new', (outcome) => {
    expect(standing(known(outcome))).toBe('new');
  });

  test.each([
    ['deadline', 'doubtful'],
    ['transport ECONNRESET', 'doubtful'],
    ['201 malformed', 'doubtful'],
    ['502 foreign', 'doubtful'],
    ['408 foreign', 'doubtful'],
    ['429 unavailable, after a lost answer', 'doubtful'],
    // A proxy's own refusal: it was not passed on.
    ['413 foreign', 'new'],
    ['429 foreign', 'new'],
    // What failed was the question whether it is there.
    ['search deadline', 'new'],
    ['search 502 foreign', 'new'],
    // What follows the status is the plugin's own word.
    ['400 deadline', 'new'],
    ['409 transport refused', 'new'],
    [null, 'new'],
    ['400 bad_request', 'new'],
    ['500 internal', 'new'],
    ['503 unavailable', 'new'],
  ])('after a failure with "%s" and without a copy it is %s', (reason, expected) => {
    const { latest } = known('failed');
    expect(standing({ latest: { ...latest, reason }, copy: null })).toBe(expected);
  });

  test('with a copy of the same content and the same updated_at it is recorded', () => {
    const recollection = known('written', copyOf(planned()));
    expect(standingOf(planned(), recollection, digests)).toEqual({
      standing: 'settled',
      outcome: { status: 'recorded', id: ID, namespace: 'workspace:w' },
    });
  });

  test('with a copy of another content, or of another updated_at, it has changed', () => {
    const copy = copyOf(planned());
    expect(standing(known('written', { ...copy, digest: 'another' }))).toBe('changed');
    expect(standing(known('written', { ...copy, sourceUpdatedAt: null }))).toBe('changed');
    expect(standing(known('failed', { ...copy, digest: 'another' }))).toBe('changed');
  });

  test('with a copy in another namespace it is a drift, with both namespaces, though it has changed as well', () => {
    const copy = { ...copyOf(planned()), namespace: 'workspace:old', digest: 'another' };
    expect(standingOf(planned(), known('written', copy), digests)).toMatchObject({
      standing: 'settled',
      outcome: {
        status: 'drift',
        namespace: 'workspace:w',
        was: 'workspace:old',
        sentence: 'was copied to workspace:old and would now go to workspace:w; it was left where it is',
      },
    });
  });

  test('with a copy that a rollback may have had forgotten before it died it is doubtful; kept for good, it is recorded', () => {
    const copy = copyOf(planned());
    const kept = (reason: string): Recollection => {
      const { latest } = known('kept', copy);
      return { latest: { ...latest, reason }, copy };
    };
    expect(standing(kept(BEING_FORGOTTEN))).toBe('doubtful');
    expect(standing(kept('edited'))).toBe('settled');
  });

  test('a row that is skipped and has a copy is a drift to nowhere; one without is skipped', () => {
    expect(standingOf(SKIP, known('written', copyOf(planned())), digests)).toMatchObject({
      standing: 'settled',
      outcome: {
        status: 'drift',
        namespace: null,
        was: 'workspace:w',
        sentence: 'was copied to workspace:w and would now be skipped (workspace-removed); it was left where it is',
      },
    });
    expect(standingOf(SKIP, undefined, digests)).toMatchObject({
      outcome: { status: 'skipped', reason: 'workspace-removed' },
    });
  });

  test('a row that was given up is skipped, copy or not', () => {
    const accepted: Skip = { ...SKIP, reason: 'accepted' };
    expect(standingOf(accepted, known('written', copyOf(planned())), digests)).toMatchObject({
      outcome: { status: 'skipped', reason: 'accepted' },
    });
  });
});

describe('what is done with a row that the ledger does not settle', () => {
  const NOTHING: Held = { held: 'nothing' };
  const UNSETTLED: Held = { held: 'unsettled', why: 'too many.' };
  const memory = (digest: string, namespace = 'workspace:w', provenance = digests.ofProvenance(undefined)): Held => ({
    held: 'memory',
    namespace,
    digest,
    provenance,
  });
  const asPlanned = memory(digests.ofPlanned(planned()));
  const other = memory('another');
  const elsewhere = memory('another', 'team:t');
  const NEW: Standing = { standing: 'new' };
  const DOUBTFUL: Standing = { standing: 'doubtful' };
  const CHANGED: Standing = { standing: 'changed', copy: { ...copyOf(planned()), digest: 'what was written' } };
  const asWritten = memory('what was written');

  const step = (standing: Standing, held: Held, onConflict: 'keep' | 'overwrite' = 'keep') => {
    if (standing.standing === 'settled') throw new Error('Settled already.');
    const decided = stepFor(planned(), standing, held, { digests, onConflict });
    if (decided.step === 'send') return `send ${decided.change}${decided.created ? ', created' : ''}`;
    if (decided.step === 'unasked') return 'unasked';
    const { outcome } = decided;
    return outcome.status === 'conflict' ? `conflict ${outcome.reason}` : outcome.status;
  };

  test.each([
    ['new, and not there', NEW, NOTHING, 'send new, created'],
    ['new, and there as planned', NEW, asPlanned, 'adopted'],
    ['new, and there with another content', NEW, other, 'conflict foreign'],
    ['new, and there in another namespace', NEW, elsewhere, 'conflict foreign'],
    ['new, and search cannot tell', NEW, UNSETTLED, 'conflict unsettled'],
    ['doubtful, and not there', DOUBTFUL, NOTHING, 'send new, created'],
    ['doubtful, and there as planned', DOUBTFUL, asPlanned, 'adopted'],
    ['doubtful, and there with another content', DOUBTFUL, other, 'conflict foreign'],
    ['doubtful, and search cannot tell', DOUBTFUL, UNSETTLED, 'conflict unsettled'],
    ['changed, and there as it was written', CHANGED, asWritten, 'send changed'],
    ['changed, and there as planned now', CHANGED, asPlanned, 'adopted'],
    ['changed, and edited in the plugin', CHANGED, other, 'conflict edited'],
    ['changed, and forgotten in the plugin', CHANGED, NOTHING, 'conflict forgotten'],
    ['changed, and search cannot tell', CHANGED, UNSETTLED, 'conflict unsettled'],
  ])('%s: %#', (_name, standing, held, expected) => {
    expect(step(standing, held)).toBe(expected);
  });

  test.each([
    [
      'forgotten',
      CHANGED,
      NOTHING,
      'was forgotten in the plugin after it had been copied, and has changed in the source since',
    ],
    ['unsettled', NEW, UNSETTLED, 'could not be looked up before it is written: too many.'],
    ['edited', CHANGED, other, 'was edited in the plugin after it had been copied'],
    [
      'foreign, in its own namespace',
      NEW,
      other,
      'is in the plugin already, with another content or other fields, and no ledger says how it came there',
    ],
    [
      'foreign, in another namespace',
      NEW,
      elsewhere,
      'is in the plugin already, in team:t, and no ledger says how it came there',
    ],
  ])('a conflict says what was found: %s', (_name, standing, held, sentence) => {
    expect(stepFor(planned(), standing, held, { digests, onConflict: 'keep' })).toEqual({
      step: 'settled',
      planned: planned(),
      outcome: expect.objectContaining({ status: 'conflict', id: ID, namespace: 'workspace:w', sentence }),
    });
  });

  test.each([
    ['foreign', NEW, other, 'send new'],
    ['edited', CHANGED, other, 'send changed'],
    ['unsettled', NEW, UNSETTLED, 'send new'],
  ])('--on-conflict overwrite sends what was %s, and claims no proven absence', (_name, standing, held, expected) => {
    expect(step(standing, held, 'overwrite')).toBe(expected);
  });

  describe('where the plugin keeps where a memory came from', () => {
    const provenance = {
      run_id: 'run-2',
      source: 'agent_memories',
      workspace_id: 'w',
      scope: 'LOCAL',
      tag: 'general',
      created_at: '2025-01-01 00:00:00+00',
      updated_at: '2025-01-02 00:00:00+00',
    } as const;
    const told = planned({ provenance });
    const heldWith = (found: unknown): Held =>
      memory(digests.ofPlanned(told), 'workspace:w', digests.ofProvenance(found));
    const stepOf = (standing: Standing, held: Held) =>
      standing.standing === 'settled' ? null : stepFor(told, standing, held, { digests, onConflict: 'keep' });

    test('a memory as planned, of whatever run, is adopted', () => {
      const { run_id: _run, ...rest } = provenance;
      expect(stepOf(NEW, heldWith({ ...rest, run_id: 'run-1' }))).toMatchObject({ step: 'settled' });
    });

    test.each([
      ['an earlier updated_at', { ...provenance, updated_at: '2024-12-31 00:00:00+00' }],
      ['another tag', { ...provenance, tag: 'travel' }],
      ['none', undefined],
    ])('a memory as planned with %s is sent again, and claims no proven absence', (_name, found) => {
      for (const standing of [NEW, DOUBTFUL, CHANGED]) {
        expect(stepOf(standing, heldWith(found))).toMatchObject({ step: 'send', created: false });
      }
    });
  });

  test('--on-conflict overwrite does not bring back what was forgotten, or may have been', () => {
    expect(step(CHANGED, NOTHING, 'overwrite')).toBe('conflict forgotten');
    expect(step(CHANGED, UNSETTLED, 'overwrite')).toBe('conflict unsettled');
  });

  test('a row that reads as it was written is sent again: its vector, or its time in the source, may be another', () => {
    const touched: Standing = { standing: 'changed', copy: { ...copyOf(planned()), sourceUpdatedAt: null } };
    expect(step(touched, asPlanned)).toBe('send changed');
  });
});
