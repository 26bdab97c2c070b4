/** The platform's old tables, the rows that tests put into them, and the made-up world that the demo shows. */
import postgres, { type Sql } from 'postgres';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { clusterUrl } from '../../support/cluster.ts';
import { legacyWorld } from '../../support/corpus.ts';
import {
  createLegacyTables,
  grantReadOnly,
  insertMemories,
  insertWorkspaces,
  type LegacyShape,
  memory,
  plantTree,
} from '../../support/legacy.ts';
import { startVectorPostgres } from '../../support/pglite.ts';
import { createDatabase } from '../../support/postgres.ts';

async function legacyDatabase(shape: LegacyShape = {}): Promise<{ sql: Sql; url: string }> {
  const database = await createDatabase(clusterUrl(), 'legacy');
  onTestFinished(() => database.drop());
  const sql = connect(database.url, shape.schema);
  await createLegacyTables(sql, shape);
  return { sql, url: database.url };
}

function connect(url: string, schema = 'public'): Sql {
  const sql = postgres(url, { max: 2, connection: { search_path: `"${schema}"`, TimeZone: 'UTC' } });
  onTestFinished(() => sql.end());
  return sql;
}

async function storedRows(sql: Sql): Promise<LegacyRow[]> {
  const rows = await sql<LegacyRow[]>`
    SELECT id, workspace_id AS "workspaceId", content, scope, created_at::text AS "createdAt",
      updated_at::text AS "updatedAt", namespace AS tag, NULL AS embedding
    FROM agent_memories ORDER BY id`;
  return [...rows];
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

describe('the old tables', () => {
  test('hold every row of a made-up world exactly as it was made', async () => {
    const { sql } = await legacyDatabase();
    const { workspaces, memories } = legacyWorld(11, { memories: 6_000 });
    await insertWorkspaces(sql, workspaces);
    await insertMemories(sql, memories);
    expect(await storedRows(sql)).toEqual(memories.toSorted(byId));
    const stored = await sql`SELECT id, name, parent_id AS "parentId", status FROM workspaces ORDER BY id`;
    expect([...stored]).toEqual(workspaces.toSorted(byId));
  });

  test('do not lie on disk in the order of their rows', async () => {
    const { sql } = await legacyDatabase();
    const rows = Array.from({ length: 50 }, () => memory());
    await insertMemories(sql, rows);
    const stored = (await sql<Array<{ id: string }>>`SELECT id FROM agent_memories`).map(({ id }) => id);
    expect(stored).not.toEqual(stored.toSorted());
    expect(stored.toSorted()).toEqual(rows.map(({ id }) => id));
  });

  test('refuse an unknown scope and a workspace that does not exist', async () => {
    const { sql } = await legacyDatabase();
    await expect(insertMemories(sql, [memory({ scope: 'PRIVATE' })])).rejects.toThrow(/scope_check/);
    await expect(insertMemories(sql, [memory({ workspaceId: memory().id })])).rejects.toThrow(/foreign key/);
    await expect(insertMemories(sql, [memory({ embedding: [1] })])).rejects.toThrow(/no such column/);
  });

  test('of an old database, in another schema, take both, have no tags, and keep the status as text', async () => {
    const old = { schema: 'the old place', tag: false, status: 'text', scopeCheck: false, foreignKey: false } as const;
    const { sql } = await legacyDatabase(old);
    await plantTree(sql, {
      workspaces: { acme: { status: 'removed' } },
      memories: { unknown: { of: 'acme', scope: 'PRIVATE' }, dangling: { workspaceId: memory().id } },
    });
    const columns = await sql<Array<{ name: string; type: string }>>`
      SELECT table_name || '.' || column_name AS name, data_type AS type FROM information_schema.columns
      WHERE table_schema = 'the old place'`;
    expect(columns).toContainEqual({ name: 'workspaces.status', type: 'text' });
    expect(columns.map(({ name }) => name)).not.toContain('agent_memories.namespace');
    expect(await sql`SELECT scope FROM agent_memories ORDER BY scope`).toEqual([
      { scope: 'LOCAL' },
      { scope: 'PRIVATE' },
    ]);
  });

  test('can be read with a role that may do nothing else', async () => {
    const { sql } = await legacyDatabase();
    await plantTree(sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
    const reader = connect(await grantReadOnly(sql, 'reader'));
    expect(
      await reader`SELECT a.content, w.name FROM agent_memories a JOIN workspaces w ON w.id = workspace_id`,
    ).toEqual([{ content: 'one', name: 'acme' }]);
    for (const statement of [
      'DELETE FROM agent_memories',
      `UPDATE workspaces SET name = ''`,
      'CREATE TABLE mine ()',
      'CREATE TEMPORARY TABLE mine ()',
      'SELECT 1 FROM agent_memories FOR UPDATE',
    ]) {
      await expect(reader.unsafe(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('keep an embedding on a server with pgvector, which several connections use at the same time', async () => {
    const server = await startVectorPostgres();
    onTestFinished(() => server.stop());
    const sql = connect(server.url);
    await createLegacyTables(sql, { embedding: 'vector' });
    const embedding = Array.from({ length: 1536 }, (_, index) => (index - 700) / 8);
    await insertMemories(sql, [memory({ content: 'with', embedding }), memory({ content: 'without' })]);

    const cursor = connect(server.url);
    await cursor.begin(async (transaction) => {
      await transaction`DECLARE oldest CURSOR WITH HOLD FOR SELECT id FROM agent_memories ORDER BY created_at, id`;
    });
    const ids = (await cursor<Array<{ id: string }>>`FETCH 10 FROM oldest`).map(({ id }) => id);
    const [rows, [numbers]] = await Promise.all([
      sql<Array<{ embedding: string | null }>>`
        SELECT embedding::text FROM agent_memories WHERE id = ANY(${ids}) ORDER BY id`,
      cursor<Array<{ sum: number }>>`SELECT sum(n)::int FROM generate_series(1, 10000) AS n`,
    ]);
    expect(rows.map((row) => row.embedding && JSON.parse(row.embedding))).toEqual([embedding, null]);
    expect(numbers).toEqual({ sum: 50_005_000 });
  });
});

describe('a tree that a test plants', () => {
  test('gives the ids of what it names, and may hold a cycle', async () => {
    const { sql } = await legacyDatabase();
    const tree = await plantTree(sql, {
      workspaces: { chicken: { parent: 'egg' }, egg: { parent: 'chicken', status: null } },
      memories: { 'who was first': { of: 'egg', scope: 'TEAM', createdAt: null }, nowhere: {} },
    });
    const workspaces = await sql`SELECT id, name, parent_id, status FROM workspaces ORDER BY name`;
    expect([...workspaces]).toEqual([
      { id: tree.workspace('chicken'), name: 'chicken', parent_id: tree.workspace('egg'), status: 'online' },
      { id: tree.workspace('egg'), name: 'egg', parent_id: tree.workspace('chicken'), status: null },
    ]);
    expect(await storedRows(sql)).toEqual(tree.memories);
    expect(tree.memory('who was first')).toMatchObject({
      content: 'who was first',
      workspaceId: tree.workspace('egg'),
      scope: 'TEAM',
      createdAt: null,
    });
    expect(tree.memory('nowhere').workspaceId).toBeNull();
  });

  test('has rows that each come after the one before', () => {
    const rows = Array.from({ length: 20 }, () => memory());
    const times = rows.map(({ createdAt }) => String(createdAt));
    expect(rows.toSorted(byId)).toEqual(rows);
    expect(times.toSorted()).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
  });
});

describe('a made-up world', () => {
  const world = legacyWorld(2_026);
  const { workspaces, memories, busiest } = world;
  const parentOf = new Map(workspaces.map(({ id, parentId }) => [id, parentId]));
  const isRoot = (id: string | null) => id !== null && parentOf.get(id) === null;
  const statusOf = new Map(workspaces.map(({ id, status }) => [id, status]));
  const counted = (which: (row: LegacyRow, index: number) => boolean) => memories.filter(which).length;

  test('is the same for the same seed, and another for another', () => {
    expect(legacyWorld(2_026)).toEqual(world);
    expect(legacyWorld(2_027).memories[0]).not.toEqual(memories[0]);
    expect(legacyWorld(2_026, { memories: 100 }).memories).toHaveLength(100);
  });

  test('has several trees, none deeper than one level, with removed workspaces and unknown states', () => {
    const roots = workspaces.filter(({ parentId }) => parentId === null);
    expect(roots.length).toBeGreaterThan(4);
    expect(workspaces.every(({ parentId }) => parentId === null || isRoot(parentId))).toBe(true);
    expect(new Set(workspaces.map(({ status }) => status))).toContain(null);
    expect(workspaces.filter(({ status }) => status === 'removed').length).toBeGreaterThan(2);
  });

  test.each<[string, (row: LegacyRow, index: number) => boolean, atLeast: number]>([
    [
      'LOCAL rows in the busiest workspace',
      ({ workspaceId, scope }) => workspaceId === busiest && scope === 'LOCAL',
      501,
    ],
    ['TEAM rows of a root', ({ workspaceId, scope }) => scope === 'TEAM' && isRoot(workspaceId), 50],
    [
      'TEAM rows of a removed workspace',
      ({ workspaceId, scope }) => scope === 'TEAM' && statusOf.get(workspaceId ?? '') === 'removed',
      50,
    ],
    ['GLOBAL rows of a root', ({ workspaceId, scope }) => scope === 'GLOBAL' && isRoot(workspaceId), 50],
    [
      'GLOBAL rows of no root',
      ({ workspaceId, scope }) => scope === 'GLOBAL' && workspaceId !== null && !isRoot(workspaceId),
      50,
    ],
    ['rows of no workspace', ({ workspaceId }) => workspaceId === null, 10],
    ['rows without a creation time', ({ createdAt }) => createdAt === null, 10],
    [
      'rows with the same time as another',
      ({ createdAt }, at) => memories.findIndex((row) => row.createdAt === createdAt) < at,
      50,
    ],
    [
      'rows with the same text as another',
      ({ content }, at) => memories.findIndex((row) => row.content === content) < at,
      50,
    ],
    ['empty rows', ({ content }) => content === '', 1],
    ['blank rows', ({ content }) => content !== '' && content.trim() === '', 5],
    ['rows without a letter or a digit', ({ content }) => content.trim() !== '' && !/[\p{L}\p{N}]/u.test(content), 10],
    ['rows of stop words only', ({ content }) => content === 'it is what it is', 3],
    ['rows with an emoji', ({ content }) => /\p{Extended_Pictographic}/u.test(content), 50],
    ['rows with a combining mark', ({ content }) => content.normalize('NFC') !== content, 3],
    ['rows from right to left', ({ content }) => /[\p{Script=Hebrew}\p{Script=Arabic}]/u.test(content), 5],
    ['rows with a line separator', ({ content }) => content.includes('\u2028'), 3],
  ])('has %s', (_, which, atLeast) => {
    expect(counted(which)).toBeGreaterThanOrEqual(atLeast);
  });

  test('reads well: no slot is left open, and most texts are as long as a memory is', () => {
    expect(counted(({ content }) => /[{}]|undefined/.test(content))).toBe(0);
    const usual = counted(({ content }) => Buffer.byteLength(content) >= 80 && Buffer.byteLength(content) <= 600);
    expect(usual / memories.length).toBeGreaterThan(0.9);
    expect(new Set(memories.map(({ id }) => id)).size).toBe(memories.length);
  });
});
