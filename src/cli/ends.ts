/** Where the two ends and the ledger are, and what opens the plugin: all of it from the environment, since addresses hold passwords. */
import { UsageError } from './usage-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The two ends of a migration. */
export interface EndOptions {
  readonly databaseUrl: string;
  readonly pluginUrl: URL;
  /** The value of the Authorization header that the plugin is sent. */
  readonly authorization: string | undefined;
}

export interface LedgerOptions {
  readonly url: string;
  /** The variable that named it. */
  readonly variable: 'DATABASE_URL' | 'LEDGER_DATABASE_URL';
  readonly startOver: boolean;
}

/** @throws UsageError */
export function ends(environment: Environment): EndOptions {
  return Object.freeze({
    databaseUrl: databaseUrl(environment, 'DATABASE_URL', "the platform's Postgres"),
    pluginUrl: pluginUrl(environment),
    authorization: authorization(environment),
  });
}

/** @throws UsageError */
export function ledger(environment: Environment, startOver: boolean): LedgerOptions {
  const variable = environment.LEDGER_DATABASE_URL ? 'LEDGER_DATABASE_URL' : 'DATABASE_URL';
  const url = databaseUrl(environment, variable, 'the Postgres that keeps the ledger');
  return Object.freeze({ url, variable, startOver });
}

/** @throws UsageError */
export function databaseUrl(environment: Environment, variable: LedgerOptions['variable'], what: string): string {
  const url = environment[variable];
  if (!url) throw new UsageError(`${variable} is not set: it names ${what}, postgres://user@host/database.`);
  if (!/^postgres(ql)?:\/\/./.test(url)) {
    throw new UsageError(`${variable} must begin with postgres:// or postgresql://.`);
  }
  return url;
}

/** @throws UsageError */
export function pluginUrl({ MEMORY_PLUGIN_URL: given }: Environment): URL {
  if (!given) throw new UsageError('MEMORY_PLUGIN_URL is not set: it names the memory plugin, http://host:port.');
  const url = URL.parse(given);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError('MEMORY_PLUGIN_URL must be an address that begins with http:// or https://.');
  }
  if (url.search || url.hash) throw new UsageError('MEMORY_PLUGIN_URL must end with its path: no "?" and no "#".');
  return url;
}

/** A token for a plugin behind a proxy, or the user and password in the plugin's URL. */
function authorization(environment: Environment): string | undefined {
  const { username, password } = pluginUrl(environment);
  const token = environment.MEMORY_PLUGIN_TOKEN;
  const named = username !== '' || password !== '';
  if (token && named) {
    throw new UsageError('MEMORY_PLUGIN_TOKEN is set, and MEMORY_PLUGIN_URL has a user as well: give one of them.');
  }
  if (token && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError('MEMORY_PLUGIN_TOKEN holds characters that no header may hold.');
  }
  if (token) return `Bearer ${token}`;
  return named ? `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}` : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError(
      'MEMORY_PLUGIN_URL has a user or a password with a "%" that encodes nothing: write it as %25.',
    );
  }
}
