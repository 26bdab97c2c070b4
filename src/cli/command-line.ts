/** The command line, read by yargs from the list in flags.ts. */
import yargs, { type Options as YargsOption } from 'yargs';
import { FLAG_NAMES, FLAGS, type Flag, MODE_FLAGS, MODES } from './flags.ts';
import { helpText } from './help.ts';
import type { GivenFlags } from './options.ts';
import { plain, quoted, UsageError } from './usage-error.ts';

export type CommandLine = { asks: 'text'; text: string } | { asks: 'run'; given: GivenFlags };

/** Characters in a line of the help, at the most; a terminal may have fewer. */
const WIDTH = 100;

/**
 * @returns the flags that were given, or the text that was asked for (help, version)
 * @throws UsageError for flags that are unknown, doubled, or lack their value
 */
export async function readCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  let text = '';
  const parser = yargs();
  parser
    .scriptName('memory-backfill')
    // The whole help: yargs, which knows of no placeholder for a value and tells types instead, prints it and adds nothing.
    .usage(helpText(Math.min(WIDTH, parser.terminalWidth() || WIDTH)))
    .options(yargsOptions())
    .version(version)
    .help()
    .hide('help')
    .hide('version')
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
  const option = (flag: Flag): YargsOption =>
    flag.value ? { type: 'string', requiresArg: !flag.optional, hidden: true } : { type: 'boolean', hidden: true };
  const all = Object.entries<Flag>({ ...MODE_FLAGS, ...FLAGS });
  return Object.fromEntries(all.map(([name, flag]) => [name, option(flag)]));
}

/** yargs would take the last of several, or none of their values; what was meant cannot be told. */
function refuseRepetitions(args: readonly string[]): void {
  const written = args.filter((arg) => arg.startsWith('--'));
  const names = written.map((arg) => arg.replace(/=.*$/s, ''));
  for (const name of names) {
    const times = names.filter((other) => other === name).length;
    if (times > 1) throw new UsageError(`${name} was given ${times} times: give it once.`);
  }
  const switches = [
    ...MODES.filter((mode) => !MODE_FLAGS[mode].value),
    ...FLAG_NAMES.filter((flag) => !('value' in FLAGS[flag])),
  ];
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
    // A word that stands by itself is no flag, even where there is one of that name.
    return typed && !args.includes(name)
      ? `there is no flag ${plain(typed)}`
      : `${quoted(name)} is no flag (modes and flags begin with two dashes)`;
  }
}
