/** The digest of the whole source: the same for the same contents, another one after any change that a copy would have to follow. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { SourceSnapshot } from '../../../src/model/verify.ts';
import { type LegacySource, legacySource } from '../../../src/source/legacy-source.ts';
import { insertMemories, memory, plantTree, type Tree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { type LegacyDatabase, legacyDatabase, waitingForLock } from './legacy-database.ts';
import { takingTurns } from './taking-turns.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase({ scopeCheck: false });
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

type Planted = Tree<'acme' | 'sales', 'one' | 'two' | 'bare'>;

const plant = (): Promise<Planted> =>
  plantTree(legacy.sql, {
    workspaces: { acme: {}, sales: { parent: 'acme' } },
    memories: {
      one: { of: 'acme', content: 'Deploys are frozen on Fridays.' },
      two: { of: 'sales', scope: 'TEAM', content: 'naïve "quotes", \\ and 🚀' },
      bare: { content: '', createdAt: null, updatedAt: null },
    },
  });

const withoutTime = ({ at: _, ...rest }: SourceSnapshot) => rest;
const take = async (source: LegacySource = legacy.source) => withoutTime(await source.snapshot());

const WRAP = 2n ** 256n;

/** The definition: SHA-256 of each text, added up as numbers. */
function sum(texts: readonly string[]): string {
  const digests = texts.map((text) => BigInt(`0x${createHash('sha256').update(text).digest('hex')}`));
  return (digests.reduce((total, digest) => total + digest, 0n) % WRAP).toString(16).padStart(64, '0');
}

/** As Postgres prints JSON arrays. */
function printed(columns: ReadonlyArray<string | null>): string {
  return `[${columns.map((column) => JSON.stringify(column)).join(', ')}]`;
}

function printedRow({ id, workspaceId, content, scope, createdAt, updatedAt, tag }: LegacyRow): string {
  const iso = (time: string | null) => time && `${time.replace(' ', 'T').replace('+00', '+00:00')}`;
  return printed([id, workspaceId, content, scope, iso(createdAt), iso(updatedAt), tag]);
}

test('counts the rows and the workspaces, and adds up their digests apart, as is written above the code', async () => {
  const tree = await plant();
  const { rows, workspaces, digest } = await take();
  expect({ rows, workspaces }).toEqual({ rows: 3, workspaces: 2 });
  const [acme, sales] = [tree.workspace('acme'), tree.workspace('sales')];
  expect(digest.slice(0, 64)).toBe(sum(tree.memories.map(printedRow)));
  expect(digest.slice(64)).toBe(sum([printed([acme, null, 'online']), printed([sales, acme, 'online'])]));
});

test('the sum wraps around at 256 bits', async () => {
  const rows = Array.from({ length: 40 }, () => memory());
  await insertMemories(legacy.sql, rows);
  expect((await take()).digest).toBe(sum(rows.map(printedRow)) + '0'.repeat(64));
});

test('of two empty tables is two sums of nothing', async () => {
  expect(await take()).toEqual({ rows: 0, workspaces: 0, digest: '0'.repeat(128) });
});

test('says when it was taken, by the clock of the database, in ISO 8601 and UTC', async () => {
  const clock = async () => new Date(await legacy.source.clock()).toISOString();
  const before = await clock();
  const { at } = await legacy.source.snapshot();
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(at >= before && at.slice(0, 23) <= (await clock()).slice(0, 23)).toBe(true);
});

test('is the same however the rows lie, and whatever the database sets for zone and style', async () => {
  await plant();
  const before = await take();
  await legacy.sql`update agent_memories set content = content`;
  await legacy.sql`create index scattered on agent_memories (md5(id::text))`;
  await legacy.sql`cluster agent_memories using scattered`;
  await legacy.sql`drop index scattered`;
  const [{ name }] = await legacy.sql<[{ name: string }]>`select current_database() as name`;
  await legacy.sql.unsafe(`alter database "${name}" set timezone to 'America/St_Johns'`);
  await legacy.sql.unsafe(`alter database "${name}" set datestyle to 'German'`);
  const elsewhere = legacySource(legacy.url, new AbortController().signal);
  try {
    expect(await take(elsewhere)).toEqual(before);
  } finally {
    await elsewhere.close();
  }
});

describe('changes with', () => {
  const changes: Record<string, (tree: Planted) => string> = {
    'a letter of a content': ({ memory }) =>
      `update agent_memories set content = 'Deploys are frozen on Friday.' where id = '${memory('one').id}'`,
    'white space at the end of a content': ({ memory }) =>
      `update agent_memories set content = content || ' ' where id = '${memory('one').id}'`,
    'a content in another normal form': ({ memory }) =>
      `update agent_memories set content = normalize(content, NFD) where id = '${memory('two').id}'`,
    'a scope': ({ memory }) => `update agent_memories set scope = 'LOCAL' where id = '${memory('two').id}'`,
    'a workspace_id': ({ memory, workspace }) =>
      `update agent_memories set workspace_id = '${workspace('sales')}' where id = '${memory('one').id}'`,
    'a workspace_id that becomes NULL': ({ memory }) =>
      `update agent_memories set workspace_id = null where id = '${memory('one').id}'`,
    'a microsecond of created_at': ({ memory }) =>
      `update agent_memories set created_at = created_at + interval '1 microsecond' where id = '${memory('one').id}'`,
    'a microsecond of updated_at': ({ memory }) =>
      `update agent_memories set updated_at = updated_at + interval '1 microsecond' where id = '${memory('one').id}'`,
    'a created_at that trades places with updated_at': ({ memory }) =>
      `update agent_memories set updated_at = '2025-01-01' where id = '${memory('bare').id}'`,
    'a tag': ({ memory }) => `update agent_memories set namespace = 'customers' where id = '${memory('one').id}'`,
    'an id': ({ memory }) =>
      `update agent_memories set id = '0000000a-0000-4000-8000-ffffffffffff' where id = '${memory('one').id}'`,
    'two contents that trade places': ({ memory }) =>
      `update agent_memories set content = case id when '${memory('one').id}' then '${memory('two').content}'
        else '${memory('one').content}' end where id in ('${memory('one').id}', '${memory('two').id}')`,
    'a row less': ({ memory }) => `delete from agent_memories where id = '${memory('bare').id}'`,
    'a row more': () => `insert into agent_memories (content, scope) values ('', 'LOCAL')`,
    'a workspace that moves': ({ workspace }) =>
      `update workspaces set parent_id = null where id = '${workspace('sales')}'`,
    'a workspace that is removed': ({ workspace }) =>
      `update workspaces set status = 'removed' where id = '${workspace('sales')}'`,
    'a status that becomes NULL': ({ workspace }) =>
      `update workspaces set status = null where id = '${workspace('sales')}'`,
    'a workspace more': () => `insert into workspaces (id, name) values (gen_random_uuid(), 'labs')`,
  };

  test.each(Object.entries(changes))('%s', async (_, change) => {
    const tree = await plant();
    const before = await take();
    await legacy.sql.unsafe(change(tree));
    expect((await take()).digest).not.toBe(before.digest);
  });

  test('two rows that are alike in all but their ids: neither cancels the other out', async () => {
    await plant();
    const before = await take();
    const alike = { content: 'The same.', createdAt: null, updatedAt: null };
    await insertMemories(legacy.sql, [memory(alike), memory(alike)]);
    const { rows, digest } = await take();
    expect(rows).toBe(before.rows + 2);
    expect(digest.slice(0, 64)).not.toBe(before.digest.slice(0, 64));
    expect(digest.slice(64)).toBe(before.digest.slice(64));
  });

  test('an embedding', async () => {
    await using world = await startWorld({ plugin: 'quirky', shape: { embedding: 'vector' } });
    const embedding = Array.from({ length: 1_536 }, (_, index) => index / 2_048);
    const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme', embedding } } });
    const turns = await takingTurns(world.databaseUrl);
    const source = legacySource(turns.url, new AbortController().signal);
    try {
      const before = await take(source);
      expect(await take(source)).toEqual(before);
      await world.sql`
        update agent_memories set embedding = ${JSON.stringify(embedding.with(7, 7))}::text::vector
         where id = ${tree.memory('one').id}`;
      const edited = await take(source);
      expect(edited.digest).not.toBe(before.digest);
      await world.sql`update agent_memories set embedding = null`;
      expect([before.digest, edited.digest]).not.toContain((await take(source)).digest);
    } finally {
      await source.close();
      await turns.stop();
    }
  });
});

test('does not change with what is nothing of the copy’s: a workspace’s name, its heartbeat', async () => {
  const { workspace } = await plant();
  const before = await take();
  await legacy.sql`update workspaces set name = 'renamed', last_heartbeat_at = now() where id = ${workspace('sales')}`;
  expect(await take()).toEqual(before);
});

test('is taken of tables without tags, whose status is text, in a schema of their own', async () => {
  await using old = await legacyDatabase({ schema: 'the old place', tag: false, status: 'text' });
  const url = new URL(old.url);
  url.searchParams.set('search_path', '"the old place"');
  const source = legacySource(url.href, new AbortController().signal);
  try {
    const tree = await plantTree(old.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
    const { digest } = await take(source);
    const { tag: _, ...untagged } = tree.memory('one');
    const text = printedRow({ ...untagged, tag: null }).replace(/, null\]$/, ']');
    expect(digest).toBe(sum([text]) + sum([printed([tree.workspace('acme'), null, 'online'])]));
  } finally {
    await source.close();
  }
});

test('is the same in a database of another encoding', async () => {
  await using latin = await legacyDatabase({}, 'LATIN1');
  const rows = [memory({ content: 'naïve "quotes" and \\' }), memory({ content: '' })];
  await insertMemories(legacy.sql, rows);
  await insertMemories(latin.sql, rows);
  expect(await take(latin.source)).toEqual(await take());
});

test.each(['agent_memories', 'workspaces'])(
  'both tables are read at one moment: a change to both that holds up the reading of %s is seen whole',
  async (table) => {
    const { workspace, memory } = await plant();
    await using session = await reserved(legacy);
    const { sql } = session;
    await sql`begin`;
    await sql`lock table ${sql(table)} in access exclusive mode`;
    const taking = take();
    await waitingForLock(legacy.sql);
    await sql`update agent_memories set scope = 'GLOBAL' where id = ${memory('two').id}`;
    await sql`update workspaces set parent_id = null where id = ${workspace('sales')}`;
    await sql`commit`;
    const taken = await taking;
    expect(taken).toEqual(await take());
  },
);

async function reserved({ sql: pool }: LegacyDatabase) {
  const sql = await pool.reserve();
  return { sql, [Symbol.asyncDispose]: async () => sql.release() };
}
