/**
 * The command line as data: every flag with the modes that take it. The help, the parser, the environment's names and the
 * README's table are all made from, or held against, this one list.
 */
import type { Mode } from '../model/settings.ts';

export const MODES = [
  'preflight',
  'dry-run',
  'apply',
  'verify',
  'status',
  'rollback',
  'check-receipt',
] as const satisfies readonly Mode[];

/** The modes that copy, or say what a copy would do. */
const COPYING = ['dry-run', 'apply'] as const;
/** The modes that look at rows of the source, one by one. */
const ROWS = ['preflight', 'dry-run', 'apply', 'verify'] as const;
/** The modes that change what the plugin holds. */
const SENDING = ['apply', 'rollback'] as const;
/** The modes that send the plugin requests. */
const ASKING = ['preflight', 'dry-run', 'apply', 'verify', 'rollback'] as const;

export interface Flag {
  /** What stands for the value in the help; a switch has none. */
  value?: string;
  /** The value may be left out. */
  optional?: true;
  /** What it does, and what holds without it. */
  description: string;
  /** The modes that take it; all of them where it is left out. */
  modes?: readonly Mode[];
}

export interface ModeFlag extends Flag {
  example: string;
  shows: string;
}

export const MODE_FLAGS: Record<Mode, ModeFlag> = {
  preflight: {
    description: 'prove that the plugin can take the copy, in a namespace of its own that is removed again',
    example: '--preflight',
    shows: 'is the plugin really able to take this?',
  },
  'dry-run': {
    description: 'show what an apply would do, row for row; sends the plugin no write',
    example: '--dry-run --plan plan.jsonl',
    shows: 'what would go where, and why some rows would not',
  },
  apply: {
    description: 'copy what the plugin does not have yet; safe to repeat and to interrupt',
    example: '--apply --limit 1000',
    shows: 'copy the next 1,000 rows',
  },
  verify: {
    description: 'prove that the plugin holds what the source holds; exit 0 only if it does',
    example: '--verify --verify-sample all --no-content',
    shows: 'compare every row, as a gate in CI would',
  },
  status: {
    value: 'run-id|memory-id',
    optional: true,
    description: 'what the ledger says: of all runs, of one run, or of one memory over all runs',
    example: '--status 6b1f0c52-6c51-4a0e-8a9d-0f2f6f1f0c52',
    shows: 'what happened to that memory, or in that run',
  },
  rollback: {
    value: 'run-id',
    description:
      'take back what a run newly copied and nobody has touched since; without --yes, only show what that would be',
    example: '--rollback 6b1f0c52-6c51-4a0e-8a9d-0f2f6f1f0c52 --yes',
    shows: 'take back what that run has copied',
  },
  'check-receipt': {
    value: 'file',
    description:
      "the line before the table is dropped: exit 0 only if a verify's receipt is whole, says parity and still holds",
    example: '--check-receipt receipt.json --accept-skipped 12',
    shows: 'is the old table still what was proven?',
  },
};

export const FLAGS = {
  workspace: { value: 'uuid', description: 'take the rows of this workspace alone', modes: [...COPYING, 'verify'] },
  limit: {
    value: 'n',
    description: 'stop once n rows have been sent, or would be: the next n that still need it, oldest first',
    modes: COPYING,
  },
  'team-level': {
    value: 'parent|root',
    description: 'whose team a TEAM row two or more levels down belongs to; required where there are such rows',
    modes: ROWS,
  },
  'removed-workspaces': {
    value: 'skip|copy',
    description:
      'what becomes of TEAM and GLOBAL rows of removed workspaces (default skip; LOCAL rows are always copied)',
    modes: ROWS,
  },
  accept: {
    value: 'file',
    description:
      'rows given up on purpose, one JSON line each: {"id":…,"reason":…}; not copied, and expected to be absent',
    modes: ['dry-run', 'apply', 'verify'],
  },
  plan: {
    value: 'file',
    description: 'write the whole plan to a file, one JSON line for each row',
    modes: ['dry-run'],
  },
  'on-conflict': {
    value: 'keep|overwrite',
    description:
      'what becomes of a row that the plugin holds otherwise than this tool wrote it (default keep: counted, listed, exit 1)',
    modes: COPYING,
  },
  repair: {
    value: 'report.json',
    description:
      "mend what a verify's JSON report names, each row against what is there now: send missing and changed rows, move misplaced ones, remove proven leaks",
    modes: COPYING,
  },
  'include-acknowledged': {
    description: 'mend rows too that the ledger has as written: a user may have edited or forgotten them since',
    modes: COPYING,
  },
  'retry-failed': {
    value: 'run-id',
    optional: true,
    description: 'take the rows alone that the ledger has as failed, in any run or in this one',
    modes: COPYING,
  },
  'max-changes': {
    value: 'n|n%',
    description: 'plan everything first, and refuse to start if more rows than that would be sent',
    modes: ['apply'],
  },
  'max-failures': {
    value: 'n|n%',
    description: 'stop once more rows than that have failed (default 1%, counted from the 200th row on)',
    modes: ['apply'],
  },
  'max-outage': {
    value: 'seconds',
    description: 'how long a plugin in trouble is waited for, 0 to 86400 (default 300)',
    modes: ['dry-run', 'apply', 'verify', 'rollback'],
  },
  resume: {
    value: 'run-id',
    description:
      'go on with just that run: refused if source, plugin or mapping flags are others (apply goes on by itself, too)',
    modes: ['apply'],
  },
  'start-over': {
    description: 'what is recorded for this source and plugin no longer counts: look up what the plugin holds instead',
    modes: ['apply'],
  },
  'no-ledger': {
    description: 'keep no ledger: nothing is remembered, what the plugin holds is looked up',
    modes: COPYING,
  },
  actor: {
    value: 'user:id|service:id',
    description: 'who runs this, for the ledger (default: the user of the operating system)',
    modes: ['apply', 'rollback'],
  },
  yes: { description: 'carry the rollback out', modes: ['rollback'] },
  'log-file': {
    value: 'file',
    description: 'append one JSON line for each event; a line that cannot be written stops the run',
    modes: ['apply', 'rollback'],
  },
  'verify-sample': {
    value: 'n|all',
    description: 'how many workspaces to compare; all includes the removed ones (default 50)',
    modes: ['verify'],
  },
  seed: { value: 'text', description: 'draw the same sample again (default: a new one, printed)', modes: ['verify'] },
  'allow-unproven': {
    value: 'n',
    description: 'let a verify pass in which search could not settle up to n rows (default 0)',
    modes: ['verify', 'check-receipt'],
  },
  'fail-on-skipped': { description: 'let no verify pass that has skipped rows', modes: ['verify'] },
  'max-duration': {
    value: 'time',
    description: 'end then, incomplete, saying what was covered: 90s, 30m, 2h (default: no bound)',
    modes: ['verify'],
  },
  receipt: {
    value: 'file',
    description: 'write a receipt of what was proven, for --check-receipt',
    modes: ['verify'],
  },
  junit: { value: 'file', description: 'write JUnit XML, a test case for each workspace', modes: ['verify'] },
  report: {
    value: 'file',
    description: 'write the report in Markdown; it is also appended to $GITHUB_STEP_SUMMARY, where that is set',
    modes: ['verify'],
  },
  'accept-sample': {
    description:
      'be content with less than everything: a sample, one workspace, or namespaces that could not be looked into',
    modes: ['check-receipt'],
  },
  'accept-skipped': {
    value: 'n',
    description: 'how many rows the verify must have skipped: exactly so many (default 0)',
    modes: ['check-receipt'],
  },
  'max-age': {
    value: 'time',
    description: 'how old the receipt may be: 90s, 30m, 24h (default 24h)',
    modes: ['check-receipt'],
  },
  'allow-empty': { description: 'let a verify pass that had no row to compare', modes: ['verify'] },
  'no-content': { description: 'print no excerpts of memories', modes: ['verify'] },
  'show-content': { description: 'put excerpts of mismatches into files and the JSON report too', modes: ['verify'] },
  concurrency: {
    value: 'auto|n',
    description: 'requests under way at a time, 1 to 256; auto finds what the plugin takes best (default auto)',
    modes: ASKING,
  },
  unordered: {
    description: 'give up the order within a namespace, for speed where few namespaces hold most rows',
    modes: ['apply'],
  },
  'max-rate': { value: 'rows/s', description: 'send no more rows than that in a second', modes: SENDING },
  'pause-file': { value: 'file', description: 'send nothing while this file exists', modes: SENDING },
  'request-timeout': {
    value: 'seconds',
    description: 'how long the plugin may take for one answer, 1 to 600 (default 30)',
    modes: ASKING,
  },
  json: { description: 'print one JSON report on standard output instead of text' },
  quiet: { description: 'print no progress, and no notices while it works' },
  debug: { description: 'print the stack of an error' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS).filter((name): name is FlagName => name in FLAGS);

/** What the name of each variable of this tool's own begins with. */
export const VARIABLES = 'MEMORY_BACKFILL_';
export const RECEIPT_KEY = `${VARIABLES}RECEIPT_KEY`;

/** The name of a flag's variable: `--verify-sample` is MEMORY_BACKFILL_VERIFY_SAMPLE. */
export function variableOf(flag: string): string {
  return `${VARIABLES}${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** Flags that are given on the command line or not at all, as the modes are: by a variable that was left set, a run would do what nobody meant. */
export const WITHOUT_VARIABLE: ReadonlySet<string> = new Set<FlagName | Mode>([...MODES, 'repair', 'yes']);

export function takes(mode: Mode, flag: Flag): boolean {
  return flag.modes?.includes(mode) ?? true;
}
