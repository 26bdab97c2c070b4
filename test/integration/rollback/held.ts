/** Rollbacks that stop at a known point and stay there, so that something can happen to them at that very point. */
import { expect, vi } from 'vitest';
import type { World } from '../../support/migration.ts';
import type { Hold } from '../apply/held.ts';

/** The point where it has looked at the first memories, and has them announced before it has any forgotten: it waits for the ledger. */
export async function holdBeforeForgetting({ sql }: World): Promise<Hold> {
  const locking = await sql.reserve();
  await locking`begin`;
  await locking`lock table memory_backfill.entries in share row exclusive mode`;
  return {
    reached: () =>
      vi.waitFor(
        async () => {
          const waiting = await sql`
            select from pg_stat_activity
             where datname = current_database() and application_name = 'memory-backfill' and wait_event_type = 'Lock'`;
          expect(waiting.length).toBe(1);
        },
        { timeout: 20_000 },
      ),
    async release() {
      await locking`rollback`;
      locking.release();
    },
  };
}
