/**
 * The README's table of flags, the list that the parser is made from, and the help that is printed say the same: the same
 * flags, with the same values, modes and words.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FLAGS, type Flag, MODE_FLAGS, MODES } from '../../src/cli/flags.ts';
import { runCli } from '../support/cli.ts';

/**
 * What is empty does not apply: a switch has no value, and a mode goes with nothing. A value in brackets may be left out.
 */
type Row = [flag: string, value: string, goesWith: string, does: string];

const EXPECTED: readonly Row[] = [
  ...MODES.map((mode): Row => [`--${mode}`, shownValue(MODE_FLAGS[mode]), '', MODE_FLAGS[mode].description]),
  ...Object.entries<Flag>(FLAGS).map(([name, flag]): Row => {
    const goesWith = flag.modes ? flag.modes.map((mode) => `--${mode}`).join(', ') : 'all';
    return [`--${name}`, shownValue(flag), goesWith, flag.description];
  }),
];

function shownValue({ value = '', optional }: Flag): string {
  return optional ? `[${value}]` : value;
}

test('the README has a row for each flag, in the order of the list', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readmeRows(readme)).toEqual(EXPECTED);
});

test('the help has a line for each flag, under the modes that take it', async () => {
  const { stdout } = await runCli(['--help']);
  expect(helpRows(stdout).toSorted(byFlag)).toEqual(EXPECTED.toSorted(byFlag));
});

/** The cells of the first table under "## Flags", without the marks of Markdown. */
function readmeRows(readme: string): Row[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith('Flags\n')) ?? '';
  const table = section.split('\n\n').find((paragraph) => paragraph.startsWith('|')) ?? '';
  const [heading, _rule, ...lines] = table.split('\n');
  expect(heading).toBe('| flag | value | goes with | what it does |');
  return lines.map((line) => {
    const [, flag = '', value = '', goesWith = '', does = ''] = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.replaceAll('`', '').replaceAll('\\|', '|').trim());
    return [flag, value, goesWith, does];
  });
}

/** The lines of the groups that are about modes and their flags, read back; what was wrapped is put together again. */
function helpRows(help: string): Row[] {
  return help.split('\n\n').flatMap((group) => {
    const [heading = '', ...lines] = group.replaceAll(/\n {10,}/g, ' ').split('\n');
    const goesWith = goesWithOf(heading);
    return goesWith === undefined ? [] : lines.map((line) => helpRow(line, goesWith));
  });
}

function goesWithOf(heading: string): string | undefined {
  if (heading === 'Modes (exactly one)') return '';
  if (heading === 'All modes') return 'all';
  return heading.match(/^With (--.*)$/)?.[1]?.replaceAll(' and ', ', ');
}

function helpRow(line: string, goesWith: string): Row {
  const parts = line.match(/^ {2}(--[a-z-]+)(?: <([^>]+)>| (\[[^\]]+\]))? {2,}(\S.*)$/) ?? [];
  const [, flag = '', value, optionalValue, does = ''] = parts;
  return [flag, value ?? optionalValue ?? '', goesWith, does];
}

const byFlag = ([a]: Row, [b]: Row): number => (a < b ? -1 : 1);
