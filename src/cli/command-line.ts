/** The command line, read by yargs from the list in flags.ts. */
import yargs, { type Options as YargsOption } from 'yargs';
import { FLAG_NAMES, FLAGS, type Flag, MODE_FLAGS, MODES, takes } from './flags.ts';
import type { GivenFlags } from './options.ts';
import { UsageError } from './usage-error.ts';

export type CommandLine = { asks: 'text'; text: string } | { asks: 'run'; given: GivenFlags };

const EXITS = `Exit codes
  0    all that was asked is done, or parity is proven
  1    findings: a difference, an unproven row, nothing verified
  2    usage or configuration
  3    incomplete: rows failed, or something could not be read, written or checked
  129, 130, 143   interrupted by SIGHUP, SIGINT, SIGTERM; run again to go on
  Where several hold: 2, then a signal's, then 1, then 3.

Environment
  DATABASE_URL         the platform's Postgres; SELECT on agent_memories and workspaces is enough
  MEMORY_PLUGIN_URL    the memory plugin, with or without a path prefix
  MEMORY_PLUGIN_TOKEN  sent as a bearer token, for a plugin behind a proxy
  MEMORY_BACKFILL_…    any flag but the modes, for example MEMORY_BACKFILL_VERIFY_SAMPLE=all; a flag wins`;

/**
 * @returns the flags that were given, or the text that was asked for (help, version)
 * @throws UsageError for flags that are unknown, doubled, or lack their value
 */
export async function readCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  let text = '';
  const parser = yargs()
    .scriptName('memory-backfill')
    .usage(
      "Copies AI agents' memories from Postgres into a memory plugin, and proves that the copy is right.\n\n$0 MODE [flags]",
    )
    .options(yargsOptions())
    .example(MODES.map((mode): [string, string] => [`$0 ${MODE_FLAGS[mode].example}`, MODE_FLAGS[mode].shows]))
    .epilogue(EXITS)
    .version(version)
    .help()
    .group(['help', 'version'], 'Other')
    .locale('en')
    .wrap(null)
    .strict()
    .exitProcess(false)
    .fail(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    });

  const parsed = await parse(args);
  if (text !== '') return { asks: 'text', text: `${text}\n` };
  return { asks: 'run', given: givenFlags(parsed) };

  async function parse(args: readonly string[]): Promise<Record<string, unknown>> {
    try {
      return await parser.parseAsync([...args], {}, (_error, _parsed, output) => {
        text = output;
      });
    } catch (error) {
      throw new UsageError(sentence(error));
    }
  }
}

function yargsOptions(): Record<string, YargsOption> {
  const modes = MODES.map((mode): [string, YargsOption] => [
    mode,
    { type: 'boolean', description: MODE_FLAGS[mode].description, group: 'Modes (exactly one)' },
  ]);
  const flags = Object.entries<Flag>(FLAGS).map(([name, flag]): [string, YargsOption] => [
    name,
    {
      description: flag.value ? `<${flag.value}> ${flag.description}` : flag.description,
      group: group(flag),
      ...(flag.value ? { type: 'string', requiresArg: true } : { type: 'boolean' }),
    },
  ]);
  return Object.fromEntries([...modes, ...flags]);
}

function group(flag: Flag): string {
  if (!flag.modes) return 'All modes';
  return `With ${MODES.filter((mode) => takes(mode, flag))
    .map((mode) => `--${mode}`)
    .join(' and ')}`;
}

function givenFlags(parsed: Record<string, unknown>): GivenFlags {
  const given: GivenFlags = {};
  for (const name of [...MODES, ...FLAG_NAMES]) {
    const value = parsed[name];
    if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times: give it once.`);
    if (typeof value === 'string' || typeof value === 'boolean') given[name] = value;
  }
  return given;
}

/** yargs' own words, with the flags written as they are typed. */
function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const said = message
    .replace(/^Unknown arguments?: (.*)$/, (_all, names: string) => `There is no flag ${dashed(names)}`)
    .replace(/^Not enough arguments following: (.*)$/, (_all, name: string) => `${dashed(name)} needs a value`);
  return `${said}. --help lists the flags.`;
}

function dashed(names: string): string {
  return names
    .split(', ')
    .map((name) => (name in FLAGS || /^[a-z-]{2,}$/.test(name) ? `--${name}` : `"${name}"`))
    .join(', ');
}
