/** What a rollback takes out of the plugin, and what it leaves there, on both plugins and through the real command line. */
import { describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { holdAtCommit } from '../apply/held.ts';
import {
  applied,
  contentsOf,
  editThroughContract,
  entriesOf,
  forgetThroughContract,
  keptBut,
  rolledBack,
} from './undoing.ts';

const THREE = { one: { of: 'acme' }, two: { of: 'acme', scope: 'TEAM' }, three: { of: 'acme' } } as const;

const plantThree = (world: World) => plantTree(world.sql, { workspaces: { acme: {} }, memories: THREE });

describe.each(PLUGINS)('a rollback on the %s plugin', (plugin) => {
  test('takes out what the run created, leaves the source alone, and lets the next apply copy it again', async () => {
    await using world = await startWorld({ plugin });
    await plantThree(world);
    const source = await world.sql`select * from agent_memories order by id`;
    const run = await applied(world);

    const { report, undone } = await rolledBack(world, run, '--yes');

    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(undone).toMatchObject({ of: run, acted: true, forgotten: 3, already: 0, kept: keptBut(), listed: [] });
    expect(await contentsOf(world)).toEqual([]);
    expect(await world.sql`select * from agent_memories order by id`).toEqual(source);

    const again = await world.backfill(['--apply']);
    expect(again.report).toMatchObject({ exitCode: 0, result: { written: 3, recorded: 0 } });
    expect(await contentsOf(world)).toEqual(['one', 'three', 'two']);
    const verified = await world.backfill(['--verify', '--verify-sample', 'all']);
    expect(verified.report).toMatchObject({ exitCode: 0, result: { rows: { compared: 3, matched: 3 } } });
  });

  test('without --yes changes nothing, and records nothing', async () => {
    await using world = await startWorld({ plugin });
    await plantThree(world);
    const run = await applied(world);
    const before = await world.contents();

    const { report, undone } = await rolledBack(world, run);

    expect(report).toMatchObject({ exitCode: 0 });
    expect(undone).toMatchObject({ acted: false, forgotten: 3, kept: keptBut() });
    expect(Object.keys(report.traffic).sort()).toEqual(['getHealth', 'searchMemories']);
    expect(await world.contents()).toEqual(before);
    expect(await world.sql`select mode from memory_backfill.runs`).toEqual([{ mode: 'apply' }]);
    expect(await world.sql`select from memory_backfill.entries where outcome <> 'written'`).toHaveLength(0);
  });

  test('leaves what a user edited or forgot, lists each with the reason, and ends with exit code 1', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantThree(world);
    const run = await applied(world);
    const namespace = `workspace:${tree.workspace('acme')}`;
    await editThroughContract(world, namespace, tree.memory('one').id, 'as a user wants it');
    await forgetThroughContract(world, namespace, tree.memory('three').id);

    const { report, undone } = await rolledBack(world, run, '--yes');

    expect(report.exitCode).toBe(1);
    expect(undone).toMatchObject({ forgotten: 1, kept: keptBut({ edited: 1, absent: 1 }) });
    expect(undone.listed).toEqual([
      { id: tree.memory('one').id, namespace, reason: 'edited', sentence: expect.any(String) },
      { id: tree.memory('three').id, namespace, reason: 'absent', sentence: expect.any(String) },
    ]);
    expect(await contentsOf(world)).toEqual(['as a user wants it']);
    // What a user had forgotten is not brought back by the next apply; what the rollback took out is.
    const again = await world.backfill(['--apply']);
    expect(again.report).toMatchObject({ result: { written: 1, recorded: 2 } });
    expect(await contentsOf(world)).toEqual(['as a user wants it', 'two']);
  });

  test('leaves a memory that was there before the run and was adopted by it', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantThree(world);
    await applied(world);
    const run = await applied(world, '--start-over');

    const { report, undone } = await rolledBack(world, run, '--yes');

    expect(report.exitCode).toBe(0);
    expect(undone).toMatchObject({ forgotten: 0, kept: keptBut({ 'not-created': 3 }) });
    expect(report.traffic.forgetMemory).toBeUndefined();
    expect(await contentsOf(world)).toEqual(['one', 'three', 'two']);
    expect(await entriesOf(world, tree.memory('one').id)).toEqual(['written: new', 'adopted', 'kept: not-created']);
  });

  test('leaves what other runs wrote, whichever of two is undone', async () => {
    await using world = await startWorld({ plugin });
    const { workspace } = await plantThree(world);
    const first = await applied(world);
    await insertMemories(world.sql, [memory({ workspaceId: workspace('acme'), content: 'four' })]);
    await world.sql`update agent_memories set content = 'one, rewritten', updated_at = now() where content = 'one'`;
    const second = await applied(world);

    const undoneSecond = await rolledBack(world, second, '--yes');
    expect(undoneSecond).toMatchObject({
      report: { exitCode: 0 },
      undone: { forgotten: 1, kept: keptBut({ 'not-created': 1 }) },
    });
    expect(await contentsOf(world)).toEqual(['one, rewritten', 'three', 'two']);

    const undoneFirst = await rolledBack(world, first, '--yes');
    expect(undoneFirst).toMatchObject({
      report: { exitCode: 1 },
      undone: {
        forgotten: 2,
        kept: keptBut({ 'written-since': 1 }),
        listed: [{ reason: 'written-since', sentence: `was written again by run ${second}` }],
      },
    });
    expect(await contentsOf(world)).toEqual(['one, rewritten']);
  });

  test('that is repeated has nothing left to do, and says so', async () => {
    await using world = await startWorld({ plugin });
    const tree = await plantThree(world);
    const run = await applied(world);
    await rolledBack(world, run, '--yes');

    const { report, undone } = await rolledBack(world, run, '--yes');

    expect(report.exitCode).toBe(0);
    expect(undone).toMatchObject({ forgotten: 0, already: 3, kept: keptBut() });
    expect(report.traffic.forgetMemory).toBeUndefined();
    expect(await entriesOf(world, tree.memory('one').id)).toEqual([
      'written: new',
      'kept: being-forgotten',
      `forgotten: rollback of run ${run}`,
    ]);
  });

  test('reaches every memory of a namespace that holds more than a search lists', async () => {
    await using world = await startWorld({ plugin });
    const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
    const workspaceId = workspace('acme');
    // No text search finds these: what is newer has to be forgotten before a listing shows them.
    const mute = Array.from({ length: 120 }, () => memory({ workspaceId, content: '🌱🌱🌱' }));
    const told = Array.from({ length: 150 }, (_, n) => memory({ workspaceId, content: `ticket ${1000 + n} is done` }));
    await insertMemories(world.sql, [...mute, ...told]);
    const run = await applied(world);
    await world.sql`update agent_memories set content = 'ticket closed' where content like 'ticket 1010 %'`;

    const dry = await rolledBack(world, run);
    expect(dry.report.exitCode).toBe(0);
    expect(dry.undone).toMatchObject({ forgotten: 149, kept: keptBut({ unsettled: 121 }) });

    const { report, undone } = await rolledBack(world, run, '--yes');
    expect(undone).toMatchObject({ forgotten: 270, kept: keptBut() });
    expect(report.exitCode).toBe(0);
    expect(await contentsOf(world)).toEqual([]);
  });
});

test('a plugin without text search gives up every memory of a large namespace, the newest first', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['no-fts'] });
  const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
  await insertMemories(
    world.sql,
    Array.from({ length: 320 }, (_, n) => memory({ workspaceId: workspace('acme'), content: `ticket ${1000 + n}` })),
  );
  const run = await applied(world);

  const { report, undone } = await rolledBack(world, run, '--yes');

  expect(report.exitCode).toBe(0);
  expect(undone).toMatchObject({ forgotten: 320, kept: keptBut() });
  expect(await contentsOf(world)).toEqual([]);
});

test('what no listing shows is unsettled and stays, where the source has it no more or a user may have edited it', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
  const rows = Array.from({ length: 120 }, (_, n) =>
    memory({ workspaceId: workspace('acme'), content: `ticket ${1000 + n}` }),
  );
  await insertMemories(world.sql, rows.slice(0, 10));
  const run = await applied(world);
  await insertMemories(world.sql, rows.slice(10));
  await applied(world);
  const [edited, gone] = [rows[2]?.id ?? '', rows[3]?.id ?? ''];
  await world.plugin.edit(edited, { content: 'as a user wants it' });
  await world.sql`delete from agent_memories where id = ${gone}`;

  const { report, undone } = await rolledBack(world, run, '--yes');

  expect(report.exitCode).toBe(1);
  expect(undone).toMatchObject({ forgotten: 8, kept: keptBut({ unsettled: 2 }) });
  expect(undone.listed).toMatchObject([
    { id: edited, reason: 'unsettled' },
    { id: gone, reason: 'unsettled' },
  ]);
  expect(await contentsOf(world)).toHaveLength(112);
});

test('a memory that its own run wrote twice, since it was edited in the source meanwhile, is taken out once', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: { one: { of: 'acme' }, two: { of: 'acme' } },
  });
  // The first commit finds no namespace, the second stores row one; row two is under way with the third.
  const hold = await holdAtCommit(world, 3);
  const applying = world.start(['--apply']);
  await hold.reached();
  await world.sql`update agent_memories set content = 'one, as it is now', updated_at = now() where content = 'one'`;
  await hold.release();
  const { report: copied } = await applying.finished;
  expect(await entriesOf(world, tree.memory('one').id)).toEqual(['written: new', 'written: changed']);

  const { report, undone } = await rolledBack(world, copied.runId, '--yes');

  expect(report.exitCode).toBe(0);
  expect(undone).toMatchObject({ forgotten: 2, kept: keptBut() });
  expect(await contentsOf(world)).toEqual([]);
});
