/** Rows by their ids, and by what they say. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { idsOf, type LegacyDatabase, legacyDatabase } from './legacy-database.ts';

let legacy: LegacyDatabase;
beforeAll(async () => {
  legacy = await legacyDatabase({ foreignKey: false });
});
beforeEach(() => legacy.empty());
afterAll(() => legacy.release());

const rowsOf = (count: number) => Array.from({ length: count }, () => memory());
const sha256 = (content: string) => createHash('sha256').update(content, 'utf8').digest('hex');
const ABSENT = 'ffffffff-0000-4000-8000-000000000000';

describe('finding rows by their ids', () => {
  test('yields them whole, in the order in which the ids were first given, and each once', async () => {
    const [one, two, three] = rowsOf(3);
    if (!one || !two || !three) throw new Error('Three rows were made.');
    await insertMemories(legacy.sql, [one, two, three]);
    expect(await legacy.source.find([three.id, one.id, three.id])).toEqual([three, one]);
  });

  test('yields them as they are now, not as they were when they were last asked for', async () => {
    const [row] = rowsOf(1);
    if (!row) throw new Error('A row was made.');
    await insertMemories(legacy.sql, [row]);
    await legacy.source.find([row.id]);
    await legacy.sql`update agent_memories set content = 'as it is now' where id = ${row.id}`;
    expect(await legacy.source.find([row.id])).toEqual([{ ...row, content: 'as it is now' }]);
  });

  test('leaves out what is no row, and what is not even a UUID, without a failure', async () => {
    const [row] = rowsOf(1);
    if (!row) throw new Error('A row was made.');
    await insertMemories(legacy.sql, [row]);
    const strange = ['', 'memory-1', '{}', `${ABSENT},${ABSENT}`, `${row.id} `, 'x'.repeat(100_000), "'"];
    expect(await legacy.source.find([...strange, ABSENT, row.id.toUpperCase()])).toEqual([row]);
    expect(await legacy.source.find([])).toEqual([]);
  });

  test('knows no bound: of 2,500 ids, each row is found', async () => {
    const rows = rowsOf(2_500);
    await insertMemories(legacy.sql, rows);
    expect(idsOf(await legacy.source.find(idsOf(rows)))).toEqual(idsOf(rows));
  });
});

describe('finding rows by the digests of their contents', () => {
  const contents = [
    'Deploys are frozen on Fridays.',
    '',
    ' ',
    'naïve',
    'nai\u0308ve',
    '🚀\u2028',
    'x'.repeat(1_000_000),
  ];

  test.each(contents.map((content) => [content.slice(0, 40), content]))('finds %j and no other', async (_, content) => {
    const rows = contents.map((each) => memory({ content: each, workspaceId: ABSENT, scope: 'TEAM' }));
    await insertMemories(legacy.sql, rows);
    const wanted = rows.find((row) => row.content === content);
    expect(await legacy.source.withContents([sha256(content)])).toEqual({
      matches: [{ id: wanted?.id, workspaceId: ABSENT, scope: 'TEAM', digest: sha256(content) }],
      cut: new Set(),
    });
  });

  test('finds all rows that say the same, whosever they are, and nothing for a digest of nothing', async () => {
    const tree = await plantTree(legacy.sql, {
      workspaces: { acme: {}, sales: {} },
      memories: {
        one: { of: 'acme', content: 'The same.' },
        two: { of: 'sales', content: 'The same.', scope: 'GLOBAL' },
        three: { content: 'The same.' },
        other: { of: 'acme', content: 'Another.' },
      },
    });
    const digest = sha256('The same.');
    const asked = [digest, sha256('Nobody says this.'), digest];
    const match = ({ id, workspaceId, scope }: { id: string; workspaceId: string | null; scope: string }) => ({
      id,
      workspaceId,
      scope,
      digest,
    });
    expect(await legacy.source.withContents(asked)).toEqual({
      matches: [tree.memory('one'), tree.memory('two'), tree.memory('three')].map(match),
      cut: new Set(),
    });
    expect(await legacy.source.withContents([])).toEqual({ matches: [], cut: new Set() });
  });

  test('yields the 200 with the least ids where more say the same, and tells of which digest it is so', async () => {
    const of = (count: number, content: string) => Array.from({ length: count }, () => memory({ content }));
    const [many, enough] = [of(201, 'Too many say this.'), of(200, 'Just as many say this.')];
    await insertMemories(legacy.sql, [...many, ...enough]);
    const digests = [sha256('Too many say this.'), sha256('Just as many say this.')];

    const { matches, cut } = await legacy.source.withContents(digests);

    expect(cut).toEqual(new Set(digests.slice(0, 1)));
    expect(matches.map(({ id }) => id).sort()).toEqual(idsOf([...many.slice(0, 200), ...enough]));
  });

  test('finds each of 1,002 rows once among 45,000 digests, within seconds', { timeout: 30_000 }, async () => {
    const rows = rowsOf(1_002);
    await insertMemories(legacy.sql, rows);
    const known = rows.map(({ content }) => sha256(content));
    const digests = Array.from({ length: 44_000 }, (_, number) => sha256(`Nobody says this, ${number}.`));
    // Spread over all of them, on both sides of where the first pass ends, and the first one again at the end.
    for (const [index, digest] of known.slice(2).entries()) digests.splice(index * 45, 0, digest);
    digests.splice(19_999, 0, ...known.slice(0, 2));
    digests.push(...known.slice(2, 3));

    const { matches } = await legacy.source.withContents(digests);

    expect(matches.map(({ id }) => id).sort()).toEqual(idsOf(rows));
  });

  test('takes the digest of the UTF-8 in a database of another encoding, too', async () => {
    await using latin = await legacyDatabase({}, 'LATIN1');
    const row = memory({ content: 'naïve' });
    await insertMemories(latin.sql, [row]);
    expect((await latin.source.withContents([sha256('naïve')])).matches).toMatchObject([{ id: row.id }]);
  });
});
