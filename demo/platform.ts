/** The platform that is to migrate: what is planted in its old tables, and what SQL says of that afterwards. */
import type { Sql } from 'postgres';
import type { LegacyRow } from '../src/model/memory.ts';
import { legacyWorld } from '../test/support/corpus.ts';
import { insertMemories, insertWorkspaces, type LegacyWorkspace } from '../test/support/legacy.ts';
import { expectedCopies } from './copies.ts';

const SEED = 1969;
const MEMORIES = 5_200;

/** Fills the old tables, with the same rows each time. @returns the id of the workspace with the most LOCAL memories. */
export async function plantPlatform(platform: Sql): Promise<string> {
  const { workspaces, memories, busiest } = legacyWorld(SEED, { memories: MEMORIES });
  await insertWorkspaces(platform, workspaces);
  await insertMemories(
    platform,
    memories.map((row) => (isWordless(row) ? toldToTheCompany(row, workspaces) : row)),
  );
  return busiest;
}

/**
 * "👍" and "it is what it is" hold no word that a text search could find. Deep in a large namespace nothing can prove that they
 * are there, and a verify says so; since the copy of the demo is to be proven whole, they are kept by whole companies, whose
 * namespaces are small enough to be listed.
 */
function toldToTheCompany(row: LegacyRow, workspaces: readonly LegacyWorkspace[]): LegacyRow {
  const parent = workspaces.find(({ id }) => id === row.workspaceId)?.parentId;
  return { ...row, workspaceId: parent ?? row.workspaceId, scope: 'GLOBAL' };
}

/** Every text of the corpus that has words is longer. */
function isWordless({ content }: LegacyRow): boolean {
  return content.trim() !== '' && content.length < 40;
}

/** What is out of the ordinary in the old tables: how many rows, and what about them. */
export async function describePlatform(platform: Sql, busiest: string): Promise<Array<[number, string]>> {
  const rows = await platform<Array<{ count: number; what: string }>>`
    WITH m AS (
      SELECT m.*, w.status, w.parent_id FROM agent_memories m LEFT JOIN workspaces w ON w.id = m.workspace_id
    )
    SELECT count(*)::int, format('memories, of %s workspaces in %s companies', w.all, w.roots) AS what
      FROM m, (SELECT count(*) AS all, count(*) FILTER (WHERE parent_id IS NULL) AS roots FROM workspaces) w
      GROUP BY w.all, w.roots
    UNION ALL SELECT count(*)::int, 'in one workspace alone; a search shows 100 and has no second page'
      FROM m WHERE workspace_id = ${busiest} AND scope = 'LOCAL'
    UNION ALL SELECT count(*)::int, 'of workspaces that have been removed' FROM m WHERE status = 'removed'
    UNION ALL SELECT count(*)::int, 'for a whole company, from workspaces that may not write there'
      FROM m WHERE scope = 'GLOBAL' AND parent_id IS NOT NULL
    UNION ALL SELECT count(*)::int, 'of no workspace at all' FROM m WHERE workspace_id IS NULL
    UNION ALL SELECT count(*)::int, 'without a time of creation' FROM m WHERE created_at IS NULL
    UNION ALL SELECT (count(*) - count(DISTINCT content))::int, 'that repeat another one word for word' FROM m
    UNION ALL SELECT count(*)::int, 'with emoji, accents, Arabic, Hebrew or Japanese'
      FROM m WHERE octet_length(content) > char_length(content)`;
  return rows.map(({ count, what }) => [count, what]);
}

/** @returns how the memories with these ids begin: enough of each to recognise it by. */
export async function beginningsOf(platform: Sql, ids: readonly string[]): Promise<string[]> {
  const rows = await platform<Array<{ beginning: string }>>`
    SELECT left(content, 25) AS beginning FROM agent_memories WHERE id = ANY(${[...ids]}::uuid[])`;
  return rows.map(({ beginning }) => beginning);
}

/** @returns how many rows have no place in the plugin, by SQL. */
export async function skippedRows(platform: Sql): Promise<number> {
  const [{ rows }] = await platform<[{ rows: number }]>`
    SELECT count(*)::int - ${(await expectedCopies(platform)).size}::int AS rows FROM agent_memories`;
  return rows;
}

/** Somebody has not stopped writing to the old table. */
export async function editOne(platform: Sql): Promise<void> {
  await platform`
    UPDATE agent_memories SET content = content || '.' WHERE id = (SELECT id FROM agent_memories ORDER BY id LIMIT 1)`;
}
