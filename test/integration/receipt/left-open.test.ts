/** What a verify of everything did not see: none of it passes unless the operator says so, and whatever passes is named. */
import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { halfWay } from '../verify/half-way.ts';
import { plantTickets } from '../verify/rows.ts';
import { ALL, apply } from '../verify/verifying.ts';
import { copiedWorld } from './checking.ts';

test('a namespace in which search proves nothing, and the rows in it', async () => {
  await using proven = await copiedWorld();
  const { world, tree, file, reader } = proven;
  await plantTickets(world, 101, { workspaceId: tree.workspace('sales') });
  await apply(world);
  await world.plugin.setQuirks(['no-fts']);
  const { code, result: verified } = await proven.prove([...ALL, '--allow-unproven', '50']);
  const { unproven } = verified.findings;
  const ids = verified.listed.map(({ id }) => id);
  expect([code, unproven > 0, ids.length]).toEqual([0, true, unproven]);
  const blind =
    /^Its verify could not see whether 1 of \d+ namespaces holds copies that belong elsewhere: --accept-sample lets that pass\.$/;

  const refused = await proven.check(['--allow-unproven', String(unproven)]);
  expect([refused.code, refused.result?.reasons]).toEqual([1, [expect.stringMatching(blind)]]);
  const both = await proven.check();
  expect([both.code, both.result?.reasons]).toEqual([
    1,
    [expect.stringMatching(blind), expect.stringMatching(/^Search could not settle \d+ rows?, and --allow-unproven/)],
  ]);

  const terms = ['--allow-unproven', String(unproven), '--accept-sample'];
  const accepted = await proven.check(terms);
  expect([accepted.code, accepted.result?.receipt?.unproven]).toEqual([0, ids]);
  expect(accepted.result?.receipt?.hunt).toMatchObject({ finished: true, uncovered: 1 });
  const { stdout } = await runCli(['--check-receipt', file, ...terms], { DATABASE_URL: reader });
  for (const id of ids.slice(0, 20)) expect(stdout).toContain(id);
});

test.each([
  ['the end of its time', ['--max-duration', '10s'], null, 3],
  ['a signal', [], 'SIGINT', 130],
] as const)('a search for copies that was cut short by %s', async (_, flags, signal, exitCode) => {
  await using proven = await copiedWorld();
  const { world, file } = proven;
  const run = await halfWay(world, [...ALL, ...flags, '--receipt', file]);
  if (signal) {
    run.child.kill(signal);
    await run.until(/finishing what is under way/);
  }
  const { code, result } = await run.giveUp();
  expect([code, result.hunt.finished]).toEqual([exitCode, false]);

  const checked = await proven.check(['--accept-sample']);

  expect(checked.result?.receipt).toMatchObject({ verdict: 'no parity', exitCode, hunt: { finished: false } });
  expect([checked.code, checked.result?.reasons]).toEqual([
    1,
    expect.arrayContaining([`Its verify did not prove parity: it ended with exit code ${exitCode}.`]),
  ]);
});
