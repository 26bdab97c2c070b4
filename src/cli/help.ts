/** The help, laid out from the list in flags.ts: every flag under the modes that take it, in two columns. */
import { FLAGS, type Flag, MODE_FLAGS, MODES, takes } from './flags.ts';

/** Left of a description there stand two blanks, the flag with its value, and two blanks. */
type Line = readonly [left: string, description: string];

interface Group {
  heading: string;
  lines: readonly Line[];
}

const INDENT = '  ';

const EXITS: Group = {
  heading: "Exit codes (where several hold: 2, then a signal's, then 1, then 3)",
  lines: [
    ['0', 'all that was asked is done, or parity is proven'],
    [
      '1',
      'findings: a difference, an unproven row, nothing verified, a receipt that does not hold, a conflict, a drift, a plugin that is not ready, a guard that stopped the run',
    ],
    ['2', 'usage or configuration'],
    ['3', 'incomplete: rows failed, or something could not be read, written or checked'],
    ['129, 130, 143', 'interrupted by SIGHUP, SIGINT, SIGTERM; run again to go on'],
  ],
};

const ENVIRONMENT: Group = {
  heading: 'Environment',
  lines: [
    ['DATABASE_URL', "the platform's Postgres; SELECT on agent_memories and workspaces is enough for reading it"],
    ['MEMORY_PLUGIN_URL', 'the memory plugin, with or without a path prefix'],
    ['MEMORY_PLUGIN_TOKEN', 'sent as a bearer token, for a plugin behind a proxy'],
    [
      'LEDGER_DATABASE_URL',
      'the Postgres that keeps the ledger, in a schema memory_backfill (default: DATABASE_URL, whose user must then be allowed to make that schema)',
    ],
    [
      'MEMORY_BACKFILL_…',
      'any flag but the modes, --repair and --yes, for example MEMORY_BACKFILL_VERIFY_SAMPLE=all; a flag wins over its variable. MEMORY_BACKFILL_RECEIPT_KEY is a secret under which receipts are made and checked',
    ],
    ['GITHUB_STEP_SUMMARY', 'the file that a verify appends its report to; runners of GitHub set it'],
    ['NO_COLOR', 'no colours, even on a terminal'],
  ],
};

const OTHER: Group = {
  heading: 'Other',
  lines: [
    ['--help', 'print this'],
    ['--version', 'print the version'],
  ],
};

/** @param width characters in a line at the most, but for words that are longer, and for examples, which are to be copied */
export function helpText(width: number): string {
  const flags = [modeGroup(), ...flagGroups(), OTHER];
  return [
    wrapped("Copies AI agents' memories from Postgres into a memory plugin, and proves that the copy is right.", width),
    'memory-backfill MODE [flags]',
    ...laidOut(flags, width),
    examples(),
    ...laidOut([EXITS, ENVIRONMENT], width),
  ].join('\n\n');
}

function modeGroup(): Group {
  return {
    heading: 'Modes (exactly one)',
    lines: MODES.map((mode) => [withValue(mode, MODE_FLAGS[mode]), MODE_FLAGS[mode].description]),
  };
}

/** What goes with one mode stands before what goes with several; what goes with all of them comes last. */
function flagGroups(): Group[] {
  const flags = Object.entries<Flag>(FLAGS).sort(([, a], [, b]) => rank(a) - rank(b));
  const groups = Map.groupBy(flags, ([, flag]) => heading(flag));
  return [...groups].map(([heading, members]) => ({
    heading,
    lines: members.map(([name, flag]) => [withValue(name, flag), flag.description]),
  }));
}

function rank(flag: Flag): number {
  const modes = MODES.filter((mode) => takes(mode, flag));
  return modes.length * MODES.length + MODES.findIndex((mode) => takes(mode, flag));
}

function heading(flag: Flag): string {
  if (!flag.modes) return 'All modes';
  const modes = MODES.filter((mode) => takes(mode, flag)).map((mode) => `--${mode}`);
  const last = modes.pop() ?? '';
  return `With ${modes.length === 0 ? last : `${modes.join(', ')} and ${last}`}`;
}

/** `--limit <n>`, `--status [run-id]`, `--json` */
function withValue(name: string, { value, optional }: Flag): string {
  if (!value) return `--${name}`;
  return optional ? `--${name} [${value}]` : `--${name} <${value}>`;
}

function examples(): string {
  const lines = MODES.flatMap((mode) => [
    `${INDENT}# ${MODE_FLAGS[mode].shows}`,
    `${INDENT}memory-backfill ${MODE_FLAGS[mode].example}`,
  ]);
  return ['Examples', ...lines].join('\n');
}

/** The groups share the width of their left column. */
function laidOut(groups: readonly Group[], width: number): string[] {
  const left = INDENT.length * 2 + Math.max(...groups.flatMap(({ lines }) => lines.map(([text]) => text.length)));
  return groups.map(({ heading, lines }) => {
    const rows = lines.map(([text, description]) => {
      const right = wrapped(description, Math.max(20, width - left)).replaceAll('\n', `\n${' '.repeat(left)}`);
      return `${`${INDENT}${text}`.padEnd(left)}${right}`;
    });
    return [wrapped(heading, width), ...rows].join('\n');
  });
}

/** Broken between words; a word that is too long stands on a line of its own. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(word);
  }
  return lines.join('\n');
}
