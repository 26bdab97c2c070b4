/** The command line, read by yargs from the list in flags.ts. */
import yargs, { type Options as YargsOption } from 'yargs';
import { FLAG_NAMES, FLAGS, type Flag, MODE_FLAGS, MODES, takes } from './flags.ts';
import type { GivenFlags } from './options.ts';
import { plain, quoted, UsageError } from './usage-error.ts';

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

  refuseRepetitions(args);
  const parsed = await parse(args);
  if (text !== '') return { asks: 'text', text: `${text}\n` };
  const rest = parsed._;
  if (Array.isArray(rest) && rest.length > 0)
    throw new UsageError(`${quoted(String(rest[0]))} goes with no flag. --help lists them.`);
  return { asks: 'run', given: givenFlags(parsed) };

  async function parse(args: readonly string[]): Promise<Record<string, unknown>> {
    try {
      return await parser.parseAsync([...args], {}, (_error, _parsed, output) => {
        text = output;
      });
    } catch (error) {
      throw new UsageError(sentence(error, args));
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

/** yargs would take the last of several, or none of their values; what was meant cannot be told. */
function refuseRepetitions(args: readonly string[]): void {
  const written = args.filter((arg) => arg.startsWith('--'));
  const names = written.map((arg) => arg.replace(/=.*$/s, ''));
  for (const name of names) {
    const times = names.filter((other) => other === name).length;
    if (times > 1) throw new UsageError(`${name} was given ${times} times: give it once.`);
  }
  const switches = [...MODES, ...FLAG_NAMES.filter((flag) => !('value' in FLAGS[flag]))];
  for (const name of switches) {
    const valued = written.find((arg) => arg.startsWith(`--${name}=`));
    if (valued && !/=(true|false)$/.test(valued)) throw new UsageError(`--${name} takes no value but true or false.`);
  }
}

function givenFlags(parsed: Record<string, unknown>): GivenFlags {
  const given: GivenFlags = {};
  for (const name of [...MODES, ...FLAG_NAMES]) {
    const value = parsed[name];
    if (typeof value === 'string' || typeof value === 'boolean') given[name] = value;
  }
  return given;
}

/** yargs' own words, with the flags written as they were typed. */
function sentence(error: unknown, args: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ');
  const lacking = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  const said = unknown ? unknown.map(foreign).join(', and ') : lacking ? `--${lacking} needs a value` : message;
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}. --help lists the flags.`;

  function foreign(name: string): string {
    const typed = args.map((arg) => arg.replace(/=.*$/s, '')).find((arg) => arg === `--${name}` || arg === `-${name}`);
    return typed
      ? `there is no flag ${plain(typed)}`
      : `${quoted(name)} is no flag (modes and flags begin with two dashes)`;
  }
}
