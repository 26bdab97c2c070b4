/** What the tests of verify have in common: a world whose copy is whole, a run of verify on it, and the words to judge it. */
export { found } from '../../support/findings.ts';

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding, FindingKind, VerifyResult } from '../../../src/model/verify.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { plantTree, type Tree, type TreePlan } from '../../support/legacy.ts';
import type { Run, World } from '../../support/migration.ts';

export interface Verified extends Run {
  result: VerifyResult;
}

/** Runs `--verify` with these flags. @throws Error where it ends without a result, with all that it printed. */
export async function verify(world: World, ...flags: string[]): Promise<Verified> {
  return verified(await world.backfill(['--verify', ...flags]));
}

/** As {@link verify}, with a file that accepts these ids. */
export async function verifyAccepting(world: World, ids: readonly string[], ...flags: string[]): Promise<Verified> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'accept-'));
  const file = path.join(folder.path, 'accept.jsonl');
  await writeFile(file, ids.map((id) => `${JSON.stringify({ id, reason: 'It is meant to be so.' })}\n`).join(''));
  return await verify(world, ...flags, '--accept', file);
}

/** Every workspace, the removed ones too. */
export const ALL = ['--verify-sample', 'all'] as const;

/** @throws Error where a run ended without the result of a verify. */
export function verified(run: Run): Verified {
  const { result } = run.report;
  if (result?.mode !== 'verify') throw new Error(`There is no result of a verify.\n${run.stdout}\n${run.stderr}`);
  return { ...run, result };
}

/** Runs `--verify` for a person: text instead of JSON. */
export function verifyInText(
  { databaseUrl, plugin }: World,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return runCli(['--verify', ...flags], { DATABASE_URL: databaseUrl, MEMORY_PLUGIN_URL: plugin.url, ...env });
}

/** Copies what the source holds. @throws Error where a row was not written. */
export async function apply(world: World, ...flags: string[]): Promise<void> {
  const { code, stdout } = await world.backfill(['--apply', '--concurrency', '8', ...flags]);
  if (code !== 0) throw new Error(`The copy is not whole.\n${stdout}`);
}

/** Plants a tree and copies it. */
export async function copiedTree<Workspace extends string, Memory extends string = never>(
  world: World,
  plan: TreePlan<Workspace, Memory>,
): Promise<Tree<Workspace, Memory>> {
  const tree = await plantTree(world.sql, plan);
  await apply(world);
  return tree;
}

/** The counters of workspaces, with zero for each that is not named. */
export function counted(given: Partial<VerifyResult['workspaces']>): VerifyResult['workspaces'] {
  return { sampled: 0, matches: 0, empty: 0, mismatches: 0, unproven: 0, errors: 0, unchecked: 0, ...given };
}

/** What verify listed, one line each, sorted: findings come in the order in which the plugin's answers do. */
export function listed({ listed: findings }: VerifyResult): string[] {
  return findings.map(named).sort();
}

/** A line of {@link listed}. */
export function named({ kind, id }: Pick<Finding, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

/** As {@link listed} would list these rows. */
export function allNamed(kind: FindingKind, rows: ReadonlyArray<{ id: string }>): string[] {
  return rows.map(({ id }) => named({ kind, id })).sort();
}
