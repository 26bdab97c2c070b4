/** What a memory is that stands where no row was expected: a row out of its place, a copy, one copy too many, or somebody's own. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { LegacyRow, ObservedMemory, PlannedWrite } from '../../../../src/model/memory.ts';
import { planRow } from '../../../../src/plan/planner.ts';
import { CouldNotAsk } from '../../../../src/run/could-not-ask.ts';
import { settleStrangers } from '../../../../src/run/verify/strangers.ts';
import type { LegacySource } from '../../../../src/source/legacy-source.ts';
import { findings } from '../../../../src/verify/findings.ts';
import { DEFAULTS, removed, resolverOf, row, workspace } from '../../plan/trees.ts';

const RESOLVER = resolverOf(
  [workspace('acme'), workspace('sales', 'acme'), removed('closed', 'acme'), workspace('other')],
  DEFAULTS,
);
const MOST_OF_ONE_TEXT = 3;

const uuid = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
/** Ids of rows; those of memories that no row has begin at 100. */
const [FIRST, SECOND, THIRD] = [uuid(1), uuid(2), uuid(3)];
const [COPY, OTHER_COPY] = [uuid(100), uuid(101)];

function memory(id: string, namespace: string, given: Partial<ObservedMemory> = {}): ObservedMemory {
  return {
    id,
    namespace,
    content: 'Deploys are frozen on Fridays.',
    kind: 'fact',
    source: 'agent',
    pinned: false,
    createdAt: '2026-01-01T00:00:00Z',
    expiresAt: null,
    provenance: undefined,
    ...given,
  };
}

const from = (workspaceId: string | null, scope: string) => ({
  provenance: { source: 'agent_memories', workspace_id: workspaceId, scope },
});

/** A source that holds these rows, of one text at most {@link MOST_OF_ONE_TEXT}. */
function sourceOf(rows: readonly LegacyRow[]) {
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('Nobody should ask for this.'));
  const digest = ({ content }: LegacyRow) => createHash('sha256').update(content, 'utf8').digest('hex');
  const source: LegacySource = {
    shape: unused,
    workspaces: unused,
    clock: unused,
    existing: unused,
    snapshot: unused,
    countTeamRows: unused,
    rows: unused,
    draw: unused,
    close: unused,
    async find(ids) {
      asked.push(...ids);
      return rows.filter(({ id }) => ids.some((each) => each.toLowerCase() === id));
    },
    async withContents(digests) {
      const alike = Map.groupBy(
        rows.filter((each) => digests.includes(digest(each))),
        digest,
      );
      const matches = [...alike].flatMap(([text, some]) =>
        some.slice(0, MOST_OF_ONE_TEXT).map(({ id, workspaceId, scope }) => ({ digest: text, id, workspaceId, scope })),
      );
      return {
        matches,
        cut: new Set([...alike].flatMap(([text, { length }]) => (length > MOST_OF_ONE_TEXT ? [text] : []))),
      };
    },
  };
  return { source, asked };
}

async function settled(
  seen: readonly ObservedMemory[],
  rows: readonly LegacyRow[],
  away: readonly string[] = [],
  isInPlace = async ({ id }: PlannedWrite) => !away.includes(id),
) {
  const { source, asked } = sourceOf(rows);
  const policy = {
    carried: { propagation: true, embedding: false },
    accepted: new Map<string, string>(),
    runId: 'run',
  };
  const outcome = await settleStrangers(seen, {
    source,
    resolver: RESOLVER,
    plan: (planned, resolver) => planRow(planned, resolver, policy),
    findings: findings((content) => `#${content.length}`),
    planAnyway: (planned, resolver) => planRow(planned, resolver, policy),
    isInPlace,
  });
  return { ...outcome, asked };
}

const ofSales = (id: string, scope = 'LOCAL') => row({ id, workspaceId: 'sales', scope });

describe('a memory under the id of a row', () => {
  test('in the namespace of its row is judged elsewhere', async () => {
    expect(await settled([memory(FIRST, 'workspace:sales')], [ofSales(FIRST)])).toMatchObject({
      findings: [],
      suspects: [],
      extra: [],
    });
  });

  test('where others read it is a leak', async () => {
    const seen = memory(FIRST, 'team:acme', from('sales', 'LOCAL'));
    const { findings: found, suspects, extra } = await settled([seen], [ofSales(FIRST)]);

    expect(found.filter(({ kind }) => kind === 'leak')).toMatchObject([
      { id: FIRST, foundAs: null, foundIn: 'team:acme', namespace: 'workspace:sales', evidence: 'id' },
    ]);
    expect([suspects, extra]).toEqual([[seen], []]);
  });

  test('where nobody else reads it is misplaced', async () => {
    const { findings: found } = await settled([memory(FIRST, 'org:acme')], [ofSales(FIRST, 'TEAM')]);
    expect(found[0]).toMatchObject({ kind: 'misplaced', id: FIRST, foundIn: 'org:acme' });
  });

  test('that was to be skipped is a leak wherever it is', async () => {
    const skipped = row({ id: FIRST, workspaceId: 'closed', scope: 'TEAM' });
    const { findings: found } = await settled([memory(FIRST, 'workspace:closed')], [skipped]);
    expect(found).toMatchObject([{ kind: 'leak', namespace: null, foundIn: 'workspace:closed' }]);
  });

  test('is known in capitals too', async () => {
    const capitals = 'ABCDEF00-0000-4000-8000-00000000000A';
    const rows = [ofSales(capitals.toLowerCase())];
    const { findings: found } = await settled([memory(capitals, 'team:acme', { content: 'edited' })], rows);

    expect(found[0]).toMatchObject({ kind: 'leak', id: capitals.toLowerCase(), evidence: 'id' });
  });
});

test('a memory of an unknown id and an unknown text is extra', async () => {
  const seen = memory(COPY, 'team:acme', { content: 'said by an agent' });
  expect(await settled([seen], [ofSales(FIRST)])).toMatchObject({ findings: [], suspects: [], extra: [seen] });
});

describe('the text of a row, in the namespace of that row, under another id', () => {
  test('is one too many where the row is in its place', async () => {
    const seen = memory(COPY, 'workspace:sales');
    const { findings: found, suspects, extra } = await settled([seen], [ofSales(FIRST)]);

    const sentence = `is there again as ${COPY}: its text is 2 times in workspace:sales, and 1 times in the source`;
    expect(found).toMatchObject([{ kind: 'duplicate', id: FIRST, foundAs: COPY, evidence: 'text', sentence }]);
    expect([suspects, extra]).toEqual([[seen], []]);
  });

  test('may stand in for a row that is not in its place', async () => {
    const seen = memory(COPY, 'workspace:sales');
    expect(await settled([seen], [ofSales(FIRST)], [FIRST])).toMatchObject({
      findings: [],
      suspects: [],
      extra: [seen],
    });
  });

  test('is neither extra nor one too many where nobody can say whether the row is in its place', async () => {
    const seen = [memory(COPY, 'workspace:sales'), memory(OTHER_COPY, 'workspace:other', { content: 'Nobody’s.' })];
    const unasked = () => Promise.reject(new CouldNotAsk('No answer.'));

    const outcome = await settled(seen, [ofSales(FIRST)], [], unasked);

    expect(outcome).toMatchObject({ findings: [], suspects: [], extra: [{ id: OTHER_COPY }] });
    expect([...outcome.unasked].map(([name, { message }]) => [name, message])).toEqual([
      ['workspace:sales', 'No answer.'],
    ]);
  });

  test('a fault of this tool is none of the plugin’s', async () => {
    const broken = () => Promise.reject(new TypeError('A bug.'));
    await expect(settled([memory(COPY, 'workspace:sales')], [ofSales(FIRST)], [], broken)).rejects.toThrow('A bug.');
  });

  test('is counted: as many as there are more memories than rows are duplicates, each of another row', async () => {
    const rows = [ofSales(FIRST), ofSales(SECOND), ofSales(THIRD)];
    const seen = [memory(COPY, 'workspace:sales'), memory(OTHER_COPY, 'workspace:sales')];

    const all = await settled(seen, rows);
    expect(all.findings.map(({ id, foundAs }) => [id, foundAs])).toEqual([
      [FIRST, COPY],
      [SECOND, OTHER_COPY],
    ]);

    const oneAway = await settled(seen, rows, [SECOND]);
    expect(oneAway.findings).toMatchObject([{ kind: 'duplicate', foundAs: COPY }]);
    expect(oneAway.findings[0]?.sentence).toContain(
      'its text is 4 times in workspace:sales, and 3 times in the source',
    );
    // Which of them was there first cannot be told: both are looked at again.
    expect(oneAway.suspects).toHaveLength(2);
    expect(oneAway.extra).toMatchObject([{ id: OTHER_COPY }]);

    const bothAway = await settled(seen, rows, [SECOND, THIRD]);
    expect(bothAway).toMatchObject({ findings: [], suspects: [], extra: seen });
  });

  test('is that of a copy first, which says so, before it is that of somebody’s own words', async () => {
    const words = memory(COPY, 'workspace:sales');
    const copy = memory(OTHER_COPY, 'workspace:sales', from('sales', 'LOCAL'));
    const { findings: found, extra } = await settled([words, copy], [ofSales(FIRST), ofSales(SECOND)], [SECOND]);

    expect(found).toMatchObject([{ kind: 'duplicate', foundAs: OTHER_COPY, evidence: 'id' }]);
    expect(extra).toEqual([words]);
  });

  test('is not held against rows of the same text that belong elsewhere', async () => {
    const elsewhere = row({ id: SECOND, workspaceId: 'other' });
    const { findings: found } = await settled([memory(COPY, 'workspace:sales')], [ofSales(FIRST), elsewhere]);
    expect(found).toMatchObject([{ kind: 'duplicate', id: FIRST }]);
  });

  test('is counted for each namespace by itself', async () => {
    const rows = [ofSales(FIRST), row({ id: SECOND, workspaceId: 'other' })];
    const { findings: found } = await settled(
      [memory(COPY, 'workspace:sales'), memory(OTHER_COPY, 'workspace:other')],
      rows,
    );

    expect(found.map(({ id, foundAs }) => [id, foundAs])).toEqual([
      [FIRST, COPY],
      [SECOND, OTHER_COPY],
    ]);
  });

  test('is unproven where the source has more rows of it than are counted', async () => {
    const rows = [1, 2, 3, 4].map((index) => ofSales(uuid(index)));
    const seen = memory(COPY, 'workspace:sales');
    const { findings: found, suspects } = await settled([seen], rows);

    expect(found).toMatchObject([{ kind: 'unproven', id: COPY, foundIn: 'workspace:sales' }]);
    expect(suspects).toEqual([seen]);
  });
});

describe('the text of a row, in another namespace and under another id', () => {
  test('is a leak, known by its text alone, where somebody reads it who was not to', async () => {
    const seen = memory(COPY, 'team:other');
    const { findings: found, suspects } = await settled([seen], [ofSales(FIRST)]);

    expect(found).toMatchObject([
      { kind: 'leak', id: FIRST, foundAs: COPY, foundIn: 'team:other', namespace: 'workspace:sales', evidence: 'text' },
    ]);
    expect(suspects).toEqual([seen]);
  });

  test.each<[why: string, namespace: string, rows: LegacyRow[]]>([
    ['nobody reads it who was not to', 'workspace:sales', [ofSales(FIRST, 'TEAM')]],
    [
      'it may be the copy of another row that everybody there can read',
      'workspace:sales',
      [row({ id: FIRST, workspaceId: 'other' }), ofSales(SECOND, 'TEAM')],
    ],
  ])('is extra where %s', async (_why, namespace, rows) => {
    const seen = memory(COPY, namespace);
    expect(await settled([seen], rows)).toMatchObject({ findings: [], suspects: [], extra: [seen] });
  });
});

describe('a copy that tells of its origin', () => {
  test('is known by that, whatever else has its text', async () => {
    const seen = memory(COPY, 'workspace:other', from('sales', 'LOCAL'));
    const rows = [row({ id: FIRST, workspaceId: 'other' }), ofSales(SECOND)];
    const { findings: found } = await settled([seen], rows);

    expect(found).toMatchObject([{ kind: 'leak', id: SECOND, foundAs: COPY, evidence: 'id' }]);
  });

  test('is that of the row of its scope, too', async () => {
    const seen = memory(COPY, 'team:acme', from('sales', 'TEAM'));
    const { findings: found } = await settled([seen], [ofSales(FIRST), ofSales(SECOND, 'TEAM')]);

    expect(found).toMatchObject([{ kind: 'duplicate', id: SECOND, foundAs: COPY, evidence: 'id' }]);
  });

  test('of which the source has no row any more is a leak where others read it, and extra where they do not', async () => {
    const leaked = memory(COPY, 'team:other', from('sales', 'TEAM'));
    const atHome = memory(OTHER_COPY, 'team:acme', from('sales', 'TEAM'));
    const misplaced = memory(uuid(102), 'org:acme', from('sales', 'TEAM'));
    const { findings: found, suspects, extra } = await settled([leaked, atHome, misplaced], []);

    expect(found).toMatchObject([
      { kind: 'leak', id: COPY, workspaceId: 'sales', namespace: 'team:acme', foundIn: 'team:other', evidence: 'id' },
    ]);
    expect([suspects, extra]).toEqual([[leaked], [atHome, misplaced]]);
  });
});

test('many at once are settled each by itself, and the source is asked for all their ids together', async () => {
  const rows = [ofSales(FIRST), row({ id: SECOND, workspaceId: 'other', content: 'Something else.' })];
  const {
    findings: found,
    extra,
    asked,
  } = await settled(
    [
      memory(FIRST, 'team:other'),
      memory(COPY, 'workspace:other', { content: 'Something else.' }),
      memory(OTHER_COPY, 'workspace:sales', { content: 'Nobody’s.' }),
    ],
    rows,
  );

  expect(found.map(({ kind, id }) => [kind, id])).toEqual([
    ['leak', FIRST],
    ['fields', FIRST],
    ['duplicate', SECOND],
  ]);
  expect(extra).toMatchObject([{ id: OTHER_COPY }]);
  expect(asked).toEqual([FIRST, COPY, OTHER_COPY]);
});
