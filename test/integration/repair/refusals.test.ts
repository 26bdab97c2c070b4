/** Reports that a repair cannot be made from: exit code 2, nothing sent. */
import { expect, test } from 'vitest';
import type { Report } from '../../../src/model/run.ts';
import { plantTree } from '../../support/legacy.ts';
import { apply } from '../verify/verifying.ts';
import { startScene } from './repairing.ts';

test('a report of another run, source, plugin or mapping, and a file that is none, are refused', async () => {
  await using scene = await startScene({ plugin: 'quirky' });
  const { world, tamper, keep } = scene;
  const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
  await apply(world, '--no-ledger');
  await tamper.remove([tree.memory('one').id]);
  const { report } = await scene.verify();
  const applied = await world.backfill(['--apply', '--no-ledger', '--limit', '1']);
  const { writes } = await world.plugin.counters();
  const refused = async (why: RegExp, ...flags: string[]) => {
    const run = await world.backfill(scene.flags(...flags));
    expect(run.report).toMatchObject({
      exitCode: 2,
      result: null,
      error: { code: 'configuration', message: expect.stringMatching(why) },
    });
  };
  const { source, plugin } = report;
  if (!source || !plugin) throw new Error('The verify knew its ends.');

  await refused(
    /^The verify whose report .* had no --team-level .* and this run has --team-level root/,
    '--team-level',
    'root',
  );
  await refused(
    /--removed-workspaces skip, and this run has .*--removed-workspaces copy/,
    '--removed-workspaces',
    'copy',
  );
  const others: Array<[RegExp, Partial<Report>]> = [
    [
      /is about the source db\.test:1\/x\/public, and DATABASE_URL names /,
      { source: { ...source, address: 'db.test:1/x' } },
    ],
    [
      /is about the plugin http:\/\/other\.test, and MEMORY_PLUGIN_URL names /,
      { plugin: { ...plugin, url: 'http://other.test' } },
    ],
    [/is of --apply/, applied.report],
  ];
  for (const [why, change] of others) {
    await keep({ ...report, ...change });
    await refused(why);
  }
  await keep(JSON.parse('{"report":1}'));
  await refused(/is not of the shape of a report/);

  expect((await world.plugin.counters()).writes).toBe(writes);
});

test('so is one where an apply that did not come to its end had other mapping flags', async () => {
  await using scene = await startScene({ plugin: 'quirky', quirks: ['reject'] });
  const { world } = scene;
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { 'reject-me': { of: 'acme' } } });
  expect((await world.backfill(['--apply', '--removed-workspaces', 'copy'])).report.exitCode).toBe(3);
  await scene.verify();

  const { report } = await world.backfill(scene.flags());

  expect(report).toMatchObject({ exitCode: 2, result: null, error: { code: 'configuration' } });
  expect(report.error?.message).toContain('had --removed-workspaces copy instead of skip');
});
