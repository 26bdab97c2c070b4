/** What the ledger in Postgres knows of memories: read from their entries, of the pair's current generation alone. */
import type { EntryOutcome, Recollection, RecordedEntry } from '../model/ledger.ts';
import { BEING_FORGOTTEN } from '../model/rollback.ts';
import { uuidArray } from '../postgres/connection.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerSession } from './session.ts';

type Recollections = Pick<Ledger, 'recall' | 'outstanding' | 'seenClean' | 'copies' | 'failures' | 'entries'>;

/**
 * Entries read at a time.
 *
 * Where the newest or the next few of one outcome are asked for, the outcome stands first in the order, though it is the same for all:
 * Postgres then reads the index by outcome, and not the whole ledger in the order of recording until it has met enough of them.
 */
const BATCH = 1_000;

interface RecalledRow {
  id: string;
  outcome: EntryOutcome;
  reason: string | null;
  namespace: string | null;
  sourceUpdatedAt: string | null;
  runId: string;
  copyOutcome: EntryOutcome | null;
  copyNamespace: string | null;
  copyDigest: string | null;
  copySourceUpdatedAt: string | null;
  copyRunId: string | null;
}

interface SettlingRow {
  seq: string;
  id: string;
  outcome: EntryOutcome;
  namespace: string | null;
  digest: string | null;
}

export function recollections({ sql, ask, generation }: LedgerSession): Recollections {
  return {
    async recall(ids) {
      const current = generation();
      if (current === null || ids.length === 0) return new Map();
      const rows = await ask(
        'look up what it knows of a page',
        () => sql<RecalledRow[]>`
          select wanted.id,
                 latest.outcome, latest.reason, latest.namespace,
                 latest.source_updated_at as "sourceUpdatedAt", latest.run as "runId",
                 copy.outcome as "copyOutcome", copy.namespace as "copyNamespace",
                 encode(copy.digest, 'hex') as "copyDigest",
                 copy.source_updated_at as "copySourceUpdatedAt", copy.run as "copyRunId"
            from unnest(${uuidArray(ids)}::uuid[]) as wanted (id)
           cross join lateral (
             select * from memory_backfill.entries e
              where e.memory_id = wanted.id and e.pair = ${current} order by e.seq desc limit 1) latest
            left join lateral (
             select * from memory_backfill.entries e
              where e.memory_id = wanted.id and e.pair = ${current}
                and e.outcome in ('written', 'adopted', 'forgotten') order by e.seq desc limit 1) copy on true`,
      );
      return new Map(rows.map((row) => [row.id, recollection(row)]));
    },

    async outstanding(listed) {
      const current = generation();
      if (current === null || listed.length === 0) return listed.map(({ id }) => id);
      // Nothing else of what was listed, which is most of it.
      const asked = listed.map(({ id, updatedAt }) => ({ id, updatedAt }));
      const rows = await ask(
        'look up which rows need something',
        () => sql<{ id: string }[]>`
          select listed.id
            from rows from (
                   json_to_recordset(${JSON.stringify(asked)}::text::json) as (id uuid, "updatedAt" timestamptz)
                 ) with ordinality as listed (id, "updatedAt", place)
            left join lateral (
             select true as recorded, e.source_updated_at from memory_backfill.entries e
              where e.memory_id = listed.id and e.pair = ${current} order by e.seq desc limit 1) latest on true
           where latest.recorded is null or latest.source_updated_at is distinct from listed."updatedAt"
           order by listed.place`,
      );
      return rows.map(({ id }) => id);
    },

    async seenClean(names) {
      const current = generation();
      if (current === null || names.length === 0) return new Set();
      const rows = await ask(
        'look up namespaces',
        () => sql<{ name: string }[]>`
          select name from memory_backfill.namespaces_seen_clean
           where pair = ${current}
             and name in (select json_array_elements_text(${JSON.stringify(names)}::text::json))`,
      );
      return new Set(rows.map(({ name }) => name));
    },

    async copies(most) {
      const current = generation();
      const copies: Array<{ id: string; namespace: string; digest: string }> = [];
      const seen = new Set<string>();
      // From the newest back: what is met first of a memory is what holds of it.
      for (let before: string | null = null; current !== null && copies.length < most; ) {
        const until: string | null = before;
        const batch: SettlingRow[] = await ask('look up what it recorded last', async () => [
          ...(await sql<SettlingRow[]>`
            select e.seq, e.memory_id as id, e.outcome, e.namespace, encode(e.digest, 'hex') as digest
              from memory_backfill.entries e
             where e.pair = ${current}
               and (e.outcome in ('written', 'adopted', 'forgotten') or e.reason = ${BEING_FORGOTTEN})
               and (${until}::bigint is null or e.seq < ${until}::bigint)
             order by e.seq desc limit ${BATCH}`),
        ]);
        for (const { id, outcome, namespace, digest } of batch) {
          if (seen.has(id)) continue;
          seen.add(id);
          if ((outcome === 'written' || outcome === 'adopted') && namespace !== null && digest !== null)
            copies.push({ id, namespace, digest });
        }
        before = batch.at(-1)?.seq ?? null;
        if (batch.length < BATCH) break;
      }
      return copies.slice(0, most);
    },

    async failures(runId) {
      const current = generation();
      if (current === null) return [];
      const chosen =
        runId === null
          ? sql`e.pair = ${current}`
          : sql`e.pair = ${current} and exists (
              select from memory_backfill.entries named
               where named.memory_id = e.memory_id and named.pair = e.pair and named.run = ${runId}
                 and named.outcome = 'failed')`;
      const rows = await ask(
        'look up the recorded failures',
        () => sql<{ id: string }[]>`
          select e.memory_id as id from memory_backfill.entries e
           where ${chosen} and e.outcome = 'failed'
             and not exists (
               select from memory_backfill.entries later
                where later.memory_id = e.memory_id and later.pair = e.pair and later.seq > e.seq
                  and later.outcome <> 'kept')
           order by e.seq`,
      );
      return rows.map(({ id }) => id);
    },

    async *entries(runId, outcomes) {
      for (let after = '0'; ; ) {
        const from = after;
        const batch = await ask(
          "list a run's entries",
          () => sql<Array<RecordedEntry & { seq: string }>>`
            select entry.seq, entry.memory_id as "memoryId", entry.outcome, entry.namespace, entry.reason,
                   entry.source_updated_at as "sourceUpdatedAt", encode(entry.digest, 'hex') as digest, entry.created,
                   entry.attempts, entry.duration_ms as "durationMs", entry.run as "runId",
                   entry.recorded_at as "recordedAt"
              from json_array_elements_text(${JSON.stringify(outcomes)}::text::json) as wanted (outcome)
             cross join lateral (
               select e.* from memory_backfill.entries e
                where e.run = ${runId} and e.outcome = wanted.outcome and e.seq > ${from}
                order by e.outcome, e.seq limit ${BATCH}) entry
             order by entry.seq limit ${BATCH}`,
        );
        const last = batch.at(-1);
        if (!last) return;
        after = last.seq;
        yield batch.map(({ seq: _, ...entry }) => entry);
      }
    },
  };
}

function recollection(row: RecalledRow): Recollection {
  const { outcome, reason, namespace, sourceUpdatedAt, runId } = row;
  return { latest: { outcome, reason, namespace, sourceUpdatedAt, runId }, copy: copyOf(row) };
}

function copyOf(row: RecalledRow): Recollection['copy'] {
  const { copyOutcome, copyNamespace, copyDigest, copySourceUpdatedAt, copyRunId } = row;
  if (copyOutcome === 'forgotten' || copyNamespace === null || copyDigest === null || copyRunId === null) return null;
  return { namespace: copyNamespace, digest: copyDigest, sourceUpdatedAt: copySourceUpdatedAt, runId: copyRunId };
}
