/** Nothing counts that was seen once: a finding stands when two looks in a row agree on it, with the same row in the source. */
import { describe, expect, test } from 'vitest';
import type { LegacyRow, PlannedWrite, Skip } from '../../../../src/model/memory.ts';
import { CouldNotAsk } from '../../../../src/run/could-not-ask.ts';
import type { RowVerdict } from '../../../../src/run/verify/judging.ts';
import { lookAgain } from '../../../../src/run/verify/second-look.ts';
import { row } from '../../plan/trees.ts';
import { finding } from '../../report/reports.ts';

type Found = Parameters<typeof finding>[0];

function planned(id: string, given: Partial<PlannedWrite> = {}): PlannedWrite {
  return {
    verdict: 'write',
    id,
    createdAt: null,
    updatedAt: null,
    workspaceId: 'acme',
    scope: 'LOCAL',
    namespace: { name: 'workspace:acme', kind: 'workspace' },
    content: 'Deploys are frozen on Fridays.',
    kind: 'fact',
    source: 'agent',
    ...given,
  };
}

const verdictOn = (row: PlannedWrite | Skip, ...findings: Found[]): RowVerdict => ({
  row,
  findings: findings.map((each) => finding({ id: row.id, ...each })),
  error: null,
  copiesUnseen: false,
});
const wrong = (id: string, found: Found = {}): RowVerdict => verdictOn(planned(id), found);

/** The looks after the first one, each as the verdicts that it comes to. @returns what came of it, and the ids looked for. */
async function confirmed(first: readonly RowVerdict[], ...looks: ReadonlyArray<readonly RowVerdict[]>) {
  const asked: string[][] = [];
  const left = [...looks];
  let now: readonly RowVerdict[] = [];
  const came = await lookAgain(first, {
    async find(ids) {
      asked.push([...ids]);
      now = left.shift() ?? [];
      return now.map(({ row: { id } }) => row({ id }));
    },
    judgeAnew: async (rows: readonly LegacyRow[]) =>
      now.filter((verdict) => rows.some(({ id }) => id === verdict.row.id)),
  });
  return { ...came, asked };
}

describe('a finding', () => {
  test('of which a second look says the same counts', async () => {
    const { verdicts, vanished, asked } = await confirmed([wrong('a')], [wrong('a')]);

    expect(verdicts).toEqual([wrong('a')]);
    expect(vanished).toBe(0);
    expect(asked).toEqual([['a']]);
  });

  test('that a second look does not see was a live write', async () => {
    const right = verdictOn(planned('a'));
    const { verdicts } = await confirmed([wrong('a')], [right]);

    expect(verdicts).toEqual([right]);
  });

  test('whose row is gone from the source has vanished, and is looked for no further', async () => {
    const { verdicts, vanished, asked } = await confirmed([wrong('a'), wrong('b')], [wrong('b')]);

    expect(verdicts).toEqual([wrong('b')]);
    expect(vanished).toBe(1);
    expect(asked).toEqual([['a', 'b']]);
  });

  test('of which the plugin could not be asked again is an error', async () => {
    const unasked = { ...verdictOn(planned('a')), error: new CouldNotAsk('No answer.') };
    const { verdicts } = await confirmed([wrong('a')], [unasked]);

    expect(verdicts).toEqual([unasked]);
  });
});

describe('what is another finding at the second look', () => {
  const before = verdictOn(planned('a'), {
    kind: 'content',
    foundIn: 'workspace:acme',
    digests: { expected: 'x', found: 'y' },
  });

  test.each<[string, RowVerdict]>([
    ['is of another kind', verdictOn(planned('a'), { ...before.findings[0], kind: 'fields' })],
    ['says something else', verdictOn(planned('a'), { ...before.findings[0], sentence: 'is odd' })],
    [
      'found something else',
      verdictOn(planned('a'), { ...before.findings[0], digests: { expected: 'x', found: 'z' } }),
    ],
    ['found it elsewhere', verdictOn(planned('a'), { ...before.findings[0], foundIn: 'team:acme' })],
    ['is one of two', verdictOn(planned('a'), before.findings[0], { kind: 'fields' })],
    ['is about a row with another content', { ...before, row: planned('a', { content: 'Edited.' }) }],
    ['is about a row that was touched', { ...before, row: planned('a', { updatedAt: '2026-01-01 00:00:00+00' }) }],
    ['is about a row of another workspace', { ...before, row: planned('a', { workspaceId: 'other' }) }],
    ['is about a row of another scope', { ...before, row: planned('a', { scope: 'TEAM' }) }],
    [
      'is about a row that belongs elsewhere',
      { ...before, row: planned('a', { namespace: { name: 'team:acme', kind: 'team' } }) },
    ],
    [
      'is about a row that belongs nowhere',
      {
        ...before,
        row: { ...planned('a'), verdict: 'skip', reason: 'workspace-removed' },
      },
    ],
  ])('since it %s, takes a third look to count', async (_what, other) => {
    const { verdicts, asked } = await confirmed([before], [other], [other]);

    expect(verdicts).toEqual([other]);
    expect(asked).toEqual([['a'], ['a']]);
  });

  test('counts as it was seen last, where nothing but its excerpts, its digest of the source or its next step differs', async () => {
    const same = verdictOn(planned('a'), { ...before.findings[0], next: 'Wait.', excerpts: { found: 'hm' } });
    const { verdicts, asked } = await confirmed([before], [same]);

    expect(verdicts).toEqual([same]);
    expect(asked).toHaveLength(1);
  });

  test('and right at the third one, was a live write', async () => {
    const right = verdictOn(planned('a'));
    const { verdicts } = await confirmed([before], [wrong('a')], [right]);

    expect(verdicts).toEqual([right]);
  });

  test('each time it is looked for is no finding after the fourth look, but could not be checked', async () => {
    const looks = ['one', 'two', 'three', 'four'].map((sentence) => wrong('a', { sentence }));
    const [first, ...later] = looks;
    const { verdicts, vanished, asked } = await confirmed(first ? [first] : [], ...later.map((each) => [each]));

    expect(verdicts).toMatchObject([{ row: { id: 'a' }, findings: [] }]);
    expect(verdicts[0]?.error).toBeInstanceOf(CouldNotAsk);
    expect(verdicts[0]?.error?.message).toBe('Row a was another at each of 4 looks.');
    expect(vanished).toBe(0);
    expect(asked).toHaveLength(3);
  });
});

test('each of many rows takes as many looks as it needs', async () => {
  const moving = (sentence: string) => wrong('moving', { sentence });
  const { verdicts, vanished, asked } = await confirmed(
    [wrong('stays'), wrong('mended'), wrong('deleted'), wrong('deleted later'), moving('one')],
    [wrong('stays'), verdictOn(planned('mended')), wrong('deleted later', { sentence: 'now so' }), moving('two')],
    [moving('two')],
  );

  expect(verdicts.map(({ row: { id }, findings }) => [id, findings.length])).toEqual([
    ['stays', 1],
    ['mended', 0],
    ['moving', 1],
  ]);
  expect(vanished).toBe(2);
  expect(asked).toEqual([
    ['stays', 'mended', 'deleted', 'deleted later', 'moving'],
    ['deleted later', 'moving'],
  ]);
});
