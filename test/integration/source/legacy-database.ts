/** A platform's database of its own for tests that read it in-process, and what such tests ask of it. */
import postgres, { type Sql } from 'postgres';
import { expect, vi } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { type LegacySource, legacySource } from '../../../src/source/legacy-source.ts';
import type { OldestFirst, Selection } from '../../../src/source/positions.ts';
import type { Page } from '../../../src/source/rows.ts';
import { clusterUrl } from '../../support/cluster.ts';
import { createLegacyTables, type LegacyShape } from '../../support/legacy.ts';
import { createDatabase } from '../../support/postgres.ts';

export interface LegacyDatabase extends AsyncDisposable {
  /** The platform's own sessions, as superuser, with a search path that finds the old tables. */
  sql: Sql;
  url: string;
  source: LegacySource;
  /** Makes room for the next test. */
  empty(): Promise<void>;
  release(): Promise<void>;
}

/** @param server the URL of its superuser; the one that all tests share where it is left out */
export async function legacyDatabase(
  shape: LegacyShape = {},
  encoding: 'UTF8' | 'LATIN1' = 'UTF8',
  server = clusterUrl(),
): Promise<LegacyDatabase> {
  await using building = new AsyncDisposableStack();
  const { url, drop } = await createDatabase(server, 'source');
  building.defer(drop);
  if (encoding !== 'UTF8') await recode(url, encoding);
  const sql = postgres(url, {
    max: 2,
    onnotice: () => {},
    connection: { search_path: `"${shape.schema ?? 'public'}"` },
  });
  building.defer(() => sql.end());
  const source = legacySource(url, new AbortController().signal);
  building.defer(() => source.close());
  await createLegacyTables(sql, shape);
  const releases = building.move();
  const release = () => releases.disposeAsync();
  return {
    sql,
    url,
    source,
    empty: async () => void (await sql`truncate agent_memories, workspaces`),
    release,
    [Symbol.asyncDispose]: release,
  };
}

/** Makes an empty database anew in another encoding. */
async function recode(url: string, encoding: 'LATIN1'): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const sql = postgres(clusterUrl(), { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`drop database "${name}"`);
    await sql.unsafe(
      `create database "${name}" template template0 encoding '${encoding}' locale_provider libc locale 'C'`,
    );
  } finally {
    await sql.end();
  }
}

export const OLDEST_FIRST: OldestFirst = { order: 'oldest-first' };

/** @returns all pages of a selection, read without a pause. */
export async function allPages(source: LegacySource, selection: Selection = OLDEST_FIRST): Promise<Page[]> {
  const stream = await source.rows(selection, false, () => {});
  return await collect(stream.pages());
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export function idsIn(pages: readonly Page[]): string[] {
  return pages.flatMap(({ rows }) => rows.map(({ id }) => id));
}

export const idsOf = (rows: ReadonlyArray<Pick<LegacyRow, 'id'>>) => rows.map(({ id }) => id);

/** What the server says of the tool's sessions on the database of `sql`. */
export interface ToolSession {
  pid: number;
  state: string;
  snapshot: boolean;
  transaction: boolean;
}

export async function toolSessions(sql: Sql): Promise<ToolSession[]> {
  return [
    ...(await sql<ToolSession[]>`
      select pid, state, backend_xmin is not null as snapshot, xact_start is not null as transaction
        from pg_stat_activity where datname = current_database() and application_name = 'memory-backfill'`),
  ];
}

/** Ends the tool's sessions, as a restart of the server would; or those of one role alone. */
export async function endToolSessions(sql: Sql, role: string | null = null): Promise<void> {
  await sql`
    select pg_terminate_backend(pid, 5000)
      from pg_stat_activity
     where datname = current_database() and application_name = 'memory-backfill'
       and (${role}::text is null or usename = ${role})`;
}

/** Resolves when one of the tool's queries waits for a lock. */
export async function waitingForLock(sql: Sql): Promise<void> {
  await vi.waitFor(
    async () => {
      const [{ waiting }] = await sql<[{ waiting: number }]>`
        select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and application_name = 'memory-backfill' and wait_event_type = 'Lock'`;
      expect(waiting).toBe(1);
    },
    { timeout: 20_000 },
  );
}

/** Resolves when none of the tool's queries is under way: what it reads ahead has been read. */
export async function readAhead(sql: Sql): Promise<void> {
  await vi.waitFor(
    async () => expect((await toolSessions(sql)).filter(({ state }) => state === 'active')).toEqual([]),
    { timeout: 20_000 },
  );
}
