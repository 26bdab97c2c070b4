/**
 * One migration as an operator has it before him: a platform's Postgres, a plugin in a process of its own, and the real
 * command line between them. A test plants rows through `sql`, runs modes through `backfill`, and looks at what the plugin
 * keeps through `contents`.
 *
 *     await using world = await startWorld({ plugin: 'quirky' });
 *     const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
 *     const { report } = await world.backfill(['--apply']);
 *
 * Every run is held to what holds for all runs, whatever it was asked: one JSON report on stdout, of the published schema, that
 * names the exit code, counts that add up, and no password anywhere.
 *
 * A world owns its database and its plugin; leaving its scope, or `release`, ends both, and a proxy in between.
 */
import { deepStrictEqual } from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import postgres, { type Sql } from 'postgres';
import { reportCheck } from '../../src/contract/report.ts';
import type { Report, Result } from '../../src/model/run.ts';
import { type CliResult, type RunningCli, startCli } from './cli.ts';
import { clusterUrl } from './cluster.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { createLegacyTables, type LegacyShape } from './legacy.ts';
import { startVectorPostgres } from './pglite.ts';
import type { PluginProcess } from './plugin-process.ts';
import { createDatabase } from './postgres.ts';
import { type Dump, type Quirk, type QuirkyPlugin, type StoredMemory, startQuirkyPlugin } from './quirky-plugin.ts';
import { startReferencePlugin } from './reference-plugin.ts';

export const PLUGINS = ['reference', 'quirky'] as const;
export type PluginName = (typeof PLUGINS)[number];

export interface WorldOptions {
  plugin: PluginName;
  /** What is wrong with the quirky plugin from the start; the reference plugin has no quirks. */
  quirks?: readonly Quirk[];
  /** Of the old tables. With `embedding: 'vector'` the source is a PGlite, and only the quirky plugin goes with it. */
  shape?: LegacyShape;
}

/** A run that has ended, with the report that it printed. */
export interface Run extends CliResult {
  report: Report;
}

export interface RunningBackfill {
  /** For signals. */
  child: ChildProcess;
  /** As {@link RunningCli.until}. */
  until: RunningCli['until'];
  /** Rejects where the run breaks a rule that holds for all runs. */
  finished: Promise<Run>;
}

export interface World<Plugin extends PluginProcess = PluginProcess> extends AsyncDisposable {
  /** Sessions of the superuser, in UTC, with a search path that finds the old tables. */
  sql: Sql;
  /** Of the source, for the same user. */
  databaseUrl: string;
  plugin: Plugin;
  /** All that the plugin keeps, in the order of its first writing, read behind its back. */
  contents(): Promise<Dump>;
  /** Runs the command line with --json to its end, between this source and this plugin unless `env` says otherwise. */
  backfill(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  /** As `backfill`, for a run that something is to happen to on its way. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningBackfill;
  /** Puts a proxy before the plugin, through which all later runs go. */
  faultProxy(): Promise<FaultProxy>;
  /** Harmless where it has been called before. */
  release(): Promise<void>;
}

export function startWorld(options: WorldOptions & { plugin: 'quirky' }): Promise<World<QuirkyPlugin>>;
export function startWorld(options: WorldOptions): Promise<World>;
export async function startWorld({ plugin: name, quirks = [], shape = {} }: WorldOptions): Promise<World> {
  await using building = new AsyncDisposableStack();
  const source = await startSource(shape);
  building.defer(source.stop);
  // A PGlite has one session at a time, and a ledger needs some of its own.
  const ledger = shape.embedding === 'vector' ? await createDatabase(clusterUrl(), 'ledger') : null;
  if (ledger) building.defer(ledger.drop);
  const sql = connect(source.url, shape.schema);
  building.defer(() => sql.end({ timeout: 1 }));
  const [{ plugin, contents }] = await Promise.all([
    name === 'quirky' ? quirky(quirks) : reference(source.url, sql),
    createLegacyTables(sql, shape),
  ]);
  building.defer(() => plugin.kill());
  const releases = building.move();

  let pluginUrl = plugin.url;
  const start: World['start'] = (args, env = {}) => {
    const ledgerUrl = ledger ? { LEDGER_DATABASE_URL: ledger.url } : {};
    const given = { DATABASE_URL: source.url, MEMORY_PLUGIN_URL: pluginUrl, ...ledgerUrl, ...env };
    const { child, until, finished } = startCli([...args, '--json'], given);
    return { child, until, finished: finished.then((result) => checked(result, given.DATABASE_URL)) };
  };
  const release = () => releases.disposeAsync();
  return {
    sql,
    databaseUrl: source.url,
    plugin,
    contents,
    start,
    backfill: (args, env) => start(args, env).finished,
    async faultProxy() {
      const proxy = await startFaultProxy(plugin.url);
      releases.defer(() => proxy.stop());
      pluginUrl = proxy.url;
      return proxy;
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}

async function startSource(shape: LegacyShape): Promise<{ url: string; stop(): Promise<void> }> {
  if (shape.embedding === 'vector') return await startVectorPostgres();
  const { url, drop } = await createDatabase(clusterUrl(), 'migration');
  return { url, stop: drop };
}

function connect(url: string, schema = 'public'): Sql {
  return postgres(url, { max: 2, onnotice: () => {}, connection: { search_path: `"${schema}"`, TimeZone: 'UTC' } });
}

interface Kept {
  plugin: PluginProcess;
  contents(): Promise<Dump>;
}

async function quirky(quirks: readonly Quirk[]): Promise<Kept> {
  const plugin = await startQuirkyPlugin({ quirks });
  return { plugin, contents: plugin.dump };
}

/** Keeps its tables in a schema of its own in the source's database. */
async function reference(databaseUrl: string, sql: Sql): Promise<Kept> {
  const plugin = await startReferencePlugin({ databaseUrl });
  const contents = async (): Promise<Dump> => ({
    memories: [
      ...(await sql<StoredMemory[]>`
        select id, namespace, content, kind, source, created_at::text, expires_at::text, propagation, pin,
          null as embedding from memory_plugin.memories order by seq`),
    ],
    namespaces: [
      ...(await sql<Dump['namespaces']>`
        select name, kind, created_at::text, expires_at::text, metadata
          from memory_plugin.namespaces order by created_at`),
    ],
  });
  return { plugin, contents };
}

// --- What holds for every run -----------------------------------------------------------------------------------------

const isReport = reportCheck<Report>();

/** @throws Error, with all that was printed, where a rule is broken. */
function checked(result: CliResult, databaseUrl: string): Run {
  try {
    const report: unknown = JSON.parse(result.stdout);
    if (!isReport(report)) {
      throw new Error(
        `What it printed is no report by its schema (is what \`npm run generate\` makes up to date?): ${isReport.reason()}.`,
      );
    }
    deepStrictEqual(report.exitCode, result.code, 'The report names another exit code.');
    if (report.result) deepStrictEqual(scanned(report.result), accounted(report.result), 'The counts do not add up.');
    const { password } = new URL(databaseUrl);
    if (password.length > 8 && (result.stdout + result.stderr).includes(password)) {
      throw new Error("The database's password was printed.");
    }
    return { ...result, report };
  } catch (error) {
    const { code, signal, stdout, stderr } = result;
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`${said}\nended with ${code ?? signal}\nstdout:\n${stdout}\nstderr:\n${stderr}`, { cause: error });
  }
}

function scanned(result: Result): number | null {
  if (result.mode === 'verify') return result.workspaces.sampled;
  return 'scanned' in result ? result.scanned : null;
}

function accounted(result: Result): number | null {
  switch (result.mode) {
    case 'dry-run':
      return sum(result.changes) + sum(result.skipped) + result.vanished;
    case 'apply': {
      const { written, adopted, recorded, conflicts, drifts, failed, vanished, skipped } = result;
      deepStrictEqual(sum(result.changes), written, 'The written rows do not add up.');
      return written + adopted + recorded + conflicts + drifts + failed + vanished + sum(skipped);
    }
    case 'verify': {
      const { matches, mismatches, unproven, errors, unchecked } = result.workspaces;
      return matches + mismatches + unproven + errors + unchecked;
    }
    default:
      return null;
  }
}

function sum(counts: object): number {
  return Object.values(counts).reduce((total, rows) => total + Number(rows), 0);
}
