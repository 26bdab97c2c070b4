/** What somebody did in the plugin after the copy, or before it, is never overwritten and never undone, unless that was asked for. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantLane } from './lane.ts';
import { commitsOf } from './sent.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
});
afterAll(() => world.release());

/** A plugin that keeps nothing of where a memory came from: what somebody else has put there can be just as planned. */
async function withoutPropagation(): Promise<AsyncDisposable> {
  await world.plugin.setQuirks(['no-propagation']);
  return { [Symbol.asyncDispose]: () => world.plugin.setQuirks([]) };
}

/** A lane that is copied, with its first row changed in the source since. */
async function changedLane(...contents: string[]) {
  const lane = await plantLane(world, ...contents);
  await lane.apply();
  const id = lane.rows[0]?.id ?? '';
  await world.sql`update agent_memories set content = 'changed in the source', updated_at = now() where id = ${id}`;
  return { ...lane, id };
}

describe('a row that has changed in the source', () => {
  test('and was edited in the plugin is a conflict: kept, counted, listed, exit 1', async () => {
    const { id, namespace, apply, kept } = await changedLane('one', 'two');
    await world.plugin.edit(id, { content: 'edited by a user' });

    const { report, code } = await apply();

    expect(code).toBe(1);
    expect(report.result).toMatchObject({
      written: 0,
      recorded: 1,
      conflicts: 1,
      noted: [{ kind: 'conflict', id, namespace, detail: 'edited' }],
    });
    expect(await kept()).toEqual(['edited by a user', 'two']);
  });

  test.each([
    ['pinned', { pin: true }],
    ['given an expiry', { expires_at: '2999-01-01T00:00:00Z' }],
    ['given another kind', { kind: 'summary' }],
    ['given another source', { source: 'user' }],
  ] as const)(
    'and was %s in the plugin is a conflict, though its content is what was written',
    async (_how, changes) => {
      const { id, apply } = await changedLane('one');
      await world.plugin.edit(id, changes);
      expect((await apply()).report.result).toMatchObject({ conflicts: 1, noted: [{ id, detail: 'edited' }] });
    },
  );

  test('and was forgotten in the plugin is not brought back, not even by --on-conflict overwrite', async () => {
    const { id, args, apply, kept } = await changedLane('one', 'two');
    await world.plugin.remove([id]);
    expect((await apply()).report).toMatchObject({ exitCode: 1, result: { noted: [{ id, detail: 'forgotten' }] } });
    const forced = await world.backfill([...args, '--on-conflict', 'overwrite']);
    expect(forced.report.result).toMatchObject({ written: 0, conflicts: 1, noted: [{ detail: 'forgotten' }] });
    expect(await kept()).toEqual(['two']);
  });

  test('and is in the plugin as it was written is sent again', async () => {
    const { apply, kept } = await changedLane('one', 'two');
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { changes: { new: 0, changed: 1 } } });
    expect(await kept()).toEqual(['changed in the source', 'two']);
  });

  test('and is in the plugin as it is in the source now is adopted, and sent by no one', async () => {
    await using _plain = await withoutPropagation();
    const { id, rows, apply } = await changedLane('one');
    await world.plugin.edit(id, { content: 'changed in the source' });
    const before = await commitsOf(world, rows);
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 0, adopted: 1 } });
    expect(await commitsOf(world, rows)).toEqual(before);
    expect((await apply()).report.result).toMatchObject({ recorded: 1, adopted: 0 });
  });

  test('in nothing but its updated_at is sent again, so that a verify finds what it looks for', async () => {
    const { rows, apply } = await plantLane(world, 'one', 'two');
    await apply();
    await world.sql`update agent_memories set updated_at = now() where id = ${rows[0]?.id ?? ''}`;
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { changes: { changed: 1 }, adopted: 0 } });
    const { report } = await world.backfill(['--verify', '--workspace', rows[0]?.workspaceId ?? '']);
    expect(report).toMatchObject({ exitCode: 0, result: { rows: { compared: 2, matched: 2 } } });
  });

  test('is overwritten, edited or not, where --on-conflict overwrite says so', async () => {
    const { id, args, kept } = await changedLane('one');
    await world.plugin.edit(id, { content: 'edited by a user' });
    const { report } = await world.backfill([...args, '--on-conflict', 'overwrite']);
    expect(report).toMatchObject({ exitCode: 0, result: { changes: { changed: 1 }, conflicts: 0 } });
    expect(await kept()).toEqual(['changed in the source']);
  });

  test('stays a conflict as long as it is one, and is sent once it is not', async () => {
    const { id, apply, kept } = await changedLane('one');
    await world.plugin.edit(id, { content: 'edited by a user' });
    await apply();
    expect((await apply()).report).toMatchObject({ exitCode: 1, result: { conflicts: 1 } });
    await world.plugin.edit(id, { content: 'one' });
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { changes: { changed: 1 } } });
    expect(await kept()).toEqual(['changed in the source']);
  });

  test('and cannot be looked up, since its namespace holds more than search lists and its words do not find it, is a conflict', async () => {
    const lane = await plantLane(world, 'one');
    await lane.apply();
    const id = lane.rows[0]?.id ?? '';
    for (let index = 0; index < 120; index++) {
      await world.plugin.insert({ namespace: lane.namespace, content: `A note of the plugin's own, number ${index}.` });
    }
    await world.sql`update agent_memories set content = '🙂', updated_at = now() where id = ${id}`;
    const { report, code } = await lane.apply();
    expect(code).toBe(1);
    expect(report.result).toMatchObject({ written: 0, conflicts: 1, noted: [{ id, detail: 'unsettled' }] });
  });
});

describe('a row that is unchanged in the source', () => {
  test('and was forgotten or edited in the plugin is not sent again', async () => {
    const { rows, apply, kept } = await plantLane(world, 'one', 'two', 'three');
    await apply();
    await world.plugin.remove([rows[0]?.id ?? '']);
    await world.plugin.edit(rows[1]?.id ?? '', { content: 'edited by a user' });
    expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 0, recorded: 3 } });
    expect(await kept()).toEqual(['edited by a user', 'three']);
  });
});

describe('an id that the plugin holds and no ledger knows', () => {
  test('is adopted where it is just as planned, and a conflict where it is not', async () => {
    await using _plain = await withoutPropagation();
    const { namespace, rows, apply, kept } = await plantLane(world, 'one', 'two', 'three');
    const [one, two] = rows;
    await world.plugin.insert({ id: one?.id ?? '', namespace, content: 'one', kind: 'fact', source: 'agent' });
    await world.plugin.insert({
      id: two?.id ?? '',
      namespace,
      content: 'of somebody else',
      kind: 'fact',
      source: 'agent',
    });

    const { report, code } = await apply();

    expect(code).toBe(1);
    expect(report.result).toMatchObject({
      written: 1,
      adopted: 1,
      conflicts: 1,
      noted: [{ kind: 'conflict', id: two?.id, detail: 'foreign' }],
    });
    expect(await kept()).toEqual(['one', 'of somebody else', 'three']);
  });

  test('is not moved from the team’s namespace, where an earlier tool has put it', async () => {
    const { rows, apply } = await plantLane(world, 'one');
    const [one] = rows;
    const team = `team:${one?.workspaceId}`;
    await world.plugin.insert({ id: one?.id ?? '', namespace: team, content: 'one' });
    expect((await apply()).report).toMatchObject({
      exitCode: 1,
      result: { written: 0, noted: [{ detail: 'foreign', sentence: expect.stringContaining(team) }] },
    });
    const { memories } = await world.contents();
    expect(memories.find(({ id }) => id === one?.id)?.namespace).toBe(team);
  });

  test('among more than a search lists is found by its words and left alone; one that they do not find is a conflict, too', async () => {
    const content = `The invoice ${randomUUID().replaceAll('-', 'x')} of Meridian was paid twice in October.`;
    const { namespace, rows, apply } = await plantLane(world, content, 'another one of those long remembered stories');
    const [one, two] = rows;
    await world.plugin.insert({ id: one?.id ?? '', namespace, content: `${content} It was paid back.` });
    for (let index = 0; index < 120; index++) {
      await world.plugin.insert({ namespace, content: `A remark of the plugin's own, the number being ${index}00.` });
    }
    const { report } = await apply();
    expect(report).toMatchObject({
      exitCode: 1,
      // Of the other row nobody can tell: what is there under its id may have been edited beyond its words.
      result: {
        written: 0,
        noted: [
          { id: one?.id, detail: 'foreign' },
          { id: two?.id, detail: 'unsettled' },
        ],
      },
    });
  });

  test('with --no-ledger, all that is there as planned is adopted, and nothing is sent', async () => {
    const { args, rows } = await plantLane(world, 'one', 'two');
    await world.backfill([...args, '--no-ledger']);
    const before = await commitsOf(world, rows);
    const { report } = await world.backfill([...args, '--no-ledger']);
    expect(report).toMatchObject({ exitCode: 0, ledger: null, result: { written: 0, adopted: 2 } });
    expect(await commitsOf(world, rows)).toEqual(before);
  });

  test('after --start-over, nothing recorded counts: what the plugin holds is looked up', async () => {
    const { args, rows, apply } = await plantLane(world, 'one', 'two', 'three');
    await apply();
    await world.plugin.remove([rows[0]?.id ?? '']);
    await world.plugin.edit(rows[1]?.id ?? '', { content: 'edited by a user' });
    const { report } = await world.backfill([...args, '--start-over']);
    expect(report).toMatchObject({
      exitCode: 1,
      result: { written: 1, adopted: 1, recorded: 0, noted: [{ id: rows[1]?.id, detail: 'foreign' }] },
    });
  });
});

test('a row of which the plugin cannot be asked before it is written is a failure, and is not written', async () => {
  const { namespace, rows, apply } = await plantLane(world, 'one');
  await world.plugin.insert({ namespace, content: 'there before' });
  const proxy = await world.faultProxy();
  proxy.on({ path: /search$/ }, { kind: 'answer', status: 400, body: '{"code":"bad_request","message":"No."}' });
  const { report, code } = await apply();
  expect(code).toBe(3);
  expect(report.result).toMatchObject({ written: 0, failed: 1, failures: [{ reason: 'search 400 bad_request' }] });
  expect(await commitsOf(world, rows)).toEqual([0]);
});
