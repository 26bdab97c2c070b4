/** What a verify says of each memory: findings that are about the same one are mended together. Pure. */
import type { Evidence, Finding, FindingKind } from '../../model/verify.ts';

export interface Complaint {
  /** The row's id in the source; of a memory whose row is gone, its own. */
  id: string;
  /** The memory's id in the plugin, where that is another. */
  foundAs: string | null;
  workspaceId: string | null;
  evidence: Evidence;
  /** In the order of the findings, the gravest first; each once. */
  kinds: readonly FindingKind[];
  /** Where the row belonged. */
  namespace: string | null;
  /** Where the memory was found; more than one in a plugin that keeps an id twice. */
  foundIn: readonly string[];
  /** The run that had put it into the plugin, by the ledger. */
  writtenBy: string | null;
}

/** @returns a complaint for each memory, in the order in which the findings first name it */
export function complaintsOf(findings: readonly Finding[]): Complaint[] {
  const memories = Map.groupBy(findings, ({ id, foundAs, evidence }) => `${id} ${foundAs ?? id} ${evidence}`);
  return [...memories.values()].flatMap((about) => {
    const [first] = about;
    if (!first) return [];
    const { id, foundAs, workspaceId, evidence, namespace, writtenBy } = first;
    return {
      id,
      foundAs: foundAs === id ? null : foundAs,
      workspaceId,
      evidence,
      kinds: [...new Set(about.map(({ kind }) => kind))],
      namespace,
      foundIn: [...new Set(about.flatMap(({ foundIn }) => foundIn ?? []))],
      writtenBy,
    };
  });
}

export function isLeak({ kinds, evidence }: Complaint): boolean {
  return evidence === 'id' && kinds.includes('leak');
}
