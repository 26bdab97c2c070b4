/** The ledger, read by SQL: what the command line has written down of its copies, without asking the command line. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { Places } from './copies.ts';

export interface LastEntry {
  memory: string;
  run: string;
  namespace: string;
}

/** @returns where each memory is by its entry; empty where there is no ledger yet. */
export async function recordedPlaces(ledger: Sql): Promise<Places> {
  const [table] = await ledger`SELECT WHERE to_regclass('memory_backfill.entries') IS NOT NULL`;
  if (!table) return new Map();
  const rows = await ledger<Array<{ id: string; namespace: string }>>`
    SELECT memory_id AS id, namespace FROM memory_backfill.entries WHERE outcome IN ('written', 'adopted')`;
  return new Map(rows.map(({ id, namespace }) => [id, namespace]));
}

/** How many copies the newest run has recorded as sent, and how many as found in place: sent by a run that died. */
export async function newestRun(ledger: Sql): Promise<{ sent: number; found: number }> {
  const [counts] = await ledger<Array<{ sent: number; found: number }>>`
    SELECT count(*) FILTER (WHERE outcome = 'written')::int AS sent,
           count(*) FILTER (WHERE outcome = 'adopted')::int AS found
      FROM memory_backfill.entries
     WHERE run = (SELECT id FROM memory_backfill.runs ORDER BY number DESC LIMIT 1)`;
  if (!counts) throw new Error('The ledger knows of no run.');
  return counts;
}

/** The copy that was recorded last. */
export async function lastEntry(ledger: Sql): Promise<LastEntry> {
  const [entry] = await ledger<LastEntry[]>`
    SELECT memory_id AS memory, run, namespace FROM memory_backfill.entries
     WHERE outcome = 'written' ORDER BY seq DESC LIMIT 1`;
  if (!entry) throw new Error('Nothing is recorded.');
  return entry;
}

/** Milliseconds between two looks: neither a table nor the end of somebody else's session tells of itself. */
const LOOK = 20;

/** Resolves once so many copies are recorded, or the signal fires. */
export async function untilRecorded(ledger: Sql, copies: number, ended: AbortSignal): Promise<void> {
  while (!ended.aborted && (await recordedPlaces(ledger)).size < copies) await delay(LOOK);
}

/** Resolves once the server has noticed that a killed run is gone, and nothing of it can be recorded any more. */
export async function untilNobodyWrites(ledger: Sql): Promise<void> {
  const sessions = () => ledger`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'memory-backfill'`;
  while ((await sessions()).length > 0) await delay(LOOK);
}
