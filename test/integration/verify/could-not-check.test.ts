/** "Could not check" is neither "equal" nor "different": it is counted per workspace, and ends in exit code 3. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterUrl } from '../../support/cluster.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import type { Tree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { halfWay, SEARCH } from './half-way.ts';
import { plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, copiedTree, counted, found, listed, verify } from './verifying.ts';

describe('a team of two, and a workspace that keeps to itself:', () => {
  let world: World<QuirkyPlugin>;
  let tree: Tree<'ada' | 'ben' | 'cleo', 'ada to the team' | 'ben to the team' | 'cleo to itself'>;
  beforeAll(async () => {
    world = await startWorld({ plugin: 'quirky' });
    tree = await copiedTree(world, {
      workspaces: { ada: {}, ben: { parent: 'ada' }, cleo: {} },
      memories: {
        'ada to the team': { of: 'ada', scope: 'TEAM' },
        'ben to the team': { of: 'ben', scope: 'TEAM' },
        'cleo to itself': { of: 'cleo' },
      },
    });
  });
  afterAll(() => world.release());

  /** Every search that asks for the team's namespace, be it among others. */
  async function onTheTeam(fault: Fault): Promise<void> {
    const proxy = await world.faultProxy();
    proxy.on({ ...SEARCH, body: new RegExp(`team:${tree.workspace('ada')}`) }, fault);
  }

  test('a search that fails to its last attempt is an error of each workspace that needed it, and of no other', async () => {
    await onTheTeam(answered(500, 'application/json', JSON.stringify(TROUBLE)));

    const { code, result, report } = await verify(world, ...ALL);

    const sentence =
      'The plugin answered 500 unavailable to a search (its message may quote a memory, and is left out).';
    expect(result.errors).toEqual([
      { workspaceId: tree.workspace('ada'), sentence },
      { workspaceId: tree.workspace('ben'), sentence },
    ]);
    expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 1, errors: 2 }));
    expect(result.rows).toMatchObject({ compared: 1, matched: 1 });
    expect(result.findings).toEqual(found({}));
    // Four attempts for both namespaces that have rows, and four for the team's alone; then the other's, and all without rows, with a
    // control named last, and once first.
    const failures = { '500 unavailable': 8 };
    expect(report.traffic.searchMemories).toEqual({ attempts: 11, successes: 3, retries: 6, failures });
    expect(code).toBe(3);
  });

  test.each<[does: string, type: string, body: string, sentence: string]>([
    [
      'shows a memory of another namespace than it was asked for',
      'application/json',
      JSON.stringify({ memories: [strayMemory('team:somebody-else')] }),
      'the plugin showed a memory of another namespace.',
    ],
    ['answers a search with a web page', 'text/html', '<!doctype html>', 'with a body of type text/html'],
    ['answers in another shape', 'application/json', '{"memories": [{"id": 7}]}', "its body is not the contract's"],
  ])('a plugin that %s has told nothing: neither match nor mismatch', async (_does, type, body, sentence) => {
    await onTheTeam(answered(200, type, body));

    const { code, result } = await verify(world, ...ALL);

    expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 1, errors: 2 }));
    expect(result.errors[0]?.sentence).toContain(sentence);
    expect(result.findings).toEqual(found({}));
    expect(code).toBe(3);
  });

  test('findings and errors are both in the report, and the findings decide the exit code', async () => {
    const lost = tree.memory('cleo to itself');
    await tampering(world).remove([lost.id]);
    await onTheTeam(answered(400, 'application/json', JSON.stringify(TROUBLE)));

    const { code, result } = await verify(world, ...ALL);

    expect(listed(result)).toEqual(allNamed('missing', [lost]));
    expect(result.errors.map(({ workspaceId }) => workspaceId)).toEqual([tree.workspace('ada'), tree.workspace('ben')]);
    expect(result.workspaces).toEqual(counted({ sampled: 3, mismatches: 1, errors: 2 }));
    expect(code).toBe(1);
  });

  test('a plugin that dies on the way leaves errors, and no findings', async () => {
    const run = await halfWay(world, [...ALL, '--max-outage', '1']);
    await world.plugin.kill();
    const { code, result } = await run.goOn();

    expect(result.workspaces).toEqual(counted({ sampled: 3, errors: 3 }));
    expect(result.findings).toEqual(found({}));
    expect(code).toBe(3);
  });
});

test('where the database is lost on the way, the workspaces that were not read are errors, and never matches', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await copiedTree(world, {
    workspaces: { read: {}, 'cut off': {}, 'not begun': {} },
    memories: { 'of the first': { of: 'read' }, 'of the last': { of: 'not begun' } },
  });
  // More than what has been asked for by the time when the first search is sent.
  await plantTickets(world, 3_600, { workspaceId: tree.workspace('cut off') });

  const run = await halfWay(world, ALL);
  await dropDatabase(world);
  const { code, result, report } = await run.goOn();

  const unread = [tree.workspace('cut off'), tree.workspace('not begun')];
  expect(result.errors.map(({ workspaceId }) => workspaceId)).toEqual(unread);
  expect(result.workspaces).toEqual(counted({ sampled: 3, matches: 1, errors: 2 }));
  expect(result.rows).toMatchObject({ compared: 1, matched: 1 });
  expect(report.error?.code).toBe('source');
  expect(code).toBe(3);
});

test('where no sample can be drawn, or the tree cannot be read, the run ends without a result', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  await breakWorkspaces(world);

  const drawing = await world.backfill(['--verify']);
  const reading = await world.backfill(['--verify', '--workspace', '0000000b-0000-4000-8000-000000000001']);

  const because = 'the disk is on fire (58030).';
  expect(drawing.report).toMatchObject({
    result: null,
    error: { code: 'source', message: `The source database (DATABASE_URL) could not draw the sample: ${because}` },
  });
  expect(reading.report).toMatchObject({
    result: null,
    error: { code: 'source', message: `The source database (DATABASE_URL) could not list the workspaces: ${because}` },
  });
  expect([drawing.code, reading.code]).toEqual([3, 3]);
});

const TROUBLE = { code: 'unavailable', message: 'Not now.' };

function answered(status: number, type: string, body: string): Fault {
  return { kind: 'answer', status, headers: { 'content-type': type }, body };
}

function strayMemory(namespace: string) {
  const id = '0000000a-0000-4000-8000-00000000ffff';
  return { id, namespace, content: 'hm', kind: 'fact', source: 'agent', created_at: '2026-01-01T00:00:00Z' };
}

async function dropDatabase({ databaseUrl }: World): Promise<void> {
  const sql = postgres(clusterUrl(), { max: 1 });
  await sql`drop database ${sql(new URL(databaseUrl).pathname.slice(1))} with (force)`;
  await sql.end();
}

/** The table is there, but can be read once only. */
async function breakWorkspaces({ sql }: World): Promise<void> {
  await sql.unsafe(`
    drop table workspaces cascade;
    create sequence readings;
    create function broken() returns uuid language plpgsql as $$
      begin
        if nextval('readings') > 1 then raise 'the disk is on fire' using errcode = 'io_error'; end if;
        return '0000000b-0000-4000-8000-000000000001';
      end $$;
    create view workspaces as select broken() as id, null::uuid as parent_id, 'online'::text as status;
  `);
}
