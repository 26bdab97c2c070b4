/** What a receipt accounts for: every row that the source held, and the source as it was throughout. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { clusterUrl } from '../../support/cluster.ts';
import {
  createLegacyTables,
  insertMemories,
  insertWorkspaces,
  type LegacyWorkspace,
  memory,
  plantTree,
} from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { createDatabase } from '../../support/postgres.ts';
import { halfWay } from '../verify/half-way.ts';
import { plantTickets } from '../verify/rows.ts';
import { ALL, apply } from '../verify/verifying.ts';
import { checkReceipt, copiedWorld, inFolder } from './checking.ts';

test('every row is accounted for, whatever became of it', async () => {
  await using world = await startWorld({ plugin: 'quirky', shape: { scopeCheck: false, foreignKey: false } });
  await inFolder(async (folder) => {
    const [file, acceptFile] = [path.join(folder, 'receipt.json'), path.join(folder, 'accepted.jsonl')];
    const tree = await plantTree(world.sql, {
      workspaces: {
        acme: {},
        sales: { parent: 'acme' },
        gone: { parent: 'acme', status: 'removed' },
        round: { parent: 'about' },
        about: { parent: 'round' },
        empty: {},
      },
      memories: {
        'a LOCAL row': { of: 'sales' },
        'a TEAM row': { of: 'sales', scope: 'TEAM' },
        'a GLOBAL row': { of: 'acme', scope: 'GLOBAL' },
        'a LOCAL row of a removed workspace': { of: 'gone' },
        'a LOCAL row in a circle': { of: 'round' },
        'a TEAM row of a removed workspace': { of: 'gone', scope: 'TEAM' },
        'a TEAM row in a circle': { of: 'round', scope: 'TEAM' },
        'a GLOBAL row of no root': { of: 'sales', scope: 'GLOBAL' },
        'a row of no known scope': { of: 'sales', scope: 'PLANET' },
        'a row of no workspace': {},
        'a row of a workspace that is none': { workspaceId: '99999999-0000-4000-8000-000000000000' },
        'a blank row': { of: 'sales', content: ' ' },
        'an empty row': { of: 'acme', content: '' },
        'a row that was given up': { of: 'sales' },
        'a row without a time': { of: 'sales', createdAt: null },
      },
    });
    const accept = ['--accept', acceptFile];
    await writeFile(acceptFile, JSON.stringify({ id: tree.memory('a row that was given up').id, reason: 'No.' }));
    await apply(world, ...accept);
    const { code } = await world.backfill(['--verify', ...ALL, ...accept, '--receipt', file]);
    expect(code).toBe(0);

    const skipped = await checkReceipt(file, ['--accept-skipped', '9'], { DATABASE_URL: world.databaseUrl });
    expect([skipped.code, skipped.result?.reasons]).toEqual([0, []]);
    expect(skipped.result?.receipt).toMatchObject({ snapshot: { rows: 15, workspaces: 6 }, rows: { compared: 6 } });
    const { result } = await checkReceipt(file, [], { DATABASE_URL: world.databaseUrl });
    expect(result?.reasons).toEqual([
      'Its verify skipped 9 rows, and --accept-skipped says 0: it must be the same number.',
    ]);
  });
});

test('a source without a row leaves a receipt that holds, where that is let pass', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await inFolder(async (folder) => {
    const file = path.join(folder, 'receipt.json');
    const { code } = await world.backfill(['--verify', ...ALL, '--allow-empty', '--receipt', file]);
    const checked = await checkReceipt(file, [], { DATABASE_URL: world.databaseUrl });
    expect([code, checked.code, checked.result?.verdict]).toEqual([0, 0, 'holds']);
  });
});

test('a source of which nothing was compared leaves one that is refused, though the verify was let pass', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await insertMemories(world.sql, [memory(), memory()]);
  await inFolder(async (folder) => {
    const file = path.join(folder, 'receipt.json');
    const { code } = await world.backfill(['--verify', ...ALL, '--allow-empty', '--receipt', file]);
    const { result } = await checkReceipt(file, ['--accept-skipped', '2'], { DATABASE_URL: world.databaseUrl });
    expect(code).toBe(0);
    expect(result?.reasons).toEqual(['Its verify proved nothing: it compared no row, and the source held 2 rows.']);
  });
});

test('rows that search cannot settle are let pass where as many are allowed, by the verify and by the check', async () => {
  await using proven = await copiedWorld();
  const workspaceId = proven.tree.workspace('sales');
  await insertMemories(proven.world.sql, [memory({ workspaceId, content: '🙂' })]);
  await plantTickets(proven.world, 120, { workspaceId });
  await apply(proven.world);
  const { code } = await proven.prove([...ALL, '--allow-unproven', '1']);
  expect(code).toBe(0);

  const refused = await proven.check();
  expect(refused.result?.reasons).toEqual(['Search could not settle 1 row, and --allow-unproven says 0.']);
  expect(refused.code).toBe(1);
  expect((await proven.check(['--allow-unproven', '1'])).code).toBe(0);
});

test('a row that came while the verify was under way spoils its receipt, even if it is gone again', async () => {
  await using proven = await copiedWorld();
  const { world, tree, file } = proven;
  const verifying = await halfWay(world, [...ALL, '--receipt', file]);
  const late = memory({ workspaceId: tree.workspace('sales') });
  await insertMemories(world.sql, [late]);
  await verifying.goOn();
  await world.sql`delete from agent_memories where id = ${late.id}`;

  const { code, result } = await proven.check();
  expect(result?.receipt?.snapshot).toMatchObject({ rows: 4, moved: true });
  expect(result?.reasons).toContain(
    'The source was changed while the verify was under way, so that what was compared is not what is told of it.',
  );
  expect(code).toBe(1);
});

test('a receipt does not hold for another schema of the same database, though that holds the same', async () => {
  await using proven = await copiedWorld();
  await proven.prove();
  const { sql } = proven.world;
  await sql.unsafe(`
    create schema attic;
    create table attic.workspaces as table public.workspaces;
    create table attic.agent_memories as table public.agent_memories;
    grant usage on schema attic to public;
    grant select on all tables in schema attic to public;
    alter role "${new URL(proven.reader).username}" set search_path to attic, public`);

  const { code, result } = await proven.check();

  expect(result?.reasons).toEqual([
    expect.stringMatching(/^It is of another source: .*, schema public; and DATABASE_URL leads to .*, schema attic\.$/),
  ]);
  expect(code).toBe(1);
});

test('a receipt does not hold for another database, though that holds the same', async () => {
  await using proven = await copiedWorld();
  await proven.prove();
  const { sql } = proven.world;
  const { url, drop } = await createDatabase(clusterUrl(), 'twin');
  await using releases = new AsyncDisposableStack();
  releases.defer(drop);
  const twin = postgres(url, { max: 1, onnotice: () => {} });
  releases.defer(() => twin.end());
  await createLegacyTables(twin);
  const workspaces = await sql<LegacyWorkspace[]>`select id, name, parent_id as "parentId", status from workspaces`;
  await insertWorkspaces(twin, [...workspaces]);
  await insertMemories(twin, proven.tree.memories);

  const { code, result } = await proven.check([], { DATABASE_URL: url });
  expect(result?.reasons.map((reason) => reason.replaceAll(/\d+\/\w+/g, 'X'))).toEqual([
    'It is of another source: 127.0.0.1:X, schema public; and DATABASE_URL leads to 127.0.0.1:X, schema public.',
  ]);
  expect(code).toBe(1);
});
