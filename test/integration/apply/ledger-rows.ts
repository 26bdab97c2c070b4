/** What the ledger in a world's database holds, read behind the tool's back. */
import type { World } from '../../support/migration.ts';

export interface RunRow {
  id: string;
  ended: string | null;
  user: string | null;
  service: string | null;
}

/** The oldest first. */
export async function runsOf({ sql }: World): Promise<RunRow[]> {
  return [
    ...(await sql<RunRow[]>`
      select id, ended, actor_user_id as user, actor_service_id as service from memory_backfill.runs order by number`),
  ];
}

export interface EntryRow {
  outcome: string;
  reason: string | null;
  run: string;
}

/** All that is recorded of a memory, the oldest first. */
export async function entriesOf({ sql }: World, id: string): Promise<EntryRow[]> {
  return [
    ...(await sql<EntryRow[]>`
      select outcome, reason, run from memory_backfill.entries where memory_id = ${id} order by seq`),
  ];
}
