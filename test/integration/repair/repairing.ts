/** A world whose copy is damaged, the verify that says so, and the repair from its report. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RepairResult } from '../../../src/model/repair.ts';
import type { Report } from '../../../src/model/run.ts';
import type { VerifyResult } from '../../../src/model/verify.ts';
import { found } from '../../support/findings.ts';
import { type Run, startWorld, type World, type WorldOptions } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { type Tampering, tampering } from '../verify/tampering.ts';
import { ALL, type Verified, verified } from '../verify/verifying.ts';

export interface Repaired extends Run {
  result: RepairResult;
}

export interface Scene<Its extends World = World> extends AsyncDisposable {
  world: Its;
  tamper: Tampering;
  /** Verifies everything, and keeps the report, the last one, for `repair`. */
  verify(...flags: string[]): Promise<Verified>;
  /** Keeps a report for `repair` in the place of a verify's. */
  keep(report: Report): Promise<void>;
  /** Runs `--apply --repair` with the report that was kept last. */
  repair(...flags: string[]): Promise<Repaired>;
  /** The flags of such a run. */
  flags(...flags: string[]): string[];
}

export function startScene(options: WorldOptions & { plugin: 'quirky' }): Promise<Scene<World<QuirkyPlugin>>>;
export function startScene(options: WorldOptions): Promise<Scene>;
export async function startScene(options: WorldOptions): Promise<Scene> {
  await using building = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'memory-backfill-repair-'));
  building.defer(() => rm(folder, { recursive: true }));
  const world = building.use(await startWorld(options));
  const releases = building.move();
  const file = path.join(folder, 'report.json');
  const flags = (...more: string[]) => ['--apply', '--repair', file, ...more];
  const keep = async (report: Report) => await writeFile(file, JSON.stringify(report));
  return {
    world,
    tamper: tampering(world),
    flags,
    keep,
    async verify(...more) {
      const run = await world.backfill(['--verify', ...(more.includes('--workspace') ? [] : ALL), ...more]);
      await keep(run.report);
      return verified(run);
    },
    repair: async (...more) => withResult(await world.backfill(flags(...more))),
    [Symbol.asyncDispose]: () => releases.disposeAsync(),
  };
}

/** @throws Error where a run ended without the result of a repair */
export function withResult(run: Run): Repaired {
  const { result } = run.report;
  if (result?.mode !== 'repair') throw new Error(`No repair came of it.\n${run.stdout}\n${run.stderr}`);
  return { ...run, result };
}

/** What was mended, with zero for whatever is not named. */
export function mended(some: Partial<RepairResult['mended']> = {}): RepairResult['mended'] {
  return { sent: 0, moved: 0, forgotten: 0, already: 0, accepted: 0, ...some };
}

/** What was left, likewise. */
export function left(some: Partial<RepairResult['left']> = {}): RepairResult['left'] {
  return { acknowledged: 0, changed: 0, gone: 0, text: 0, copy: 0, unproven: 0, unsettled: 0, ...some };
}

export const NO_FINDINGS = found();

/** That a copy is whole. */
export const CLEAN = { findings: NO_FINDINGS } satisfies Partial<VerifyResult>;

/** Where the plugin holds what, one line each, sorted. */
export async function holdings(world: World): Promise<string[]> {
  return (await world.contents()).memories.map(({ namespace, content }) => `${namespace}: ${content}`).sort();
}

/** What provenance a row was copied with. */
export function provenanceOf(workspaceId: string, scope: 'LOCAL' | 'TEAM' | 'GLOBAL', createdAt: string | null) {
  return {
    run_id: randomUUID(),
    source: 'agent_memories',
    workspace_id: workspaceId,
    scope,
    tag: 'general',
    created_at: createdAt,
    updated_at: createdAt,
  };
}

/** Stores a copy of a row under an id of its own, with the provenance that a copy has. @returns its id */
export async function plantCopy(
  { tamper }: Pick<Scene, 'tamper'>,
  row: { workspaceId: string | null; content: string; createdAt: string | null },
  scope: 'LOCAL' | 'TEAM' | 'GLOBAL',
  namespace: string,
): Promise<string> {
  const id = randomUUID();
  await tamper.insert({ id, namespace, content: row.content });
  await tamper.edit(id, {
    propagation: { backfill: provenanceOf(row.workspaceId ?? '', scope, row.createdAt) },
  });
  return id;
}
