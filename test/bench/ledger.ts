/**
 * `npm run bench`: what the ledger costs. The same rows are copied into the same plugin process with a ledger and without one, by
 * turns, each time into an empty plugin and with an empty ledger; the ratio of the rates is formed within each pair of turns,
 * so that what else the machine does at the time falls on both.
 *
 *     npm run bench -- --rows 20000 --rounds 5
 *
 * Real parts throughout: Postgres, the reference plugin, the built command line. It prints each round and the median with its
 * range, and exits 1 where the median is below the bound.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { startCli } from '../support/cli.ts';
import { createLegacyTables, insertMemories, insertWorkspaces, memory } from '../support/legacy.ts';
import { createDatabase, startCluster } from '../support/postgres.ts';
import { startReferencePlugin } from '../support/reference-plugin.ts';

/** What a run with a ledger must reach of the rate of one without. */
const LEAST = 0.9;

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '5' } },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);

await using stack = new AsyncDisposableStack();
const cluster = stack.adopt(await startCluster(), ({ stop }) => stop());
const [source, kept] = [await createDatabase(cluster.url, 'source'), await createDatabase(cluster.url, 'plugin')];
const [sql, plugged] = [connect(source.url), connect(kept.url)];
stack.defer(async () => {
  await Promise.all([sql.end(), plugged.end()]);
});
await plant();
const plugin = stack.adopt(await startReferencePlugin({ databaseUrl: kept.url }), (running) => running.stop());

const [cpu] = cpus();
console.log(
  `${rows} rows of about 300 bytes in ${Math.ceil(rows / 50)} namespaces; ${cpus().length} × ${cpu?.model ?? 'CPU'}, Node ${process.version}`,
);
console.log('round   with ledger   without   ratio');
await copy([]); // Warms the caches up; it does not count.
const ratios: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const [first, second] = round % 2 ? [[], ['--no-ledger']] : [['--no-ledger'], []];
  const [one, other] = [await copy(first), await copy(second)];
  const [withLedger, without] = round % 2 ? [one, other] : [other, one];
  ratios.push(withLedger / without);
  console.log(
    `${round}`.padStart(5),
    rate(withLedger).padStart(13),
    rate(without).padStart(9),
    (withLedger / without).toFixed(3).padStart(7),
  );
}
ratios.sort((a, b) => a - b);
const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
const range = `${ratios[0]?.toFixed(3)} to ${ratios.at(-1)?.toFixed(3)}`;
console.log(
  `with / without ledger: median ${median.toFixed(3)} (${range}), bound ${LEAST}: ${median >= LEAST ? 'pass' : 'FAIL'}`,
);
process.exitCode = median >= LEAST ? 0 : 1;

/** @returns rows per second, by the run's own clock. */
async function copy(flags: readonly string[]): Promise<number> {
  await plugged.unsafe('truncate memory_plugin.memories, memory_plugin.namespaces cascade');
  await sql.unsafe('drop schema if exists memory_backfill cascade');
  const env = { DATABASE_URL: source.url, MEMORY_PLUGIN_URL: plugin.url };
  const { code, stdout, stderr } = await startCli(['--apply', '--json', '--quiet', ...flags], env).finished;
  const report: unknown = code === 0 ? JSON.parse(stdout) : null;
  if (!isTimed(report) || report.result.written !== rows)
    throw new Error(`A copy did not end well (${code}): ${stderr}${stdout}`);
  return (rows * 1000) / report.durationMs;
}

function isTimed(report: unknown): report is { durationMs: number; result: { written: number } } {
  return typeof report === 'object' && report !== null && 'durationMs' in report && 'result' in report;
}

async function plant(): Promise<void> {
  await createLegacyTables(sql);
  const workspaces = Array.from({ length: Math.ceil(rows / 50) }, (_workspace, index) => ({
    id: `0000000c-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    name: `workspace ${index}`,
    parentId: null,
    status: 'online' as const,
  }));
  await insertWorkspaces(sql, workspaces);
  const text = 'The delivery window for the northern depot moved to the early morning, since the bridge is closed. ';
  const memories = Array.from({ length: rows }, (_row, index) =>
    memory({
      workspaceId: workspaces[index % workspaces.length]?.id ?? null,
      content: `${text}${text}${text.slice(0, 90)} ${index}`,
    }),
  );
  await insertMemories(sql, memories);
  await sql`analyze`;
}

function connect(url: string) {
  return postgres(url, { max: 1, onnotice: () => {} });
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en-US')}/s`;
}
