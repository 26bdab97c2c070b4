/**
 * Databases that the command line cannot use: each gets its sentence and its exit code (2 where the set-up is wrong, 3 where
 * the database cannot be read), nothing reaches the plugin, and no password is printed, not even with --debug.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';

const PASSWORD = 'salt & pepper/1';

let world: World<QuirkyPlugin>;
/** As a database's name and a role's, which belong to the whole server. */
let unique: string;

beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  unique = new URL(world.databaseUrl).pathname.slice(1);
  await world.sql.unsafe(`
    create schema empty;
    create schema half; create table half.agent_memories (like agent_memories);
    create schema thin; create table thin.agent_memories (like agent_memories); create table thin.workspaces (id uuid);
    alter table thin.agent_memories drop column created_at, drop column updated_at;
    create schema untold; create table untold.agent_memories (like agent_memories);
    create table untold.workspaces (id uuid, parent_id uuid);
    create role "${unique}" login password '${PASSWORD}';
    grant select on agent_memories to "${unique}"`);
  await world.sql.unsafe(
    `create database "${unique}_ascii" template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
  );
});
afterAll(async () => {
  await world.sql.unsafe(`drop database "${unique}_ascii" with (force)`);
  await world.sql.unsafe(`drop owned by "${unique}"; drop role "${unique}"`);
  await world.release();
});

/** The world's own URL with something changed. */
function changed(change: (url: URL) => void): string {
  const url = new URL(world.databaseUrl);
  change(url);
  return url.href;
}

const searching = (schema: string) => () => changed((url) => url.searchParams.set('search_path', schema));

interface Refusal {
  databaseUrl: () => string;
  exit: 2 | 3;
  message: RegExp;
}

const refusals: Record<string, Refusal> = {
  'a database without the platform is told so': {
    databaseUrl: searching('empty'),
    exit: 2,
    message: /^DATABASE_URL leads to a database that has no table "agent_memories" on its search path\.$/,
  },
  'a database with one of the two tables is told which one it lacks': {
    databaseUrl: searching('half'),
    exit: 2,
    message: /^DATABASE_URL leads to a database that has no table "workspaces" on its search path\.$/,
  },
  'a table without a column that is needed is named with it': {
    databaseUrl: searching('untold'),
    exit: 2,
    message: /^DATABASE_URL leads to a table "workspaces" without the column status\.$/,
  },
  'a table without several columns is named with all of them': {
    databaseUrl: searching('thin'),
    exit: 2,
    message: /^DATABASE_URL leads to a table "agent_memories" without the columns created_at, updated_at\.$/,
  },
  'a user who may not read a table is told which one': {
    databaseUrl: () =>
      changed((url) => {
        url.username = unique;
        url.password = PASSWORD;
      }),
    exit: 2,
    message: /^DATABASE_URL names a user who may not SELECT from "workspaces"\.$/,
  },
  'a database in SQL_ASCII is refused': {
    databaseUrl: () =>
      changed((url) => {
        url.pathname = `${unique}_ascii`;
      }),
    exit: 2,
    message: /^DATABASE_URL names a database with the encoding SQL_ASCII, whose text cannot be read as Unicode/,
  },
  'a URL that sets the time zone itself is refused': {
    databaseUrl: () => changed((url) => url.searchParams.set('TimeZone', 'Asia/Tokyo')),
    exit: 2,
    message: /^DATABASE_URL sets TimeZone or DateStyle itself, but timestamps must be read in UTC: remove that/,
  },
  'a wrong password is Postgres’ own sentence': {
    databaseUrl: () =>
      changed((url) => {
        url.username = unique;
        url.password = 'not the password';
      }),
    exit: 3,
    message:
      /^The source database \(DATABASE_URL\) could not be reached: password authentication failed for user "\w+" \(28P01\)\.$/,
  },
  'a port where nothing listens is named with its address': {
    databaseUrl: () =>
      changed((url) => {
        url.port = '1';
      }),
    exit: 3,
    message: /^The source database \(DATABASE_URL\) could not be reached: connect ECONNREFUSED 127\.0\.0\.1:1\.$/,
  },
  'a host that does not exist is named': {
    databaseUrl: () =>
      changed((url) => {
        url.hostname = 'nowhere.invalid';
      }),
    exit: 3,
    message:
      /^The source database \(DATABASE_URL\) could not be reached: getaddrinfo (ENOTFOUND|EAI_AGAIN) nowhere\.invalid\.$/,
  },
};

describe.concurrent('DATABASE_URL', () => {
  test.each(Object.entries(refusals))('%s', async (_, { databaseUrl, exit, message }) => {
    const url = databaseUrl();
    const run = await world.backfill(['--apply', '--debug'], { DATABASE_URL: url });

    expect(run.report).toMatchObject({ exitCode: exit, source: null, result: null });
    expect(run.report.error?.message).toMatch(message);
    const { password } = new URL(url);
    for (const secret of [password, decodeURIComponent(password)]) {
      expect(run.stdout + run.stderr).not.toContain(secret);
    }
  });
});

test('none of those runs has sent the plugin a write', async () => {
  expect(await world.plugin.counters()).toMatchObject({ writes: 0, requests: { searchMemories: 0 } });
});
