/** The package as npm would publish it: unpacked somewhere else, with nothing but its own files, it runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the packed package', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'memory-backfill-pack-'));
    // The build is there already; its script would take dist/ away from the tests that run beside this one.
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe' });
    execFileSync('tar', ['-xzf', `${manifest.name}-${manifest.version}.tgz`], { cwd: folder });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(command: keyof typeof manifest.bin, ...args: string[]) {
    const file = path.join(folder, 'package', manifest.bin[command]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  test('memory-backfill says its version', () => {
    expect(run('memory-backfill', '--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('memory-plugin shows its help', () => {
    const { status, stdout } = run('memory-plugin', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--database-url');
  });

  test('it holds the contract, its examples and the build, and no source and no test', () => {
    const list = execFileSync('tar', ['-tzf', `${manifest.name}-${manifest.version}.tgz`], {
      cwd: folder,
      encoding: 'utf8',
    });
    const folders = new Set(
      list
        .trim()
        .split('\n')
        .map((file) => file.split('/').slice(1, 2).join()),
    );
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'api-protocol',
      'bin',
      'dist',
      'docs',
      'package.json',
    ]);
  });
});
