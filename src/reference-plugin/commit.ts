/**
 * The commit, which is what a plugin does all day: one statement, whose text is put together when the store opens. Each connection
 * prepares it once; a commit then hands over values only, and builds no query.
 *
 * Measured beside a statement that was put together anew from its fragments: three quarters of the plugin's CPU a commit. Of what
 * is left, two fifths are the kernel's, in the two writes that no commit can do without, to Postgres and to the client; checks,
 * JSON and routing share less than a tenth.
 */
import type { Schemas } from '../contract/bodies.ts';
import type { VectorSchema } from './migrations.ts';
import { type Pool, toJson } from './pool.ts';
import { vectorText } from './search.ts';

/**
 * @param schema needs no quoting
 * @returns the statement that stores a memory where its namespace lives, and returns its id; no row where there is no such
 *   namespace. Its parameters stand in it once each, in order: namespace, id (null for a fresh one), content, kind, source,
 *   pin, expires_at, propagation as JSON, and, with a vector type only, the embedding as text.
 */
export function commitStatement(schema: string, vectorSchema: VectorSchema): string {
  const vector = vectorSchema === undefined ? undefined : `"${vectorSchema.replaceAll('"', '""')}".vector`;
  return `
    with target as (
      select name from ${schema}.namespaces where name = $1 and (expires_at is null or expires_at > now())
    )
    insert into ${schema}.memories as m
      (id, namespace, content, kind, source, pin, expires_at, propagation${vector ? ', embedding' : ''})
    select coalesce($2::uuid, gen_random_uuid()), name, $3, $4, $5, $6, $7::timestamptz, $8::json
      ${vector ? `, $9::text::${vector}` : ''}
    from target
    on conflict (id) do update set
      namespace = excluded.namespace, content = excluded.content, kind = excluded.kind, source = excluded.source,
      pin = excluded.pin, expires_at = excluded.expires_at, propagation = excluded.propagation,
      created_at = case when m.namespace = excluded.namespace then m.created_at else excluded.created_at end,
      seq = case when m.namespace = excluded.namespace then m.seq else excluded.seq end
      ${vector ? ', embedding = excluded.embedding' : ''}
    returning id`;
}

/** @returns what the store offers as its `commit`, on the tables in `schema` */
export function prepareCommit(pool: Pool, schema: string, vectorSchema: VectorSchema) {
  const statement = templateOf(commitStatement(schema, vectorSchema));

  return async function commit(namespace: string, memory: Schemas['MemoryWrite']): Promise<string | undefined> {
    const { id = null, content, kind, source, pin = false, expires_at = null, propagation = null, embedding } = memory;
    const values = [namespace, id, content, kind, source, pin, expires_at, toJson(propagation)];
    if (vectorSchema !== undefined) values.push(embedding ? vectorText(embedding) : null);
    const [row] = await pool.ask((sql) => sql<{ id: string }[]>(statement, ...values));
    return row?.id;
  };
}

/**
 * The text between the parameters, in the form of a template literal. postgres.js remembers one of those by what it is; a text
 * handed to its `unsafe` is remembered anew with every query that fails.
 */
function templateOf(statement: string): TemplateStringsArray {
  const pieces = statement.split(/\$\d+/);
  return Object.assign(pieces, { raw: pieces });
}
