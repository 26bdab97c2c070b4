/**
 * What the scenarios share: one Postgres server, one reference plugin, the planted sources, and what several of them read out of
 * one and the same session of runs. All of it is made when the first asks for it, and released with the stack.
 */
import postgres, { type Sql } from 'postgres';
import { type Cluster, createDatabase, type Database, startCluster } from '../support/postgres.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';
import { type Planting, plant } from './parts/planting.ts';

/** How much is measured: the full form takes minutes, the short one is for CI. */
export interface Scale {
  /** Of the ordinary source. */
  rows: number;
  namespaces: number;
  /** In each of which everybody who is compared has a turn. */
  rounds: number;
  /** Of the two sources whose copies are compared for the memory that they take. */
  small: number;
  large: number;
  /** Rows that the old way is given. */
  oldRows: number;
  /** For which the load generator tries each concurrency, while the best is looked for. */
  trySeconds: number;
}

const FULL: Scale = {
  rows: 50_000,
  namespaces: 1_000,
  rounds: 3,
  small: 10_000,
  large: 1_000_000,
  oldRows: 2_000,
  trySeconds: 1,
};

const SHORT: Scale = {
  rows: 10_000,
  namespaces: 200,
  rounds: 1,
  small: 5_000,
  large: 30_000,
  oldRows: 500,
  trySeconds: 0.5,
};

/** Such as a server for tables of this size would have: they and their indexes fit in. By far most of the work is then the work itself. */
const SERVER = { shared_buffers: '2GB' };

/** As a server comes, unlike those of the tests. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

export interface Source {
  url: string;
  rows: number;
  /** Drops the ledger, so that the next run knows of none before it. */
  forgetRuns(): Promise<void>;
}

export interface ReferencePlugin {
  url: string;
  /** Removes all that it holds. */
  empty(): Promise<void>;
  /** For those that only commit: a copy makes its namespaces itself. */
  makeNamespaces(names: readonly string[]): Promise<void>;
}

export interface Bench {
  short: boolean;
  scale: Scale;
  /** Whether a scenario of this name was asked for. */
  wants(...names: string[]): boolean;
  /** A line of progress. */
  say(line: string): void;
  /** What the session came to: it is run for the first that asks. */
  once<T>(session: (bench: Bench) => Promise<T>): Promise<T>;
  source(planting: Planting): Promise<Source>;
  plugin(): Promise<ReferencePlugin>;
  /** An empty database. */
  database(label: string): Promise<Database>;
  /** Is released when the benchmark ends, last in, first out. */
  release<T extends { stop(): Promise<void> }>(running: T): T;
  postgresVersion(): Promise<string>;
}

export interface BenchOptions {
  short: boolean;
  /** Postgres writes to disk before it acknowledges. */
  durable: boolean;
  names: readonly string[];
  say(line: string): void;
}

export function openBench({ short, durable, names, say }: BenchOptions, stack: AsyncDisposableStack): Bench {
  const sessions = new Map<unknown, Promise<unknown>>();

  /** What the map holds under a session came from that session: the two types agree. */
  function once<T>(session: (bench: Bench) => Promise<T>): Promise<T>;
  function once(session: (bench: Bench) => Promise<unknown>): Promise<unknown> {
    const known = sessions.get(session);
    if (known) return known;
    const begun = session(bench);
    sessions.set(session, begun);
    return begun;
  }

  async function startServer(): Promise<Cluster> {
    say('starting Postgres');
    return stack.adopt(await startCluster({ settings: durable ? { ...SERVER, ...DURABLE } : SERVER }), ({ stop }) =>
      stop(),
    );
  }

  function connect(url: string): Sql {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    stack.defer(() => sql.end({ timeout: 1 }));
    return sql;
  }

  async function startPlugin(): Promise<ReferencePlugin> {
    const { url: databaseUrl } = await bench.database('plugin');
    const plugin = bench.release(await startReferencePlugin({ databaseUrl }));
    const sql = connect(databaseUrl);
    return {
      url: plugin.url,
      async empty() {
        await sql`truncate memory_plugin.memories, memory_plugin.namespaces cascade`;
        await sql`checkpoint`;
      },
      async makeNamespaces(made) {
        for (const name of made) {
          const body = JSON.stringify({ kind: 'workspace' });
          const headers = { 'content-type': 'application/json' };
          const answer = await fetch(`${plugin.url}/v1/namespaces/${name}`, { method: 'PUT', headers, body });
          if (answer.status !== 200) throw new Error(`A namespace was answered with ${answer.status}.`);
          await answer.arrayBuffer();
        }
      },
    };
  }

  const planted = new Map<string, Promise<Source>>();

  async function plantSource(planting: Planting): Promise<Source> {
    say(`planting ${planting.rows.toLocaleString('en-US')} rows in ${planting.workspaces} namespaces`);
    const { url } = await bench.database('source');
    const sql = connect(url);
    const rows = await plant(sql, planting);
    return { url, rows, forgetRuns: async () => void (await sql`drop schema if exists memory_backfill cascade`) };
  }

  const bench: Bench = {
    short,
    scale: short ? SHORT : FULL,
    wants: (...asked) => asked.some((name) => names.includes(name)),
    say,
    once,
    source(planting) {
      const key = JSON.stringify(planting);
      const source = planted.get(key) ?? plantSource(planting);
      planted.set(key, source);
      return source;
    },
    plugin: () => once(startPlugin),
    async database(label) {
      const { url } = await once(startServer);
      return await createDatabase(url, label);
    },
    release: (running) => stack.adopt(running, ({ stop }) => stop()),
    async postgresVersion() {
      const { url } = await once(startServer);
      const [row] = await connect(url)<Array<{ version: string }>>`select current_setting('server_version') as version`;
      return row?.version ?? 'unknown';
    },
  };
  return bench;
}
