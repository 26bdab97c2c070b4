/** What happens to the source while a run is under way: rows and workspaces come and go, and the database itself may. */
import { describe, expect, test } from 'vitest';
import { grantReadOnly, insertMemories, insertWorkspaces, memory, plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld } from '../../support/migration.ts';
import { endToolSessions, readAhead } from '../source/legacy-database.ts';
import { holdAtCommit, holdBeforeFirstRow } from './held.ts';

/** Rows of no workspace: they fill a page and are skipped. */
const fillers = (count: number) => Array.from({ length: count }, () => memory());

/**
 * Rows so large that a page holds two of them. While the first one is under way, one waits, and so do the two of the next page: there
 * is room for no more, and of the third page, read ahead, nothing has been taken up.
 */
const large = (workspaceId: string, count: number) =>
  Array.from({ length: count }, (_row, place) =>
    memory({ workspaceId, content: `${place} ${'long '.repeat(300_000)}` }),
  );

describe.each(PLUGINS)('while rows are copied to the %s plugin', (plugin) => {
  test('one is deleted, one is edited, one is added: the first is reported, the second copied as it is now', async () => {
    // Without the foreign key: it would make the added row wait for the lock that holds the run.
    await using world = await startWorld({ plugin, shape: { foreignKey: false } });
    const tree = await plantTree(world.sql, {
      workspaces: { acme: {} },
      memories: { kept: { of: 'acme' }, deleted: { of: 'acme' }, edited: { of: 'acme' } },
    });
    const hold = await holdBeforeFirstRow(world);
    const run = world.start(['--apply']);
    await hold.reached();

    await world.sql`delete from agent_memories where id = ${tree.memory('deleted').id}`;
    await world.sql`update agent_memories set content = 'as it is now' where id = ${tree.memory('edited').id}`;
    await insertMemories(world.sql, [memory({ workspaceId: tree.workspace('acme'), content: 'added' })]);
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode: 0, result: { scanned: 3, written: 2, vanished: 1, failed: 0 } });
    const { memories } = await world.contents();
    expect(memories.map(({ id, content }) => ({ id, content }))).toEqual([
      { id: tree.memory('kept').id, content: 'kept' },
      { id: tree.memory('edited').id, content: 'as it is now' },
    ]);
  });

  test('a workspace is made: its rows, which were listed before, find it', async () => {
    await using world = await startWorld({ plugin, shape: { foreignKey: false } });
    const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
    const late = { id: 'cccccccc-0000-4000-8000-000000000000', name: 'late', parentId: workspace('acme') };
    await insertMemories(world.sql, [
      ...large(workspace('acme'), 6),
      memory({ workspaceId: late.id, scope: 'TEAM', content: 'of the late one' }),
    ]);
    const hold = await holdAtCommit(world, 1);
    const run = world.start(['--apply']);
    await hold.reached();

    await insertWorkspaces(world.sql, [{ ...late, status: 'online' }]);
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({
      exitCode: 0,
      result: { scanned: 7, written: 7, skipped: { 'no-workspace': 0 } },
    });
    const { memories } = await world.contents();
    expect(memories.filter(({ content }) => content === 'of the late one')).toMatchObject([
      { namespace: `team:${workspace('acme')}` },
    ]);
  });

  test('the source goes, and the ledger stays: the run ends with exit code 3 and its counts; run again, it completes', async () => {
    await using world = await startWorld({ plugin });
    const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
    await insertMemories(world.sql, large(workspace('acme'), 7));
    const reader = await grantReadOnly(world.sql, 'reader');
    const role = new URL(reader).username;
    const hold = await holdAtCommit(world, 1);
    const env = { DATABASE_URL: reader, LEDGER_DATABASE_URL: world.databaseUrl };
    const run = world.start(['--apply'], env);
    await hold.reached();

    await readAhead(world.sql);
    await world.sql.unsafe(`alter role ${role} nologin`);
    await endToolSessions(world.sql, role);
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({
      exitCode: 3,
      error: {
        code: 'source',
        message: expect.stringMatching(
          /^The source database \(DATABASE_URL\) could not .* rows: role ".*" is not permitted to log in \(28000\)\.$/,
        ),
      },
      // The page that was read ahead is good.
      result: { scanned: 6, written: 6, failed: 0 },
    });
    await world.sql.unsafe(`alter role ${role} login`);
    const again = await world.backfill(['--apply'], env);
    expect(again.report).toMatchObject({ exitCode: 0, result: { scanned: 7, written: 1, recorded: 6 } });
    expect((await world.contents()).memories.map(({ content }) => content[0])).toEqual([...'0123456']);
  });
});

test('while rows are copied, the database restarts: the run goes on to its end, and says how', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
  await insertMemories(world.sql, large(workspace('acme'), 7));
  const hold = await holdAtCommit(world, 1);
  const run = world.start(['--apply']);
  await hold.reached();

  await readAhead(world.sql);
  await endToolSessions(world.sql);
  // The row under way is the first of its namespace, and has that made next: without the lock, that would end the run.
  await run.until(/The ledger's lock is held again/);
  await hold.release();

  const { report } = await run.finished;
  expect(report).toMatchObject({
    exitCode: 0,
    error: null,
    result: { scanned: 7, written: 7, failed: 0 },
  });
  expect(report.notices.toSorted()).toEqual([
    expect.stringContaining('reading on page by page'),
    expect.stringMatching(/^The ledger's lock is held again/),
    expect.stringMatching(/^The ledger's lock was lost, since its session ended/),
  ]);
  expect((await world.contents()).memories.map(({ content }) => content[0])).toEqual([...'0123456']);
});

describe('a query that fails', () => {
  test('for a row on the way ends the run with exit code 3; the pages before it are copied and counted', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    const { workspace, memory: planted } = await plantTree(world.sql, {
      workspaces: { acme: {} },
      memories: { first: { of: 'acme' } },
    });
    const restOfThePage = fillers(499);
    const unreadable = memory({ workspaceId: workspace('acme') });
    await insertMemories(world.sql, [...restOfThePage, unreadable]);
    await world.sql.unsafe(`
      alter table agent_memories rename to stored_memories;
      create view agent_memories as
        select id, workspace_id, content, created_at, updated_at, namespace,
               case when id = '${unreadable.id}' then (1 / (length(scope) - length(scope)))::text else scope end as scope
          from stored_memories`);

    const { report } = await world.backfill(['--apply']);

    expect(report).toMatchObject({
      exitCode: 3,
      error: {
        code: 'source',
        message: 'The source database (DATABASE_URL) could not read the rows: division by zero (22012).',
      },
      result: { scanned: 500, written: 1, skipped: { 'no-workspace': 499 } },
    });
    expect((await world.contents()).memories).toMatchObject([{ id: planted('first').id }]);
  });

  test('for the tree of workspaces is no skip: it ends the run with exit code 3, and nothing is written', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
    await world.sql.unsafe(`
      alter table workspaces rename to stored_workspaces;
      create view workspaces as
        select id, parent_id, (1 / (length(name) - length(name)))::text as status from stored_workspaces`);

    const { report } = await world.backfill(['--apply']);

    const message = 'The source database (DATABASE_URL) could not list the workspaces: division by zero (22012).';
    expect(report).toMatchObject({ exitCode: 3, error: { code: 'source', message }, result: null });
    expect(await world.plugin.counters()).toMatchObject({ writes: 0 });
  });
});
