/** A run of the command line as a reader would note it down: what was typed, what was printed, and the exit code. */
import type { CliResult } from '../support/cli.ts';
import type { World } from '../support/migration.ts';

/** What stands for a text that is another one in each run, or on each machine. */
export type Names = Readonly<Record<string, string>>;

/** Where the two ends of a world are. */
export function namesOf({ databaseUrl, plugin }: World): Names {
  const { hostname, port, pathname } = new URL(databaseUrl);
  return { [`${hostname}:${port || 5432}${pathname}`]: 'POSTGRES/DATABASE', [new URL(plugin.url).host]: 'PLUGIN' };
}

/**
 * Times and rates are replaced by words in capitals, and so is what the names stand for; what stderr said is marked.
 *
 * @throws Error where there is an escape code in the output: none of these runs is on a terminal.
 */
export function transcript(args: readonly string[], result: CliResult, names: Names = {}): string {
  const { code, signal, stdout, stderr } = result;
  if (`${stdout}${stderr}`.includes('\u001b')) throw new Error(`There is an escape code in:\n${stdout}${stderr}`);
  const lines = [
    `$ memory-backfill ${args.join(' ')}`,
    stdout,
    stderr.replaceAll(/^(?=.)/gm, 'stderr: '),
    `exit ${code ?? signal}`,
  ];
  return `\n${steady(lines.filter((text) => text !== '').join('\n'), names)}\n`;
}

export function steady(text: string, names: Names): string {
  const named = Object.entries(names).reduce((seen, [from, to]) => seen.replaceAll(from, to), text);
  return named.replaceAll(/\d+ ms|\d+\.\d s/g, 'TIME').replaceAll(/[\d,]+ rows\/s/g, 'RATE');
}
