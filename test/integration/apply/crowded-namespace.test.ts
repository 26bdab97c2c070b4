/** Namespaces that hold more than a search lists: going on in one that is this tool's own is cheap, and overwrites nobody's copy. */
import { expect, test } from 'vitest';
import { startWorld } from '../../support/migration.ts';
import { plantLane } from './lane.ts';

const rows = (count: number) =>
  Array.from(
    { length: count },
    (_row, index) => `The shelf ${index} of the archive holds the letters of the year ${1700 + index}.`,
  );

test('the next rows of a run that was limited are sent without a search for each', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const { args, kept } = await plantLane(world, ...rows(200));
  await world.backfill([...args, '--limit', '150']);
  const { report } = await world.backfill(args);
  expect(report).toMatchObject({ exitCode: 0, result: { written: 50, recorded: 150, conflicts: 0 } });
  expect(report.traffic.searchMemories?.attempts).toBeLessThan(20);
  expect(await kept()).toEqual(rows(200));
});

test('a row that somebody has copied meanwhile without a ledger, and somebody has edited, is left alone', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const lane = await plantLane(world, ...rows(260));
  await world.backfill([...lane.args, '--limit', '120']);
  await world.backfill([...lane.args, '--no-ledger', '--on-conflict', 'overwrite']);
  const edited = lane.rows[130]?.id ?? '';
  await world.plugin.edit(edited, { content: 'Quite another matter.' });

  const { report, code } = await lane.apply();

  expect(code).toBe(1);
  expect(report.result).toMatchObject({ conflicts: 1, failed: 0, noted: [{ id: edited, detail: 'unsettled' }] });
  expect((await lane.kept()).filter((content) => content === 'Quite another matter.')).toHaveLength(1);
});

test('a row that was added to the plugin as the newest, under the id of the next one, is found in the listing', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const lane = await plantLane(world, ...rows(150));
  await world.backfill([...lane.args, '--limit', '120']);
  const next = lane.rows[120]?.id ?? '';
  await world.plugin.insert({ id: next, namespace: lane.namespace, content: 'Of somebody else.' });
  const { report } = await lane.apply();
  expect(report.result).toMatchObject({ written: 29, conflicts: 1, noted: [{ id: next, detail: 'foreign' }] });
});
