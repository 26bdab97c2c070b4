/** What the command line says of itself. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { helpText } from '../../src/cli/help.ts';
import { runCli } from '../support/cli.ts';
import { transcript } from './transcript.ts';

const { version }: { version: string } = createRequire(import.meta.url)('../../package.json');

test('--help prints the help, whatever else is asked, and needs no environment', async () => {
  const [help, ofMode, ofMistake] = await Promise.all([
    runCli(['--help']),
    runCli(['--apply', '--help']),
    runCli(['--help', '--bogus']),
  ]);

  await expect(transcript(['--help'], help)).toMatchFileSnapshot('help.txt');
  expect([ofMode, ofMistake]).toEqual([help, help]);
});

test.each([60, 80, 100])('the help fits into %i columns, but for the examples, which are to be copied', (columns) => {
  const lines = helpText(columns).split('\n');
  expect(lines.filter((line) => line.length > columns && !line.startsWith('  memory-backfill --'))).toEqual([]);
  // As wide as that, too: one word more in its line would have been too much.
  expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(columns - 10);
});

test('the help tells values, and not types', () => {
  expect(helpText(100)).toMatch(/^ {2}--rollback <run-id> {2}/m);
  expect(helpText(100)).toMatch(/^ {2}--status \[run-id\|memory-id\] {2}/m);
  expect(helpText(100)).not.toMatch(/\[(string|boolean)\]/);
});

test('--version prints the version of the package, and needs no environment', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});
