/**
 * The old tables, filled inside Postgres with statements of its own: 50,000 rows take a second, a million about twenty.
 *
 * Ids are random, as the platform's are, and rows lie on disk in an order that has nothing to do with their times. Every workspace is a root
 * and every row LOCAL, so that there are as many namespaces as workspaces.
 */
import type { Sql } from 'postgres';
import { createLegacyTables } from '../../support/legacy.ts';

export interface Planting {
  /** With `one-to-forty` about so many. */
  rows: number;
  workspaces: number;
  /** `even`, the default: one row each in turn. `one-to-forty`: the number of rows goes from 1 to 40, over and over. */
  spread?: 'even' | 'one-to-forty';
  /** UTF-8 bytes of each row's content, 40 or more; 300 by default. */
  contentBytes?: number;
  /** False leaves the column out that Postgres derives from the contents and this tool never reads: it takes most of the time. */
  searchable?: boolean;
}

export const CONTENT_BYTES = 300;

const TEXT = 'The delivery window for the northern depot moved to the early morning, since the bridge is closed. ';

/** @returns the rows that there are now */
export async function plant(sql: Sql, planting: Planting): Promise<number> {
  const { rows, workspaces, spread = 'even', contentBytes = CONTENT_BYTES, searchable = true } = planting;
  await createLegacyTables(sql);
  if (!searchable) await sql`alter table agent_memories drop column content_tsv`;
  await sql`
    insert into workspaces (id, name, slug, role, status)
    select ${idOf(sql, 'w')}, 'workspace ' || w, 'workspace-' || w, 'agent', 'online'
    from generate_series(0, ${workspaces - 1}::int) w`;
  const numbered =
    spread === 'even'
      ? sql`select n, n % ${workspaces}::int as w from generate_series(0, ${rows - 1}::int) n`
      : sql`select row_number() over (order by k, w) - 1 as n, w
            from generate_series(0, ${workspaces - 1}::int) w, generate_series(0, w % 40) k`;
  const text = TEXT.repeat(Math.ceil(contentBytes / TEXT.length));
  const { count } = await sql`
    insert into agent_memories (id, workspace_id, content, scope, created_at, updated_at)
    select gen_random_uuid(), ${idOf(sql, 'w')}, left(n || ' ' || ${text}::text, ${contentBytes}), 'LOCAL',
      timestamptz '2025-01-01 00:00:00+00' + n * interval '1.000001 seconds', now()
    from (${numbered}) numbered
    order by md5(n::text)`;
  await sql.unsafe('analyze');
  return count;
}

/** @param number a column's name */
function idOf(sql: Sql, number: string) {
  return sql`('0000000c-0000-4000-8000-' || lpad(to_hex(${sql(number)}), 12, '0'))::uuid`;
}

export function workspaceId(number: number): string {
  return `0000000c-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** @returns a content such as the rows have */
export function contentOf(number: number, bytes: number): string {
  return `${number} ${TEXT.repeat(Math.ceil(bytes / TEXT.length))}`.slice(0, bytes);
}
