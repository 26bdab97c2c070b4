/** Rows that the plugin has stored and nobody has a record of: what users make of them meanwhile stands, however crowded it gets. */
import { expect, test, vi } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { toolSessions } from '../source/legacy-database.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';

const EDITED = 'Somebody has put it in other words.';

/** More memories of users' own than a search lists, all of them newer than what was there. */
async function crowd({ plugin }: World<QuirkyPlugin>, namespace: string): Promise<void> {
  for (let index = 0; index < 120; index++) {
    await plugin.insert({ namespace, content: `A remark of the plugin's own, the number being ${index}00.` });
  }
}

test('a row that failed, since its acknowledgement made no sense, and was edited in the plugin, is left alone', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { rows, namespace, args, apply, kept } = await plantLane(world, 'another of those long remembered stories');
  const hold = await holdBeforeCommit(world, 2);
  const run = world.start(args);
  await hold.reached();
  await world.plugin.setQuirks(['wrong-shape']);
  await hold.release();
  expect((await run.finished).report).toMatchObject({ exitCode: 3, result: { failed: 1 } });
  await world.plugin.setQuirks([]);
  const id = rows[0]?.id ?? '';
  await world.plugin.edit(id, { content: EDITED });
  await crowd(world, namespace);

  expect((await apply()).report).toMatchObject({
    exitCode: 1,
    result: { written: 0, noted: [{ id, detail: 'unsettled' }] },
  });
  expect(await kept()).toContain(EDITED);
});

test('a row that was stored when the run was killed, and edited in the plugin, is left alone', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { rows, namespace, args, apply, kept } = await plantLane(world, 'another of those long remembered stories');
  const hold = await holdBeforeCommit(world, 2);
  const run = world.start(args);
  const killed = expect(run.finished).rejects.toThrow('ended with SIGKILL');
  await hold.reached();
  run.child.kill('SIGKILL');
  await hold.release();
  await killed;
  await vi.waitFor(async () => expect((await world.contents()).memories).toHaveLength(1), { timeout: 20_000 });
  await vi.waitFor(async () => expect(await toolSessions(world.sql)).toEqual([]), { timeout: 20_000 });
  const id = rows[0]?.id ?? '';
  await world.plugin.edit(id, { content: EDITED });
  await crowd(world, namespace);

  expect((await apply()).report).toMatchObject({
    exitCode: 1,
    result: { written: 0, noted: [{ id, detail: 'unsettled' }] },
  });
  expect(await kept()).toContain(EDITED);
});

test('a row that may have been forgotten, where search cannot tell, is not brought back by --on-conflict overwrite', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { rows, namespace, args, apply, kept } = await plantLane(world, 'one', 'two');
  await apply();
  const id = rows[0]?.id ?? '';
  await world.plugin.remove([id]);
  await crowd(world, namespace);
  await world.sql`update agent_memories set content = 'changed in the source', updated_at = now() where id = ${id}`;
  const { report } = await world.backfill([...args, '--on-conflict', 'overwrite']);
  expect(report).toMatchObject({ exitCode: 1, result: { written: 0, noted: [{ id, detail: 'unsettled' }] } });
  expect(await kept()).not.toContain('changed in the source');
});

test('the apply that follows a killed rollback copies anew what that had forgotten', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const proxy = await world.faultProxy();
  const { args, apply, kept } = await plantLane(world, 'one', 'two', 'three');
  const first = await apply();
  const gate = Promise.withResolvers<void>();
  const rule = proxy.on({ method: 'DELETE', path: /memories/, skip: 2 }, { kind: 'hold', until: gate.promise });
  const run = world.start(['--rollback', first.report.runId, '--yes']);
  const killed = expect(run.finished).rejects.toThrow('ended with SIGKILL');
  await rule.firstFired;
  run.child.kill('SIGKILL');
  gate.resolve();
  await killed;
  await vi.waitFor(async () => expect((await world.contents()).memories).toEqual([]), { timeout: 20_000 });
  await vi.waitFor(async () => expect(await toolSessions(world.sql)).toEqual([]), { timeout: 20_000 });

  expect((await world.backfill(args)).report).toMatchObject({ exitCode: 0, result: { written: 3 } });
  expect(await kept()).toEqual(['one', 'two', 'three']);
});
