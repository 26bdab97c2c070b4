/**
 * The command line as data: every flag with the modes that take it. The help, the parser, the environment's names and the
 * README's table are all made from, or held against, this one list.
 */
import type { Mode } from '../model/run.ts';

export const MODES = ['dry-run', 'apply', 'verify'] as const satisfies readonly Mode[];

export interface Flag {
  /** What stands for the value in the help; a switch has none. */
  value?: string;
  /** What it does, and what holds without it. */
  description: string;
  /** The modes that take it; all of them where it is left out. */
  modes?: readonly Mode[];
}

export const MODE_FLAGS: Record<Mode, { description: string; example: string; shows: string }> = {
  'dry-run': {
    description: 'show what an apply would do, row for row; sends the plugin no write',
    example: '--dry-run --plan plan.jsonl',
    shows: 'what would go where, and why some rows would not',
  },
  apply: {
    description: 'copy the rows into the plugin; safe to repeat and to interrupt',
    example: '--apply --limit 1000',
    shows: 'copy the first 1,000 rows',
  },
  verify: {
    description: 'prove that the plugin holds what the source holds; exit 0 only if it does',
    example: '--verify --verify-sample all --no-content',
    shows: 'compare every row, as a gate in CI would',
  },
};

export const FLAGS = {
  workspace: { value: 'uuid', description: 'take the rows of this workspace alone' },
  limit: {
    value: 'n',
    description: 'stop once n rows are planned to be written, oldest first',
    modes: ['dry-run', 'apply'],
  },
  'team-level': {
    value: 'parent|root',
    description: 'whose team a TEAM row two or more levels down belongs to; required where there are such rows',
  },
  'removed-workspaces': {
    value: 'skip|copy',
    description:
      'what becomes of TEAM and GLOBAL rows of removed workspaces (default skip; LOCAL rows are always copied)',
  },
  plan: {
    value: 'file',
    description: 'write the whole plan to a file, one JSON line for each row',
    modes: ['dry-run'],
  },
  'verify-sample': {
    value: 'n|all',
    description: 'how many workspaces to compare; all includes the removed ones (default 50)',
    modes: ['verify'],
  },
  seed: { value: 'text', description: 'draw the same sample again (default: a new one, printed)', modes: ['verify'] },
  'allow-empty': { description: 'let a verify pass that had no row to compare', modes: ['verify'] },
  'no-content': { description: 'print no excerpts of memories', modes: ['verify'] },
  'show-content': { description: 'put excerpts of mismatches into the JSON report too', modes: ['verify'] },
  concurrency: { value: 'n', description: 'requests under way at a time, 1 to 64 (default 4)' },
  'request-timeout': {
    value: 'seconds',
    description: 'how long the plugin may take for one answer, 1 to 600 (default 30)',
  },
  json: { description: 'print one JSON report on standard output instead of text' },
  quiet: { description: 'print no progress and no notices' },
  debug: { description: 'print the stack of an error' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS).filter((name): name is FlagName => name in FLAGS);

/** The name of a flag's variable: `--verify-sample` is MEMORY_BACKFILL_VERIFY_SAMPLE. */
export function variableOf(flag: string): string {
  return `MEMORY_BACKFILL_${flag.toUpperCase().replaceAll('-', '_')}`;
}

export function takes(mode: Mode, flag: Flag): boolean {
  return flag.modes?.includes(mode) ?? true;
}
