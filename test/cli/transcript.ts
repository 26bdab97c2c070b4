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

/** Times, rates, keyed digests and the ids of runs become words; the slowest rows stand in the order of their ids, and not of their times. */
export function steady(text: string, names: Names): string {
  const named = Object.entries(names).reduce((seen, [from, to]) => seen.replaceAll(from, to), text);
  const timeless = named
    .replaceAll(/\d+(?:\.\d)? ms|\d+\.\d s/g, 'TIME')
    .replaceAll(/[\d,]+ rows\/s/g, 'RATE')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'MOMENT')
    .replaceAll(/(?<=--resume |\brun |"writtenBy": ")[0-9a-f-]{36}/g, 'RUN')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    // How wide the column is depends on its times.
    .replaceAll(/(?<=^ {2}slowest rows.*took) +/gm, '   ')
    .replaceAll(/(?<=^ {2}[0-9a-f-]{36} {3}TIME) +/gm, '   ');
  return timeless.replace(
    /(?<=^ {2}slowest rows.*\n)(?: {2}.+\n)+/m,
    (rows) => `${rows.trimEnd().split('\n').sort().join('\n')}\n`,
  );
}
