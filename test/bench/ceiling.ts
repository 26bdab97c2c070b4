/**
 * How good the reference plugin is: the commits that it takes over those that its Postgres would take without a plugin, statement for
 * statement. Both at their best number of clients, into the same 1,000 namespaces, with the same contents, beginning empty.
 *
 *     node test/bench/ceiling.ts        this alone, and the plugin's knee: what it takes at each concurrency
 *
 * The ceiling is pgbench's rate, with the plugin's own statement prepared. pgbench is looked for on the PATH, or where PGBENCH says; npm
 * does not bring it. Without one, a loop inside of Postgres stands in: PL/pgSQL that runs the statement, its plan kept, and commits
 * after each. It has no client at all, so nothing but Postgres has the processors. The lower a ceiling, the better the plugin looks;
 * so this one was taken, which comes to pgbench's rate, and not a client in Node, which came to three quarters of it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import postgres, { type Sql } from 'postgres';
import { commitStatement } from '../../src/reference-plugin/commit.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';
import { type Bench, openBench } from './bench.ts';
import { contestant, interleave } from './parts/interleave.ts';
import { loadGenerator } from './parts/load-generator.ts';
import { commitsInTurn, namespaceName } from './parts/memory-body.ts';
import { CONTENT_BYTES } from './parts/planting.ts';
import { ratios } from './parts/statistics.ts';
import { measured, type Scenario } from './scenario.ts';

const NAMESPACES = 1_000;
const SCHEMA = 'memory_plugin';
/** Numbers of clients of which the best is taken. */
const AT_A_TIME = { plugin: [1, 2, 4, 8, 16, 32, 64], postgres: [1, 2, 4, 8] } as const;

/** Runs for so many whole seconds, into tables without memories. Commits a second. */
type Rate = (clients: number, seconds: number) => Promise<number>;

export const ceiling: Scenario = {
  name: 'plugin',
  claim: 'the reference plugin, commits/s, over those that its Postgres takes without it',
  bound: { least: 0.4 },
  short: false,
  async measure(bench) {
    const { url: databaseUrl } = await bench.database('ceiling');
    const { url } = bench.release(await startReferencePlugin({ databaseUrl }));
    const sql = postgres(databaseUrl, { max: Math.max(...AT_A_TIME.postgres), onnotice: () => {} });
    bench.release({ stop: () => sql.end({ timeout: 1 }) });
    await makeNamespaces(sql);

    const throughPlugin = startingEmpty(sql, async (connections, seconds) => {
      const commits = { url, namespaces: NAMESPACES, contentBytes: CONTENT_BYTES };
      return (await loadGenerator({ ...commits, connections, amount: { seconds } })).output.perSecond;
    });
    const { name, rate } = await postgresAlone(sql, databaseUrl);
    const withoutPlugin = startingEmpty(sql, rate);

    const seconds = bench.short ? 1 : 3;
    await throughPlugin(8, seconds); // Does not count: until then the plugin's code is being compiled.
    const best = {
      plugin: await bestOf(AT_A_TIME.plugin, 'load generator', throughPlugin, bench),
      postgres: await bestOf(AT_A_TIME.postgres, name, withoutPlugin, bench),
    };
    const above = contestant('plugin', () => throughPlugin(best.plugin, seconds));
    const below = contestant(name, () => withoutPlugin(best.postgres, seconds));
    await interleave(bench.scale.rounds, [above, below], (round, turn) => bench.say(`round ${round}: ${turn}`));
    return {
      ratios: ratios(above.results, below.results),
      figures: { 'plugin, commits/s': above.results, [`${name}, commits/s`]: below.results },
    };
  },
};

async function makeNamespaces(sql: Sql): Promise<void> {
  const rows = Array.from({ length: NAMESPACES }, (_row, number) => ({
    name: namespaceName(number),
    kind: 'workspace',
  }));
  await sql`insert into ${sql(`${SCHEMA}.namespaces`)} ${sql(rows)}`;
  await sql`analyze ${sql(`${SCHEMA}.namespaces`)}`;
}

function startingEmpty(sql: Sql, rate: Rate): Rate {
  return async (clients, seconds) => {
    await sql`truncate ${sql(`${SCHEMA}.memories`)}`;
    await sql`checkpoint`;
    return await rate(clients, seconds);
  };
}

/** Says what came of each number of clients, as a share of the best. */
async function bestOf(numbers: readonly number[], name: string, rate: Rate, bench: Bench): Promise<number> {
  const found: Array<{ clients: number; perSecond: number }> = [];
  for (const clients of numbers) found.push({ clients, perSecond: await rate(clients, bench.short ? 1 : 2) });
  const best = found.reduce((one, other) => (other.perSecond > one.perSecond ? other : one));
  const shares = found.map(({ clients, perSecond }) => `${clients}: ${(perSecond / best.perSecond).toFixed(2)}`);
  bench.say(`${name}: ${Math.round(best.perSecond)}/s at ${best.clients} clients; of that at ${shares.join(', ')}`);
  return best.clients;
}

async function postgresAlone(sql: Sql, databaseUrl: string): Promise<{ name: string; rate: Rate }> {
  const program = process.env.PGBENCH ?? 'pgbench';
  const found = await promisify(execFile)(program, ['--version']).catch(() => null);
  if (found) return { name: 'pgbench', rate: (clients, seconds) => pgbench(program, databaseUrl, clients, seconds) };
  if (process.env.PGBENCH !== undefined) throw new Error('There is no pgbench where PGBENCH says.');
  return { name: 'loop in Postgres', rate: (sessions, seconds) => loopInside(sql, sessions, seconds) };
}

/**
 * The plugin's statement with something else for each of its parameters, by their numbers; the two that differ from commit to commit
 * are made up in SQL, from a number that the driver draws.
 */
function statementWith(drawn: string, value: (name: string) => string): string {
  const parameters = [
    `('workspace:0000000c-0000-4000-8000-' || lpad(to_hex(${drawn}::int % ${NAMESPACES}), 12, '0'))`,
    'gen_random_uuid()',
    `(${drawn} || ${value('content')}::text)`,
    value('kind'),
    value('source'),
    'false',
    'null',
    value('propagation'),
  ];
  const statement = commitStatement(SCHEMA, undefined).replaceAll(
    /\$(\d)/g,
    (_, number: string) => parameters[Number(number) - 1] ?? '',
  );
  return statement.replaceAll(/\s+/g, ' ').trim();
}

/** The same values as in the load generator's requests. */
function values(): Readonly<Record<string, string>> {
  const { body } = commitsInTurn({ namespaces: NAMESPACES, contentBytes: CONTENT_BYTES - 8 })();
  const memory: { content: string; kind: string; source: string; propagation: object } = JSON.parse(body);
  const { content, kind, source, propagation } = memory;
  return { content, kind, source, propagation: JSON.stringify(propagation) };
}

async function pgbench(program: string, databaseUrl: string, clients: number, seconds: number): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memory-backfill-pgbench-'));
  try {
    const script = path.join(folder, 'commit.sql');
    await writeFile(script, `\\set drawn random(0, 99999999)\n${statementWith(':drawn', (name) => `:${name}`)};\n`);
    const definitions = Object.entries(values()).map(([name, value]) => `--define=${name}=${value}`);
    const { stdout } = await promisify(execFile)(program, [
      ...['--no-vacuum', '--protocol=prepared', `--client=${clients}`, `--time=${seconds}`, `--file=${script}`],
      ...definitions,
      databaseUrl,
    ]);
    const rate = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
    if (!(rate > 0)) throw new Error(`pgbench tells no rate.\n${stdout}`);
    return rate;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function loopInside(sql: Sql, sessions: number, seconds: number): Promise<number> {
  const given = Object.entries(values());
  const block = `
    do $loop$
    declare
      until timestamptz := clock_timestamp() + interval '${seconds} seconds';
      drawn integer;
      stored uuid;
      ${given.map(([name, value]) => `given_${name} text := '${value.replaceAll("'", "''")}';`).join('\n')}
    begin
      while clock_timestamp() < until loop
        drawn := random() * 99999999;
        ${statementWith('drawn', (name) => `given_${name}`)} into stored;
        commit;
      end loop;
    end $loop$`;
  await Promise.all(Array.from({ length: sessions }, () => sql.unsafe(block)));
  const [row] = await sql<{ count: number }[]>`select count(*)::int from ${sql(`${SCHEMA}.memories`)}`;
  return (row?.count ?? 0) / seconds;
}

if (import.meta.main) {
  await using stack = new AsyncDisposableStack();
  const bench = openBench(
    { short: false, durable: false, names: [ceiling.name], say: (line) => console.error(line) },
    stack,
  );
  const { outcome, ratio, why } = await measured(ceiling, bench);
  console.log(
    ratio ? `${outcome}: ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})` : why,
  );
  process.exitCode = { pass: 0, fail: 1, told: 0, unmeasured: 3 }[outcome];
}
