/** Two applies on one source, plugin and ledger: one works, the other is told who does; and who loses the lock stops sending. */
import { expect, test, vi } from 'vitest';
import { startWorld, type World } from '../../support/migration.ts';
import { toolSessions } from '../source/legacy-database.ts';
import { holdBeforeCommit } from './held.ts';
import { plantLane } from './lane.ts';
import { lockOf, takeTheLock } from './locks.ts';
import { commitsOf } from './sent.ts';

test('the second is told who is at work since when, and ends with 3; the first is not disturbed', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, 'one', 'two', 'three');
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...args, '--actor', 'user:ada']);
  await hold.reached();
  const [{ id, begun } = { id: '', begun: '' }] = await world.sql<Array<{ id: string; begun: string }>>`
    select id, to_char(started_at, 'YYYY-MM-DD HH24:MI:SS') as begun from memory_backfill.runs`;

  const second = await world.backfill(args);

  const message = `Another run is at work on this source and plugin: apply ${id} of user:ada, begun at ${begun} UTC; nothing was sent by this one; wait for that one or end it, and run again.`;
  expect(second.report).toMatchObject({ exitCode: 3, error: { code: 'ledger', message }, result: null });
  expect(Object.keys(second.report.traffic)).toEqual(['getHealth']);
  await hold.release();
  expect((await run.finished).report).toMatchObject({ runId: id, exitCode: 0, result: { written: 3 } });
  expect(await kept()).toEqual(['one', 'two', 'three']);
});

test('the second gets in once the first was killed', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, kept } = await plantLane(world, 'one', 'two', 'three');
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start(args);
  await hold.reached();

  run.child.kill('SIGKILL');
  await expect(run.finished).rejects.toThrow('ended with SIGKILL');
  await vi.waitFor(async () => expect(await toolSessions(world.sql)).toEqual([]), { timeout: 20_000 });

  const { report } = await world.backfill(args);
  expect(report).toMatchObject({ exitCode: 0, result: { scanned: 3, failed: 0, conflicts: 0 } });
  expect(await kept()).toEqual(['one', 'two', 'three']);
  // Row one was stored by the first run. Sent again or adopted: it is there once.
  expect((await commitsOf(world, rows)).slice(1)).toEqual([1, 1]);
});

test('a run whose lock session is cut has the lock again, goes on, and says both', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, kept } = await plantLane(world, 'one', 'two', 'three', 'four');
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start(args);
  await hold.reached();

  await world.sql`select pg_terminate_backend(${(await lockOf(world.sql)).pid}, 5000)`;
  await run.until(/The ledger's lock was lost/);
  await run.until(/The ledger's lock is held again: going on/);
  await hold.release();

  const { report } = await run.finished;
  expect(report).toMatchObject({ exitCode: 0, error: null, result: { written: 4, failed: 0 } });
  expect(report.notices).toHaveLength(2);
  // The first commit of the namespace was answered 404.
  expect(await commitsOf(world, rows)).toEqual([2, 1, 1, 1]);
  expect(await kept()).toEqual(['one', 'two', 'three', 'four']);
});

/** A run that loses its lock to another one while this commit of it is on its way. @returns its report, and that other one */
async function overtakenBeforeCommit(world: World, request: number, args: readonly string[]) {
  const hold = await holdBeforeCommit(world, request);
  const run = world.start([...args, '--max-outage', '1']);
  await hold.reached();
  const other = await takeTheLock(world.sql);
  await run.until(/The ledger's lock was lost/);
  await hold.release();
  const { report } = await run.finished;
  return { report, other };
}

test('a run that loses its lock to another one sends nothing more, and ends with 3; then the next completes', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, apply, kept } = await plantLane(world, 'one', 'two', 'three', 'four');
  const { report, other } = await overtakenBeforeCommit(world, 3, args);
  expect(report).toMatchObject({
    exitCode: 3,
    error: { code: 'ledger', message: expect.stringMatching(/lock was lost, and another run has taken it since; /) },
    // What was under way is finished, and recorded.
    result: { scanned: 2, written: 2, failed: 0 },
  });
  expect((await commitsOf(world, rows)).slice(1)).toEqual([1, 0, 0]);

  await other.release();
  expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 2, recorded: 2 } });
  expect(await kept()).toEqual(['one', 'two', 'three', 'four']);
});

test('a run that loses its lock to another one does not even make the namespace that a row turns out to need', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, apply, kept } = await plantLane(world, 'one', 'two');
  const { report, other } = await overtakenBeforeCommit(world, 1, args);
  expect(report).toMatchObject({
    exitCode: 3,
    error: { code: 'ledger', message: expect.stringMatching(/^The ledger's lock was lost/) },
    result: { scanned: 0, written: 0, failed: 0, namespacesCreated: 0 },
  });
  expect(await commitsOf(world, rows)).toEqual([1, 0]);
  await other.release();
  expect((await apply()).report).toMatchObject({ exitCode: 0, result: { written: 2 } });
  expect(await kept()).toEqual(['one', 'two']);
});

test('a run that was overtaken while its lock was lost records nothing any more', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, rows, kept } = await plantLane(world, 'one', 'two');
  const hold = await holdBeforeCommit(world, 3);
  const run = world.start([...args, '--max-outage', '1']);
  await hold.reached();
  // Stopped, it cannot notice that its session is gone: the next run finds the lock free, and completes the copy.
  run.child.kill('SIGSTOP');
  await world.sql`select pg_terminate_backend(${(await lockOf(world.sql)).pid}, 5000)`;
  const next = await world.backfill(args);
  expect(next.report).toMatchObject({ exitCode: 0, result: { scanned: 2, failed: 0, conflicts: 0 } });
  const recorded = await world.sql`select count(*) as entries from memory_backfill.entries`;
  const [one, two = 0] = await commitsOf(world, rows);

  run.child.kill('SIGCONT');
  await run.until(/The ledger's lock was lost/);
  await hold.release();

  const { report } = await run.finished;
  const message = expect.stringMatching(new RegExp(`, since run ${next.report.runId} has begun meanwhile: `));
  expect(report).toMatchObject({ exitCode: 3, error: { code: 'ledger', message } });
  expect(await world.sql`select count(*) as entries from memory_backfill.entries`).toEqual(recorded);
  // Row two was on its way, and is the same under the same id.
  expect(await commitsOf(world, rows)).toEqual([one, two + 1]);
  expect(await kept()).toEqual(['one', 'two']);
});
