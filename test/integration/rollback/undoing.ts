/** A world in which runs have copied rows, and the rollbacks of those runs. */
import type { RollbackResult } from '../../../src/model/rollback.ts';
import type { Run, World } from '../../support/migration.ts';

/** Applies, and gives the id of the run. */
export async function applied(world: World, ...args: string[]): Promise<string> {
  const { report } = await world.backfill(['--apply', ...args]);
  if (report.exitCode !== 0) throw new Error(`The apply ended with ${report.exitCode}: ${report.error?.message}`);
  return report.runId;
}

export interface RolledBack extends Run {
  undone: RollbackResult;
}

export async function rolledBack(world: World, run: string, ...args: string[]): Promise<RolledBack> {
  return withResult(await world.backfill(['--rollback', run, ...args]));
}

export function withResult(run: Run): RolledBack {
  const { result } = run.report;
  if (result?.mode !== 'rollback') throw new Error(`No rollback came of it: ${run.stdout}`);
  return { ...run, undone: result };
}

/** All reasons with nothing kept, but for those given. */
export function keptBut(some: Partial<RollbackResult['kept']> = {}): RollbackResult['kept'] {
  return { 'not-created': 0, 'written-since': 0, edited: 0, absent: 0, unsettled: 0, failed: 0, ...some };
}

/** Contents that the plugin keeps, sorted. */
export async function contentsOf(world: World): Promise<string[]> {
  return (await world.contents()).memories.map(({ content }) => content).sort();
}

/** What the ledger has of a memory: outcome and reason of each entry, the oldest first. */
export async function entriesOf(world: World, id: string): Promise<string[]> {
  const rows = await world.sql<Array<{ said: string }>>`
    select outcome || coalesce(': ' || reason, '') as said from memory_backfill.entries where memory_id = ${id} order by seq`;
  return rows.map(({ said }) => said);
}

/** Has a user edit a memory, through the contract: writing an id again replaces what it says. */
export async function editThroughContract(world: World, namespace: string, id: string, content: string): Promise<void> {
  const response = await fetch(`${world.plugin.url}/v1/namespaces/${namespace}/memories`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, content, kind: 'fact', source: 'agent' }),
  });
  if (response.status !== 201) throw new Error(`The plugin answered ${response.status} to an edit.`);
}

/** Has a user forget a memory, through the contract. */
export async function forgetThroughContract(world: World, namespace: string, id: string): Promise<void> {
  const response = await fetch(`${world.plugin.url}/v1/memories/${id}`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requested_by_namespace: namespace }),
  });
  if (response.status !== 204) throw new Error(`The plugin answered ${response.status} to a forget.`);
}
