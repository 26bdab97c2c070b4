/**
 * What the source looks like: where its two tables are and which of the columns that came and went with the platform's
 * versions they have. Looked up in the catalogue, never guessed from a failing query.
 */
import { RunError } from '../model/errors.ts';
import type { SourceFacts } from '../model/run.ts';
import { address, type Sql } from '../postgres/connection.ts';
import type { Read } from '../postgres/reading.ts';

export interface SourceShape extends SourceFacts {
  /** The tables with their schemas, quoted for SQL. */
  memories: string;
  workspaces: string;
  /** Whether the rows of the memories have a `ctid`: those of tables do, those of views do not. */
  hasCtid: boolean;
  /** Whether they tell which transaction wrote them (`xmin`): those of ordinary tables do. */
  hasXmin: boolean;
}

/** Milliseconds: a database that has not answered its first question by then is not there. */
const REACHED_WITHIN = 20_000;

const REQUIRED = {
  agent_memories: ['id', 'workspace_id', 'content', 'scope', 'created_at', 'updated_at'],
  workspaces: ['id', 'parent_id', 'status'],
} as const;
type Table = keyof typeof REQUIRED;

interface TableRow {
  asked: Table;
  /** With its schema, quoted for SQL. */
  name: string;
  schema: string;
  columns: string[];
  placed: boolean;
  stamped: boolean;
  readable: boolean;
  /** Row-level security keeps some rows from this user, without a word. */
  filtered: boolean;
}

/** @throws RunError `configuration` where the database is not one of the platform, `source` where it cannot be asked */
export async function readShape(sql: Sql, read: Read): Promise<SourceShape> {
  const look = () => Promise.all([readSession(sql), readTables(sql)]);
  const [session, tables] = await read('be reached', look, REACHED_WITHIN);
  if (session.zone !== 'UTC' || !session.style.startsWith('ISO')) {
    throw configuration(
      'sets TimeZone or DateStyle itself, but timestamps must be read in UTC: remove that setting from it',
    );
  }
  if (session.encoding === 'SQL_ASCII') {
    throw configuration(
      'names a database with the encoding SQL_ASCII, whose text cannot be read as Unicode without loss',
    );
  }

  const memories = required(tables, 'agent_memories');
  const workspaces = required(tables, 'workspaces');
  return {
    address: address(sql),
    schema: memories.schema,
    memories: memories.name,
    workspaces: workspaces.name,
    hasEmbedding: memories.columns.includes('embedding'),
    hasTag: memories.columns.includes('namespace'),
    hasCtid: memories.placed,
    hasXmin: memories.stamped,
  };
}

async function readSession(sql: Sql): Promise<{ zone: string; style: string; encoding: string }> {
  const [row] = await sql<[{ zone: string; style: string; encoding: string }]>`
    select current_setting('TimeZone') as zone,
           current_setting('DateStyle') as style,
           current_setting('server_encoding') as encoding`;
  return row;
}

async function readTables(sql: Sql): Promise<TableRow[]> {
  return await sql<TableRow[]>`
    select asked.name as asked,
           format('%I.%I', n.nspname, c.relname) as name,
           n.nspname as schema,
           (select json_agg(a.attname) from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           c.relkind in ('r', 'p', 'm') as placed,
           c.relkind in ('r', 'm') and coalesce((select am.amname = 'heap' from pg_am am where am.oid = c.relam), true) as stamped,
           has_table_privilege(c.oid, 'SELECT') as readable,
           row_security_active(c.oid) as filtered
      from (values ('agent_memories'), ('workspaces')) as asked(name)
      join pg_class c on c.oid = to_regclass(asked.name)
      join pg_namespace n on n.oid = c.relnamespace`;
}

function required(tables: TableRow[], table: Table): TableRow {
  const found = tables.find(({ asked }) => asked === table);
  if (!found) throw configuration(`leads to a database that has no table "${table}" on its search path`);
  if (!found.readable) throw configuration(`names a user who may not SELECT from "${table}"`);
  if (found.filtered) {
    throw configuration(
      `names a user from whom row-level security hides rows of "${table}": use one with BYPASSRLS, or the table's owner`,
    );
  }
  const missing = REQUIRED[table].filter((column) => !found.columns.includes(column));
  if (missing.length > 0) {
    throw configuration(
      `leads to a table "${table}" without the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
    );
  }
  return found;
}

function configuration(what: string): RunError {
  return new RunError('configuration', `DATABASE_URL ${what}.`);
}
