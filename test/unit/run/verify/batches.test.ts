/** Rows come in batches that hold namespaces as a whole, but for those that are larger than a batch. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Planned } from '../../../../src/model/memory.ts';
import { type Batch, batches } from '../../../../src/run/verify/batches.ts';

let rows = 0;

function planned(name: string, content = 'x'): Planned {
  return {
    verdict: 'write',
    id: String(++rows),
    createdAt: null,
    updatedAt: null,
    workspaceId: 'acme',
    scope: 'TEAM',
    namespace: { name, kind: 'team' },
    content,
    kind: 'fact',
    source: 'agent',
  };
}

const many = (count: number, name: string, content?: string) =>
  Array.from({ length: count }, () => planned(name, content));

/** Pages of 500 rows, and how many rows of each are gone. */
async function* inPages(planned: readonly Planned[], vanished: readonly number[] = []) {
  for (let start = 0; start < planned.length || start / 500 < vanished.length; start += 500) {
    const gone = vanished[start / 500] ?? 0;
    const positions = Array.from({ length: gone }, () => ({ createdAt: null, id: 'gone' }));
    yield { planned: planned.slice(start, start + 500), vanished: positions };
  }
}

async function batched(planned: readonly Planned[], vanished?: readonly number[]): Promise<Batch[]> {
  const cut: Batch[] = [];
  for await (const batch of batches(inPages(planned, vanished))) cut.push(batch);
  return cut;
}

const nameOf = (row: Planned | undefined) => (row?.verdict === 'write' ? row.namespace.name : null);
const sizes = (cut: readonly Batch[]) => cut.map(({ rows: { length } }) => length);

test('a few rows are one batch, whatever namespaces they go to', async () => {
  const few = [...many(300, 'team:a'), ...many(700, 'team:b')];
  expect(await batched(few)).toEqual([{ rows: few, vanished: 0, cut: false }]);
});

test('no rows are no batch', async () => {
  expect(await batched([])).toEqual([]);
});

test('a namespace that would be cut by the end of a batch goes into the next one as a whole', async () => {
  const cut = await batched([...many(1_900, 'team:a'), ...many(700, 'team:b'), ...many(10, 'team:c')]);
  expect(sizes(cut)).toEqual([1_900, 710]);
  expect(cut.every((batch) => !batch.cut)).toBe(true);
});

test('rows that go nowhere do not end the namespace among whose rows they stand', async () => {
  const skipped: Planned[] = many(4_600, 'team:x').map((row) => ({ ...row, verdict: 'skip', reason: 'empty-content' }));
  const cut = await batched([...many(1, 'team:a'), ...many(1, 'team:b'), ...skipped, ...many(30, 'team:b')]);
  expect(cut.map(({ rows: { length }, cut }) => [length, cut])).toEqual([
    [1, false],
    [4_499, true],
    [132, false],
  ]);
});

describe('a namespace that is larger than a batch', () => {
  test('is waited for up to twice the size of a batch', async () => {
    const cut = await batched([...many(3_400, 'team:a'), ...many(700, 'team:b')]);
    expect(cut.map(({ rows: { length }, cut }) => [length, cut])).toEqual([
      [3_400, false],
      [700, false],
    ]);
  });

  test('is cut, which each of its parts but the last one says', async () => {
    const cut = await batched([...many(9_100, 'team:a'), ...many(3, 'team:b')]);
    expect(cut.map(({ rows: { length }, cut }) => [length, cut])).toEqual([
      [4_000, true],
      [4_000, true],
      [1_103, false],
    ]);
  });
});

test('heavy rows are not gathered: a batch is cut wherever it stands', async () => {
  const heavy = 'x'.repeat(10_000);
  for (const rows of [many(1_200, 'team:a', heavy), [...many(700, 'team:a', heavy), ...many(500, 'team:b', heavy)]]) {
    expect((await batched(rows)).map(({ rows: { length }, cut }) => [length, cut])).toEqual([
      [1_000, true],
      [200, false],
    ]);
  }
});

test('rows that are gone are counted in the batch that they came with, and where nothing but those came', async () => {
  const cut = await batched([...many(2_100, 'team:a'), ...many(500, 'team:b')], [1, 0, 2, 0, 0, 4]);
  expect(cut.map(({ rows: { length }, vanished }) => [length, vanished])).toEqual([
    [2_100, 3],
    [500, 4],
  ]);
  expect(await batched([], [7])).toEqual([{ rows: [], vanished: 7, cut: false }]);
});

test('every row comes once and in order, and a namespace is in one batch alone unless a cut says otherwise', async () => {
  const counts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(counts, async (given) => {
      const all = given.flatMap((count, index) => many(count, `team:${index}`));
      const cut = await batched(all);
      expect(cut.flatMap(({ rows }) => rows)).toEqual(all);
      for (const [index, batch] of cut.entries()) {
        const next = cut[index + 1];
        const goesOn = next !== undefined && nameOf(batch.rows.at(-1)) === nameOf(next.rows[0]);
        if (goesOn) expect(batch.cut).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
