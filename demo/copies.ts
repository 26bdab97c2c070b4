/**
 * The second opinion: which copies there must be, by a query on the old tables, and which there are, by one on the plugin's.
 * Nothing of the tool is used for it; the rules of the mapping stand here once more, in SQL.
 */
import type { Sql } from 'postgres';

/** By a memory's id: its namespace, and, after a space, its kind and a digest of its content. */
export type Copies = ReadonlyMap<string, string>;

/** By a memory's id: its namespace. */
export type Places = ReadonlyMap<string, string>;

interface CopyRow {
  id: string;
  copy: string;
}

/** All of it that the planted rows hold. */
const WHITE_SPACE = ' \t\r\n\u00a0\u2003';

/** @param limit only the oldest so many, in the order in which they are copied; all where it is left out. */
export async function expectedCopies(platform: Sql, limit?: number): Promise<Copies> {
  return copies(
    await platform<CopyRow[]>`
      SELECT m.id, concat_ws(' ',
        CASE scope
          WHEN 'LOCAL' THEN 'workspace:' || w.id
          WHEN 'TEAM' THEN 'team:' || coalesce(w.parent_id, w.id)
          WHEN 'GLOBAL' THEN 'org:' || w.id
        END, 'fact', md5(content)) AS copy
      FROM agent_memories m JOIN workspaces w ON w.id = m.workspace_id
      WHERE (scope = 'LOCAL' OR w.status IS DISTINCT FROM 'removed')
        AND (scope <> 'GLOBAL' OR w.parent_id IS NULL)
        AND btrim(content, ${WHITE_SPACE}) <> ''
      ORDER BY m.created_at NULLS FIRST, m.id
      LIMIT ${limit ?? null}`,
  );
}

export async function keptCopies(plugin: Sql): Promise<Copies> {
  return copies(
    await plugin<CopyRow[]>`
      SELECT id, concat_ws(' ', namespace, kind, md5(content)) AS copy FROM memory_plugin.memories`,
  );
}

/**
 * By a memory's id: the transaction that wrote its row last. It is another one after every write, even of the same content.
 */
export type Writes = ReadonlyMap<string, string>;

export async function lastWrites(plugin: Sql): Promise<Writes> {
  const rows = await plugin<Array<{ id: string; written: string }>>`
    SELECT id, xmin::text AS written FROM memory_plugin.memories`;
  return new Map(rows.map(({ id, written }) => [id, written]));
}

/** What the plugin holds altogether. The namespaces count, too: an empty one is a trace. */
export async function traces(plugin: Sql): Promise<{ memories: number; namespaces: number }> {
  const [found] = await plugin<Array<{ memories: number; namespaces: number }>>`
    SELECT (SELECT count(*)::int FROM memory_plugin.memories) AS memories,
           (SELECT count(*)::int FROM memory_plugin.namespaces) AS namespaces`;
  if (!found) throw new Error('The plugin has no tables.');
  return found;
}

export function placesOf(copies: Copies): Places {
  return new Map([...copies].map(([id, copy]) => [id, copy.replace(/ .*/, '')]));
}

/** @returns the ids of the first whose row has been written since, or is gone; sorted. */
export function writtenSince(before: Writes, after: Writes): string[] {
  return [...before.keys()].filter((id) => before.get(id) !== after.get(id)).sort();
}

/** @returns the ids that are in one of them alone, or not alike in both; sorted. */
export function differing(some: Copies | Places, others: Copies | Places): string[] {
  const ids = new Set([...some.keys(), ...others.keys()]);
  return [...ids].filter((id) => some.get(id) !== others.get(id)).sort();
}

function copies(rows: readonly CopyRow[]): Copies {
  return new Map(rows.map(({ id, copy }) => [id, copy]));
}
