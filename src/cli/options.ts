/**
 * From the command line and the environment to the options of a run: parsed, checked and frozen here, once.
 *
 * A flag wins over its variable, that over the default; the defaults stand in {@link compile} and nowhere else. An empty
 * variable counts as not set, since that is how CI systems pass what nobody filled in. Modes, --repair and --yes come from flags
 * alone: nobody shall start a copy, or undo one, by a variable.
 */

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Actor } from '../model/ledger.ts';
import { isUuid } from '../model/memory.ts';
import { type Bound, type Concurrency, MOST_CONCURRENCY, type Mode, type RunSettings } from '../model/settings.ts';
import { FLAGS, type Flag, type FlagName, MODES, takes, variableOf } from './flags.ts';
import { quoted, UsageError } from './usage-error.ts';

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

/** The files that a verify writes beside what it prints; null where one is not asked for. */
export interface ReportFiles {
  readonly receipt: string | null;
  readonly junit: string | null;
  readonly markdown: string | null;
  /** Appended to. */
  readonly summary: string | null;
}

export interface ReceiptCheckOptions {
  readonly file: string;
  readonly databaseUrl: string;
  /** The plugin that the receipt has to be of; null where MEMORY_PLUGIN_URL is not set. */
  readonly pluginUrl: URL | null;
  readonly acceptSample: boolean;
  readonly acceptSkipped: number;
  readonly maxAgeMs: number;
}

export interface Options {
  readonly mode: Mode;
  readonly settings: RunSettings;
  /** Null for a mode that reads the ledger alone. */
  readonly ends: EndOptions | null;
  /** Null where none is to be kept. */
  readonly ledger: LedgerOptions | null;
  readonly actor: Actor;
  /** What `--status` and `--rollback` are about: a run's id, or a memory's. */
  readonly subject: string | null;
  /** The run that is to be gone on with. */
  readonly resume: string | null;
  readonly acceptFile: string | null;
  readonly logFile: string | null;
  readonly maxChanges: Bound | null;
  readonly maxFailures: Bound;
  readonly maxOutageMs: number;
  /** A rollback is to be carried out. */
  readonly yes: boolean;
  readonly concurrency: Concurrency;
  /** Rows of one namespace may be acknowledged in any order. */
  readonly unordered: boolean;
  /** Rows per second; null for no bound. */
  readonly maxRate: number | null;
  readonly pauseFile: string | null;
  readonly requestTimeoutMs: number;
  readonly planFile: string | null;
  /** The verify's report that is to be repaired from. */
  readonly repair: { readonly file: string; readonly includeAcknowledged: boolean } | null;
  readonly sample: number | 'all';
  readonly seed: string;
  /** The seed came from the operator. */
  readonly seedGiven: boolean;
  readonly allowEmpty: boolean;
  readonly allowUnproven: number | null;
  readonly failOnSkipped: boolean;
  /** Milliseconds; null for no bound. */
  readonly maxDurationMs: number | null;
  readonly files: ReportFiles;
  readonly receiptCheck: ReceiptCheckOptions | null;
  /** The key of receipts; null where none is set. */
  readonly receiptKey: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  /** Excerpts on the terminal. */
  readonly excerpts: boolean;
  /** Excerpts in the JSON report. */
  readonly showContent: boolean;
}

/** What was given on the command line; what was not is absent. */
export type GivenFlags = Partial<Record<FlagName | Mode, string | boolean>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UsageError */
export function compile(given: GivenFlags, environment: Environment): Options {
  const mode = oneMode(given);
  const read = reader(mode, given, environment);

  const options: Options = {
    mode,
    subject: subject(mode, given),
    settings: Object.freeze({
      workspace: read('workspace', uuid) ?? null,
      limit: read('limit', wholeNumber(1)) ?? null,
      teamLevel: read('team-level', oneOf('parent', 'root')) ?? null,
      removedWorkspaces: read('removed-workspaces', oneOf('skip', 'copy')) ?? 'skip',
      onConflict: read('on-conflict', oneOf('keep', 'overwrite')) ?? 'keep',
      retryFailed: read('retry-failed', allOrRun) ?? null,
    }),
    ends: mode === 'status' || mode === 'check-receipt' ? null : ends(environment),
    ledger:
      mode === 'check-receipt' || read('no-ledger', truth)
        ? null
        : ledger(environment, read('start-over', truth) ?? false),
    actor: read('actor', actor) ?? { userId: systemUser(), serviceId: null },
    resume: read('resume', uuid) ?? null,
    acceptFile: read('accept', text) ?? null,
    logFile: read('log-file', text) ?? null,
    maxChanges: read('max-changes', bound) ?? null,
    maxFailures: read('max-failures', bound) ?? { percent: 1 },
    maxOutageMs: (read('max-outage', wholeNumber(0, 86_400)) ?? 300) * 1000,
    yes: given.yes === true,
    concurrency: read('concurrency', concurrency) ?? 'auto',
    unordered: read('unordered', truth) ?? false,
    maxRate: read('max-rate', wholeNumber(1)) ?? null,
    pauseFile: read('pause-file', text) ?? null,
    requestTimeoutMs: (read('request-timeout', wholeNumber(1, 600)) ?? 30) * 1000,
    planFile: read('plan', text) ?? null,
    repair: repair(given, read('include-acknowledged', truth)),
    sample: read('verify-sample', sample) ?? 50,
    seed: read('seed', text) ?? randomUUID().slice(0, 8),
    seedGiven: read('seed', text) !== undefined,
    allowEmpty: read('allow-empty', truth) ?? false,
    allowUnproven: read('allow-unproven', wholeNumber(0)) ?? null,
    failOnSkipped: read('fail-on-skipped', truth) ?? false,
    maxDurationMs: read('max-duration', time) ?? null,
    files: Object.freeze({
      receipt: read('receipt', text) ?? null,
      junit: read('junit', text) ?? null,
      markdown: read('report', text) ?? null,
      summary: (mode === 'verify' && environment.GITHUB_STEP_SUMMARY) || null,
    }),
    receiptCheck:
      mode === 'check-receipt'
        ? Object.freeze({
            file: text(given[mode] ?? '', '--check-receipt'),
            databaseUrl: databaseUrl(environment, 'DATABASE_URL', "the platform's Postgres"),
            pluginUrl: environment.MEMORY_PLUGIN_URL ? pluginUrl(environment) : null,
            acceptSample: read('accept-sample', truth) ?? false,
            acceptSkipped: read('accept-skipped', wholeNumber(0)) ?? 0,
            maxAgeMs: read('max-age', time) ?? 24 * 3_600_000,
          })
        : null,
    receiptKey: environment.MEMORY_BACKFILL_RECEIPT_KEY || null,
    json: read('json', truth) ?? false,
    quiet: read('quiet', truth) ?? false,
    debug: read('debug', truth) ?? false,
    excerpts: !(read('no-content', truth) ?? false),
    showContent: read('show-content', truth) ?? false,
  };
  if (options.showContent && !options.excerpts) {
    throw new UsageError('--no-content and --show-content contradict each other: give one of them.');
  }
  if (read('include-acknowledged', truth) && !options.repair) {
    throw new UsageError('--include-acknowledged says how to mend: it goes with --repair.');
  }
  if (options.repair) refuseBesideRepair(options);
  const { resume, ledger: kept, settings } = options;
  const remembering = { resume, 'start-over': read('start-over', truth), 'retry-failed': settings.retryFailed };
  for (const [flag, given] of Object.entries(remembering)) {
    if (kept === null && given) {
      throw new UsageError(`--no-ledger and --${flag} contradict each other: without a ledger, nothing is remembered.`);
    }
  }
  if (options.resume && options.ledger?.startOver) {
    throw new UsageError('--resume and --start-over contradict each other: give one of them.');
  }
  return Object.freeze(options);
}

function oneMode(given: GivenFlags): Mode {
  const modes = MODES.filter((mode) => given[mode] !== undefined && given[mode] !== false);
  const [mode] = modes;
  const all = MODES.map((name) => `--${name}`).join(', ');
  if (mode === undefined) throw new UsageError(`Say what to do: one of ${all}. --help explains them.`);
  if (modes.length > 1) {
    throw new UsageError(`${modes.map((name) => `--${name}`).join(' and ')} exclude each other: give one of ${all}.`);
  }
  return mode;
}

/** Reads one setting; `parse` gets what was given, and the name under which it was given for its error message. */
function reader(mode: Mode, given: GivenFlags, environment: Environment) {
  for (const [name, flag] of Object.entries<Flag>(FLAGS)) {
    if (name in given && !takes(mode, flag)) {
      throw new UsageError(`--${name} does not go with --${mode}; it belongs to --${flag.modes?.join(' and --')}.`);
    }
  }
  return <T>(name: FlagName, parse: (value: string | boolean, name: string) => T): T | undefined => {
    if (!takes(mode, FLAGS[name])) return undefined;
    const flag = given[name];
    if (flag !== undefined) return parse(flag, `--${name}`);
    const variable = environment[variableOf(name)];
    return variable ? parse(variable, variableOf(name)) : undefined;
  };
}

function subject(mode: Mode, given: GivenFlags): string | null {
  const value = given[mode];
  if (mode === 'rollback') return uuid(value ?? '', '--rollback');
  return mode === 'status' && value !== undefined && value !== '' ? uuid(value, '--status') : null;
}

/** Like the modes from a flag alone: by a variable that was left set, an apply would send less than it says. */
function repair({ repair: file }: GivenFlags, includeAcknowledged = false): Options['repair'] {
  return file === undefined ? null : Object.freeze({ file: text(file, '--repair'), includeAcknowledged });
}

/** A repair takes up what its report names, and decides on each by itself: nothing else can choose rows, or say who wins. */
function refuseBesideRepair({ settings, ledger, resume, maxChanges, planFile }: Options): void {
  const beside = {
    workspace: settings.workspace,
    limit: settings.limit,
    'retry-failed': settings.retryFailed,
    'on-conflict': settings.onConflict === 'overwrite',
    resume,
    'start-over': ledger?.startOver,
    'max-changes': maxChanges,
    plan: planFile,
  };
  for (const [flag, given] of Object.entries(beside)) {
    if (!given) continue;
    throw new UsageError(
      `--${flag} does not go with --repair, which takes up what its report names, and nothing else.`,
    );
  }
}

/** @returns milliseconds */
function time(value: string | boolean, name: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m|h)$/.exec(text(value, name)) ?? [];
  const ms = { s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  if (ms !== undefined && Number(number) > 0) return Number(number) * ms;
  throw new UsageError(`${name} takes a time such as 90s, 30m or 24h, not ${quoted(value)}.`);
}

function allOrRun(value: string | boolean, name: string): RunSettings['retryFailed'] {
  return value === '' || value === 'all' ? 'all' : { run: uuid(value, name) };
}

function actor(value: string | boolean, name: string): Actor {
  const [, kind, id] = /^(user|service):([\x21-\x7e]{1,200})$/.exec(text(value, name)) ?? [];
  if (kind === undefined || id === undefined) {
    throw new UsageError(`${name} takes user:<id> or service:<id>, not ${quoted(value)}.`);
  }
  return kind === 'user' ? { userId: id, serviceId: null } : { userId: null, serviceId: id };
}

/** The name of the operating system's user, or the number where it has no name, as in many containers. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function bound(value: string | boolean, name: string): Bound {
  const [, number, percent] = /^(\d{1,12}(?:\.\d{1,6})?)(%?)$/.exec(text(value, name)) ?? [];
  const most = Number(number);
  if (percent === '%' && most <= 100) return { percent: most };
  if (percent === '' && Number.isInteger(most)) return { rows: most };
  throw new UsageError(`${name} takes a number of rows, or a share of them from 0% to 100%, not ${quoted(value)}.`);
}

function text(value: string | boolean, name: string): string {
  if (typeof value !== 'string' || value === '') throw new UsageError(`${name} needs a value.`);
  return value;
}

function truth(value: string | boolean, name: string): boolean {
  if (typeof value === 'boolean') return value;
  if (['1', 'true', 'yes'].includes(value.toLowerCase())) return true;
  if (['0', 'false', 'no'].includes(value.toLowerCase())) return false;
  throw new UsageError(`${name} is either true or false, not ${quoted(value)}.`);
}

function uuid(value: string | boolean, name: string): string {
  const id = text(value, name).toLowerCase();
  if (isUuid(id)) return id;
  throw new UsageError(`${name} takes a UUID, not ${quoted(value)}.`);
}

function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER, orElse = '') {
  return (value: string | boolean, name: string): number => {
    const number = /^\d+$/.test(text(value, name)) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
    throw new UsageError(`${name} takes ${orElse}a whole number from ${range}, not ${quoted(value)}.`);
  };
}

function concurrency(value: string | boolean, name: string): Concurrency {
  if (text(value, name) === 'auto') return 'auto';
  return wholeNumber(1, MOST_CONCURRENCY, '"auto" or ')(value, name);
}

function sample(value: string | boolean, name: string): number | 'all' {
  if (text(value, name) === 'all') return 'all';
  return wholeNumber(0, Number.MAX_SAFE_INTEGER, '"all" or ')(value, name);
}

function oneOf<const Choice extends string>(...choices: Choice[]) {
  return (value: string | boolean, name: string): Choice => {
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return choice;
    throw new UsageError(`${name} is ${choices.join(' or ')}, not ${quoted(value)}.`);
  };
}

function ends(environment: Environment): EndOptions {
  return Object.freeze({
    databaseUrl: databaseUrl(environment, 'DATABASE_URL', "the platform's Postgres"),
    pluginUrl: pluginUrl(environment),
    authorization: authorization(environment),
  });
}

function ledger(environment: Environment, startOver: boolean): LedgerOptions {
  const variable = environment.LEDGER_DATABASE_URL ? 'LEDGER_DATABASE_URL' : 'DATABASE_URL';
  const url = databaseUrl(environment, variable, 'the Postgres that keeps the ledger');
  return Object.freeze({ url, variable, startOver });
}

function databaseUrl(environment: Environment, variable: LedgerOptions['variable'], what: string): string {
  const url = environment[variable];
  if (!url) throw new UsageError(`${variable} is not set: it names ${what}, postgres://user@host/database.`);
  if (!/^postgres(ql)?:\/\/./.test(url)) {
    throw new UsageError(`${variable} must begin with postgres:// or postgresql://.`);
  }
  return url;
}

function pluginUrl({ MEMORY_PLUGIN_URL: given }: Environment): URL {
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
