/**
 * The parts that the demo needs, all real: a Postgres server with one database for the platform, one for the plugin and one for
 * the ledger, the plugin in a process of its own, and a folder for files.
 *
 * They start in this order and end in the opposite one. Each also ends, without being awaited, when this process exits:
 * postgres.ts, plugin-process.ts and the folder below listen for that. So `process.exit` leaves nothing behind, whatever
 * was starting or ending at that moment; only a SIGKILL does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres, { type Sql } from 'postgres';
import { createLegacyTables, grantReadOnly } from '../test/support/legacy.ts';
import { createDatabase, startCluster } from '../test/support/postgres.ts';
import { startReferencePlugin } from '../test/support/reference-plugin.ts';

export interface Stage extends AsyncDisposable {
  /** The platform's database, with its old tables still empty, as its owner sees it. */
  platform: Sql;
  /** What the plugin keeps, behind its back. */
  plugin: Sql;
  /** What the command line has written down, behind its back; empty until the first apply. */
  ledger: Sql;
  /** What the command line is given. Its user of the platform's database may read the old tables and do nothing else. */
  environment: Record<'DATABASE_URL' | 'LEDGER_DATABASE_URL' | 'MEMORY_PLUGIN_URL', string>;
  /** Where the command line runs and writes its files. */
  folder: string;
}

/** @throws Error with the reason, where a part does not start; what had started by then is ended. */
export async function setStage(): Promise<Stage> {
  await using building = new AsyncDisposableStack();
  const folder = temporaryFolder(building);
  const cluster = building.adopt(await startCluster(), ({ stop }) => stop());
  const platformDatabase = await createDatabase(cluster.url, 'platform');
  const pluginDatabase = await createDatabase(cluster.url, 'plugin');
  const ledgerDatabase = await createDatabase(cluster.url, 'ledger');
  const platform = building.adopt(connect(platformDatabase.url), (sql) => sql.end());
  const plugin = building.adopt(connect(pluginDatabase.url), (sql) => sql.end());
  const ledger = building.adopt(connect(ledgerDatabase.url), (sql) => sql.end());
  await createLegacyTables(platform);
  const readerUrl = await grantReadOnly(platform, 'reader');
  const server = building.adopt(await startReferencePlugin({ databaseUrl: pluginDatabase.url }), ({ stop }) => stop());

  const parts = building.move();
  return {
    platform,
    plugin,
    ledger,
    environment: {
      DATABASE_URL: readerUrl,
      LEDGER_DATABASE_URL: ledgerDatabase.url,
      MEMORY_PLUGIN_URL: server.url,
    },
    folder,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function connect(url: string): Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}

function temporaryFolder(parts: AsyncDisposableStack): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'memory-backfill-demo-'));
  // Repeated where something that is being ended writes a last file.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.on('exit', remove);
  parts.defer(() => {
    process.off('exit', remove);
    remove();
  });
  return folder;
}
