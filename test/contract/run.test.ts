/** The suite on the command line: what it prints, and its exit codes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Quirk, startQuirkyPlugin } from '../support/quirky-plugin.ts';
import { checks } from './suite.ts';

const RUN_FILE = fileURLToPath(new URL('run.ts', import.meta.url));

test('prints a line for each check and a closing line, and exits 0 where all have passed', async () => {
  const { code, stdout, stderr } = await runAgainst([]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, checks.length)).toEqual(checks.map(({ name }) => `ok            ${name}`));
  expect(lines.slice(checks.length)).toEqual(['', '0 not announced', `${checks.length} passed, 0 failed`]);
  expect([code, stderr]).toEqual([0, '']);
});

test('exits 1 where a check has failed, and says what the plugin did', async () => {
  const { code, stdout } = await runAgainst(['forget-404']);
  expect(stdout).toMatch(/^FAILED {8}a memory is not forgotten .*\n {14}the answer was 404, not 403/m);
  expect(stdout).toMatch(new RegExp(`\\n${checks.length - 1} passed, 1 failed\\n$`));
  expect(code).toBe(1);
});

test('reports what the plugin does not announce, and counts it apart', async () => {
  const { code, stdout } = await runAgainst(['no-capabilities']);
  const skipped = checks.filter(({ needs }) => needs !== undefined);
  expect(skipped.length).toBeGreaterThan(0);
  for (const { name } of skipped) expect(stdout).toContain(`not announced ${name}\n`);
  expect(stdout).toMatch(
    new RegExp(`\\n${skipped.length} not announced\\n${checks.length - skipped.length} passed, 0 failed\\n$`),
  );
  expect(code).toBe(0);
});

test('exits 1 where something else than a plugin answers', async () => {
  const server = createServer((_request, response) => response.end('<h1>It works!</h1>')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  const { code, stdout } = await run(['--url', `http://127.0.0.1:${address.port}`]);
  server.close();
  expect(stdout).toContain('FAILED        health answers 200 with status, version and capabilities\n');
  expect(code).toBe(1);
});

test('exits 3 where nothing answers', async () => {
  const { code, stdout, stderr } = await run(['--url', 'http://127.0.0.1:1']);
  expect([code, stdout, stderr]).toEqual([3, '', 'Nothing answers under this URL.\n']);
});

test('exits 2 and shows its usage where there is no URL, or no such flag', async () => {
  for (const args of [[], ['--url', 'plugin'], ['--url', 'ftp://a'], ['--fast', '--url', 'http://a']]) {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: .*--url/);
  }
});

async function runAgainst(quirks: readonly Quirk[]) {
  const plugin = await startQuirkyPlugin({ quirks });
  try {
    return await run(['--url', `${plugin.url}/`]);
  } finally {
    await plugin.stop();
  }
}

async function run(args: readonly string[]) {
  const child = spawn(process.execPath, [RUN_FILE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}
