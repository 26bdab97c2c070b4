/** The package as npm would publish it: unpacked somewhere else, with nothing but its own files, it runs. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { clusterUrl } from '../support/cluster.ts';
import { createLegacyTables, plantTree } from '../support/legacy.ts';
import { createDatabase } from '../support/postgres.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the packed package', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'memory-backfill-pack-'));
    // The build is there already; its script would take dist/ away from the tests that run beside this one.
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe' });
    execFileSync('tar', ['-xzf', `${manifest.name}-${manifest.version}.tgz`], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (command: keyof typeof manifest.bin) => path.join(folder, 'package', manifest.bin[command]);

  function run(command: keyof typeof manifest.bin, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileOf(command), ...args], { encoding: 'utf8' });
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

  test('its plugin and its tool copy a memory', async () => {
    await using started = new AsyncDisposableStack();
    const database = await createDatabase(clusterUrl(), 'packed');
    started.defer(database.drop);
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    started.defer(() => sql.end());
    await createLegacyTables(sql);
    await plantTree(sql, { workspaces: { acme: {} }, memories: { 'The only one.': { of: 'acme' } } });
    const plugin = await startReferencePlugin({ databaseUrl: database.url, file: fileOf('memory-plugin') });
    started.defer(plugin.stop);

    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MEMORY_PLUGIN_URL: plugin.url };
    for (const mode of ['--apply', '--verify']) {
      await promisify(execFile)(process.execPath, [fileOf('memory-backfill'), mode], { env });
    }
    expect(await sql`select content from memory_plugin.memories`).toEqual([{ content: 'The only one.' }]);
  });

  test('it asks for no other package, and says whose work it took in', () => {
    expect(manifest).not.toHaveProperty('dependencies');
    const licences = readFileSync(path.join(folder, 'package/dist/LICENSES.txt'), 'utf8');
    for (const name of ['undici', 'postgres', 'yargs', 'fastify', '@fastify/error']) {
      const { version } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
      expect(licences).toContain(`${'-'.repeat(80)}\n${name} ${version}\n\n`);
    }
    expect(licences).toContain('Copyright (c) Matteo Collina and Undici contributors');
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
