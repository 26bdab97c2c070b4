/**
 * The ledger across all its pairs and generations, for `--status`: it reads, and never makes, migrates or locks anything. A ledger of
 * an earlier version is read as it is.
 */
import { RunError } from '../model/errors.ts';
import type { EntryOutcome, RunRecord } from '../model/ledger.ts';
import type { OutcomeGroup, ToldEntry } from '../model/status.ts';
import { address, type Sql } from '../postgres/connection.ts';
import { reader } from '../postgres/reading.ts';
import { connectTo, type Survey, survey } from './access.ts';
import { levelOf, refuseNewer } from './migrate.ts';
import { SCHEMA } from './migrations.ts';
import { runColumns, runRecord } from './run-records.ts';
import { asking, type LedgerSession } from './session.ts';

/** Every method throws RunError `ledger` where the ledger fails. */
export interface Archive {
  /** Host, port and database, for reports. */
  readonly place: string;
  /** The time at the ledger's database. */
  now(): Promise<string>;
  /** At most so many, the newest first, and how many there are. */
  runs(most: number): Promise<{ runs: RunRecord[]; recorded: number }>;
  /** Of whatever pair; null where there is none. */
  run(id: string): Promise<RunRecord | null>;
  /** Whether a later run of the same source and plugin has begun. */
  isOvertaken(id: string): Promise<boolean>;
  /**
   * A run's memories whose last outcome in it was one of these, by outcome and reason, the most frequent first.
   *
   * @param examples ids that are named for each, at most
   */
  byReason(runId: string, outcomes: readonly EntryOutcome[], examples: number): Promise<OutcomeGroup[]>;
  /** What happened to a memory, over all pairs and generations, the oldest first; empty where nothing is recorded. */
  memory(id: string): Promise<ToldEntry[]>;
  close(): Promise<void>;
}

export interface ArchiveRequest {
  url: string;
  /** The environment variable that the URL came from, for sentences. */
  variable: string;
  /** Ends every wait for the ledger. */
  stop: AbortSignal;
}

/**
 * @throws RunError `configuration` where there is no ledger, or this user may not read it, or it is newer than this tool; `ledger`
 *   where it cannot be reached
 */
export async function openArchive({ url, variable, stop }: ArchiveRequest): Promise<Archive> {
  const sql = connectTo(url, variable, 1);
  try {
    const read = reader(stop, 'ledger');
    refuseUnreadable(await survey(sql, read, variable), variable, address(sql));
    const level = await read('be read', () => levelOf(sql));
    if (level.number === 0) throw noLedger(variable, address(sql));
    refuseNewer(level);
    return archive(sql, asking(read));
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw error;
  }
}

function archive(sql: Sql, ask: LedgerSession['ask']): Archive {
  return {
    place: address(sql),

    async now() {
      const [clock] = await ask('tell the time', () => sql<[{ now: string }]>`select clock_timestamp() as now`);
      return clock.now;
    },

    async runs(most) {
      const rows = await ask(
        'list its runs',
        () => sql<Array<RunRow & { recorded: string }>>`
          select ${runColumns(sql)}, count(*) over () as recorded
            from memory_backfill.runs r join memory_backfill.pairs p on p.id = r.pair
           order by r.number desc limit ${most}`,
      );
      const runs = rows.map(({ recorded: _, ...row }) => runRecord(row));
      return { runs, recorded: Number(rows[0]?.recorded ?? 0) };
    },

    async run(id) {
      const [row] = await ask(
        'look up a run',
        () => sql<RunRow[]>`
          select ${runColumns(sql)}
            from memory_backfill.runs r join memory_backfill.pairs p on p.id = r.pair where r.id = ${id}`,
      );
      return row ? runRecord(row) : null;
    },

    async isOvertaken(id) {
      const later = await ask(
        'look for later runs',
        () => sql`
          select from memory_backfill.runs r
            join memory_backfill.pairs p on p.id = r.pair
            join memory_backfill.pairs same on same.source = p.source and same.plugin = p.plugin
            join memory_backfill.runs later on later.pair = same.id and later.number > r.number
           where r.id = ${id} limit 1`,
      );
      return later.length > 0;
    },

    async byReason(runId, outcomes, examples) {
      const groups = await ask(
        "count a run's outcomes by reason",
        () => sql<Array<Omit<OutcomeGroup, 'count'> & { count: string }>>`
          select entry.outcome, coalesce(entry.reason, '') as reason, count(*) as count,
                 json_agg(entry.memory_id order by entry.seq) filter (where entry.place <= ${examples}) as ids
            from (
              select e.outcome, e.reason, e.memory_id, e.seq,
                     row_number() over (partition by e.outcome, e.reason order by e.seq) as place
                from memory_backfill.entries e
               where e.run = ${runId}
                 and e.outcome in (select json_array_elements_text(${JSON.stringify(outcomes)}::text::json))
                 and not exists (
                   select from memory_backfill.entries later
                    where later.memory_id = e.memory_id and later.run = e.run and later.seq > e.seq)) entry
           group by entry.outcome, coalesce(entry.reason, '') order by count(*) desc, entry.outcome, reason`,
      );
      return groups.map((group) => ({ ...group, count: Number(group.count) }));
    },

    async memory(id) {
      const rows = await ask(
        'look up a memory',
        () => sql<ToldRow[]>`
          select e.memory_id as "memoryId", e.outcome, e.namespace, e.reason,
                 e.source_updated_at as "sourceUpdatedAt", encode(e.digest, 'hex') as digest, e.created,
                 e.attempts, e.duration_ms as "durationMs", e.run as "runId", e.recorded_at as "recordedAt",
                 p.source, p.plugin, r.mode,
                 to_jsonb(r) ->> 'actor_user_id' as "userId", to_jsonb(r) ->> 'actor_service_id' as "serviceId"
            from memory_backfill.entries e
            join memory_backfill.pairs p on p.id = e.pair
            join memory_backfill.runs r on r.id = e.run
           where e.memory_id = ${id} order by e.seq`,
      );
      return rows.map(({ source, plugin, userId, serviceId, ...entry }) => ({
        ...entry,
        pair: { source, plugin },
        actor: { userId, serviceId },
      }));
    },

    close: () => sql.end({ timeout: 1 }),
  };
}

type RunRow = Parameters<typeof runRecord>[0];

type ToldRow = Omit<ToldEntry, 'pair' | 'actor'> & ToldEntry['pair'] & ToldEntry['actor'];

function refuseUnreadable({ user, schema, tables }: Survey, variable: string, place: string): void {
  if ((schema?.usable ?? true) && (tables?.readable ?? true)) return;
  throw new RunError(
    'configuration',
    `${variable} names the user ${user}, who may not read the ledger in ${place}: GRANT USAGE ON SCHEMA ${SCHEMA} TO ${user} and GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${user}, or name another user.`,
  );
}

function noLedger(variable: string, place: string): RunError {
  const elsewhere = variable === 'LEDGER_DATABASE_URL' ? 'name another one there' : 'name it in LEDGER_DATABASE_URL';
  return new RunError(
    'configuration',
    `There is no ledger in ${place}, which ${variable} names: the first --apply makes one; if yours is in another database, ${elsewhere}.`,
  );
}
