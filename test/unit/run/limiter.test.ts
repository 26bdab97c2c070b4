/** `--limit` counts the rows that are planned to be written, and takes up nothing after the last of them. */
import { describe, expect, test } from 'vitest';
import type { Planned } from '../../../src/model/memory.ts';
import { limiter, oldestFirst } from '../../../src/run/planning.ts';

const SKIP: Planned = {
  verdict: 'skip',
  id: 's',
  workspaceId: null,
  scope: 'LOCAL',
  content: 'B.',
  reason: 'no-workspace',
};
const WRITE: Planned = {
  verdict: 'write',
  id: 'w',
  workspaceId: 'sales',
  scope: 'LOCAL',
  namespace: { name: 'workspace:sales', kind: 'workspace' },
  content: 'A.',
  kind: 'fact',
  source: 'agent',
};

/** Which of these rows a limit takes up. */
function taken(limit: number | null, rows: readonly Planned[]): boolean[] {
  const { take } = limiter(limit);
  return rows.map((row) => take(row));
}

test('writes are taken up to the limit, and no more', () => {
  expect(taken(2, [WRITE, WRITE, WRITE])).toEqual([true, true, false]);
});

test('skips on the way are taken along and do not count', () => {
  expect(taken(1, [SKIP, SKIP, WRITE])).toEqual([true, true, true]);
});

test('skips after the last write are not taken: the run ends there', () => {
  expect(taken(1, [WRITE, SKIP, WRITE])).toEqual([true, false, false]);
});

test('without a limit everything is taken', () => {
  expect(
    taken(
      null,
      Array.from({ length: 1_000 }, () => WRITE),
    ).every(Boolean),
  ).toBe(true);
});

test('--workspace selects the rows of one workspace, and none selects all; both go oldest first', () => {
  expect(oldestFirst('sales')).toEqual({ order: 'oldest-first', workspaces: ['sales'] });
  expect(oldestFirst(null)).toEqual({ order: 'oldest-first' });
});

describe('the run is cut off', () => {
  test('where a row is left for another run', () => {
    const limit = limiter(1);
    limit.take(WRITE);
    expect(limit.cut()).toBe(false);
    limit.take(SKIP);
    expect(limit.cut()).toBe(true);
  });

  test('never, without a limit', () => {
    const limit = limiter(null);
    for (let row = 0; row < 1_000; row++) limit.take(WRITE);
    expect(limit.cut()).toBe(false);
  });
});
