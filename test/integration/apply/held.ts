/**
 * Runs that stop at a known point and stay there, so that something can happen to them, or to the source, at that very point
 * and not about then.
 */
import { expect, vi } from 'vitest';
import type { World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';

export interface Hold {
  /** Resolves when a run has come to the point. */
  reached: () => Promise<void>;
  /** Lets it go on. */
  release: () => Promise<void>;
}

/** The point where a run has listed the source's rows and has not read the first of them: it waits for `workspaces`. */
export async function holdBeforeFirstRow({ sql }: World): Promise<Hold> {
  const locking = await sql.reserve();
  await locking`begin`;
  await locking`lock table workspaces in access exclusive mode`;
  return {
    reached: () =>
      vi.waitFor(
        async () => {
          const waiting = await sql`select from pg_locks where not granted and relation = 'workspaces'::regclass`;
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

/** The point where a run wants to record: it waits for the ledger, which is let go by `release`. */
export async function holdAtRecord({ sql }: World): Promise<Hold> {
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
        { timeout: 30_000 },
      ),
    async release() {
      await locking`rollback`;
      locking.release();
    },
  };
}

/**
 * The point where a commit is on its way: the plugin has not seen it, and serves meanwhile, so that it can be changed before the
 * request reaches it. The run must have one request under way at a time, as for {@link holdAtCommit}.
 *
 * @param request which of the run's commits; the first one into a missing namespace is answered 404, and counts
 */
export async function holdBeforeCommit(world: World, request: number): Promise<Hold> {
  const proxy = await world.faultProxy();
  const { promise: until, resolve } = Promise.withResolvers<void>();
  const { firstFired } = proxy.on(
    { method: 'POST', path: ROW_COMMITS, skip: request - 1, times: 1 },
    { kind: 'hold', until },
  );
  return { reached: () => firstFired, release: async () => resolve() };
}

/**
 * The point where a commit is under way: the plugin is frozen when the request arrives, and answers once it is released.
 * The run must have one request under way at a time: rows of one namespace, or a concurrency of 1.
 *
 * @param request which of the run's commits; the first one into a missing namespace is answered 404, and counts
 */
export async function holdAtCommit(world: World, request: number): Promise<Hold> {
  const proxy = await world.faultProxy();
  const { firstFired } = proxy.on(
    { method: 'POST', path: ROW_COMMITS, skip: request - 1, times: 1 },
    { kind: 'delay', milliseconds: 1 },
  );
  // Ahead of the delay's timer: the plugin is frozen before the request is passed on to it.
  const frozen = firstFired.then(() => world.plugin.freeze());
  return { reached: () => frozen, release: async () => world.plugin.thaw() };
}
