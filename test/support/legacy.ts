/**
 * The platform's old tables, `agent_memories` and `workspaces`, in the shapes they have on old and new databases, and rows
 * for them.
 *
 * Rows are written without naming a schema: where the tables are not in `public`, `sql` needs a search path that finds them.
 * They land in an order that has nothing to do with their ids or times, so that no test passes because of how the table
 * happens to lie on disk.
 */
import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import type { LegacyRow } from '../../src/model/memory.ts';

export interface LegacyShape {
  /** Created, unless it is `public`, the default. */
  schema?: string;
  /** `vector` needs the extension of that name in the database; `absent` by default. */
  embedding?: 'absent' | 'vector';
  /** Whether there is a column `namespace`; true by default. */
  tag?: boolean;
  /** Type of `workspaces.status`; `enum` by default. */
  status?: 'enum' | 'text';
  /** Whether a CHECK allows only the three known scopes; true by default. */
  scopeCheck?: boolean;
  /** Whether `workspace_id` must exist in `workspaces`; true by default. */
  foreignKey?: boolean;
}

/** A row of `workspaces`, as far as it matters. */
export interface LegacyWorkspace {
  id: string;
  name: string;
  parentId: string | null;
  status: WorkspaceStatus | null;
}

export const WORKSPACE_STATUSES = ['provisioning', 'online', 'offline', 'paused', 'failed', 'removed'] as const;
export type WorkspaceStatus = (typeof WORKSPACE_STATUSES)[number];

export async function createLegacyTables(sql: Sql, shape: LegacyShape = {}): Promise<void> {
  const { schema = 'public', embedding = 'absent', tag = true, status = 'enum' } = shape;
  const { scopeCheck = true, foreignKey = true } = shape;
  const inSchema = (name: string) => `"${schema}".${name}`;
  const statusType = status === 'enum' ? inSchema('workspace_status') : 'text';
  const statuses = WORKSPACE_STATUSES.map((value) => `'${value}'`).join(', ');
  const lines = (...wanted: Array<string | false>) => wanted.filter(Boolean).join(',\n');

  await sql.unsafe(`
    ${schema === 'public' ? '' : `CREATE SCHEMA "${schema}"`};
    ${status === 'enum' ? `CREATE TYPE ${statusType} AS ENUM (${statuses})` : ''};
    CREATE TABLE ${inSchema('workspaces')} (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      slug text,
      role varchar(255),
      tier integer NOT NULL DEFAULT 1,
      status ${statusType},
      agent_card jsonb,
      url text,
      parent_id uuid REFERENCES ${inSchema('workspaces')} (id),
      last_heartbeat_at timestamptz,
      last_error_rate double precision DEFAULT 0,
      active_tasks integer DEFAULT 0,
      budget_limit bigint,
      current_task text,
      created_at timestamptz DEFAULT now(),
      updated_at timestamptz DEFAULT now()
    );
    CREATE TABLE ${inSchema('agent_memories')} (${lines(
      'id uuid PRIMARY KEY DEFAULT gen_random_uuid()',
      `workspace_id uuid ${foreignKey ? `REFERENCES ${inSchema('workspaces')} (id) ON DELETE CASCADE` : ''}`,
      'content text NOT NULL',
      `scope varchar(10) NOT NULL ${scopeCheck ? `CHECK (scope IN ('LOCAL', 'TEAM', 'GLOBAL'))` : ''}`,
      'created_at timestamptz DEFAULT now()',
      'updated_at timestamptz DEFAULT now()',
      tag && `namespace varchar(50) NOT NULL DEFAULT 'general'`,
      embedding === 'vector' && 'embedding vector(1536)',
      `content_tsv tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED`,
    )});
    CREATE INDEX ON ${inSchema('agent_memories')} (workspace_id);
    CREATE INDEX ON ${inSchema('agent_memories')} USING gin (content_tsv);
  `);
}

/** Parents may come after their children, and may form a cycle. */
export async function insertWorkspaces(sql: Sql, rows: readonly LegacyWorkspace[]): Promise<void> {
  // A cast to the column's own type, which may be an enum or text: jsonb_populate_recordset looks it up.
  await sql`
    INSERT INTO workspaces (id, name, slug, role, status, parent_id, agent_card)
    SELECT id, name, slug, role, status, parent_id, agent_card
    FROM jsonb_populate_recordset(NULL::workspaces, ${sql.json(
      rows.map(({ id, name, parentId, status }) => ({
        id,
        name,
        slug: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
        role: 'agent',
        status,
        parent_id: parentId,
        agent_card: { name, skills: ['recall', 'commit'] },
      })),
    )})`;
}

const ROWS_PER_STATEMENT = 5_000;

/**
 * A row's tag is dropped where the table has no column for it.
 *
 * @throws Error where a row has an embedding and the table has no column for that.
 */
export async function insertMemories(sql: Sql, rows: readonly LegacyRow[]): Promise<void> {
  const columns = await sql<Array<{ name: string }>>`
    SELECT attname AS name FROM pg_attribute
    WHERE attrelid = to_regclass('agent_memories') AND attname IN ('namespace', 'embedding') AND NOT attisdropped`;
  const optional = columns.map(({ name }) => name);
  if (!optional.includes('embedding') && rows.some(({ embedding }) => embedding !== null)) {
    throw new Error('A row has an embedding, but agent_memories has no such column.');
  }
  const names = sql(['id', 'workspace_id', 'content', 'scope', 'created_at', 'updated_at', ...optional]);
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const records = rows.slice(start, start + ROWS_PER_STATEMENT).map((row) => ({
      id: row.id,
      workspace_id: row.workspaceId,
      content: row.content,
      scope: row.scope,
      created_at: row.createdAt,
      updated_at: row.updatedAt,
      namespace: row.tag,
      embedding: row.embedding && JSON.stringify(row.embedding),
    }));
    await sql`
      INSERT INTO agent_memories (${names})
      SELECT ${names} FROM jsonb_populate_recordset(NULL::agent_memories, ${sql.json(records)})
      ORDER BY md5(id::text)`;
  }
}

let made = 0;

/**
 * A row with everything that the test does not care about filled in: LOCAL, of no workspace, not empty, tagged `general`,
 * without an embedding. Each call yields a higher id, a later time and another text than the one before.
 */
export function memory(given: Partial<LegacyRow> = {}): LegacyRow {
  made += 1;
  const createdAt = postgresTimestamp(Date.UTC(2025, 0, 1) * 1_000 + made * 60_000_001);
  return {
    id: numberedUuid('a', made),
    workspaceId: null,
    content: `Memory number ${made}.`,
    scope: 'LOCAL',
    createdAt,
    updatedAt: given.createdAt === undefined ? createdAt : given.createdAt,
    tag: 'general',
    embedding: null,
    ...given,
  };
}

type WorkspacePlan<Workspace> = { parent?: Workspace; status?: WorkspaceStatus | null };
type MemoryPlan<Workspace> = Partial<LegacyRow> & { of?: Workspace };

export interface TreePlan<Workspace extends string, Memory extends string> {
  /** By name. One without a parent is a root; the status is `online` where none is given. */
  workspaces: Record<Workspace, WorkspacePlan<NoInfer<Workspace>>>;
  /**
   * By a name of the test's choosing, which is also the row's content where none is given. `of` is the workspace's name;
   * without it, and without a `workspaceId`, the row belongs to no workspace.
   */
  memories?: Record<Memory, MemoryPlan<NoInfer<Workspace>>>;
}

export interface Tree<Workspace extends string, Memory extends string> {
  /** @returns the id of the workspace of that name. */
  workspace(name: Workspace): string;
  /** @returns the row of that name, as it was written. */
  memory(name: Memory): LegacyRow;
  /** All of them, in the order of the plan. */
  memories: readonly LegacyRow[];
}

/**
 * Writes a few workspaces and memories that a test refers to by name:
 *
 *     const tree = await plantTree(sql, {
 *       workspaces: { acme: {}, sales: { parent: 'acme' } },
 *       memories: { 'the price list moved': { of: 'sales', scope: 'TEAM' } },
 *     });
 *     tree.memory('the price list moved').id      tree.workspace('acme')
 */
export async function plantTree<Workspace extends string, Memory extends string = never>(
  sql: Sql,
  plan: TreePlan<Workspace, Memory>,
): Promise<Tree<Workspace, Memory>> {
  const ids = new Map(Object.keys(plan.workspaces).map((name) => [name, numberedUuid('b', ++made)]));
  const rows = new Map<string, LegacyRow>();
  for (const [name, { of, ...given }] of Object.entries<MemoryPlan<Workspace>>(plan.memories ?? {})) {
    rows.set(name, memory({ content: name, workspaceId: of === undefined ? null : named(ids, of), ...given }));
  }
  await insertWorkspaces(
    sql,
    Object.entries<WorkspacePlan<Workspace>>(plan.workspaces).map(([name, { parent, status = 'online' }]) => ({
      id: named(ids, name),
      name,
      parentId: parent === undefined ? null : named(ids, parent),
      status,
    })),
  );
  await insertMemories(sql, [...rows.values()]);
  return {
    workspace: (name) => named(ids, name),
    memory: (name) => named(rows, name),
    memories: [...rows.values()],
  };
}

function named<T>(among: ReadonlyMap<string, T>, name: string): T {
  const found = among.get(name);
  if (found === undefined) throw new Error(`The tree has nothing named "${name}".`);
  return found;
}

/**
 * Creates a login role that may read the two tables and do nothing else in this database, not even make a temporary table.
 *
 * @param role the start of its name, which is made unique, since roles belong to the whole server.
 * @returns the URL with which it connects to the database of `sql`.
 */
export async function grantReadOnly(sql: Sql, role: string): Promise<string> {
  const name = `${role}_${randomBytes(5).toString('hex')}`;
  const password = randomBytes(16).toString('hex');
  const [place] = await sql<Array<{ database: string; schema: string }>>`
    SELECT current_database() AS database, relnamespace::regnamespace::text AS schema
    FROM pg_class WHERE oid = to_regclass('agent_memories')`;
  if (!place) throw new Error('There is no table agent_memories to grant anything on.');
  await sql.unsafe(`
    CREATE ROLE "${name}" LOGIN PASSWORD '${password}';
    REVOKE TEMPORARY ON DATABASE "${place.database}" FROM PUBLIC;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${place.schema} TO "${name}";
    GRANT SELECT ON agent_memories, workspaces TO "${name}";
  `);
  const { host, port } = sql.options;
  return `postgres://${name}:${password}@${host[0]}:${port[0]}/${place.database}`;
}

/**
 * @param microseconds since 1970, a whole number.
 * @returns it as Postgres prints a timestamptz in UTC: `2025-01-31 08:09:10.000123+00`, without zeros at the fraction's end.
 */
export function postgresTimestamp(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  const clock = new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = String(microseconds - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${clock}${fraction && `.${fraction}`}+00`;
}

/** A UUID that reads as what it is in the output of a failed test: `0000000a-0000-4000-8000-000000000007`. */
function numberedUuid(kind: 'a' | 'b', number: number): string {
  return `0000000${kind}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
