/**
 * Vectors that came to be compared late. Version 1 of the contract returns none, and reading them from the source for nothing
 * would cost more than all the rest; so they are read, and held against the plugin's, only where the plugin is known to show any. Should it
 * show the first one when rows have been judged without, those rows are judged once more, for their vectors alone.
 */
import type { ObservedMemory, Planned } from '../../model/memory.ts';
import type { Findings } from '../../verify/findings.ts';

export interface LateVectors {
  /** As the findings that they were made from, but that a memory found in its place is wrong in nothing but its vector. */
  findings: Findings;
  /** Whether nothing else was wrong with the row, so that it was a match before. */
  matchedBefore(row: Planned): boolean;
}

export function lateVectors(findings: Findings): LateVectors {
  const matched = new WeakSet<Planned>();
  return {
    findings: {
      ...findings,
      ofFound(row, sighted, readersOf) {
        const before = findings.ofFound(withoutVector(row), sighted, readersOf);
        if (before.length === 0) matched.add(row);
        if (before.some(({ kind }) => kind === 'fields')) return [];
        return findings.ofFound(row, sighted, readersOf).filter(({ kind }) => kind === 'fields');
      },
    },
    matchedBefore: (row) => matched.has(row),
  };
}

/** Whether a vector of the row would have to be compared, had one been shown. */
export function lacksVector(row: Planned, { embedding }: ObservedMemory): boolean {
  return row.verdict === 'write' && row.embedding !== undefined && embedding === undefined;
}

function withoutVector(row: Planned): Planned {
  if (row.verdict === 'skip') return row;
  const { embedding: _left, ...bare } = row;
  return bare;
}
