/** What is generated from the contracts is up to date; and the check of that sees a difference, in a folder with a space too. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Milliseconds: a generator takes a second, and several where everything else runs beside it. */
const PATIENCE = 60_000;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

async function checkGenerated(root: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['scripts/generate.ts', '--check'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stderr };
}

/** A copy of what the generator reads and writes, inside the project so that it finds its packages. */
async function withCopy(use: (root: string) => Promise<void>): Promise<void> {
  await mkdir(path.join(ROOT, '.tmp'), { recursive: true });
  const root = await mkdtemp(path.join(ROOT, '.tmp', 'a clone '));
  try {
    for (const part of ['package.json', 'tsconfig.json', 'scripts', 'api-protocol', 'src/contract', 'src/model']) {
      await cp(path.join(ROOT, part), path.join(root, part), { recursive: true });
    }
    await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

test('the generated files are what they are generated from says', { timeout: PATIENCE }, async () => {
  expect(await checkGenerated(ROOT)).toEqual({ code: 0, stderr: '' });
});

test('a contract that has changed since makes the check fail and name all files', { timeout: PATIENCE }, async () => {
  await withCopy(async (root) => {
    expect(await checkGenerated(root)).toEqual({ code: 0, stderr: '' });
    const contract = path.join(root, 'api-protocol/memory-plugin-v1.yaml');
    await writeFile(
      contract,
      (await readFile(contract, 'utf8')).replace('maximum: 100', 'maximum: 99').replace('[ok, degraded]', '[ok]'),
    );
    const { code, stderr } = await checkGenerated(root);
    expect(code).toBe(1);
    expect(outOfDate(stderr)).toEqual([
      'src/contract/schema.gen.ts',
      'src/contract/schemas.gen.ts',
      'src/contract/checks.gen.js',
    ]);
  });
});

test("a report's type that has changed since makes the check fail and name both files", {
  timeout: PATIENCE,
}, async () => {
  await withCopy(async (root) => {
    const model = path.join(root, 'src/model/run.ts');
    await writeFile(model, (await readFile(model, 'utf8')).replace('exitCode: number;', 'exitCode: string;'));
    const { code, stderr } = await checkGenerated(root);
    expect(code).toBe(1);
    expect(outOfDate(stderr)).toEqual([
      'api-protocol/memory-backfill-report-v1.schema.json',
      'src/contract/report.gen.ts',
    ]);
  });
});

/** The files that it calls so. */
function outOfDate(stderr: string): string[] {
  return [...stderr.matchAll(/^(\S+) is out of date: /gm)].map(([, file = '']) => file);
}
