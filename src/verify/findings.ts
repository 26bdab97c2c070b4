/**
 * Findings, made from what was planned and what was observed. Pure; the sentences say what is wrong and hold no content.
 */
import type { Digest } from '../model/digest.ts';
import type { ObservedMemory, Planned, PlannedWrite, Skip } from '../model/memory.ts';
import type { Evidence, Finding, FindingKind } from '../model/verify.ts';
import { excerptAround } from './excerpts.ts';
import { type Difference, differences } from './parity.ts';
import { placement, type ReadersOf } from './placement.ts';

/** Keyed, so that a report tells whether two contents are the same, and not what they might be. */
export type DigestOf = (content: string) => Digest;

/** A memory, and how it is known to be the row's. */
export interface Sighted {
  memory: ObservedMemory;
  evidence: Evidence;
  /** The plugin shows vectors where it showed this memory; not known to, where it is left out. */
  vectorsShown?: boolean;
}

export interface Findings {
  /** Everything that is wrong with a row that was found; nothing where it is what was planned, where it was planned. */
  ofFound(row: Planned, sighted: Sighted, readersOf: ReadersOf): Finding[];
  missing(row: PlannedWrite): Finding;
  /** A row of the one workspace that was asked for, which reads no namespace. */
  unreadable(row: Skip): Finding;
  unproven(row: PlannedWrite, why: string): Finding;
  duplicate(row: PlannedWrite, sighted: Sighted, sentence: string): Finding;
  /** A memory that stands where its own origin says it must not, and of which the source has no row any more. */
  strayCopy(
    memory: ObservedMemory,
    workspaceId: string | null,
    belongs: string | null,
    kind: 'leak' | 'misplaced',
  ): Finding;
  /** A memory of which search cannot tell whether it is a copy too many. */
  untold(memory: ObservedMemory, why: string): Finding;
}

export function findings(digestOf: DigestOf): Findings {
  function ofRow(row: Planned, kind: FindingKind, sentence: string): Finding {
    return {
      kind,
      id: row.id,
      foundAs: null,
      workspaceId: row.workspaceId,
      namespace: row.verdict === 'write' ? row.namespace.name : null,
      foundIn: null,
      evidence: 'id',
      writtenBy: null,
      sentence,
      next: '',
      digests: { expected: digestOf(row.content), found: null },
      excerpts: { expected: excerptAround(row.content, 0) },
    };
  }

  function ofSighting(
    row: Planned,
    kind: FindingKind,
    { memory, evidence }: Sighted,
    sentence: string,
    at = 0,
  ): Finding {
    const { digests, excerpts, ...finding } = ofRow(row, kind, sentence);
    return {
      ...finding,
      foundAs: memory.id === row.id ? null : memory.id,
      foundIn: memory.namespace,
      evidence,
      digests: { ...digests, found: digestOf(memory.content) },
      excerpts: {
        ...(excerpts?.expected !== undefined && { expected: excerptAround(row.content, at) }),
        ...(memory.content !== row.content && { found: excerptAround(memory.content, at) }),
      },
    };
  }

  function outOfPlace(row: Planned, sighted: Sighted, readersOf: ReadersOf): Finding[] {
    const planned = row.verdict === 'write' ? row.namespace : null;
    const place = placement(planned, sighted.memory.namespace, readersOf);
    if (place === 'home') return [];
    return [ofSighting(row, place, sighted, placeSentence(row, sighted, place))];
  }

  /** The row's own memory has to be right in everything; a copy under another id is wrong by being there. */
  function wrongWith(row: Planned, { memory, vectorsShown }: Sighted): Difference[] {
    return row.verdict === 'write' && memory.id === row.id ? differences(row, memory, vectorsShown) : [];
  }

  function strange(memory: ObservedMemory, kind: FindingKind, sentence: string): Finding {
    return {
      kind,
      id: memory.id,
      foundAs: null,
      workspaceId: null,
      namespace: null,
      foundIn: memory.namespace,
      evidence: 'id',
      writtenBy: null,
      sentence,
      next: '',
      digests: { expected: null, found: digestOf(memory.content) },
      excerpts: { found: excerptAround(memory.content, 0) },
    };
  }

  return {
    ofFound: (row, sighted, readersOf) => [
      ...outOfPlace(row, sighted, readersOf),
      ...wrongWith(row, sighted).map(({ kind, sentence, at }) => ofSighting(row, kind, sighted, sentence, at)),
    ],
    missing: (row) => ofRow(row, 'missing', 'is not in the plugin'),
    unreadable: (row) => ofRow(row, 'missing', 'belongs to a workspace that can read no namespace'),
    unproven: (row, why) => ofRow(row, 'unproven', `could not be settled: ${why}`),
    duplicate: (row, sighted, sentence) => ofSighting(row, 'duplicate', sighted, sentence),
    strayCopy: (memory, workspaceId, belongs, kind) => ({
      ...strange(
        memory,
        kind,
        `is the copy of a row that the source does not hold any more, and ${memory.namespace} shows it`,
      ),
      workspaceId,
      namespace: belongs,
    }),
    untold: (memory, why) => strange(memory, 'unproven', `could not be settled: ${why}`),
  };
}

function placeSentence(row: Planned, { memory, evidence }: Sighted, place: 'misplaced' | 'leak'): string {
  if (row.verdict === 'skip') return `${skipped(row)}, but ${memory.namespace} shows it${known(row, memory)}`;
  const who = place === 'leak' ? ', where others read it' : ', where nobody else reads it';
  const what = memory.id === row.id ? 'is in' : evidence === 'text' ? 'has its text in' : 'has a copy in';
  return `${what} ${memory.namespace}${who}${known(row, memory)}`;
}

function skipped({ reason }: Skip): string {
  return reason === 'accepted' ? 'was given up by --accept' : `was to be skipped (${reason})`;
}

function known(row: Planned, { id }: ObservedMemory): string {
  if (id === row.id) return '';
  return `, under ${id}`;
}
