/** A dry run is a difference against the ledger, with what the plugin holds looked up: it says what the next apply then does. */
import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ApplyResult, DryRunResult } from '../../../src/model/run.ts';
import { grantReadOnly, insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { type Run, startWorld } from '../../support/migration.ts';

/** A tree that was copied, and in which every kind of difference has come up since. */
async function differences() {
  // What somebody else has put there can be just as planned only where nothing tells of its origin.
  const world = await startWorld({ plugin: 'quirky', quirks: ['no-propagation'] });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {}, globex: {}, sales: { parent: 'acme' } },
    memories: {
      recorded: { of: 'acme' },
      changed: { of: 'acme' },
      edited: { of: 'acme' },
      forgotten: { of: 'acme' },
      drifting: { of: 'sales', scope: 'TEAM' },
      blank: { of: 'acme', content: ' ' },
    },
  });
  await world.backfill(['--apply']);
  const { id: edited } = tree.memory('edited');
  const { id: forgotten } = tree.memory('forgotten');
  const ids = [tree.memory('changed').id, edited, forgotten];
  await world.sql`update agent_memories set content = content || '!', updated_at = now() where id = any(${ids})`;
  await world.sql`update workspaces set parent_id = ${tree.workspace('globex')} where id = ${tree.workspace('sales')}`;
  await world.plugin.edit(edited, { content: 'edited by a user' });
  await world.plugin.remove([forgotten]);
  const [fresh, held] = [0, 1].map(() => memory({ workspaceId: tree.workspace('acme'), content: 'of late' }));
  if (!fresh || !held) throw new Error('Two rows were made.');
  await insertMemories(world.sql, [fresh, held]);
  const namespace = `workspace:${tree.workspace('acme')}`;
  await world.plugin.insert({ id: held.id, namespace, content: 'of late', kind: 'fact', source: 'agent' });
  return world;
}

function dryRunOf({ report }: Run): DryRunResult {
  if (report.result?.mode !== 'dry-run') throw new Error('No dry run.');
  return report.result;
}

function applyOf({ report }: Run): ApplyResult {
  if (report.result?.mode !== 'apply') throw new Error('No apply.');
  return report.result;
}

test('it tells new, changed, recorded, adopted, conflict and drift apart, and the apply after it does just that', async () => {
  await using world = await differences();
  const before = await world.contents();
  const { writes } = await world.plugin.counters();

  const dry = await world.backfill(['--dry-run']);

  const planned = dryRunOf(dry);
  expect(planned.changes).toEqual({ new: 1, changed: 1, recorded: 1, adopted: 1, conflict: 2, drift: 1, failed: 0 });
  expect(planned.skipped).toMatchObject({ 'empty-content': 1 });
  expect(dry.code).toBe(0);
  expect(await world.contents()).toEqual(before);
  expect((await world.plugin.counters()).writes).toBe(writes);

  const applied = applyOf(await world.backfill(['--apply']));
  const { recorded, adopted, conflicts: conflict, drifts: drift, failed } = applied;
  expect({ ...applied.changes, recorded, adopted, conflict, drift, failed }).toEqual(planned.changes);
  expect(applied.noted).toEqual(planned.noted);
});

test('the plan names what would become of each row', async () => {
  await using world = await differences();
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'a plan '));
  const file = path.join(folder.path, 'plan.jsonl');
  await world.backfill(['--dry-run', '--plan', file]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const changes = lines.map((line) => /"(?:change|skip)":"([^"]*)"/.exec(line)?.[1]).sort();
  expect(changes).toEqual(['adopted', 'changed', 'conflict', 'conflict', 'drift', 'empty-content', 'new', 'recorded']);
});

test('before the first apply there is no ledger: all is new, and a user who may only read is enough', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' }, two: { of: 'acme' } } });
  const { report } = await world.backfill(['--dry-run'], { DATABASE_URL: await grantReadOnly(world.sql, 'reader') });
  expect(report).toMatchObject({ exitCode: 0, ledger: null, result: { changes: { new: 2 } } });
  const [schema] = await world.sql`select to_regnamespace('memory_backfill') as there`;
  expect(schema?.there).toBeNull();
});
