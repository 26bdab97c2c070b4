/**
 * The ledger as a verify sees it: what it can tell about findings, and the seeds whose samples have failed.
 *
 * A verify reads and judges without it. All that it writes is that a seed has failed, which one more run of the same pair is to know:
 * the sample that was mended is no sample any more.
 */

import { RunError } from '../model/errors.ts';
import { isUuid } from '../model/memory.ts';
import { reader } from '../postgres/reading.ts';
import { connectTo } from './access.ts';
import { levelOf } from './migrate.ts';
import { type LedgerRequest, readLedger } from './postgres-ledger.ts';
import { asking } from './session.ts';

export interface VerifyLedger {
  /** Host, port and database, for reports. */
  readonly place: string | null;
  /** The run that put each memory into the plugin, or found it there as planned, by the memory's id. Throws RunError `ledger` */
  writtenBy(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** When a verify of this pair with this seed has failed, in ISO 8601; null where none is known to have. Throws RunError `ledger` */
  seedFailed(seed: string): Promise<string | null>;
  /** Remembers that a verify with this seed has failed. Throws RunError `ledger`, where this user may not write above all. */
  noteFailedSeed(seed: string, runId: string): Promise<void>;
  close(): Promise<void>;
}

/** The migration that made room for seeds. */
const SEEDS_SINCE = 3;

/**
 * @returns null where there is no ledger
 * @throws RunError as {@link readLedger} does
 */
export async function openVerifyLedger(request: LedgerRequest): Promise<VerifyLedger | null> {
  const ledger = await readLedger(request);
  if (!ledger) return null;
  const { source, plugin } = request.pair;
  const sql = connectTo(request.url, request.variable, 1);
  const ask = asking(reader(request.stop, 'ledger'));

  async function requireSeeds(): Promise<void> {
    const { number } = await ask('be read', () => levelOf(sql));
    if (number >= SEEDS_SINCE) return;
    throw new RunError(
      'ledger',
      'The ledger is of an earlier version, which keeps no seeds of verifies: the next apply brings it up to date.',
    );
  }

  return {
    place: ledger.place,

    async writtenBy(ids) {
      const recalled = await ledger.recall(ids.filter((id) => isUuid(id)));
      const copies = [...recalled].flatMap(([id, { copy }]) => (copy ? [[id, copy.runId] as const] : []));
      return new Map(copies);
    },

    async seedFailed(seed) {
      await requireSeeds();
      const [failed] = await ask(
        'look up a seed',
        () => sql<Array<{ at: string }>>`
          select to_char(min(failed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
            from memory_backfill.failed_seeds
           where source = ${source} and plugin = ${plugin} and seed = ${seed}
          having count(*) > 0`,
      );
      return failed?.at ?? null;
    },

    async noteFailedSeed(seed, runId) {
      await requireSeeds();
      await ask(
        'note that a seed has failed',
        () => sql`
          insert into memory_backfill.failed_seeds (source, plugin, seed, run)
          values (${source}, ${plugin}, ${seed}, ${runId})`,
      );
    },

    async close() {
      await Promise.all([ledger.close(), sql.end({ timeout: 1 })]);
    },
  };
}
