/**
 * Writes of which nobody can know: the plugin stored the row, and its answer was lost. The row is sent again under the same
 * id, and stands there once in the end.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../support/fault-proxy.ts';
import { PLUGINS, startWorld, type World } from '../../support/migration.ts';
import { ROW_COMMITS } from '../../support/paths.ts';
import { plantLane } from './lane.ts';

const LOSSES: ReadonlyArray<[string, Fault, string[]]> = [
  ['a connection that is reset once the row is stored', { kind: 'reset-after' }, []],
  ['an answer of which half arrives', { kind: 'truncate' }, []],
  ['an answer that is not there by the deadline', { kind: 'delay', milliseconds: 1_200 }, ['--request-timeout', '1']],
];

describe.each(PLUGINS)('with the %s plugin', (plugin) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ plugin });
  });
  afterAll(() => world.release());

  test.each(LOSSES)('%s: the row is sent again under its id, and is there once', async (_, fault, flags) => {
    const { args, rows, namespace } = await plantLane(world, 'one', 'two', 'three', 'four');
    const proxy = await world.faultProxy();
    // The first commit finds no namespace; the second, which stores row one, is met, and that of row three.
    const first = proxy.on({ path: ROW_COMMITS, skip: 1, times: 1 }, fault);
    const third = proxy.on({ path: ROW_COMMITS, skip: 4, times: 1 }, fault);

    const { report } = await world.backfill([...args, ...flags]);

    expect([first.fired, third.fired]).toEqual([1, 1]);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 4, failed: 0 } });
    expect(report.traffic.commitMemory).toMatchObject({ retries: 2 });
    const { memories } = await world.contents();
    const kept = memories.filter((memory) => memory.namespace === namespace).map(({ id, content }) => [id, content]);
    expect(kept).toEqual(rows.map(({ id, content }) => [id, content]));
  });

  test('a row of which five answers in a row are lost is there once, and the others are written', async () => {
    const { args, rows, namespace } = await plantLane(world, 'one', 'two', 'three');
    const proxy = await world.faultProxy();
    const lost = proxy.on({ path: ROW_COMMITS, skip: 2, times: 5 }, { kind: 'reset-after' });

    const { report } = await world.backfill(args);

    expect(lost.fired).toBe(5);
    expect(report).toMatchObject({ exitCode: 0, result: { written: 3, failed: 0 } });
    const { memories } = await world.contents();
    const kept = memories.filter((memory) => memory.namespace === namespace).map(({ id }) => id);
    expect(kept).toEqual(rows.map(({ id }) => id));
  });
});
