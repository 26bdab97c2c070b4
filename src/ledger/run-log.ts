/**
 * One run's writing side of the ledger in Postgres.
 *
 * States of a run's row, and what a crash in each leaves behind:
 *
 *   standing     ended_at and superseded_by are null. Every announcement and every batch is one statement that updates this
 *                row and inserts beside it, so a crash leaves a batch whole or not at all; what lies between checkpoint and
 *                horizon may then have been sent without an entry
 *   superseded   another run of the pair began while this one had not ended: it died, or it lost its lock without knowing.
 *                Whatever it still tries to write is refused. It never ends, so the span that it left open stays known
 *   ended        with how, the exit code and the counts; it writes no more
 *
 * The lock keeps two runs apart. That a begin marks the rows of the runs before it closes what the lock leaves open: a run that
 * believes in a lock which is another's by now cannot put its entries among those of its successor.
 */
import { createHash } from 'node:crypto';
import { RunError } from '../model/errors.ts';
import { type LedgerEntry, mappingOf, type Pair, type RunStart } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import type { RunSettings } from '../model/settings.ts';
import type { Sql } from '../postgres/connection.ts';
import type { RunLog } from './ledger.ts';
import { type LedgerSession, rowsAsText, storable } from './session.ts';

/** Which generation of a pair a run belongs to; `id` is null for one that the run is to begin. */
export interface Generation {
  id: number | null;
  number: number;
}

/**
 * Writes the run's row, and with it the pair's next generation where that is wanted: one statement, all or nothing.
 *
 * @returns the id of the generation
 * @throws RunError `ledger` where another run has started over since this one looked
 */
export async function insertRun(sql: Sql, pair: Pair, generation: Generation, run: RunStart): Promise<number> {
  const { id, mode, actor, toolVersion, settings, watermark, total } = run;
  const [inserted] = await sql<{ pair: number }[]>`
    with newest as (
      select id, generation from memory_backfill.pairs where source = ${pair.source} and plugin = ${pair.plugin}
       order by generation desc limit 1
    ), begun as (
      insert into memory_backfill.pairs (source, plugin, generation)
      select ${pair.source}::text, ${pair.plugin}::text, ${generation.number}::integer from newest
       where ${generation.id}::integer is null and newest.generation = ${generation.number}::integer - 1
      on conflict do nothing returning id
    ), current as (
      select id from begun union all select id from newest where id = ${generation.id}::integer
    ), run as (
      insert into memory_backfill.runs (id, pair, mode, actor_user_id, actor_service_id, tool_version, settings,
                                        config_digest, watermark_created_at, watermark_id, total)
      select ${id}::uuid, current.id, ${mode}::text, ${stored(actor.userId)}::text, ${stored(actor.serviceId)}::text,
             ${toolVersion}::text, ${rowsAsText(settings)}::text::jsonb, decode(${configDigest(settings)}, 'hex'),
             ${watermark?.createdAt ?? null}::timestamptz, ${watermark?.id ?? null}::uuid, ${total}::bigint
        from current
      returning id, pair
    ), superseded as (
      -- Waits for a batch that such a run is writing this moment; its next one finds itself superseded.
      update memory_backfill.runs set superseded_by = run.id
        from run
       where runs.ended_at is null and runs.superseded_by is null
         and runs.pair in (select p.id from memory_backfill.pairs p where p.source = ${pair.source} and p.plugin = ${pair.plugin})
    )
    select pair from run`;
  if (!inserted) throw startedOver();
  return inserted.pair;
}

function startedOver(): RunError {
  return new RunError(
    'ledger',
    'Another run has started the ledger of this source and plugin over since this one looked at it: nothing was sent by this one; run again.',
  );
}

/** SHA-256, in hexadecimal digits, of the flags that decide where rows go. */
export function configDigest(settings: RunSettings): string {
  const flags = Object.entries(mappingOf(settings)).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(flags)).digest('hex');
}

export function runLog({ sql, ask, tell }: Pick<LedgerSession, 'sql' | 'ask' | 'tell'>, runId: string): RunLog {
  const standing = sql`id = ${runId} and ended_at is null and superseded_by is null`;

  async function refuseUnlessStanding([row]: ReadonlyArray<{ stands: boolean }>): Promise<void> {
    if (!row?.stands) throw await fallen();
  }

  async function fallen(): Promise<RunError> {
    const [row] = await ask(
      'look up the run',
      () => sql<{ successor: string | null }[]>`
        select superseded_by as successor from memory_backfill.runs where id = ${runId}`,
    );
    const why = row?.successor ? `run ${row.successor} has begun meanwhile` : 'it has ended';
    return new RunError(
      'ledger',
      `Run ${runId} may write to the ledger no longer, since ${why}: what was recorded before stays, and what it sent after that is looked up by the next run.`,
    );
  }

  return {
    async announce(horizon, seenClean) {
      const moved = horizon === null ? sql`horizon_any = true` : further(sql, 'horizon', horizon);
      const answer = await ask(
        'announce what is about to be sent',
        () => sql<Array<{ stands: boolean }>>`
          with run as (
            update memory_backfill.runs set ${moved}, seen_at = clock_timestamp() where ${standing} returning id, pair
          ), seen as (
            insert into memory_backfill.namespaces_seen_clean (pair, name, run)
            select run.pair, empty.name, run.id
              from run cross join json_array_elements_text(${rowsAsText(seenClean)}::text::json) as empty (name)
            on conflict do nothing
          )
          select exists (select from run) as stands`,
      );
      await refuseUnlessStanding(answer);
    },

    async record(entries, checkpoint, counts) {
      const moved = checkpoint === null ? sql`` : sql`${further(sql, 'checkpoint', checkpoint)},`;
      const answer = await tell(
        'record a batch',
        () => sql<Array<{ stands: boolean }>>`
          with run as (
            update memory_backfill.runs
               set ${moved} counts = ${rowsAsText(counts)}::text::jsonb, seen_at = clock_timestamp()
             where ${standing} returning id, pair
          ), added as (
            insert into memory_backfill.entries (pair, run, memory_id, namespace, outcome, reason, source_updated_at, digest,
                                                 created, attempts, duration_ms)
            select run.pair, run.id, entry.m, entry.n, entry.o, entry.r, entry.u, decode(entry.d, 'hex'), entry.c, entry.a, entry.t
              from run cross join rows from (
                     json_to_recordset(${JSON.stringify(entries.map(abbreviated))}::text::json)
                       as (m uuid, n text, o text, r text, u timestamptz, d text, c boolean, a integer, t double precision)
                   ) with ordinality as entry (m, n, o, r, u, d, c, a, t, place)
             order by entry.place
          )
          select exists (select from run) as stands`,
      );
      await refuseUnlessStanding(answer);
    },

    async end(how, counts, { code, interruptedBy }) {
      const answer = await tell(
        'record the end of the run',
        () => sql<Array<{ stands: boolean }>>`
          with run as (
            update memory_backfill.runs
               set ended = ${how}, ended_at = clock_timestamp(), seen_at = clock_timestamp(), exit_code = ${code},
                   interrupted_by = ${interruptedBy}, counts = ${rowsAsText(counts)}::text::jsonb
             where ${standing} returning id
          )
          select exists (select from run) as stands`,
      );
      await refuseUnlessStanding(answer);
    },
  };
}

/** Assigns a position unless the run is further already: rows may be announced and settled out of order. */
function further(sql: Sql, which: 'checkpoint' | 'horizon', { createdAt, id }: Position) {
  const [time, row] = [sql(`${which}_created_at`), sql(`${which}_id`)];
  const ahead = sql`(${row} is null or
    (${createdAt}::timestamptz is not null, coalesce(${createdAt}::timestamptz, '-infinity'), ${id}::uuid) >
    (${time} is not null, coalesce(${time}, '-infinity'), ${row}))`;
  return sql`
    ${time} = case when ${ahead} then ${createdAt}::timestamptz else ${time} end,
    ${row} = case when ${ahead} then ${id}::uuid else ${row} end`;
}

/** One letter a field: the names would be two thirds of what is sent. Of the texts, a namespace and a reason are foreign. */
function abbreviated(entry: LedgerEntry) {
  const { memoryId, namespace, outcome, reason, sourceUpdatedAt, digest, created, attempts, durationMs } = entry;
  return {
    m: memoryId,
    n: stored(namespace),
    o: outcome,
    r: stored(reason),
    u: sourceUpdatedAt,
    d: digest,
    c: created,
    a: attempts,
    t: durationMs,
  };
}

function stored(text: string | null): string | null {
  return text === null ? null : storable(text);
}
