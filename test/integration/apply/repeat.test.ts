/**
 * An apply sends what the ledger does not have as done, and nothing else: repeated, limited, and while the source is being
 * written to.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertMemories, memory } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { holdAtCommit } from './held.ts';
import { plantLane } from './lane.ts';
import { commitsOf } from './sent.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterAll(() => world.release());

describe('a second apply', () => {
  test('sends nothing for rows that are recorded and unchanged, and says so', async () => {
    const { args, rows, apply } = await plantLane(world, 'one', 'two', 'three');
    await apply();
    const before = await commitsOf(world, rows);

    const { report, code } = await world.backfill(args);

    expect(code).toBe(0);
    expect(report.result).toMatchObject({ scanned: 3, written: 0, recorded: 3, changes: { new: 0, changed: 0 } });
    expect(report.traffic.commitMemory).toBeUndefined();
    expect(report.traffic.upsertNamespace).toBeUndefined();
    expect(await commitsOf(world, rows)).toEqual(before);
  });

  test('sends what is new and what has changed since, and says how many of each', async () => {
    const { namespace, rows, apply, kept } = await plantLane(world, 'one', 'two', 'three');
    await apply();
    const [one, two] = rows;
    await world.sql`update agent_memories set content = 'two, edited', updated_at = now() where id = ${two?.id ?? ''}`;
    const added = memory({ workspaceId: one?.workspaceId ?? null, content: 'four' });
    await insertMemories(world.sql, [added]);

    const { report, code } = await apply();

    expect(code).toBe(0);
    expect(report.result).toMatchObject({ written: 2, recorded: 2, changes: { new: 1, changed: 1 } });
    expect(await kept()).toEqual(['one', 'two, edited', 'three', 'four']);
    expect(namespace).toBe(`workspace:${one?.workspaceId}`);
  });

  test('notices an edit that left updated_at alone', async () => {
    const { rows, apply, kept } = await plantLane(world, 'one');
    await apply();
    await world.sql`update agent_memories set content = 'another' where id = ${rows[0]?.id ?? ''}`;
    expect((await apply()).report.result).toMatchObject({ changes: { new: 0, changed: 1 } });
    expect(await kept()).toEqual(['another']);
  });

  test('of another plugin’s ledger knows nothing: a rehearsal does not satisfy the real run', async () => {
    const { rows, apply, args } = await plantLane(world, 'one', 'two');
    await apply();
    await using other = await startWorld({ plugin: 'quirky' });
    const { report } = await world.backfill(args, { MEMORY_PLUGIN_URL: other.plugin.url });
    expect(report.result).toMatchObject({ written: 2, recorded: 0 });
    expect((await other.plugin.dump()).memories.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });
});

describe('--limit', () => {
  test('makes progress: each run takes the next rows that still need something', async () => {
    const { args, kept } = await plantLane(world, 'one', 'two', 'three', 'four', 'five');
    const limited = () => world.backfill([...args, '--limit', '2']);

    expect((await limited()).report.result).toMatchObject({ written: 2, recorded: 0, limitReached: true });
    expect(await kept()).toEqual(['one', 'two']);
    expect((await limited()).report.result).toMatchObject({ written: 2, recorded: 2, limitReached: true });
    expect(await kept()).toEqual(['one', 'two', 'three', 'four']);
    expect((await limited()).report.result).toMatchObject({ written: 1, recorded: 4, limitReached: false });
    expect(await kept()).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  test('is not used up by rows that are in conflict, however often they are met', async () => {
    const { args, rows, kept } = await plantLane(world, 'one', 'two', 'three');
    const [one] = rows;
    await world.plugin.insert({ id: one?.id ?? '', namespace: `workspace:${one?.workspaceId}`, content: 'not ours' });
    const limited = () => world.backfill([...args, '--limit', '1']);
    expect((await limited()).report.result).toMatchObject({ written: 1, conflicts: 1 });
    expect((await limited()).report.result).toMatchObject({ written: 1, conflicts: 1 });
    expect(await kept()).toEqual(['not ours', 'two', 'three']);
  });
});

describe('while rows are being copied', () => {
  test.each([
    ['a table', ''],
    [
      'a view',
      `alter table agent_memories rename to memories_of_agents;
       create view agent_memories as select * from memories_of_agents`,
    ],
  ])(
    'a row of %s that is committed late, behind the run’s position, is caught by the closing pass',
    async (_what, made) => {
      await using own = await startWorld({ plugin: 'quirky' });
      const { rows, kept, args } = await plantLane(own, 'one', 'two');
      await own.sql.unsafe(made);
      const hold = await holdAtCommit(own, 2);
      const run = own.start(args);
      await hold.reached();
      await insertMemories(own.sql, [
        memory({ workspaceId: rows[0]?.workspaceId ?? null, content: 'late', createdAt: '2001-01-01 00:00:00+00' }),
      ]);
      await hold.release();

      const { report } = await run.finished;
      expect(report).toMatchObject({ exitCode: 0, result: { written: 3, failed: 0 } });
      expect(await kept()).toEqual(['one', 'two', 'late']);
    },
  );

  test('a row that is edited after its turn is sent again by the closing pass', async () => {
    await using own = await startWorld({ plugin: 'quirky' });
    const { rows, kept, args } = await plantLane(own, 'one', 'two', 'three');
    const hold = await holdAtCommit(own, 3);
    const run = own.start(args);
    await hold.reached();
    await own.sql`update agent_memories set content = 'one, edited', updated_at = now() where id = ${rows[0]?.id ?? ''}`;
    await hold.release();

    const { report } = await run.finished;
    expect(report).toMatchObject({ exitCode: 0, result: { written: 4, changes: { new: 3, changed: 1 } } });
    expect(await kept()).toEqual(['one, edited', 'two', 'three']);
  });

  test('a row that is made beyond the watermark is left to the next run', async () => {
    await using own = await startWorld({ plugin: 'quirky' });
    const { rows, kept, args, apply } = await plantLane(own, 'one', 'two');
    const hold = await holdAtCommit(own, 2);
    const run = own.start(args);
    await hold.reached();
    await insertMemories(own.sql, [memory({ workspaceId: rows[0]?.workspaceId ?? null, content: 'three' })]);
    await hold.release();

    expect((await run.finished).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
    expect(await kept()).toEqual(['one', 'two']);
    expect((await apply()).report.result).toMatchObject({ written: 1, recorded: 2 });
    expect(await kept()).toEqual(['one', 'two', 'three']);
  });
});
