/**
 * What the source does when the cursor that holds its order is lost: a restart ends the session, and a pooler in transaction
 * mode hands the next statement to another session, which knows no such cursor. Both leave the rest to be read page by page.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { connect, type Sql } from '../../../src/postgres/connection.ts';
import { reader } from '../../../src/postgres/reading.ts';
import { type ListedRow, openPositions, type Selection } from '../../../src/source/positions.ts';
import { readShape } from '../../../src/source/shape.ts';
import { insertMemories, memory, plantTree, type Tree } from '../../support/legacy.ts';
import { endToolSessions, idsOf, type LegacyDatabase, legacyDatabase, OLDEST_FIRST } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase();
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

const SLOWER = /^The cursor over the source was lost .* just as complete\.$/;
const BATCH = 3;

/** What happens to the session that holds the cursor. */
const losses: Record<string, (session: Sql) => Promise<unknown>> = {
  'its session is terminated': () => endToolSessions(legacy.sql),
  'a pooler gives its session to somebody else': (session) => session`discard all`,
};

interface Reading {
  ids: string[];
  notices: string[];
}

/** Reads in batches of three, and loses the cursor once so many of them have been read. */
async function readLosing(
  selection: Selection,
  lose: (session: Sql) => Promise<unknown>,
  after: number,
): Promise<Reading> {
  const lost = new AbortController();
  const session = connect(legacy.url, 1, { onclose: () => lost.abort() });
  const fresh = connect(legacy.url, 1);
  const read = reader(new AbortController().signal);
  try {
    const notices: string[] = [];
    const sessions = { session, lost: lost.signal, reconnect: () => fresh, read };
    const shape = await readShape(session, read);
    const positions = await openPositions(sessions, shape, selection, (said) => notices.push(said));
    const listed: ListedRow[] = [];
    if (after === 0) await lose(session);
    let batches = 0;
    for await (const batch of positions.batches(BATCH)) {
      listed.push(...batch);
      batches += 1;
      if (batches === after) await lose(session);
    }
    return { ids: idsOf(listed), notices };
  } finally {
    await Promise.all([session.end({ timeout: 1 }), fresh.end({ timeout: 1 })]);
  }
}

type Planted = Tree<'acme' | 'sales' | 'labs', never>;

/** 20 rows of three workspaces and of none, so that batches of three end within the block without a time and within ties. */
async function plantTies(): Promise<Planted> {
  const tree: Planted = await plantTree(legacy.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' }, labs: {} },
  });
  const { workspace } = tree;
  const workspaces = [workspace('acme'), null, workspace('sales'), workspace('labs')];
  const times = [null, '2025-05-01 00:00:00.000001+00', null, '2025-05-01 00:00:00.000002+00', null];
  const row = (made: number): LegacyRow =>
    memory({ workspaceId: workspaces[made % 4] ?? null, createdAt: times[made % 5] ?? null });
  await insertMemories(
    legacy.sql,
    Array.from({ length: 20 }, (_, made) => row(made)),
  );
  return tree;
}

/** Two workspaces share the second rank, and the third stands before them. */
function byPlace({ workspace }: Planted, rest: boolean): Selection {
  const places = [
    { workspaceId: workspace('acme'), scope: 'LOCAL', rank: 2 },
    { workspaceId: workspace('sales'), scope: null, rank: 2 },
    { workspaceId: workspace('labs'), scope: null, rank: 1 },
  ];
  return { order: 'by-place', places, rest };
}

const selections: Array<[string, number, (tree: Planted) => Selection]> = [
  ['oldest first', 20, () => OLDEST_FIRST],
  ['by place', 15, (tree) => byPlace(tree, false)],
  ['by place, the rest before,', 20, (tree) => byPlace(tree, true)],
];

describe.each(Object.entries(losses))('when %s', (_, lose) => {
  test.each(selections)(
    'reading %s goes on with the same %i rows in the same order, and says that it is slower',
    async (_name, rows, selectionOf) => {
      const selection = selectionOf(await plantTies());
      const undisturbed = await readLosing(selection, () => Promise.resolve(), 0);
      expect(undisturbed).toMatchObject({ ids: { length: rows }, notices: [] });

      for (let after = 0; after * BATCH <= rows; after++) {
        const { ids, notices } = await readLosing(selection, lose, after);
        expect(ids, `lost after ${after} batches`).toEqual(undisturbed.ids);
        expect(notices, `lost after ${after} batches`).toEqual([expect.stringMatching(SLOWER)]);
      }
    },
  );
});

test('after the cursor is lost, rows beyond the watermark are still not in it, not even the newest', async () => {
  const rows = Array.from({ length: 8 }, () => memory());
  await insertMemories(legacy.sql, rows);
  const loseAndInsert = async () => {
    await endToolSessions(legacy.sql);
    await insertMemories(legacy.sql, [memory(), memory({ createdAt: '2099-01-01 00:00:00+00' })]);
  };
  expect((await readLosing(OLDEST_FIRST, loseAndInsert, 1)).ids).toEqual(idsOf(rows));
});
