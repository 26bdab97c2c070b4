/** What `--status` tells afterwards: of all runs, of one, and of one memory over all of them. It needs the ledger alone. */
import { describe, expect, test } from 'vitest';
import type { StatusResult } from '../../../src/model/status.ts';
import { runCli, startCli } from '../../support/cli.ts';
import { grantReadOnly, insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { type Run, startWorld, type World } from '../../support/migration.ts';
import { holdBeforeCommit } from '../apply/held.ts';
import { startScene } from '../repair/repairing.ts';
import { applied, editThroughContract, rolledBack } from '../rollback/undoing.ts';

type About<What extends StatusResult['about']> = Extract<StatusResult, { about: What }>;

async function told<What extends StatusResult['about']>(
  world: World,
  about: What,
  ...id: string[]
): Promise<About<What>> {
  const run = await world.backfill(['--status', ...id]);
  expect(run.report).toMatchObject({ exitCode: 0, source: null, plugin: null, traffic: {}, error: null });
  return toldBy(run, about);
}

function toldBy<What extends StatusResult['about']>({ report, stdout }: Run, about: What): About<What> {
  const { result } = report;
  if (result?.mode === 'status' && isAbout(result, about)) return result;
  throw new Error(`It tells of something else: ${stdout}`);
}

function isAbout<What extends StatusResult['about']>(result: StatusResult, about: What): result is About<What> {
  return result.about === about;
}

const plantTwo = (world: World) =>
  plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' }, two: { of: 'acme' } } });

test('the runs of all pairs, the newest first, with who, when, how far, and how they ended', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTwo(world);
  const first = await applied(world, '--actor', 'service:nightly');
  const { report: undone } = await rolledBack(world, first, '--yes', '--actor', 'user:ada');
  const proxy = await world.faultProxy();
  const elsewhere = await applied(world, '--limit', '1');

  const { runs, recorded } = await told(world, 'runs');

  expect(recorded).toBe(3);
  expect(runs).toMatchObject([
    {
      id: elsewhere,
      mode: 'apply',
      pair: { plugin: proxy.url },
      settings: { limit: 1 },
      ended: 'done',
    },
    {
      id: undone.runId,
      mode: 'rollback',
      actor: { userId: 'ada', serviceId: null },
      counts: { forgotten: 2, kept: 0 },
      total: 2,
      ended: 'done',
      exitCode: 0,
    },
    {
      id: first,
      mode: 'apply',
      pair: { plugin: world.plugin.url },
      actor: { userId: null, serviceId: 'nightly' },
      counts: { written: 2 },
      ended: 'done',
    },
  ]);
});

test('one run: its flags, its counts, and its failures by reason with at most ten ids each', async () => {
  await using world = await startWorld({ plugin: 'quirky', quirks: ['poison'] });
  const { workspace } = await plantTree(world.sql, { workspaces: { acme: {} } });
  const poison = Array.from({ length: 12 }, (_, n) =>
    memory({ workspaceId: workspace('acme'), content: `poison number ${n}` }),
  );
  await insertMemories(world.sql, [...poison, memory({ workspaceId: workspace('acme'), content: 'sound' })]);
  const { report } = await world.backfill(['--apply', '--workspace', workspace('acme'), '--max-failures', '100']);
  expect(report.exitCode).toBe(3);

  const { run, failures, left, overtaken } = await told(world, 'run', report.runId);

  expect(run).toMatchObject({ settings: { workspace: workspace('acme') }, ended: 'incomplete', exitCode: 3 });
  expect(run.counts).toMatchObject({ written: 1, failed: 12 });
  expect(failures).toMatchObject([{ outcome: 'failed', count: 12 }]);
  const ids = new Set(poison.map(({ id }) => id));
  expect(failures[0]?.ids).toHaveLength(10);
  expect(failures[0]?.ids.every((id) => ids.has(id))).toBe(true);
  expect({ left, overtaken }).toEqual({ left: [], overtaken: false });
});

test('one run that undid another: what it kept, by reason', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTwo(world);
  const run = await applied(world);
  await editThroughContract(world, `workspace:${tree.workspace('acme')}`, tree.memory('two').id, 'edited');
  const { report } = await rolledBack(world, run, '--yes');

  const { left, failures } = await told(world, 'run', report.runId);

  expect(left).toEqual([{ outcome: 'kept', reason: 'edited', count: 1, ids: [tree.memory('two').id] }]);
  expect(failures).toEqual([]);
});

test('one memory: all that happened to it, in every run and with every plugin, the oldest first', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTwo(world);
  const { id } = tree.memory('one');
  const first = await applied(world, '--actor', 'user:ada');
  const { report: undone } = await rolledBack(world, first, '--yes', '--actor', 'user:bob');
  const second = await applied(world);
  const third = await applied(world, '--start-over');
  const proxy = await world.faultProxy();
  const elsewhere = await applied(world);

  const { entries } = await told(world, 'memory', id.toUpperCase());

  const namespace = `workspace:${tree.workspace('acme')}`;
  expect(entries).toMatchObject([
    { runId: first, mode: 'apply', outcome: 'written', namespace, actor: { userId: 'ada' }, created: true },
    { runId: undone.runId, mode: 'rollback', outcome: 'kept', reason: 'being-forgotten', actor: { userId: 'bob' } },
    { runId: undone.runId, mode: 'rollback', outcome: 'forgotten', reason: `rollback of run ${first}` },
    { runId: second, outcome: 'written' },
    { runId: third, outcome: 'adopted', pair: { plugin: world.plugin.url } },
    { runId: elsewhere, outcome: 'adopted', pair: { plugin: proxy.url } },
  ]);
  expect(entries.map(({ memoryId }) => memoryId)).toEqual(entries.map(() => id));
});

test('a run that was killed, on the terminal: running or died until the next one begins, and how to go on with it', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTwo(world);
  const proxy = await world.faultProxy();
  const { firstFired } = proxy.on(
    { method: 'POST', path: /^\/v1\/namespaces\/workspace.*memories$/, times: 1 },
    { kind: 'hang' },
  );
  const env = { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: proxy.url };
  const killed = startCli(['--apply'], env);
  await firstFired;
  killed.child.kill('SIGKILL');
  await killed.finished;
  const { runs } = await told(world, 'runs');
  const dead = runs[0]?.id ?? '';

  const before = await runCli(['--status', dead], env);
  expect(before.stdout).toMatch(
    /: running or died; last seen [\d.]+ m?s ago\. If it is not running any more, go on with: /,
  );
  expect(before.stdout).toContain(`memory-backfill --apply --resume ${dead}\n`);

  await applied(world);
  const after = await runCli(['--status', dead], env);
  expect(after.stdout).toMatch(/: died; last seen [\d.]+ m?s ago\.\n$/);
  expect((await runCli(['--status'], env)).stdout).toMatch(/ {3}died; last seen /);
});

test('a repair that was killed, on the terminal: it is gone on with by its report, and --resume of it copies nothing', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world } = scene;
  const tree = await plantTwo(world);
  await applied(world, '--no-ledger');
  await world.plugin.remove([tree.memory('one').id]);
  const hold = await holdBeforeCommit(world, 1);
  await scene.verify();
  const killed = world.start(scene.flags('--removed-workspaces', 'skip'));
  const ended = killed.finished.catch((error: unknown) => error);
  await hold.reached();
  killed.child.kill('SIGKILL');
  await ended;
  const env = { DATABASE_URL: world.databaseUrl };
  const dead = (await told(world, 'runs')).runs[0]?.id ?? '';

  const { stdout } = await runCli(['--status', dead], env);
  expect(stdout).toContain(`run     ${dead}, repair by `);
  expect(stdout).toMatch(
    / go on with: memory-backfill --apply --repair <report\.json>, with the report that it was given; or verify again, and repair from the new report\.\n$/,
  );
  expect(stdout).not.toContain('--resume');
  expect((await runCli(['--status'], env)).stdout).toMatch(new RegExp(`${dead} +repair +`));

  const before = (await world.plugin.counters()).writes;
  const { report } = await world.backfill(['--apply', '--resume', dead]);
  expect(report).toMatchObject({ exitCode: 2, result: null, error: { code: 'configuration' } });
  expect(report.error?.message).toBe(
    `Run ${dead} was a repair. Nothing was sent. Go on with --apply --repair and the report that it was given.`,
  );
  expect((await world.plugin.counters()).writes).toBe(before);
});

describe('exit code 2, with what to do, and nothing made, where', () => {
  const stranger = '6b1f0c52-6c51-4a0e-8a9d-0f2f6f1f0c52';

  test('nothing is recorded under the id', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    await plantTwo(world);
    await applied(world);

    const { report } = await world.backfill(['--status', stranger]);

    expect(report).toMatchObject({
      exitCode: 2,
      error: {
        code: 'configuration',
        message: expect.stringContaining(`Neither a run nor a memory is recorded under ${stranger} in the ledger in `),
      },
    });
  });

  test('the database has no ledger', async () => {
    await using world = await startWorld({ plugin: 'quirky' });

    const { report } = await world.backfill(['--status']);

    expect(report).toMatchObject({ exitCode: 2, error: { code: 'configuration' }, result: null });
    expect(report.error?.message).toMatch(
      /^There is no ledger in .*, which DATABASE_URL names: the first --apply makes one; if yours is in another database, name it in LEDGER_DATABASE_URL\.$/,
    );
    expect(await world.sql`select from pg_namespace where nspname = 'memory_backfill'`).toHaveLength(0);
  });

  test('this user may not read the ledger', async () => {
    await using world = await startWorld({ plugin: 'quirky' });
    await plantTwo(world);
    await applied(world);
    const reader = await grantReadOnly(world.sql, 'stranger');

    const { report } = await world.backfill(['--status'], { DATABASE_URL: reader });

    expect(report).toMatchObject({
      exitCode: 2,
      error: { message: expect.stringMatching(/who may not read the ledger .* GRANT USAGE ON SCHEMA memory_backfill/) },
    });
  });
});

test('a user who may only read the ledger is told all, without the plugin and without the source', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await plantTwo(world);
  const run = await applied(world);
  const reader = await grantReadOnly(world.sql, 'auditor');
  await world.sql.unsafe(`
    grant usage on schema memory_backfill to "${new URL(reader).username}";
    grant select on all tables in schema memory_backfill to "${new URL(reader).username}";
    revoke select on agent_memories, workspaces from "${new URL(reader).username}"`);
  await world.plugin.kill();

  const { code, stdout } = await runCli(['--status', run], { LEDGER_DATABASE_URL: reader });

  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`Run ${run}: done.`) });
});
