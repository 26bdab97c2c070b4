/**
 * What a user of the database may do with the ledger, asked of the catalogue before anything is tried, so that whoever may
 * not is told what to do instead of which statement failed.
 */
import { RunError } from '../model/errors.ts';
import { type ConnectionOptions, connect, type Sql } from '../postgres/connection.ts';
import type { Read } from '../postgres/reading.ts';
import { SCHEMA } from './migrations.ts';

/** Milliseconds: a database that has not answered its first question by then is not there. */
const REACHED_WITHIN = 20_000;

/** What the database says of itself, of this user and of the schema. Names are quoted for SQL. */
export interface Survey {
  zone: string;
  style: string;
  user: string;
  database: string;
  /** A standby, or a session that is set to read only. */
  readOnly: boolean;
  mayCreate: boolean;
  /** Null where there is no schema. */
  schema: { usable: boolean; growable: boolean } | null;
  /** Tables of the ledger, by what this user may do with all of them; null where there is none. */
  tables: { readable: boolean; writable: boolean; owned: boolean; owner: string } | null;
}

/** @throws RunError `configuration` where the URL cannot be one of Postgres */
export function connectTo(url: string, variable: string, max: number, options: ConnectionOptions = {}): Sql {
  try {
    return connect(url, max, options);
  } catch (error) {
    throw new RunError(
      'configuration',
      `${variable} is not a URL of the form postgres://user:password@host:port/database.`,
      { cause: error },
    );
  }
}

/** @throws RunError `ledger` where the database does not answer, `configuration` where it would print timestamps otherwise */
export async function survey(sql: Sql, read: Read, variable: string): Promise<Survey> {
  const [surveyed] = await read(
    'be reached',
    () => sql<[Survey]>`
      select current_setting('TimeZone') as zone,
             current_setting('DateStyle') as style,
             quote_ident(current_user) as user,
             quote_ident(current_database()) as database,
             current_setting('transaction_read_only')::boolean as "readOnly",
             has_database_privilege(current_database(), 'CREATE') as "mayCreate",
             (select json_build_object(
                'usable', has_schema_privilege(oid, 'USAGE'),
                'growable', has_schema_privilege(oid, 'CREATE'))
                from pg_namespace where nspname = ${SCHEMA}) as schema,
             (select json_build_object(
                'readable', bool_and(has_table_privilege(c.oid, 'SELECT')),
                'writable', bool_and(has_table_privilege(c.oid, 'INSERT')
                                     and (c.relname <> 'runs' or has_table_privilege(c.oid, 'UPDATE'))),
                'owned', bool_and(pg_has_role(c.relowner, 'USAGE')),
                'owner', min(quote_ident(pg_get_userbyid(c.relowner))))
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = ${SCHEMA} and c.relkind = 'r'
              having count(*) > 0) as tables`,
    REACHED_WITHIN,
  );
  if (surveyed.zone !== 'UTC' || !surveyed.style.startsWith('ISO')) {
    throw new RunError(
      'configuration',
      `${variable} sets TimeZone or DateStyle itself, but the ledger's timestamps must be read in UTC: remove that setting from it.`,
    );
  }
  return surveyed;
}

/** @throws RunError `configuration` with the ways out */
export function refuseUnreadable({ user, schema, tables }: Survey, variable: string): void {
  if (schema?.usable !== false && tables?.readable !== false) return;
  throw refusal(
    `${variable} names the user ${user}, who may not read the ledger there`,
    `GRANT USAGE ON SCHEMA ${SCHEMA} TO ${user} and GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${user}`,
  );
}

/**
 * @param behind whether there are migrations to be applied
 * @throws RunError `configuration` with the ways out
 */
export function refuseUnwritable(surveyed: Survey, variable: string, behind: boolean): void {
  const { user, database, readOnly, mayCreate, schema, tables } = surveyed;
  if (readOnly) {
    throw refusal(
      `${variable} leads to a database that takes no writes (a standby, or a session set to read only), and so no ledger`,
    );
  }
  if (schema === null && !mayCreate) {
    throw refusal(
      `${variable} names the user ${user}, who may not create the ledger (schema ${SCHEMA})`,
      `GRANT CREATE ON DATABASE ${database} TO ${user}`,
    );
  }
  if (schema && (!schema.usable || (tables && !(tables.readable && tables.writable)))) {
    throw refusal(
      `${variable} names the user ${user}, who may not use the ledger there`,
      `GRANT USAGE ON SCHEMA ${SCHEMA}, GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${SCHEMA} and GRANT UPDATE ON ${SCHEMA}.runs, each TO ${user}`,
    );
  }
  if (schema && behind && !(schema.growable && (tables?.owned ?? true))) {
    throw refusal(
      `${variable} names the user ${user}, who may not bring the ledger there up to this version`,
      tables && !tables.owned ? `GRANT ${tables.owner} TO ${user}` : `GRANT CREATE ON SCHEMA ${SCHEMA} TO ${user}`,
    );
  }
}

function refusal(what: string, grant?: string): RunError {
  const ways = 'name another database in LEDGER_DATABASE_URL, or pass --no-ledger';
  return new RunError('configuration', `${what}: ${grant ? `${grant}, ${ways}` : ways}.`);
}
