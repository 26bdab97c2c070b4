/** What the command line says of itself. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
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

test('--version prints the version of the package, and needs no environment', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});
