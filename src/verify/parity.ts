/**
 * How a memory differs from what was planned for a row, wherever it stands. Pure: what was expected against what was observed.
 */
import type { ObservedMemory, PlannedWrite, Provenance } from '../model/memory.ts';
import type { FindingKind } from '../model/verify.ts';

export interface Difference {
  kind: Extract<FindingKind, 'content' | 'fields' | 'vanishing'>;
  /** What follows the row's id. */
  sentence: string;
  /** Index of the first character that differs, for excerpts. */
  at?: number;
}

/**
 * @param vectorsShown the plugin shows vectors where it showed this memory, so that one without has none
 * @returns every difference, one of each kind at the most; none where the memory is just what was planned
 */
export function differences(planned: PlannedWrite, observed: ObservedMemory, vectorsShown = false): Difference[] {
  const found: Difference[] = [];
  if (observed.content !== planned.content) {
    const at = firstDifference(planned.content, observed.content);
    found.push({ kind: 'content', sentence: `has another content, from character ${at + 1} on`, at });
  }
  const fields = differentFields(planned, observed, vectorsShown);
  if (fields.length > 0) found.push({ kind: 'fields', sentence: `has another ${fields.join(', ')}` });
  if (observed.expiresAt !== null) found.push({ kind: 'vanishing', sentence: `will expire (${observed.expiresAt})` });
  return found;
}

/** All but the expiry, which is a finding of its own: a memory that expires is lost later. */
function differentFields(planned: PlannedWrite, observed: ObservedMemory, vectorsShown: boolean): string[] {
  const fields: string[] = [];
  if (observed.kind !== planned.kind) fields.push(`kind (${observed.kind})`);
  if (observed.source !== planned.source) fields.push(`source (${observed.source})`);
  if (observed.pinned) fields.push('pin (true)');
  if (planned.provenance && !sameProvenance(planned.provenance, observed.provenance)) {
    fields.push('propagation.backfill');
  }
  // Most plugins return no vector, which says nothing of the one that they keep.
  const { embedding } = observed;
  if (planned.embedding && (embedding ? !isSameVector(planned.embedding, embedding) : vectorsShown)) {
    fields.push(embedding ? 'embedding' : 'embedding (none)');
  }
  return fields;
}

/** As pgvector keeps them, in 32 bits: what differs in a digit beyond those is the same vector. */
function isSameVector(planned: readonly number[], observed: readonly number[]): boolean {
  return (
    observed.length === planned.length &&
    planned.every((number, index) => Math.fround(number) === Math.fround(observed[index] ?? Number.NaN))
  );
}

/** Equal in everything but the run that wrote it, which verify cannot know. */
export function sameProvenance(planned: Provenance, observed: unknown): boolean {
  if (typeof observed !== 'object' || observed === null) return false;
  const found = new Map<string, unknown>(Object.entries(observed));
  return Object.entries(planned).every(([key, value]) => key === 'run_id' || found.get(key) === value);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
