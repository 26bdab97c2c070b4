/**
 * What is to be done with a planned row, given what the ledger remembers of it and what the plugin holds: the rules by which no
 * later edit is overwritten and nothing is brought back from the dead. Pure; dry run and apply both ask here.
 *
 *   remembered             the plugin holds          the row is
 *   ─────────────────────  ────────────────────────  ─────────────────────────────────────────────
 *   a copy, same place     (not asked)               recorded, if its content and updated_at are the same
 *   a copy, same place     what was written          changed: sent again
 *   a copy, same place     what is planned now       adopted: a run that died had sent it
 *   a copy, same place     something else, nothing   a conflict: edited, or forgotten; never sent by itself
 *   a copy, another place  (not asked)               a drift: never moved by itself
 *   nothing                nothing                   new: sent
 *   nothing                what is planned           adopted; sent again if only its provenance is another
 *   nothing                something else            a conflict: foreign
 *
 * Where search cannot settle what the plugin holds, the row is a conflict too.
 */

import type { Digest, Digester } from '../model/digest.ts';
import { type Failure, mayBeDone } from '../model/failure.ts';
import type { Recollection } from '../model/ledger.ts';
import type { Planned, PlannedWrite, Skip } from '../model/memory.ts';
import { BEING_FORGOTTEN } from '../model/rollback.ts';
import type { Change, ConflictReason, Outcome } from '../model/run.ts';

type Copy = NonNullable<Recollection['copy']>;

/** What the ledger says of a row. */
export type Standing =
  /** Never sent, as far as anything is recorded. */
  | { standing: 'new' }
  /** It was taken up before, and whether it arrived then is not recorded. */
  | { standing: 'doubtful' }
  | { standing: 'changed'; copy: Copy }
  | { standing: 'settled'; outcome: Extract<Outcome, { status: 'recorded' | 'drift' | 'skipped' }> };

/** What the plugin holds under a row's id, in the namespaces where it could be. */
export type Held =
  | { held: 'nothing' }
  | { held: 'memory'; namespace: string; digest: Digest; provenance: Digest }
  | { held: 'unsettled'; why: string };

/** What is to become of a row. */
export type Step =
  | { step: 'send'; planned: PlannedWrite; change: Change; created: boolean }
  | { step: 'settled'; planned: Planned; outcome: Extract<Outcome, { status: SettledStatus }> }
  /** What the plugin holds could not be asked, so nothing is known of the row. */
  | { step: 'unasked'; planned: PlannedWrite; failure: Failure | undefined; sentence: string };

type SettledStatus = 'recorded' | 'adopted' | 'conflict' | 'drift' | 'skipped';

export function standingOf(planned: Planned, known: Recollection | undefined, digests: Digester): Standing {
  const copy = isBeingForgotten(known) ? null : (known?.copy ?? null);
  if (planned.verdict === 'skip') return { standing: 'settled', outcome: skipped(planned, copy) };
  if (!copy) {
    return { standing: isInDoubt(known) ? 'doubtful' : 'new' };
  }
  const { id, namespace, updatedAt } = planned;
  if (copy.namespace !== namespace.name) return { standing: 'settled', outcome: drifted(planned, copy) };
  const same = copy.sourceUpdatedAt === updatedAt && copy.digest === digests.ofPlanned(planned);
  if (!same) return { standing: 'changed', copy };
  return { standing: 'settled', outcome: { status: 'recorded', id, namespace: namespace.name } };
}

export interface ChangePolicy {
  digests: Digester;
  onConflict: 'keep' | 'overwrite';
}

export function stepFor(
  planned: PlannedWrite,
  standing: Exclude<Standing, { standing: 'settled' }>,
  held: Held,
  { digests, onConflict }: ChangePolicy,
): Step {
  const change = standing.standing === 'changed' ? 'changed' : 'new';
  const send = (created: boolean): Step => ({ step: 'send', planned, change, created });
  const settled = (outcome: Extract<Step, { step: 'settled' }>['outcome']): Step => ({
    step: 'settled',
    planned,
    outcome,
  });
  const conflict = (reason: ConflictReason, sentence: string): Step =>
    onConflict === 'overwrite' && !mayBeForgotten(reason)
      ? send(false)
      : settled({ status: 'conflict', id: planned.id, namespace: planned.namespace.name, reason, sentence });

  /** What search does not find of a row that was copied may have been forgotten, and is not brought back by force. */
  function mayBeForgotten(reason: ConflictReason): boolean {
    return reason === 'forgotten' || (reason === 'unsettled' && standing.standing === 'changed');
  }

  switch (held.held) {
    case 'nothing':
      return standing.standing === 'changed'
        ? conflict(
            'forgotten',
            'was forgotten in the plugin after it had been copied, and has changed in the source since',
          )
        : send(true);
    case 'unsettled':
      return conflict('unsettled', `could not be looked up before it is written: ${held.why}`);
    case 'memory': {
      // Just as it was written: also where it reads the same, but has another vector, or another time in the source.
      if (standing.standing === 'changed' && held.digest === standing.copy.digest) return send(false);
      if (held.digest === digests.ofPlanned(planned)) {
        const { id, namespace, provenance } = planned;
        // The same memory with an older story of its origin: nothing is lost by telling it anew, and verify asks for it.
        if (provenance && held.provenance !== digests.ofProvenance(provenance)) return send(false);
        return settled({ status: 'adopted', id, namespace: namespace.name });
      }
      if (standing.standing === 'changed')
        return conflict('edited', 'was edited in the plugin after it had been copied');
      return conflict('foreign', foreign(planned, held.namespace));
    }
  }
}

/**
 * Whether the plugin may or may not hold the row, by what is recorded: it does not say where the row is, nor that nothing was sent,
 * nor that the plugin refused it.
 */
export function isInDoubt(known: Recollection | undefined): boolean {
  if (!known) return false;
  if (isBeingForgotten(known)) return true;
  const { outcome, reason } = known.latest;
  if (known.copy || outcome === 'skipped' || outcome === 'accepted' || outcome === 'vanished') return false;
  return outcome !== 'failed' || mayBeDone(reason ?? '');
}

/** A rollback that died may have had it forgotten, or may not. */
export function isBeingForgotten(known: Recollection | undefined): boolean {
  return known?.latest.outcome === 'kept' && known.latest.reason === BEING_FORGOTTEN;
}

function foreign({ namespace }: PlannedWrite, foundIn: string): string {
  return foundIn === namespace.name
    ? 'is in the plugin already, with another content or other fields, and no ledger says how it came there'
    : `is in the plugin already, in ${foundIn}, and no ledger says how it came there`;
}

function skipped(skip: Skip, copy: Copy | null): Extract<Outcome, { status: 'drift' | 'skipped' }> {
  const { id, reason } = skip;
  if (!copy || reason === 'accepted') return { status: 'skipped', id, reason };
  const sentence = `was copied to ${copy.namespace} and would now be skipped (${reason}); it was left where it is`;
  return { status: 'drift', id, namespace: null, was: copy.namespace, sentence };
}

function drifted({ id, namespace }: PlannedWrite, copy: Copy): Extract<Outcome, { status: 'drift' }> {
  const sentence = `was copied to ${copy.namespace} and would now go to ${namespace.name}; it was left where it is`;
  return { status: 'drift', id, namespace: namespace.name, was: copy.namespace, sentence };
}
