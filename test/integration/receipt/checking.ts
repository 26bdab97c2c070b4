/** What the tests of receipts have in common: a world whose copy is proven, and the check of what the proof has left. */
import { mkdtemp, mkdtempDisposable, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reportCheck } from '../../../src/contract/report.ts';
import type { CheckReceiptResult } from '../../../src/model/receipt.ts';
import type { Report } from '../../../src/model/run.ts';
import { type CliResult, startCli } from '../../support/cli.ts';
import { grantReadOnly } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { ALL, copiedTree, type Verified, verified } from '../verify/verifying.ts';

export interface Proven extends AsyncDisposable {
  world: World<QuirkyPlugin>;
  tree: Awaited<ReturnType<typeof copied>>;
  /** Where the receipt is. */
  file: string;
  /** The source's URL, for a user who may only read the two tables. */
  reader: string;
  /** Verifies everything, unless the flags say otherwise, and leaves its receipt in `file`. */
  prove(flags?: readonly string[], env?: Env): Promise<Verified>;
  /** Checks the receipt as the line before the drop does: without a plugin, as the reader. */
  check(flags?: readonly string[], env?: Env): Promise<Checked>;
  release(): Promise<void>;
}

export type Env = Readonly<Record<string, string>>;

export interface Checked extends CliResult {
  report: Report;
  /** Null where the run ended before there was one. */
  result: CheckReceiptResult | null;
}

/** Three workspaces with a row of each scope, all of it copied. Nothing is proven yet. */
export async function copiedWorld(): Promise<Proven> {
  await using building = new AsyncDisposableStack();
  const world = building.use(await startWorld({ plugin: 'quirky' }));
  const tree = await copied(world);
  const folder = await mkdtemp(path.join(tmpdir(), 'receipt '));
  building.defer(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'receipt.json');
  const reader = await grantReadOnly(world.sql, 'dropper');
  const releases = building.move();
  const release = () => releases.disposeAsync();
  return {
    world,
    tree,
    file,
    reader,
    prove: async (flags = ALL, env = {}) =>
      verified(await world.backfill(['--verify', ...flags, '--receipt', file], env)),
    check: (flags, env) => checkReceipt(file, flags, { DATABASE_URL: reader, ...env }),
    release,
    [Symbol.asyncDispose]: release,
  };
}

const copied = (world: World) =>
  copiedTree(world, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, support: { parent: 'acme' } },
    memories: {
      'The price list moved.': { of: 'sales' },
      'The invoice was paid.': { of: 'sales', scope: 'TEAM' },
      'The office is closed.': { of: 'acme', scope: 'GLOBAL' },
      'The printer is out of ink.': { of: 'support' },
    },
  });

const isReport = reportCheck<Report>();

/** Runs `--check-receipt` with --json. @throws Error where what it printed is no report */
export async function checkReceipt(file: string, flags: readonly string[] = [], env: Env = {}): Promise<Checked> {
  const run = await startCli(['--check-receipt', file, ...flags, '--json'], env).finished;
  const report: unknown = JSON.parse(run.stdout);
  if (!isReport(report)) throw new Error(`What it printed is no report: ${isReport.reason()}\n${run.stdout}`);
  const { result } = report;
  return { ...run, report, result: result?.mode === 'check-receipt' ? result : null };
}

/** A folder for receipts, gone again afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'receipt '));
  return await use(folder.path);
}
