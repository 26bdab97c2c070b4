/** The plan that a dry run writes is what an apply then does: the file is held against what the plugin got, row for row. */
import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { PlanLine } from '../../../src/run/dry-run.ts';
import { legacyWorld } from '../../support/corpus.ts';
import { insertMemories, insertWorkspaces } from '../../support/legacy.ts';
import { type PluginName, startWorld } from '../../support/migration.ts';

const platform = legacyWorld(20_250_711, { memories: 1_000 });
const rows = platform.memories.toSorted(asTheSourceIsRead);
const ofTheBusiest = rows.filter(({ workspaceId }) => workspaceId === platform.busiest);

interface Case {
  run: string;
  plugin: PluginName;
  args: string[];
  /** What the run may take up, in its order; a limit ends it earlier. */
  from: readonly LegacyRow[];
  limit?: number;
}

const cases: Case[] = [
  { run: 'a whole run', plugin: 'quirky', args: [], from: rows },
  { run: 'one with removed workspaces', plugin: 'quirky', args: ['--removed-workspaces', 'copy'], from: rows },
  { run: 'one with a limit', plugin: 'reference', args: ['--limit', '150'], from: rows, limit: 150 },
  { run: 'one of a workspace', plugin: 'quirky', args: ['--workspace', platform.busiest], from: ofTheBusiest },
];

test.each(cases)('of $run, with the $plugin plugin', async (given) => {
  await using world = await startWorld({ plugin: given.plugin });
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'a plan '));
  await insertWorkspaces(world.sql, platform.workspaces);
  await insertMemories(world.sql, platform.memories);
  const file = path.join(folder.path, 'plan.jsonl');

  const dryRun = await world.backfill(['--dry-run', '--plan', file, ...given.args]);
  const applied = await world.backfill(['--apply', ...given.args]);

  const plan = readPlan(file);
  const writes = plan.filter((line) => 'namespace' in line);
  expect(plan.map(({ id }) => id)).toEqual(given.from.slice(0, given.limit && plan.length).map(({ id }) => id));
  if (given.limit) expect(writes.length).toBe(given.limit);

  const { memories } = await world.contents();
  expect(new Map(memories.map(({ id, namespace }) => [id, namespace]))).toEqual(
    new Map(writes.map(({ id, namespace }) => [id, namespace])),
  );
  const counts = { scanned: plan.length, skipped: skipsIn(plan) };
  const changes = { new: writes.length, changed: 0 };
  expect(dryRun.report).toMatchObject({ exitCode: 0, result: { ...counts, changes, planFile: file } });
  expect(applied.report).toMatchObject({ exitCode: 0, result: { ...counts, changes, written: writes.length } });
});

function asTheSourceIsRead(a: LegacyRow, b: LegacyRow): number {
  const [before, after] = [`${a.createdAt ?? ''} ${a.id}`, `${b.createdAt ?? ''} ${b.id}`];
  return before < after ? -1 : 1;
}

function readPlan(file: string): PlanLine[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((text) => {
    const line: unknown = JSON.parse(text);
    if (!isPlanLine(line)) throw new Error(`This is no line of a plan: ${text}`);
    return line;
  });
}

function isPlanLine(line: unknown): line is PlanLine {
  return typeof line === 'object' && line !== null && 'id' in line && 'namespace' in line !== 'skip' in line;
}

function skipsIn(plan: readonly PlanLine[]): Record<string, number> {
  const reasons = Map.groupBy(plan, (line) => ('skip' in line ? line.skip : 'none'));
  reasons.delete('none');
  return Object.fromEntries([...reasons].map(([reason, lines]) => [reason, lines.length]));
}
