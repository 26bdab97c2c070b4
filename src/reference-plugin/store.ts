/**
 * Namespaces and memories in Postgres, one statement per operation, so that each is one round trip and whole or not at all.
 *
 * States of a namespace: missing, living, expired. Expired is the same as missing to everyone outside; its rows stay in
 * the tables until the namespace is deleted or created anew, and are not brought back by that.
 */
import type { Schemas } from '../contract/bodies.ts';
import { prepareCommit } from './commit.ts';
import { migrate } from './migrations.ts';
import { openPool, type Pool, toJson } from './pool.ts';
import { prepareSearch } from './search.ts';

type Namespace = Schemas['Namespace'];

export interface Store {
  /** Whether vectors are kept and searched; where not, an embedding is ignored. */
  readonly embeds: boolean;
  /** Resolves when the database answers and has the plugin's tables; rejects or stays pending where it does not. */
  ping(): Promise<void>;
  /** Creates the namespace or replaces all of its attributes but its age. */
  upsertNamespace(name: string, attributes: Schemas['NamespaceUpsert']): Promise<Namespace>;
  /** Changes the attributes that are given; undefined where there is no such namespace. */
  patchNamespace(name: string, patch: Schemas['NamespacePatch']): Promise<Namespace | undefined>;
  /** Deletes the namespace and its memories; false where there is none. */
  deleteNamespace(name: string): Promise<boolean>;
  /**
   * Stores a memory. One that exists under the same id is replaced whole, wherever it lies; it keeps its created_at and
   * its place in the listing where it stays in its namespace, and is new in the one that it is moved to.
   *
   * @returns the memory's id, undefined where there is no such namespace
   */
  commit(namespace: string, memory: Schemas['MemoryWrite']): Promise<string | undefined>;
  search(request: Schemas['SearchRequest']): Promise<Schemas['Memory'][]>;
  forget(id: string, requestedBy: string): Promise<'forgotten' | 'of another namespace' | 'unknown'>;
  /** Lets what is under way come to its end, for at most five seconds, and disconnects. */
  close(): Promise<void>;
}

interface NamespaceRow {
  name: string;
  kind: Namespace['kind'];
  created_at: string;
  expires_at: string | null;
  metadata: Schemas['Metadata'];
}

/**
 * Connects, brings the schema up to date, and opens the store.
 *
 * @throws SchemaTooNew, or whatever connecting and migrating throws; nothing is left open then
 */
export async function openStore(options: { databaseUrl: string; schema: string; pool: number }): Promise<Store> {
  const pool = openPool(options.databaseUrl, options.pool);
  try {
    const vectorSchema = await migrate(pool, options.schema);
    return storeOn(pool, options.schema, vectorSchema);
  } catch (error) {
    await pool.end(0);
    throw error;
  }
}

function storeOn(pool: Pool, schema: string, vectorSchema: string | undefined): Store {
  const sql = pool.pieces;
  const namespaces = sql(`${schema}.namespaces`);
  const memories = sql(`${schema}.memories`);
  const columns = sql`name, kind, created_at, expires_at, metadata`;
  const living = sql`(expires_at is null or expires_at > now())`;

  return {
    embeds: vectorSchema !== undefined,

    async ping() {
      await pool.ask((sql) => sql`select from ${namespaces} limit 1`);
    },

    async upsertNamespace(name, { kind, expires_at = null, metadata = null }) {
      const [row] = await pool.ask(
        (sql) => sql<NamespaceRow[]>`
        with expired as (
          select from ${namespaces} where name = ${name} and not ${living}
        ), swept as (
          delete from ${memories} where namespace = ${name} and exists (select from expired)
        )
        insert into ${namespaces} as n (name, kind, expires_at, metadata)
        values (${name}, ${kind}, ${expires_at}, ${toJson(metadata)})
        on conflict (name) do update set
          kind = excluded.kind, expires_at = excluded.expires_at, metadata = excluded.metadata,
          created_at = case when n.expires_at <= now() then excluded.created_at else n.created_at end
        returning ${columns}`,
      );
      if (!row) throw new Error('an upsert returned no row');
      return toNamespace(row);
    },

    async patchNamespace(name, { expires_at, metadata }) {
      const [row] = await pool.ask(
        (sql) => sql<NamespaceRow[]>`
        update ${namespaces} set
          expires_at = ${expires_at === undefined ? sql`expires_at` : expires_at},
          metadata = ${metadata === undefined ? sql`metadata` : toJson(metadata)}
        where name = ${name} and ${living}
        returning ${columns}`,
      );
      return row && toNamespace(row);
    },

    async deleteNamespace(name) {
      const [row] = await pool.ask(
        (sql) => sql<{ lived: boolean }[]>`
        delete from ${namespaces} where name = ${name} returning ${living} as lived`,
      );
      return row?.lived ?? false;
    },

    commit: prepareCommit(pool, schema, vectorSchema),
    search: prepareSearch(pool, schema, vectorSchema),

    async forget(id, requestedBy) {
      const [row] = await pool.ask(
        (sql) => sql<{ existed: boolean; forgotten: boolean }[]>`
        with gone as (delete from ${memories} where id = ${id} and namespace = ${requestedBy} returning id)
        select exists (select from ${memories} where id = ${id}) as existed, exists (select from gone) as forgotten`,
      );
      if (row?.forgotten) return 'forgotten';
      return row?.existed ? 'of another namespace' : 'unknown';
    },

    async close() {
      await pool.end(5);
    },
  };
}

/** The row as the contract has it: what is not set is left out. */
function toNamespace({ name, kind, created_at, expires_at, metadata }: NamespaceRow): Namespace {
  return {
    name,
    kind,
    created_at,
    ...(expires_at !== null && { expires_at }),
    ...(metadata !== null && { metadata }),
  };
}
