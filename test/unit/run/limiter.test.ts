/** `--limit` counts the rows that are sent, and takes up nothing after the last of them. */
import { describe, expect, test } from 'vitest';
import type { PlannedWrite } from '../../../src/model/memory.ts';
import type { Step } from '../../../src/plan/changes.ts';
import { limiter } from '../../../src/run/limiter.ts';

const planned: PlannedWrite = {
  verdict: 'write',
  id: 'w',
  createdAt: null,
  updatedAt: null,
  workspaceId: 'sales',
  scope: 'LOCAL',
  namespace: { name: 'workspace:sales', kind: 'workspace' },
  content: 'A.',
  kind: 'fact',
  source: 'agent',
};
const SEND: Step = { step: 'send', planned, change: 'new', created: true };
const RECORDED: Step = {
  step: 'settled',
  planned,
  outcome: { status: 'recorded', id: 'w', namespace: 'workspace:sales' },
};

/** Which of these rows a limit takes up. */
function taken(limit: number | null, steps: readonly Step[]): boolean[] {
  const { take } = limiter(limit);
  return steps.map((step) => take(step));
}

test('rows are sent up to the limit, and no more', () => {
  expect(taken(2, [SEND, SEND, SEND])).toEqual([true, true, false]);
});

test('rows on the way that need nothing are taken along and do not count: so the next run gets further', () => {
  expect(taken(1, [RECORDED, RECORDED, SEND])).toEqual([true, true, true]);
});

test('rows after the last one that is sent are not taken: the run ends there', () => {
  expect(taken(1, [SEND, RECORDED, SEND])).toEqual([true, false, false]);
});

test('without a limit everything is taken', () => {
  const many = Array.from({ length: 1_000 }, () => SEND);
  expect(taken(null, many).every(Boolean)).toBe(true);
});

describe('the run is cut off', () => {
  test('where a row is left for another run', () => {
    const limit = limiter(1);
    limit.take(SEND);
    expect(limit.cut()).toBe(false);
    limit.take(RECORDED);
    expect(limit.cut()).toBe(true);
  });

  test('never, without a limit', () => {
    const limit = limiter(null);
    for (let row = 0; row < 1_000; row++) limit.take(SEND);
    expect(limit.cut()).toBe(false);
  });
});
