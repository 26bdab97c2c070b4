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
import type { Bound, Concurrency, Mode, RunSettings } from '../model/settings.ts';
import { databaseUrl, type EndOptions, type Environment, ends, type LedgerOptions, ledger, pluginUrl } from './ends.ts';
import {
  FLAG_NAMES,
  FLAGS,
  type Flag,
  type FlagName,
  MODES,
  RECEIPT_KEY,
  takes,
  VARIABLES,
  variableOf,
  WITHOUT_VARIABLE,
} from './flags.ts';
import { UsageError } from './usage-error.ts';
import { actor, allOrRun, bound, concurrency, oneOf, sample, text, time, truth, uuid, wholeNumber } from './values.ts';

export type { EndOptions, Environment, LedgerOptions };

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

/** @throws UsageError */
export function compile(given: GivenFlags, environment: Environment): Options {
  const mode = oneMode(given);
  refuseUnknownVariables(environment);
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
    receiptKey: environment[RECEIPT_KEY] || null,
    json: read('json', truth) ?? false,
    quiet: read('quiet', truth) ?? false,
    debug: read('debug', truth) ?? false,
    excerpts: !(read('no-content', truth) ?? false),
    showContent: read('show-content', truth) ?? false,
  };
  refuseContradictions(options, read);
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

/** A guard whose variable has a slip in its name would not be there, without a word. @throws UsageError */
function refuseUnknownVariables(environment: Environment): void {
  const variables = new Map([...MODES, ...FLAG_NAMES].map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(VARIABLES) || variable === RECEIPT_KEY || !value || isOfKubernetes(variable)) continue;
    const flag = variables.get(variable);
    if (flag === undefined) {
      throw new UsageError(
        `${variable} is not known: a flag's variable is ${VARIABLES} and its name, as ${variableOf('verify-sample')} is that of --verify-sample. Unset it, or mend its name.`,
      );
    }
    if (WITHOUT_VARIABLE.has(flag)) {
      throw new UsageError(`${variable} is not read: --${flag} is given on the command line alone. Unset it.`);
    }
  }
}

/** Every pod is given variables that bear the name of each service, as of one that is called memory-backfill. */
function isOfKubernetes(variable: string): boolean {
  return /^(SERVICE|PORT)(_|$)/.test(variable.slice(VARIABLES.length));
}

/** Reads one setting, undefined where it was not given; `parse` gets what was given, and the name under which it was. */
type Reader = <T>(name: FlagName, parse: (value: string | boolean, name: string) => T) => T | undefined;

/** @throws UsageError where a flag was given that the mode does not take */
function reader(mode: Mode, given: GivenFlags, environment: Environment): Reader {
  for (const [name, flag] of Object.entries<Flag>(FLAGS)) {
    if (name in given && !takes(mode, flag)) {
      throw new UsageError(`--${name} does not go with --${mode}; it belongs to --${flag.modes?.join(' and --')}.`);
    }
  }
  return (name, parse) => {
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

/** @throws UsageError where two that were given cannot both be meant */
function refuseContradictions(options: Options, read: Reader): void {
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

/** The name of the operating system's user, or the number where it has no name, as in many containers. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
