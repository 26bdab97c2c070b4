/** A long listing costs no more than a short one: nothing is left behind by each batch. */
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/postgres/connection.ts';
import { reader } from '../../../src/postgres/reading.ts';
import { openPositions } from '../../../src/source/positions.ts';
import { readShape } from '../../../src/source/shape.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import { type LegacyDatabase, legacyDatabase } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
afterAll(() => legacy.release());

test('thirty batches leave no more than one listener on the signal that tells of a lost session', async () => {
  await insertMemories(
    legacy.sql,
    Array.from({ length: 30 }, () => memory()),
  );
  const lost = new AbortController();
  const session = connect(legacy.url, 1, { onclose: () => lost.abort() });
  try {
    const read = reader(new AbortController().signal);
    const sessions = { session, lost: lost.signal, reconnect: () => session, read };
    const positions = await openPositions(
      sessions,
      await readShape(session, read),
      { order: 'oldest-first' },
      () => {},
    );
    let batches = 0;
    for await (const _batch of positions.batches(1)) batches++;
    expect(batches).toBe(30);
    expect(getEventListeners(lost.signal, 'abort').length).toBeLessThanOrEqual(1);
  } finally {
    await session.end({ timeout: 1 });
  }
});
