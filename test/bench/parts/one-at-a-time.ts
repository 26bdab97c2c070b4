/**
 * The old way, kept to be compared with: one row in flight, and three round trips for each: the workspace is resolved by a query, its
 * namespace is put, and the memory is committed. No ledger, no retries.
 */
import postgres from 'postgres';
import { Pool } from 'undici';
import { JSON_HEADERS } from './memory-body.ts';
import { program } from './program.ts';

export interface OldTask {
  url: string;
  databaseUrl: string;
  /** The oldest so many; what counts is the rate. */
  rows: number;
}

/** @throws Error at the first answer that is no success */
export const oneAtATime = program(import.meta, async (task: OldTask): Promise<{ perSecond: number }> => {
  const sql = postgres(task.databaseUrl, { max: 1, onnotice: () => {} });
  const pool = new Pool(task.url, { connections: 1 });

  async function send(method: 'PUT' | 'POST', path: string, body: object): Promise<void> {
    const answer = await pool.request({ path, method, headers: JSON_HEADERS, body: JSON.stringify(body) });
    await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`A ${method} was answered with ${answer.statusCode}.`);
  }

  const rows = await sql<Array<{ id: string; workspace_id: string; content: string }>>`
    select id, workspace_id, content from agent_memories order by created_at, id limit ${task.rows}`;
  const began = performance.now();
  for (const { id, workspace_id, content } of rows) {
    await sql`
      with recursive above as (
        select id, parent_id from workspaces where id = ${workspace_id}
        union select w.id, w.parent_id from workspaces w join above on w.id = above.parent_id
      )
      select id from above where parent_id is null`;
    const path = `/v1/namespaces/workspace:${workspace_id}`;
    await send('PUT', path, { kind: 'workspace' });
    await send('POST', `${path}/memories`, { id, content, kind: 'fact', source: 'agent' });
  }
  const seconds = (performance.now() - began) / 1000;
  await Promise.all([pool.close(), sql.end()]);
  return { perSecond: rows.length / seconds };
});
