/** What is wrong with a memory that a look has shown. Pure. */
import type { ObservedMemory, PlannedWrite } from '../../model/memory.ts';
import { type Difference, differences } from '../../verify/parity.ts';

/** Most plugins return no vector, which says nothing of the one that they keep: only one that is returned is compared. */
export function wrongWith({ embedding, ...planned }: PlannedWrite, memory: ObservedMemory): Difference[] {
  return differences(memory.embedding && embedding ? { ...planned, embedding } : planned, memory);
}
