/** Rows planned as they are read: with which tree, and which of them make it necessary to say what a team is. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlanningContext, planRows, planWith, readTree } from '../../../src/run/planning.ts';
import { insertMemories, insertWorkspaces, memory, plantTree } from '../../support/legacy.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';
import { collect, type LegacyDatabase, legacyDatabase, OLDEST_FIRST } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase({ foreignKey: false });
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

const BARE = { propagation: false, embedding: false };

function context(): PlanningContext {
  const observer = { progress: () => {}, notice: () => {}, waiting: () => {} };
  return { source: legacy.source, settings: DEFAULT_SETTINGS, observer, accepted: new Map(), runId: 'run-1' };
}

async function namespaces(rows: Awaited<ReturnType<typeof planRows>>): Promise<string[]> {
  const pages = await collect(rows.pages());
  return pages.flatMap(({ planned }) =>
    planned.map((row) => (row.verdict === 'write' ? row.namespace.name : row.reason)),
  );
}

describe('the tree', () => {
  test('that is given is the one that rows are planned with, though it has changed since', async () => {
    const { workspace } = await plantTree(legacy.sql, {
      workspaces: { acme: {}, other: {}, sales: { parent: 'acme' } },
      memories: { one: { of: 'sales', scope: 'TEAM' } },
    });
    const tree = await readTree(context());
    await legacy.sql`update workspaces set parent_id = ${workspace('other')} where id = ${workspace('sales')}`;

    const given = await planRows(context(), OLDEST_FIRST, BARE, tree);
    expect(await namespaces(given)).toEqual([`team:${workspace('acme')}`]);
    expect(given.resolver()).toBe(tree.resolver);
    expect(await namespaces(await planRows(context(), OLDEST_FIRST, BARE))).toEqual([`team:${workspace('other')}`]);
  });

  test('is read anew where a row names a workspace that is not in it', async () => {
    const acme = { id: '0000000b-0000-4000-8000-aaaaaaaaaaaa', name: 'acme', parentId: null, status: null };
    const tree = await readTree(context());
    expect(tree.workspaces).toEqual([]);
    await insertWorkspaces(legacy.sql, [acme]);
    await insertMemories(legacy.sql, [memory({ workspaceId: acme.id })]);

    const rows = await planRows(context(), OLDEST_FIRST, BARE, tree);
    expect(await namespaces(rows)).toEqual([`workspace:${acme.id}`]);
    expect(rows.resolver().knows(acme.id)).toBe(true);
  });

  test('comes with the workspaces that it was made from', async () => {
    const { workspace } = await plantTree(legacy.sql, {
      workspaces: { acme: {}, sales: { parent: 'acme', status: 'removed' } },
    });
    const { workspaces, resolver } = await readTree(context());
    expect(workspaces).toHaveLength(2);
    expect(workspaces).toContainEqual({ id: workspace('sales'), parentId: workspace('acme'), removed: true });
    expect(resolver.readers(`org:${workspace('acme')}`)).toEqual(new Set([workspace('acme'), workspace('sales')]));
  });
});

test('a single row is planned as every page is', async () => {
  const tree = await plantTree(legacy.sql, {
    workspaces: { acme: {} },
    memories: { one: { of: 'acme', tag: 'customers' }, given: { of: 'acme' } },
  });
  const accepting = { ...context(), accepted: new Map([[tree.memory('given').id, 'The customer has left.']]) };
  const carried = { propagation: true, embedding: false };
  const rows = await planRows(accepting, OLDEST_FIRST, carried);
  const [page] = await collect(rows.pages());
  const plan = planWith(accepting, carried);
  expect(tree.memories.map((row) => plan(row, rows.resolver()))).toEqual(page?.planned);
  expect(page?.planned).toMatchObject([
    { verdict: 'write', provenance: { run_id: 'run-1', tag: 'customers' } },
    { verdict: 'skip', reason: 'accepted' },
  ]);
});

describe('a TEAM row two levels down, where nobody has said what the team is', () => {
  const plant = () =>
    plantTree(legacy.sql, {
      workspaces: { acme: {}, sales: { parent: 'acme' }, emea: { parent: 'sales' } },
      memories: { one: { of: 'emea', scope: 'TEAM' }, two: { of: 'emea' }, three: { of: 'acme' } },
    });
  const ofPlace = (workspaceId: string, scope: string | null, rest = false) =>
    planRows(context(), { order: 'by-place', places: [{ workspaceId, scope, rank: 0 }], rest }, BARE);

  test.each(['TEAM', null])('refuses a place of its workspace with the scope %s', async (scope) => {
    const { workspace } = await plant();
    await expect(ofPlace(workspace('emea'), scope)).rejects.toThrow('1 TEAM row belongs to a workspace two or more');
  });

  test('refuses the rest, whatever the places are', async () => {
    const { workspace } = await plant();
    await expect(ofPlace(workspace('acme'), null, true)).rejects.toThrow('1 TEAM row belongs to a workspace');
  });

  test('is no matter where it is not selected: another scope, or another workspace', async () => {
    const { workspace } = await plant();
    expect(await namespaces(await ofPlace(workspace('emea'), 'LOCAL'))).toEqual([`workspace:${workspace('emea')}`]);
    expect(await namespaces(await ofPlace(workspace('acme'), null))).toEqual([`workspace:${workspace('acme')}`]);
  });

  test('refuses all rows, and those of its workspace, oldest first', async () => {
    const { workspace } = await plant();
    const selecting = (...workspaces: string[]) => planRows(context(), { ...OLDEST_FIRST, workspaces }, BARE);
    await expect(planRows(context(), OLDEST_FIRST, BARE)).rejects.toThrow('1 TEAM row');
    await expect(selecting(workspace('emea'))).rejects.toThrow('1 TEAM row');
    expect((await selecting(workspace('acme'))).total).toBe(1);
  });
});
