/** What the ledger in Postgres knows of a pair's runs. */
import type { RunRecord } from '../model/ledger.ts';
import type { Sql } from '../postgres/connection.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSession, type PositionColumns, position } from './session.ts';

type RunRecords = Pick<Ledger, 'unfinished' | 'run'>;

/** Of {@link runColumns}. */
export type RunRow = Omit<RunRecord, 'pair' | 'actor' | 'watermark' | 'checkpoint' | 'horizon' | 'total'> & {
  source: string;
  plugin: string;
  userId: string | null;
  serviceId: string | null;
  watermark: PositionColumns;
  checkpoint: PositionColumns;
  horizon: PositionColumns;
  total: string | null;
};

export function runRecords({ sql, ask, generation, own }: LedgerSession): RunRecords {
  return {
    async unfinished() {
      const current = generation();
      if (current === null) return null;
      const [newest] = await ask(
        'look up its newest run',
        () => sql<RunRow[]>`
          select ${runColumns(sql)}
            from memory_backfill.runs r join memory_backfill.pairs p on p.id = r.pair
           where r.pair = ${current} and r.mode = 'apply' and r.ended is distinct from 'refused'
             and r.id is distinct from ${own()}::uuid
           order by r.number desc limit 1`,
      );
      if (!newest || newest.ended === 'done' || newest.ended === 'findings') return null;
      return runRecord(newest);
    },

    async run(id) {
      const [found] = await ask(
        'look up a run',
        () => sql<RunRow[]>`
          select ${runColumns(sql)}
            from memory_backfill.runs r join memory_backfill.pairs p on p.id = r.pair
           where r.id = ${id}`,
      );
      return found ? runRecord(found) : null;
    },
  };
}

/** Of `runs r join pairs p`; {@link runRecord} makes a record of it. Works on a ledger of every version. */
export function runColumns(sql: Sql) {
  // A dry run migrates nothing, so the columns that came with migration 2 may not be there.
  return sql`
    r.id, p.source, p.plugin, r.mode, to_jsonb(r) ->> 'actor_user_id' as "userId",
    to_jsonb(r) ->> 'actor_service_id' as "serviceId", r.tool_version as "toolVersion", r.settings,
    json_build_object('createdAt', r.watermark_created_at::text, 'id', r.watermark_id) as watermark,
    ${reachColumns(sql)}, r.total, r.counts, r.started_at as "startedAt", r.seen_at as "seenAt", r.ended_at as "endedAt",
    r.ended, r.exit_code as "exitCode", r.interrupted_by as "interruptedBy"`;
}

function reachColumns(sql: Sql) {
  return sql`
    json_build_object('createdAt', r.checkpoint_created_at::text, 'id', r.checkpoint_id) as checkpoint,
    json_build_object('createdAt', r.horizon_created_at::text, 'id', r.horizon_id) as horizon`;
}

export function runRecord({ source, plugin, userId, serviceId, ...row }: RunRow): RunRecord {
  return {
    ...row,
    pair: { source, plugin },
    actor: { userId, serviceId },
    watermark: position(row.watermark),
    checkpoint: position(row.checkpoint),
    horizon: position(row.horizon),
    total: row.total === null ? null : Number(row.total),
  };
}
