/**
 * Whether a memory is what was planned for a row. Pure: what was expected against what was observed.
 */
import type { ObservedMemory, PlannedWrite, Provenance } from '../model/memory.ts';
import type { FindingKind } from '../model/verify.ts';

export interface Difference {
  kind: Extract<FindingKind, 'misplaced' | 'content' | 'fields'>;
  sentence: string;
  /** Index of the first character that differs, for excerpts. */
  at?: number;
}

/** @returns the gravest difference, or null where the memory is just what was planned */
export function difference(planned: PlannedWrite, observed: ObservedMemory): Difference | null {
  if (observed.namespace !== planned.namespace.name) {
    return { kind: 'misplaced', sentence: `is in ${observed.namespace} instead` };
  }
  if (observed.content !== planned.content) {
    return { kind: 'content', sentence: 'has another content', at: firstDifference(planned.content, observed.content) };
  }
  const fields = differentFields(planned, observed);
  return fields.length > 0 ? { kind: 'fields', sentence: `has another ${fields.join(', ')}` } : null;
}

function differentFields(planned: PlannedWrite, observed: ObservedMemory): string[] {
  const expected = { kind: planned.kind, source: planned.source, pinned: false, expiresAt: null };
  const fields: string[] = [];
  if (observed.kind !== expected.kind) fields.push(`kind (${observed.kind})`);
  if (observed.source !== expected.source) fields.push(`source (${observed.source})`);
  if (observed.pinned !== expected.pinned) fields.push('pin (true)');
  if (observed.expiresAt !== expected.expiresAt) fields.push(`expiry (${observed.expiresAt})`);
  if (planned.provenance && !sameProvenance(planned.provenance, observed.provenance)) {
    fields.push('propagation.backfill');
  }
  return fields;
}

/** Equal in everything but the run that wrote it, which verify cannot know. */
function sameProvenance(planned: Provenance, observed: unknown): boolean {
  if (typeof observed !== 'object' || observed === null) return false;
  const found = new Map<string, unknown>(Object.entries(observed));
  return Object.entries(planned).every(([key, value]) => key === 'run_id' || found.get(key) === value);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
