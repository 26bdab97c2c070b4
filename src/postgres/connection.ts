/**
 * A connection to Postgres, the platform's or the ledger's, set so that what is read is exact: timestamps stay text, in UTC, with
 * their microseconds. Statements are not prepared by name unless that is asked for, so that a pooler in transaction mode may stand
 * in between.
 */
import postgres from 'postgres';

export type Sql = postgres.Sql<{ timestamptz: string }>;

/** The type OID of timestamptz, in Postgres' catalogue since ever. */
const TIMESTAMPTZ = 1184;

export interface ConnectionOptions {
  /** Told when a connection has ended, for whatever reason. */
  onclose?: () => void;
  /**
   * Keeps each statement in the session that it was first sent in: what is sent again is neither parsed nor planned anew, nor asked
   * about its parameters before. Only where each session is known to be its connection's own.
   */
  prepare?: boolean;
}

/** @param max connections, 1 or more */
export function connect(databaseUrl: string, max: number, options: ConnectionOptions = {}): Sql {
  const { onclose = () => {}, prepare = false } = options;
  return postgres(databaseUrl, {
    max,
    prepare,
    fetch_types: false,
    connect_timeout: 10,
    /** A session may have to live as long as the run: the held cursor dies with it. */
    max_lifetime: null,
    onnotice: () => {},
    onclose,
    connection: { application_name: 'memory-backfill', TimeZone: 'UTC', DateStyle: 'ISO' },
    types: {
      timestamptz: {
        to: TIMESTAMPTZ,
        from: [TIMESTAMPTZ],
        serialize: (text: string) => text,
        parse: (text: string) => text,
      },
    },
  });
}

/** Host, port and database that a connection goes to, for reports; never the user or the password. */
export function address(sql: Sql): string {
  const { host, port, database } = sql.options;
  return `${host[0] ?? 'localhost'}:${port[0] ?? 5432}/${database}`;
}

/** Ids as Postgres reads an array of them: without a look-up of types, the driver has no form of its own for arrays. */
export function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
