/** Rows by the dozen, for namespaces that are smaller or larger than what one search can list. */
import type { LegacyRow } from '../../../src/model/memory.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import type { World } from '../../support/migration.ts';

let tickets = 1_000;

/** Plants rows, the oldest first. Each has two words that no other has, so that it can be looked for in more than one way. */
export async function plantTickets(
  { sql }: World,
  count: number,
  given: Partial<LegacyRow> & { workspaceId: string },
): Promise<readonly LegacyRow[]> {
  const rows = Array.from({ length: count }, () => {
    const content = `Ticket ${++tickets} was closed when invoice ${tickets + 500_000} had been paid in full.`;
    return memory({ content, ...given });
  });
  await insertMemories(sql, rows);
  return rows;
}

/** Plants rows that are skipped, and so cost next to nothing: to fill the source's pages, of 500 rows each. */
export async function plantBlanks({ sql }: World, count: number, workspaceId: string): Promise<void> {
  await insertMemories(
    sql,
    Array.from({ length: count }, () => memory({ content: ' ', workspaceId })),
  );
}

/** The rows that stand in the same place of each list. */
export function nthOfEach(index: number, ...lists: ReadonlyArray<readonly LegacyRow[]>): LegacyRow[] {
  return lists.flatMap((list) => list.slice(index, index + 1));
}
