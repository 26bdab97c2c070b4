/**
 * What is to be done about a memory that a verify named, given what the source, the ledger and the plugin hold of it at this moment.
 * Pure; dry form and acting form both ask here.
 *
 *   the verify said               now                                        is
 *   ────────────────────────────  ─────────────────────────────────────────  ──────────────────────────────────────────────────
 *   whatever                      as planned, and nowhere else               nothing to do
 *   leak of the row's own id      still there; the row belongs somewhere     moved: sent to where it belongs, forgotten where it was
 *                                 still there; the row belongs nowhere       forgotten
 *   leak under another id         still there, and by its own provenance     forgotten
 *                                 a leak
 *   missing                       nowhere that its workspace reads           sent
 *   content, fields, vanishing    different in these ways, and no other      sent again, which replaces it in place
 *   misplaced                     still there, and nowhere else              moved
 *   known by text; a copy; unproven                                          left: nobody can tell which is right
 *
 * Everything else is left, since it is not what the report saw: somebody has been there meanwhile. A row that the ledger has as
 * written is left too, for a user may have edited or forgotten it since; but not where others can read it who must not, unless it
 * was edited there: it is moved by writing the source's text, and that would be the end of the edit.
 */
import type { Recollection } from '../../model/ledger.ts';
import type { ObservedMemory, Planned, PlannedWrite } from '../../model/memory.ts';
import type { LeftReason } from '../../model/repair.ts';
import { isBeingForgotten } from '../../plan/changes.ts';
import { differences } from '../../verify/parity.ts';
import { type Complaint, isLeak } from './complaints.ts';
import type { Sight } from './sights.ts';

/** A namespace other than the one where the row belongs, and what it shows of the memory. */
export interface Elsewhere {
  namespace: string;
  sight: Sight;
}

export interface Case {
  complaint: Complaint;
  /** The row as it would be sent now; null where the source does not hold it any more. */
  planned: Planned | null;
  /** What the ledger knows of the memory. */
  known: Recollection | undefined;
  /** The ledger has it as written by a run of which the verify could not know. */
  writtenSince: boolean;
  /** What its own namespace shows of it; null where it has none. */
  home: Sight | null;
  /** The other namespaces where the verify found it. */
  strays: readonly Elsewhere[];
  /** What else its workspace reads, where the verify found it nowhere. */
  readable: readonly Elsewhere[];
}

export interface DecisionPolicy {
  includeAcknowledged: boolean;
  /** Whether it is certain that the memory is what the verify took it for, and can be read where it is by whom it must not. */
  isProvenLeak(memory: ObservedMemory): boolean;
}

export type Decision =
  /** To be sent, after which it must not be in the other namespaces any more. */
  | { do: 'send'; planned: PlannedWrite; created: boolean; from: readonly ObservedMemory[] }
  /** To be taken out of other namespaces than its own, which keeps it. */
  | { do: 'clear'; planned: PlannedWrite; from: readonly ObservedMemory[] }
  /** To be taken out of wherever it is. */
  | { do: 'forget'; from: readonly ObservedMemory[] }
  | { do: 'nothing'; sentence: string }
  | { do: 'leave'; reason: LeftReason; sentence: string };

export function decide(found: Case, policy: DecisionPolicy): Decision {
  const { complaint, planned } = found;
  if (complaint.foundAs !== null || complaint.evidence === 'text') return aboutCopy(found, policy);
  return planned?.verdict === 'write' ? aboutRow(found, planned, policy) : aboutHomeless(found, policy);
}

/** A memory under another id than the row's. */
function aboutCopy({ complaint, strays }: Case, { isProvenLeak }: DecisionPolicy): Decision {
  if (isNowhere(strays)) return { do: 'nothing', sentence: 'is not there any more' };
  if (complaint.evidence === 'text') return leave('text', 'is known by its text alone');
  if (!isLeak(complaint)) return leave('copy', 'is a copy under another id, which nobody can read who must not');
  const from = foundIn(strays);
  if (from.length === 0) return leave('unsettled', `could not be looked up: ${whyUnsettled(strays)}`);
  if (!from.every(isProvenLeak)) return leave('changed', 'is no longer what is known to be a leak of that row');
  return { do: 'forget', from };
}

/** A row that belongs nowhere, or that is gone. */
function aboutHomeless({ complaint, planned, strays }: Case, { isProvenLeak }: DecisionPolicy): Decision {
  const why = planned?.verdict === 'skip' ? `is to be skipped now (${planned.reason})` : GONE;
  const from = foundIn(strays);
  if (isNowhere(strays)) return { do: 'nothing', sentence: `${why}, and is not where it was found` };
  if (isUnproven(complaint)) return leave('unproven', 'could not be settled by the verify');
  if (isLeak(complaint)) {
    if (from.length === 0) return leave('unsettled', `could not be looked up: ${whyUnsettled(strays)}`);
    if (from.every(isProvenLeak)) return { do: 'forget', from };
    return leave('gone', `${why}; whose memory it is cannot be proven any more`);
  }
  if (planned) return leave('changed', `${why}, and was to be written when the verify looked`);
  if (complaint.kinds.includes('misplaced')) return leave('gone', GONE);
  return { do: 'nothing', sentence: GONE };
}

const GONE = 'is of a row that is gone from the source';

const LEAKED_AND_EDITED =
  'can still be read where it must not, and is no longer what the ledger has as written: moving it writes the source over that, which takes --include-acknowledged';

function aboutRow(found: Case, planned: PlannedWrite, policy: DecisionPolicy): Decision {
  const { complaint, home, strays } = found;
  const from = foundIn(strays);
  const isLeaking = isLeak(complaint) && from.some(policy.isProvenLeak);
  if (home?.sight === 'found' && differences(planned, home.memory).length === 0) {
    if (from.length > 0) return (isLeaking ? null : keptBack(found, policy)) ?? { do: 'clear', planned, from };
    const open = strays.find(({ sight }) => sight.sight === 'unsettled');
    if (open) return leave('unsettled', `is as planned, but whether it is still in ${open.namespace} cannot be told`);
    return { do: 'nothing', sentence: 'is as planned' };
  }
  if (isUnproven(complaint)) return leave('unproven', 'could not be settled by the verify');
  if (isLeaking) {
    // Kept twice, and one of them may be a user's edit: the leak goes in any case, and that one stays.
    if (home?.sight === 'found' && keptBack(found, policy)) return { do: 'clear', planned, from };
    const isEdited = from.some((memory) => differences(planned, memory).length > 0);
    if (isEdited && keptBack(found, policy)) return leave('acknowledged', LEAKED_AND_EDITED);
    return { do: 'send', planned, created: false, from };
  }
  if (from.length === 0 && strays.length > 0 && !isNowhere(strays)) {
    return leave('unsettled', `could not be looked up in ${strays[0]?.namespace}: ${whyUnsettled(strays)}`);
  }
  return keptBack(found, policy) ?? (from.length > 0 ? fromElsewhere(found, planned, from) : inPlace(found, planned));
}

/** A row that is still where it does not belong, and can be read there by nobody who must not. */
function fromElsewhere({ complaint, home }: Case, planned: PlannedWrite, from: readonly ObservedMemory[]): Decision {
  if (home?.sight === 'found') return leave('changed', 'is in its own namespace as well by now, with other contents');
  const news = from.flatMap((memory) => unseen(complaint, planned, memory));
  return news.length > 0
    ? leave('changed', `differs by now in another way: ${news.join(', ')}`)
    : { do: 'send', planned, created: false, from };
}

/** A row that is in its own namespace, or nowhere. */
function inPlace({ complaint, home, readable }: Case, planned: PlannedWrite): Decision {
  if (!home || home.sight === 'unsettled')
    return leave('unsettled', `could not be looked up: ${home?.why ?? 'it was not asked for'}`);
  if (home.sight === 'found') {
    const news = unseen(complaint, planned, home.memory);
    if (news.length > 0) return leave('changed', `differs by now in another way: ${news.join(', ')}`);
    return { do: 'send', planned, created: false, from: [] };
  }
  if (!complaint.kinds.includes('missing')) return leave('changed', 'is not there any more');
  const [other] = foundIn(readable);
  if (other) return leave('changed', `is in ${other.namespace} by now`);
  return { do: 'send', planned, created: home.by === 'listing' && isNowhere(readable), from: [] };
}

/** What speaks against writing over the memory; null where nothing does. */
function keptBack({ known, writtenSince }: Case, { includeAcknowledged }: DecisionPolicy): Decision | null {
  // A run that died while it had it forgotten acknowledges nothing.
  const copy = isBeingForgotten(known) ? null : known?.copy;
  if (!copy) return null;
  if (!includeAcknowledged) return leave('acknowledged', `was written by run ${copy.runId}, as the ledger has it`);
  return writtenSince ? leave('changed', `was written by run ${copy.runId} after the verify`) : null;
}

/** The ways in which the memory differs that the verify did not see. */
function unseen({ kinds }: Complaint, planned: PlannedWrite, memory: ObservedMemory): string[] {
  return differences(planned, memory).flatMap(({ kind }) => (kinds.includes(kind) ? [] : [kind]));
}

function isUnproven({ kinds }: Complaint): boolean {
  return kinds.every((kind) => kind === 'unproven');
}

/** Whether listings show that none of these namespaces holds it: its words might be others by now. */
function isNowhere(places: readonly Elsewhere[]): boolean {
  return places.every(({ sight }) => sight.sight === 'absent' && sight.by === 'listing');
}

function foundIn(places: readonly Elsewhere[]): ObservedMemory[] {
  return places.flatMap(({ sight }) => (sight.sight === 'found' ? [sight.memory] : []));
}

function whyUnsettled(places: readonly Elsewhere[]): string {
  const open = places.find(({ sight }) => sight.sight === 'unsettled');
  return open?.sight.sight === 'unsettled'
    ? open.sight.why
    : 'its namespace holds more than search lists, and its words would not find it where somebody has edited it';
}

function leave(reason: LeftReason, sentence: string): Decision {
  return { do: 'leave', reason, sentence };
}
