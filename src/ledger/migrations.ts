/**
 * The schema of the ledger, as numbered migrations. One that has been released is never edited: what comes later is a migration
 * of its own, and migrate.ts applies those that a ledger lacks while other runs read and write it.
 *
 * A step is either a transaction, of statements that hold strong locks for moments only (no scan, no rewrite), or an index that is
 * built concurrently. A migration of several steps may be cut off between any two, so each of its steps can be
 * taken again, and without a strong lock where nothing is left to do; one of a single transaction is applied whole or not at all.
 */

/** In whatever database the ledger is. */
export const SCHEMA = 'memory_backfill';

export type Step =
  | { as: 'transaction'; sql: string }
  /** `on` is what follows ON in CREATE INDEX. */
  | { as: 'index'; name: string; on: string };

export interface Migration {
  /** From 1, without gaps. */
  number: number;
  name: string;
  steps: readonly [Step, ...Step[]];
}

/**
 * Runs and entries.
 *
 * An entry has no foreign key to its run: it is inserted from the run's own row by the statement that also advances the run's
 * checkpoint, and two look-ups an entry would be the dearest part of it.
 */
const RUNS_AND_ENTRIES = `
  -- The key of the digests. Whoever has it can try out what a memory might say.
  create table ${SCHEMA}.keys (
    one boolean primary key default true check (one),
    digest_key bytea not null check (octet_length(digest_key) = 32),
    made_at timestamptz not null default clock_timestamp()
  );

  -- One row for a source, a plugin and a start from scratch: entries of earlier generations stay, and count no longer.
  create table ${SCHEMA}.pairs (
    id integer primary key generated always as identity,
    source text not null,
    plugin text not null,
    generation integer not null check (generation > 0),
    begun_at timestamptz not null default clock_timestamp(),
    unique (source, plugin, generation)
  );

  create table ${SCHEMA}.runs (
    id uuid primary key,
    number integer not null generated always as identity,
    pair integer not null references ${SCHEMA}.pairs (id),
    mode text not null check (mode in ('apply', 'rollback')),
    tool_version text not null,
    settings jsonb not null,
    -- SHA-256 of the flags that decide where rows go.
    config_digest bytea not null check (octet_length(config_digest) = 32),
    watermark_created_at timestamptz,
    watermark_id uuid,
    checkpoint_created_at timestamptz,
    checkpoint_id uuid,
    horizon_created_at timestamptz,
    horizon_id uuid,
    -- The run may have sent any row of the source: its horizon is of no account.
    horizon_any boolean not null default false,
    total bigint,
    counts jsonb not null default '{}',
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    -- The run that began after this one without its having ended: this one may write no longer.
    superseded_by uuid,
    ended_at timestamptz,
    ended text check (ended in ('done', 'findings', 'incomplete', 'interrupted', 'refused')),
    exit_code smallint,
    interrupted_by text check (interrupted_by in ('SIGINT', 'SIGTERM', 'SIGHUP')),
    check ((ended_at is null) = (ended is null))
  );
  create unique index runs_by_pair on ${SCHEMA}.runs (pair, number);

  create table ${SCHEMA}.entries (
    seq bigint primary key generated always as identity,
    pair integer not null,
    run uuid not null,
    memory_id uuid not null,
    namespace text,
    outcome text not null check (outcome in (
      'written', 'adopted', 'failed', 'conflict', 'drift', 'skipped', 'accepted', 'vanished', 'forgotten', 'kept')),
    reason text,
    source_updated_at timestamptz,
    digest bytea check (octet_length(digest) = 32),
    created boolean not null,
    attempts integer not null,
    duration_ms double precision not null,
    recorded_at timestamptz not null default clock_timestamp(),
    -- What the plugin holds is known by its digest and its namespace, or it could be neither compared nor taken out.
    check (outcome not in ('written', 'adopted') or (digest is not null and namespace is not null))
  );
  -- What happened to a memory, newest last: in one pair, or over all of them.
  create index entries_by_memory on ${SCHEMA}.entries (memory_id, pair, seq);
  create index entries_by_run on ${SCHEMA}.entries (run, outcome, seq);
  -- Partial, so that a row that is written well costs nothing here.
  create index entries_that_failed on ${SCHEMA}.entries (pair, seq) where outcome = 'failed';

  create table ${SCHEMA}.namespaces_seen_clean (
    pair integer not null,
    name text not null,
    run uuid not null,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (pair, name)
  );

  create function ${SCHEMA}.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'the ledger is append-only: % of %.% is refused', tg_op, tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end
  $$;
  create trigger append_only before update or delete or truncate on ${SCHEMA}.entries
    for each statement execute function ${SCHEMA}.refuse_change();
  create trigger append_only before update or delete or truncate on ${SCHEMA}.namespaces_seen_clean
    for each statement execute function ${SCHEMA}.refuse_change();
  create trigger append_only before update or delete or truncate on ${SCHEMA}.keys
    for each statement execute function ${SCHEMA}.refuse_change();

  -- 244 bits from the server's source of strong random numbers, made there so that no log of statements ever shows the key.
  insert into ${SCHEMA}.keys (digest_key) values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
`;

const ONE_ACTOR = 'runs_have_one_actor_at_most';

/**
 * The columns are nullable and without a default, so that no row is rewritten; the check is not yet held against the rows there
 * are. Looked for first, since ALTER TABLE takes its lock even where the column exists.
 */
const ADD_ACTORS = `
  do $$
  begin
    if not exists (select from pg_constraint
                    where conrelid = '${SCHEMA}.runs'::regclass and conname = '${ONE_ACTOR}') then
      alter table ${SCHEMA}.runs
        add column actor_user_id text,
        add column actor_service_id text,
        add constraint ${ONE_ACTOR} check (num_nonnulls(actor_user_id, actor_service_id) <= 1) not valid;
    end if;
  end
  $$`;

/** A table of its own: a verify is no run that writes, and has to be able to add a row where it may do nothing else. */
const FAILED_SEEDS = `
  create table ${SCHEMA}.failed_seeds (
    source text not null,
    plugin text not null,
    seed text not null,
    run uuid not null,
    failed_at timestamptz not null default clock_timestamp()
  );
  create index failed_seeds_by_seed on ${SCHEMA}.failed_seeds (source, plugin, seed)`;

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'runs and entries',
    steps: [{ as: 'transaction', sql: RUNS_AND_ENTRIES }],
  },
  {
    number: 2,
    name: 'who ran it',
    steps: [
      { as: 'transaction', sql: ADD_ACTORS },
      // Apart, since in one transaction with the above the scan would run under the lock that keeps everybody else out.
      {
        as: 'transaction',
        sql: `alter table ${SCHEMA}.runs validate constraint ${ONE_ACTOR}`,
      },
      {
        as: 'index',
        name: 'runs_by_actor_user',
        on: `${SCHEMA}.runs (actor_user_id) where actor_user_id is not null`,
      },
      {
        as: 'index',
        name: 'runs_by_actor_service',
        on: `${SCHEMA}.runs (actor_service_id) where actor_service_id is not null`,
      },
    ],
  },
  {
    number: 3,
    name: 'seeds of verifies that failed',
    steps: [{ as: 'transaction', sql: FAILED_SEEDS }],
  },
];
