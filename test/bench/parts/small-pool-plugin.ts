/**
 * A plugin on a real Postgres that keeps a few idle connections and no more: a commit that finds none opens one of its own, and closes it
 * afterwards, as drivers with a small pool do. So its rate is best where the connections suffice, and falls steeply beyond, since
 * opening one costs far more than a commit.
 *
 *     BENCH_DATABASE_URL=postgres://… node small-pool-plugin.ts
 */
import postgres, { type Sql } from 'postgres';
import { serveContract } from './contract-server.ts';

const IDLE = 4;

const url = process.env.BENCH_DATABASE_URL ?? '';
const idle: Sql[] = [];

const sql = connect();
await sql`
  create table if not exists small_pool (
    id uuid primary key, namespace text not null, content text not null, kind text not null, propagation json
  )`;
idle.push(sql);

serveContract({
  async commit({ id, namespace, content, kind, propagation }) {
    const connection = idle.pop() ?? connect();
    try {
      await connection`
        insert into small_pool
        values (${id}, ${namespace}, ${content}, ${kind}, ${JSON.stringify(propagation ?? null)}::text::json)
        on conflict (id) do update set namespace = excluded.namespace, content = excluded.content,
          kind = excluded.kind, propagation = excluded.propagation`;
    } finally {
      if (idle.length < IDLE) idle.push(connection);
      else await connection.end();
    }
  },
});

function connect(): Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}
