/**
 * The connections to Postgres, and how values cross them: timestamps as text in both directions, in UTC and with their
 * microseconds, as the wire has them; JSON is written as the text that it already is.
 *
 * Each connection is a pool of one. In a larger one postgres.js (3.4) keeps its connections in queues that grow with each query for as
 * long as no queue runs empty, and looks through them with each: after a million commits, that took more time than the commits.
 */
import postgres from 'postgres';

export interface Pool {
  /** For what goes into statements, whichever connection they take. */
  readonly pieces: Sql;
  /** Sends a statement by the connection that has the fewest under way. */
  ask<Answer>(statement: (sql: Sql) => PromiseLike<Answer>): Promise<Answer>;
  begin: Sql['begin'];
  /** Lets what is under way come to its end, for at most so many seconds, and disconnects. */
  end(seconds: number): Promise<void>;
}

type Sql = ReturnType<typeof connection>;

/**
 * Connects when first used. A database that went away is tried again within half a second, for as long as it takes.
 *
 * @param size the most connections at a time
 * @throws an Error where the URL cannot be read
 */
export function openPool(databaseUrl: string, size: number): Pool {
  const first = { sql: connection(databaseUrl), underWay: 0 };
  const connections = [first];
  while (connections.length < size) connections.push({ sql: connection(databaseUrl), underWay: 0 });

  return {
    pieces: first.sql,
    async ask(statement) {
      let free = first;
      for (const each of connections) if (each.underWay < free.underWay) free = each;
      free.underWay++;
      try {
        return await statement(free.sql);
      } finally {
        free.underWay--;
      }
    },
    begin: first.sql.begin,
    async end(seconds) {
      await Promise.all(connections.map(({ sql }) => sql.end({ timeout: seconds })));
    },
  };
}

function connection(databaseUrl: string) {
  return postgres(databaseUrl, {
    max: 1,
    connect_timeout: 5,
    backoff: (attempts) => Math.min(attempts * 0.05, 0.5),
    onnotice: () => {},
    connection: { application_name: 'memory-plugin', TimeZone: 'UTC', DateStyle: 'ISO' },
    types: {
      timestamptz: { to: 1184, from: [1184], serialize: (text: string) => text, parse: toWireTime },
      json: { to: 114, from: [114], serialize: (text: string) => text, parse: parseJson },
    },
  });
}

/** @returns the text that is written for an object, null for none */
export function toJson(object: object | null): string | null {
  return object === null ? null : JSON.stringify(object);
}

/** From Postgres's `2031-02-03 04:05:06.5+00` to the contract's `2031-02-03T04:05:06.500000Z`, as many digits each time. */
function toWireTime(text: string): string {
  return text.replace(
    /^(\S+) (\S{8})\.?(\d*)\+00$/,
    (_, date: string, time: string, fraction: string) => `${date}T${time}.${fraction.padEnd(6, '0')}Z`,
  );
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}
