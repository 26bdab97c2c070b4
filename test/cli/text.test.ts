/** What each mode prints of a small world: command, output and exit code together. The runs follow one another. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { startWorld, type World } from '../support/migration.ts';
import type { QuirkyPlugin } from '../support/quirky-plugin.ts';
import { damageCopy, plantSmallWorld, type SmallWorld } from './small-world.ts';
import { type Names, namesOf, transcript } from './transcript.ts';

let world: World<QuirkyPlugin>;
let folder: string;
let tree: SmallWorld;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'memory-backfill-cli-'));
  world = await startWorld({ plugin: 'quirky' });
  tree = await plantSmallWorld(world);
});
afterAll(async () => {
  await world.release();
  rmSync(folder, { recursive: true });
});

/** Runs the command between the two ends of the world, one request at a time, so that all comes in one order. */
async function seen(...args: string[]): Promise<string> {
  const { databaseUrl, plugin } = world;
  const env = {
    DATABASE_URL: databaseUrl,
    MEMORY_PLUGIN_URL: plugin.url,
    MEMORY_BACKFILL_CONCURRENCY: '1',
    MEMORY_BACKFILL_ACTOR: 'user:ada',
  };
  const names = { ...namesOf(world), [folder]: 'FOLDER', ...(await runs()) };
  return transcript(args, await runCli(args, env), names);
}

/** The runs that the ledger holds, by their ids: RUN-1 is the first. */
async function runs(): Promise<Names> {
  const [ledger] = await world.sql`select where to_regclass('memory_backfill.runs') is not null`;
  if (!ledger) return {};
  const rows = await world.sql<Array<{ id: string }>>`select id from memory_backfill.runs order by number`;
  return Object.fromEntries(rows.map(({ id }, index) => [id, `RUN-${index + 1}`]));
}

test('a dry run with a plan', async () => {
  const plan = path.join(folder, 'plan.jsonl');
  expect(await seen('--dry-run', '--plan', plan)).toMatchInlineSnapshot(`
    "
    $ memory-backfill --dry-run --plan FOLDER/plan.jsonl
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding

      scope    goes to     rows   namespaces   content
      LOCAL    workspace      2            2   61 B
      TEAM     team           1            1   25 B
      GLOBAL   org            1            1   25 B

      skipped                rows   because
      no-workspace              1   its workspace is NULL, or is not in the table
      global-from-non-root      1   only a root may write to an org
      workspace-removed         1   the old system hid it; --removed-workspaces copy takes it along
      empty-content             1   nothing but white space, which plugins refuse

      for example                            scope    goes to
      0000000a-0000-4000-8000-000000000005   LOCAL    workspace:0000000b-0000-4000-8000-000000000001
      0000000a-0000-4000-8000-000000000006   LOCAL    workspace:0000000b-0000-4000-8000-000000000002
      0000000a-0000-4000-8000-000000000007   TEAM     team:0000000b-0000-4000-8000-000000000001
      0000000a-0000-4000-8000-000000000008   GLOBAL   org:0000000b-0000-4000-8000-000000000001

    The whole plan, a line for each row, is in FOLDER/plan.jsonl.

    4 rows would be copied (111 B), 4 skipped; 8 rows read, nothing written.

    exit 0
    "
  `);
  expect(readFileSync(plan, 'utf8')).toMatchInlineSnapshot(`
    "{"id":"0000000a-0000-4000-8000-000000000005","namespace":"workspace:0000000b-0000-4000-8000-000000000001","change":"new"}
    {"id":"0000000a-0000-4000-8000-000000000006","namespace":"workspace:0000000b-0000-4000-8000-000000000002","change":"new"}
    {"id":"0000000a-0000-4000-8000-000000000007","namespace":"team:0000000b-0000-4000-8000-000000000001","change":"new"}
    {"id":"0000000a-0000-4000-8000-000000000008","namespace":"org:0000000b-0000-4000-8000-000000000001","change":"new"}
    {"id":"0000000a-0000-4000-8000-000000000009","skip":"global-from-non-root"}
    {"id":"0000000a-0000-4000-8000-00000000000a","skip":"workspace-removed"}
    {"id":"0000000a-0000-4000-8000-00000000000b","skip":"no-workspace"}
    {"id":"0000000a-0000-4000-8000-00000000000c","skip":"empty-content"}
    "
  `);
});

test('an apply of the first rows', async () => {
  expect(await seen('--apply', '--limit', '2')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --apply --limit 2
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      operation         attempts   successes   retries   failed attempts
      getHealth                1           1         0
      searchMemories           5           5         0
      upsertNamespace          4           4         0
      commitMemory             7           5         0   2 × 404 not_found
      deleteNamespace          1           1         0

      Of 4 requests that carried rows, 50 % took at most TIME, 95 % TIME, 99 % TIME.

      slowest rows                           took   attempts   went to
      0000000a-0000-4000-8000-000000000005   TIME   2   workspace:0000000b-0000-4000-8000-000000000001
      0000000a-0000-4000-8000-000000000006   TIME   2   workspace:0000000b-0000-4000-8000-000000000002

    The limit was reached: there may be more rows.

    2 rows written (61 B, TIME, RATE), 0 skipped; 2 rows read. 2 namespaces made.

    exit 0
    "
  `);
});

test('an apply in which one row is refused', async () => {
  const { id } = tree.memory('The child tells the team.');
  await world.sql`update agent_memories set content = 'reject-me' where id = ${id}`;
  await world.plugin.setQuirks(['reject']);
  expect(await seen('--apply')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --apply
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      row is     rows   which says
      new           1   never copied before
      recorded      2   copied before, and unchanged since

      skipped                rows   because
      no-workspace              1   its workspace is NULL, or is not in the table
      global-from-non-root      1   only a root may write to an org
      workspace-removed         1   the old system hid it; --removed-workspaces copy takes it along
      empty-content             1   nothing but white space, which plugins refuse

      failed  1 row: 400 bad_request. The plugin answered 400 bad_request: Such content is not accepted.
        0000000a-0000-4000-8000-000000000007  team:0000000b-0000-4000-8000-000000000001

      operation         attempts   successes   retries   failed attempts
      getHealth                1           1         0
      searchMemories           7           7         0
      upsertNamespace          3           3         0
      commitMemory             6           4         0   1 × 400 bad_request, 1 × 404 not_found
      deleteNamespace          1           1         0

      Of 3 requests that carried rows, 50 % took at most TIME, 95 % TIME, 99 % TIME.

      slowest rows                           took   attempts   went to
      0000000a-0000-4000-8000-000000000008   TIME   2   org:0000000b-0000-4000-8000-000000000001

    To go on:  memory-backfill --apply --resume RUN

    1 row written (25 B, TIME, RATE), 1 failed, 2 recorded, 4 skipped; 8 rows read. 1 namespace made.

    exit 3
    "
  `);
});

test('an apply of all, once the plugin takes it', async () => {
  await world.plugin.setQuirks([]);
  expect(await seen('--apply')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --apply
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      row is     rows   which says
      new           1   never copied before
      recorded      3   copied before, and unchanged since

      skipped                rows   because
      no-workspace              1   its workspace is NULL, or is not in the table
      global-from-non-root      1   only a root may write to an org
      workspace-removed         1   the old system hid it; --removed-workspaces copy takes it along
      empty-content             1   nothing but white space, which plugins refuse

      operation         attempts   successes   retries   failed attempts
      getHealth                1           1         0
      searchMemories           8           8         0
      upsertNamespace          3           3         0
      commitMemory             5           4         0   1 × 404 not_found
      deleteNamespace          1           1         0

      Of 2 requests that carried rows, 50 % took at most TIME, 95 % TIME, 99 % TIME.

      slowest rows                           took   attempts   went to
      0000000a-0000-4000-8000-000000000007   TIME   2   team:0000000b-0000-4000-8000-000000000001

    1 row written (9 B, TIME, RATE), 3 recorded, 4 skipped; 8 rows read. 1 namespace made.

    exit 0
    "
  `);
});

test('what the ledger says of a memory', async () => {
  expect(await seen('--status', tree.memory('The child tells the team.').id)).toMatchInlineSnapshot(`
    "
    $ memory-backfill --status 0000000a-0000-4000-8000-000000000007
    ledger  POSTGRES/DATABASE

    from POSTGRES/DATABASE/public to http://PLUGIN
      when                  run                                    mode    outcome   namespace                                   by         reason
      MOMENT   RUN-2   apply   failed    team:0000000b-0000-4000-8000-000000000001   user:ada   400 bad_request
      MOMENT   RUN-3   apply   written   team:0000000b-0000-4000-8000-000000000001   user:ada   new

    Memory 0000000a-0000-4000-8000-000000000007: 2 entries; the newest says written (new), in team:0000000b-0000-4000-8000-000000000001.

    exit 0
    "
  `);
});

test('a rollback without --yes', async () => {
  const [first = ''] = Object.keys(await runs());
  expect(await seen('--rollback', first)).toMatchInlineSnapshot(`
    "
    $ memory-backfill --rollback RUN-1
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

    2 memories of run RUN-1 would be forgotten, 0 kept. Nothing was changed: --yes does it.

    exit 0
    "
  `);
});

test('a verify of the whole copy', async () => {
  expect(await seen('--verify', '--verify-sample', 'all')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --verify-sample all
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      skipped                rows   because
      no-workspace              1   its workspace is NULL, or is not in the table
      global-from-non-root      1   only a root may write to an org
      workspace-removed         1   the old system hid it; --removed-workspaces copy takes it along
      empty-content             1   nothing but white space, which plugins refuse

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         4       4                1          0          0       0             0

      rows   compared   match
                    4       4

    Copies that belong elsewhere were looked for in all 8 namespaces that the plugin may hold: 8 listed whole.

    EQUAL: all 4 rows of 4 workspaces are in the plugin as planned.

    exit 0
    "
  `);
});

test('a verify of a sample', async () => {
  expect(await seen('--verify', '--verify-sample', '2', '--seed', 'spring')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --verify-sample 2 --seed spring
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      skipped                rows   because
      global-from-non-root      1   only a root may write to an org
      empty-content             1   nothing but white space, which plugins refuse

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         2       2                0          0          0       0             0

      rows   compared   match
                    4       4

    2 of 3 workspaces, all clean: with 95 % confidence fewer than 2 of them (67 %) have a mismatch; 3 would prove fewer than 1 %.
    --seed spring draws the same sample again.
    Copies that belong elsewhere were looked for in all 8 namespaces that the plugin may hold: 8 listed whole.

    EQUAL: all 4 rows of 2 workspaces are in the plugin as planned.

    exit 0
    "
  `);
});

test('a verify that has nothing to compare', async () => {
  expect(await seen('--verify', '--workspace', tree.workspace('empty'))).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --workspace 0000000b-0000-4000-8000-000000000004
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         1       1                1          0          0       0             0

      rows   compared   match
                    0       0

    Copies that belong elsewhere were looked for in 7 of the 8 namespaces that the plugin may hold: 7 listed whole.

    NOTHING WAS VERIFIED: there was no row to compare. --allow-empty lets that pass.

    exit 1
    "
  `);
});

test('a verify that has nothing to compare, and may', async () => {
  expect(await seen('--verify', '--workspace', tree.workspace('empty'), '--allow-empty')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --workspace 0000000b-0000-4000-8000-000000000004 --allow-empty
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         1       1                1          0          0       0             0

      rows   compared   match
                    0       0

    Copies that belong elsewhere were looked for in 7 of the 8 namespaces that the plugin may hold: 7 listed whole.

    Nothing was verified: there was no row to compare (--allow-empty lets that pass).

    exit 0
    "
  `);
});

test('a verify of a damaged copy', async () => {
  await damageCopy(tree, world.plugin);
  expect(await seen('--verify', '--verify-sample', 'all')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --verify-sample all
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      leak  0000000a-0000-4000-8000-00000000000a was to be skipped (workspace-removed), but team:0000000b-0000-4000-8000-000000000001 shows it
        workspace 0000000b-0000-4000-8000-000000000003  belongs to no namespace
        found in team:0000000b-0000-4000-8000-000000000001
        source    The team must not hear this.
      → Take it away before anybody else reads it: mend it with --apply --repair and the JSON report of a verify (--json).

      missing  0000000a-0000-4000-8000-000000000006 is not in the plugin
        workspace 0000000b-0000-4000-8000-000000000002  belongs to workspace:0000000b-0000-4000-8000-000000000002
        written by run RUN-1
        source    The child keeps this to itself.
      → The ledger has it as written by run RUN-1: it was forgotten since, or lost. If it is to be there, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if not, give it up by name with --accept.

      content  0000000a-0000-4000-8000-000000000008 has another content, from character 16 on
        workspace 0000000b-0000-4000-8000-000000000001  belongs to org:0000000b-0000-4000-8000-000000000001
        written by run RUN-2
        source    The root tells everybody.
        plugin    The root tells nobody.
      → The ledger has it as written by run RUN-2: one of the two was edited since. If the source was, --apply sends it (where both were, that is a conflict, and --on-conflict overwrite decides); if the plugin was and the source is to win, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if the plugin is to win, correct the row in the source.

      skipped                rows   because
      no-workspace              1   its workspace is NULL, or is not in the table
      global-from-non-root      1   only a root may write to an org
      workspace-removed         1   the old system hid it; --removed-workspaces copy takes it along
      empty-content             1   nothing but white space, which plugins refuse

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         4       1                1          3          0       0             0

      rows   compared   match   leak   missing   content
                    4       2      1         1         1

    Copies that belong elsewhere were looked for in all 8 namespaces that the plugin may hold: 8 listed whole.

    NOT EQUAL: 1 leak, 1 missing, 1 with another content; 2 of 4 rows compared match.

    exit 1
    "
  `);
});

test('a leak is shown with the namespace that shows it, and not counted among the rows that were compared', async () => {
  const text = await seen('--verify', '--workspace', tree.workspace('gone'));
  expect(text).toContain('leak  0000000a-0000-4000-8000-00000000000a');
  expect(text).toContain(`team:${tree.workspace('root')}`);
  expect(text).not.toContain('1 row of 0 compared');
});

test('a verify of a damaged copy, without content', async () => {
  expect(await seen('--verify', '--workspace', tree.workspace('root'), '--no-content')).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --workspace 0000000b-0000-4000-8000-000000000001 --no-content
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      leak  0000000a-0000-4000-8000-00000000000a was to be skipped (workspace-removed), but team:0000000b-0000-4000-8000-000000000001 shows it
        workspace 0000000b-0000-4000-8000-000000000003  belongs to no namespace
        found in team:0000000b-0000-4000-8000-000000000001
      → Take it away before anybody else reads it: mend it with --apply --repair and the JSON report of a verify (--json).

      content  0000000a-0000-4000-8000-000000000008 has another content, from character 16 on
        workspace 0000000b-0000-4000-8000-000000000001  belongs to org:0000000b-0000-4000-8000-000000000001
        written by run RUN-2
      → The ledger has it as written by run RUN-2: one of the two was edited since. If the source was, --apply sends it (where both were, that is a conflict, and --on-conflict overwrite decides); if the plugin was and the source is to win, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if the plugin is to win, correct the row in the source.

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         1       0                0          1          0       0             0

      rows   compared   match   leak   content
                    3       2      1         1

    Copies that belong elsewhere were looked for in all 8 namespaces that the plugin may hold: 8 listed whole.

    NOT EQUAL: 1 leak, 1 with another content; 2 of 3 rows compared match.

    exit 1
    "
  `);
});

test('a verify of which a part could not be checked', async () => {
  await world.plugin.failNext({ operation: 'searchMemories', status: 400 });
  expect(await seen('--verify', '--workspace', tree.workspace('root'))).toMatchInlineSnapshot(`
    "
    $ memory-backfill --verify --workspace 0000000b-0000-4000-8000-000000000001
    source  POSTGRES/DATABASE, schema public
    plugin  http://PLUGIN, version quirky 1, announces fts ttl pin propagation embedding
    ledger  POSTGRES/DATABASE

      leak  0000000a-0000-4000-8000-00000000000a was to be skipped (workspace-removed), but team:0000000b-0000-4000-8000-000000000001 shows it
        workspace 0000000b-0000-4000-8000-000000000003  belongs to no namespace
        found in team:0000000b-0000-4000-8000-000000000001
        source    The team must not hear this.
      → Take it away before anybody else reads it: mend it with --apply --repair and the JSON report of a verify (--json).

      content  0000000a-0000-4000-8000-000000000008 has another content, from character 16 on
        workspace 0000000b-0000-4000-8000-000000000001  belongs to org:0000000b-0000-4000-8000-000000000001
        written by run RUN-2
        source    The root tells everybody.
        plugin    The root tells nobody.
      → The ledger has it as written by run RUN-2: one of the two was edited since. If the source was, --apply sends it (where both were, that is a conflict, and --on-conflict overwrite decides); if the plugin was and the source is to win, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if the plugin is to win, correct the row in the source.

      workspaces   sampled   match   of which empty   mismatch   unproven   error   not reached
                         1       0                0          1          0       0             0

      rows   compared   match   leak   content
                    3       2      1         1

    Copies that belong elsewhere were looked for in all 8 namespaces that the plugin may hold: 8 listed whole.

    NOT EQUAL: 1 leak, 1 with another content; 2 of 3 rows compared match.

    exit 1
    "
  `);
});
