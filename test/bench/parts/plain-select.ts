/** The whole source in one statement, oldest first, read to its end and thrown away: the least that reading it can cost. */
import postgres from 'postgres';
import { program } from './program.ts';

/** Rows that are taken from the connection at a time, so that a million need not be held at once. */
const AT_A_TIME = 5_000;

export const plainSelect = program(
  import.meta,
  async ({ databaseUrl }: { databaseUrl: string }): Promise<{ rows: number; seconds: number }> => {
    const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
    await sql`select 1`;
    const began = performance.now();
    let rows = 0;
    const statement = sql`
      select id, workspace_id, content, scope, created_at::text, updated_at::text, namespace
      from agent_memories order by created_at, id`;
    for await (const some of statement.cursor(AT_A_TIME)) rows += some.length;
    const seconds = (performance.now() - began) / 1000;
    await sql.end();
    return { rows, seconds };
  },
);
