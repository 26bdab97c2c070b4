/**
 * What the plugin is told at its start: flags first, then the environment, then the defaults, which stand here and nowhere
 * else. Pure: nothing is read but what is passed in.
 */
import { parseArgs } from 'node:util';

export interface Options {
  /** Of the form postgres://…; it may hold a password and must never be printed. */
  databaseUrl: string;
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
  /** The Postgres schema that holds the plugin's tables, an identifier that needs no quoting. */
  schema: string;
  /** The most connections to Postgres at a time, at least 1. */
  pool: number;
}

/** The plugin cannot start as it was told; the message is one sentence for the operator, without credentials. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `memory-plugin: the memory plugin contract, version 1, on Postgres

Usage: memory-plugin [--database-url URL] [options]

  --database-url URL  the Postgres to keep the memories in; MEMORY_PLUGIN_DATABASE_URL says the same, and keeps the
                      password out of the list of running programs
  --host HOST         the address to listen on (127.0.0.1); version 1 has no authentication, so only a private network's
  --port PORT         the port to listen on (8080); 0 takes any free one
  --schema NAME       the schema for the plugin's tables (memory_plugin), created where it is missing
  --pool N            connections to Postgres (twice the number of cores, at least 4)
  --help              this text

Exit codes: 0 stopped as asked, 2 wrong usage or an older Node, 3 the database cannot be used.
`;

/**
 * @param cores how many cores the machine has, from which the pool's default size follows
 * @returns the options, or `help` where the help text was asked for
 * @throws UsageError
 */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  cores: number,
): Options | 'help' {
  const flags = readFlags(args);
  if (flags.help) return 'help';
  return {
    databaseUrl: databaseUrl(flags['database-url'] ?? environment.MEMORY_PLUGIN_DATABASE_URL),
    host: flags.host ?? '127.0.0.1',
    port: wholeNumber('--port', flags.port, 0, 65_535) ?? 8080,
    schema: schemaName(flags.schema ?? 'memory_plugin'),
    pool: wholeNumber('--pool', flags.pool, 1, 1000) ?? Math.max(4, 2 * cores),
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'database-url': { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        schema: { type: 'string' },
        pool: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch {
    throw new UsageError('There is a flag or an argument that is not known or lacks its value; see --help.');
  }
}

function databaseUrl(text: string | undefined): string {
  if (!text) throw new UsageError('No database is named: set MEMORY_PLUGIN_DATABASE_URL or give --database-url.');
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new UsageError('The database URL is not one of the form postgres://user:password@host:port/database.');
  }
  return text;
}

function wholeNumber(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${flag} takes a whole number from ${least} to ${most}.`);
  }
  return value;
}

function schemaName(text: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(text) || text.startsWith('pg_')) {
    throw new UsageError(
      '--schema takes up to 63 small letters, digits and underscores, and no name that Postgres owns.',
    );
  }
  return text;
}
