/**
 * Brings a ledger up to date while other runs read and write it, and other starts may try the same.
 *
 * States of a ledger, and what a crash in each leaves behind:
 *
 *   absent     no schema, or an empty one. The schema and the list of migrations are made in one transaction
 *   at N       migrations 1 to N are on the list
 *   between    some steps of N+1 are taken and it is not on the list yet. The next start takes them all again: a
 *              transaction finds its work done, an index that exists and is valid is left alone, and one that a crash or a
 *              time limit left INVALID is dropped and built anew
 *   newer      the list names a migration that this version does not know: nothing is touched
 *
 * One start at a time takes steps, under an advisory lock of its session, which a crash frees. The others ask again and
 * again whether it is free, and do not wait inside Postgres for it: a session that waits there holds a snapshot, and the concurrent
 * build of an index waits for all snapshots, so that each would wait for the other.
 *
 * No step waits longer than the lock timeout for a lock, because whoever comes after it in the queue waits as long. A step that
 * did not get its lock is tried again, a few times, with a pause in which the queue can drain.
 *
 * A transaction is sent as one text of several statements, which Postgres applies whole or not at all: a connection that is lost
 * between two of them cannot have the rest applied by itself on the next connection.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RunError } from '../model/errors.ts';
import type { Sql } from '../postgres/connection.ts';
import { errorCode } from '../postgres/reading.ts';
import { LOCK_CLASS, MIGRATING } from './advisory.ts';
import { MIGRATIONS, type Migration, SCHEMA, type Step } from './migrations.ts';

export interface Patience {
  /** Milliseconds that a step waits for a lock, and with it whoever queues up behind it. */
  lockTimeoutMs: number;
  /** Times that a step is tried: 1 or more. */
  tries: number;
  /** Milliseconds between two tries. */
  pauseMs: number;
  /** Milliseconds to wait for another start that is migrating. */
  turnMs: number;
}

const PATIENCE: Patience = { lockTimeoutMs: 2_000, tries: 5, pauseMs: 1_000, turnMs: 120_000 };

/** How often to ask whether another start has done with migrating, in milliseconds. */
const TURN_ASKED_EVERY = 100;

/** SQLSTATEs of a step that did not get its locks: lock_not_available, deadlock_detected. */
const LOCKED_OUT = new Set(['55P03', '40P01']);

export interface MigrationRequest {
  toolVersion: string;
  migrations?: readonly Migration[];
  patience?: Patience;
}

/** What a ledger's list says; `number` is 0 where there is none. */
export interface Level {
  number: number;
  name: string;
  toolVersion: string;
}

/** @param sql of a user who may read the schema, if it exists */
export async function levelOf(sql: Sql): Promise<Level> {
  const [listed] = await sql`
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${SCHEMA} and c.relname = 'migrations'`;
  const [last] = listed
    ? await sql<Level[]>`
        select number, name, tool_version as "toolVersion" from ${sql(SCHEMA)}.migrations order by number desc limit 1`
    : [];
  return last ?? { number: 0, name: '', toolVersion: '' };
}

/** @throws RunError `configuration` where a later version of the tool has been at the ledger */
export function refuseNewer(level: Level, migrations = MIGRATIONS): void {
  if (level.number <= migrations.length) return;
  throw new RunError(
    'configuration',
    `The ledger was brought to its version ${level.number} ("${level.name}") by memory-backfill ${level.toolVersion}, which is newer than this one: run that version or a later one.`,
  );
}

/**
 * Applies what the ledger lacks.
 *
 * @param sql one connection, which nobody else uses meanwhile and which is closed afterwards: its settings are changed
 * @throws RunError `ledger` where the locks could not be had, `configuration` where the ledger is newer, or whatever the database says
 */
export async function migrate(
  sql: Sql,
  { toolVersion, migrations = MIGRATIONS, patience = PATIENCE }: MigrationRequest,
): Promise<void> {
  await awaitTurn(sql, patience);
  try {
    await sql.unsafe(`set lock_timeout = ${patience.lockTimeoutMs}; set statement_timeout = 0`);
    const level = await levelOf(sql);
    refuseNewer(level, migrations);
    if (level.number === 0) await inTries(patience, 'made', () => makeList(sql));
    for (const migration of migrations.slice(level.number)) await applyMigration(sql, migration, toolVersion, patience);
  } finally {
    // The lock ends with the session at the latest.
    await sql`select pg_advisory_unlock(${LOCK_CLASS}, ${MIGRATING})`.catch(() => {});
  }
}

async function awaitTurn(sql: Sql, { turnMs }: Patience): Promise<void> {
  for (const deadline = Date.now() + turnMs; ; await delay(TURN_ASKED_EVERY)) {
    const [{ mine }] = await sql<[{ mine: boolean }]>`select pg_try_advisory_lock(${LOCK_CLASS}, ${MIGRATING}) as mine`;
    if (mine) return;
    if (Date.now() > deadline) {
      throw new RunError(
        'ledger',
        `Another start has been bringing the ledger up to date for more than ${turnMs / 1000} s: nothing was changed by this one; run again when that one has ended.`,
      );
    }
  }
}

async function makeList(sql: Sql): Promise<void> {
  // Asked first, since "create schema if not exists" needs the right to create one even where it exists.
  const [existing] = await sql`select from pg_namespace where nspname = ${SCHEMA}`;
  await sql.unsafe(`
    ${existing ? '' : `create schema ${SCHEMA};`}
    create table if not exists ${SCHEMA}.migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default clock_timestamp(),
      tool_version text not null)`);
}

async function applyMigration(sql: Sql, migration: Migration, toolVersion: string, patience: Patience): Promise<void> {
  const { number, name, steps } = migration;
  const [quoted] = await sql<[{ name: string; version: string }]>`
    select quote_literal(${name}::text) as name, quote_literal(${toolVersion}::text) as version`;
  const enlist = `insert into ${SCHEMA}.migrations (number, name, tool_version)
                  values (${number}, ${quoted.name}, ${quoted.version})`;
  const last = steps.at(-1);
  for (const step of steps) {
    await inTries(patience, `brought to version ${number} ("${name}")`, async () => {
      if (step.as === 'index') await buildIndex(sql, step);
      else await sql.unsafe(step === last ? `${step.sql}; ${enlist}` : step.sql);
    });
  }
  if (last?.as === 'index') await sql.unsafe(enlist);
}

async function buildIndex(sql: Sql, { name, on }: Extract<Step, { as: 'index' }>): Promise<void> {
  const [existing] = await sql<{ valid: boolean }[]>`
    select i.indisvalid as valid from pg_index i
      join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${SCHEMA} and c.relname = ${name}`;
  if (existing?.valid) return;
  if (existing) await sql.unsafe(`drop index concurrently ${SCHEMA}.${name}`);
  await sql.unsafe(`create index concurrently ${name} on ${on}`);
}

async function inTries({ tries, pauseMs }: Patience, what: string, step: () => Promise<void>): Promise<void> {
  for (let left = tries; ; await delay(pauseMs)) {
    try {
      return await step();
    } catch (error) {
      if (!LOCKED_OUT.has(errorCode(error) ?? '')) throw error;
      left -= 1;
      if (left > 0) continue;
      throw new RunError(
        'ledger',
        `The ledger could not be ${what}, because other sessions kept its tables locked: what it holds is untouched; end those sessions or wait for them, and run again.`,
        { cause: error },
      );
    }
  }
}
