/**
 * The whole of a cutover: everything is copied and proven, the receipt is checked, and any change to the source between the proof
 * and the drop is noticed.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { insertMemories, memory } from '../../support/legacy.ts';
import { copiedWorld, type Proven } from './checking.ts';

let proven: Proven;
beforeAll(async () => {
  proven = await copiedWorld();
  const { code } = await proven.prove();
  expect(code).toBe(0);
});
afterAll(() => proven.release());

const CHANGED =
  'The source is not what was compared: memories were changed, or others have taken their place. Copy what is new, and verify again.';
const TREE =
  'The source is not what was compared: the id, the parent or the status of workspaces was changed. Copy what is new, and verify again.';

describe('a receipt of everything', () => {
  test('holds, for a user who may only read the two tables, without a plugin and without a ledger', async () => {
    const { code, result, report } = await proven.check();
    expect(result).toMatchObject({ verdict: 'holds', reasons: [], now: { rows: 4, workspaces: 3 } });
    expect([report.plugin, report.ledger, report.traffic, report.error]).toEqual([null, null, {}, null]);
    expect(report.source).toMatchObject({ schema: 'public' });
    expect(code).toBe(0);
  });

  test('says so to a person in the last line', async () => {
    const { code, stdout } = await runCli(['--check-receipt', proven.file], { DATABASE_URL: proven.reader });
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^The receipt holds: 4 rows in 3 workspaces, unchanged since the verify began .+ ago\.$/,
    );
    expect(code).toBe(0);
  });

  test('tells what was proven, and neither a password nor a word of a memory', async () => {
    const text = await readFile(proven.file, 'utf8');
    const { host, pathname } = new URL(proven.reader);
    expect(JSON.parse(text)).toMatchObject({
      receipt: 1,
      contract: '1.0.0',
      source: { address: `${host}${pathname}`, schema: 'public' },
      plugin: { url: proven.world.plugin.url },
      asked: { workspace: null, sample: 'all', seed: null },
      workspaces: { sampled: 3, matches: 3 },
      rows: { compared: 4, matched: 4 },
      snapshot: { rows: 4, workspaces: 3, moved: false },
      verdict: 'parity',
      exitCode: 0,
      algorithm: 'SHA-256',
    });
    expect(text).not.toMatch(/invoice|printer|password/);
    expect(text).not.toContain(new URL(proven.world.databaseUrl).password || 'invoice');
  });
});

describe('it is refused while the source is not what was proven, and holds again when it is:', () => {
  const id = (name: Parameters<Proven['tree']['memory']>[0]) => proven.tree.memory(name).id;
  const workspace = (name: Parameters<Proven['tree']['workspace']>[0]) => proven.tree.workspace(name);

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>, string]>([
    [
      'a new memory',
      () =>
        insertMemories(proven.world.sql, [
          memory({ id: 'aaaaaaaa-0000-4000-8000-000000000001', workspaceId: workspace('sales') }),
        ]),
      () => proven.world.sql`delete from agent_memories where id = 'aaaaaaaa-0000-4000-8000-000000000001'`,
      'The source is not what was compared: it had 4 rows, and has 5 now. Copy what is new, and verify again.',
    ],
    [
      'an edited memory',
      () =>
        proven.world
          .sql`update agent_memories set content = 'The price list stayed.' where id = ${id('The price list moved.')}`,
      () =>
        proven.world
          .sql`update agent_memories set content = 'The price list moved.' where id = ${id('The price list moved.')}`,
      CHANGED,
    ],
    [
      'a memory of another scope',
      () => proven.world.sql`update agent_memories set scope = 'TEAM' where id = ${id('The price list moved.')}`,
      () => proven.world.sql`update agent_memories set scope = 'LOCAL' where id = ${id('The price list moved.')}`,
      CHANGED,
    ],
    [
      'another memory in the place of one, with its text and its times',
      () => renamed(id('The invoice was paid.'), OTHER_ID),
      () => renamed(OTHER_ID, id('The invoice was paid.')),
      CHANGED,
    ],
    [
      'a memory that is a microsecond younger',
      () => shifted(id('The office is closed.'), 1),
      () => shifted(id('The office is closed.'), -1),
      CHANGED,
    ],
    [
      'a memory of another workspace',
      () => moved(id('The printer is out of ink.'), workspace('sales')),
      () => moved(id('The printer is out of ink.'), workspace('support')),
      CHANGED,
    ],
    [
      'a memory with another tag',
      () => proven.world.sql`update agent_memories set namespace = 'private' where id = ${id('The price list moved.')}`,
      () => proven.world.sql`update agent_memories set namespace = 'general' where id = ${id('The price list moved.')}`,
      CHANGED,
    ],
    ['two memories that have exchanged their texts', () => exchangeTexts(), () => exchangeTexts(), CHANGED],
    [
      'a memory that is gone',
      () => proven.world.sql`delete from agent_memories where id = ${id('The printer is out of ink.')}`,
      () => insertMemories(proven.world.sql, [proven.tree.memory('The printer is out of ink.')]),
      'The source is not what was compared: it had 4 rows, and has 3 now. Copy what is new, and verify again.',
    ],
    [
      'a workspace with another parent',
      () =>
        proven.world.sql`update workspaces set parent_id = ${workspace('support')} where id = ${workspace('sales')}`,
      () => proven.world.sql`update workspaces set parent_id = ${workspace('acme')} where id = ${workspace('sales')}`,
      TREE,
    ],
    [
      'a workspace that was removed',
      () => proven.world.sql`update workspaces set status = 'removed' where id = ${workspace('sales')}`,
      () => proven.world.sql`update workspaces set status = 'online' where id = ${workspace('sales')}`,
      TREE,
    ],
  ])('%s', async (_, change, undo, reason) => {
    await change();
    const refused = await proven.check();
    await undo();
    expect([refused.result?.verdict, refused.result?.reasons, refused.code]).toEqual(['refused', [reason], 1]);
    expect((await proven.check()).code).toBe(0);
  });

  test('what is none of our business may change', async () => {
    const { sql } = proven.world;
    await sql`update workspaces set name = name || '!', active_tasks = 7, updated_at = now()`;
    expect((await proven.check()).code).toBe(0);
  });

  const OTHER_ID = 'aaaaaaaa-0000-4000-8000-000000000002';
  const renamed = (from: string, to: string) =>
    proven.world.sql`update agent_memories set id = ${to} where id = ${from}`;
  const moved = (memoryId: string, to: string) =>
    proven.world.sql`update agent_memories set workspace_id = ${to} where id = ${memoryId}`;
  const shifted = (memoryId: string, microseconds: number) =>
    proven.world.sql`
      update agent_memories set created_at = created_at + ${microseconds}::int * interval '1 microsecond'
       where id = ${memoryId}`;

  async function exchangeTexts(): Promise<void> {
    const [one, other] = [id('The price list moved.'), id('The printer is out of ink.')];
    await proven.world.sql`
      update agent_memories as m set content = o.content from agent_memories as o
       where (m.id = ${one} and o.id = ${other}) or (m.id = ${other} and o.id = ${one})`;
  }
});

test('all that speaks against it is told at once, to a person a line each, with the answer last', async () => {
  const { sql } = proven.world;
  await sql`update workspaces set status = null where id = ${proven.tree.workspace('sales')}`;
  const { code, stdout } = await runCli(['--check-receipt', proven.file, '--accept-skipped', '3'], {
    DATABASE_URL: proven.reader,
  });
  await sql`update workspaces set status = 'online' where id = ${proven.tree.workspace('sales')}`;
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('  refused  '))).toEqual([
    '  refused  Its verify skipped 0 rows, and --accept-skipped says 3: it must be the same number.',
    `  refused  ${TREE}`,
  ]);
  expect(lines.at(-1)).toBe('REFUSED: do not drop the old table on this receipt, for the 2 reasons above.');
  expect(code).toBe(1);
});
