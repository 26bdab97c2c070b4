/** The checkpoint's advance: whatever the order in which rows settle, below it none is open, and it never moves back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frontier } from '../../../src/run/frontier.ts';

const row = (index: number) => ({ createdAt: null, id: `row-${String(index).padStart(3, '0')}` });

test('before the first row is settled there is no checkpoint', () => {
  const settled = frontier();
  expect(settled.checkpoint()).toBeNull();
  settled.take(row(0));
  expect(settled.checkpoint()).toBeNull();
});

test('a row that is settled out of turn moves nothing until those before it are', () => {
  const settled = frontier();
  const [first, second] = [settled.take(row(0)), settled.take(row(1))];
  settled.settle(second);
  expect(settled.checkpoint()).toBeNull();
  settled.settle(first);
  expect(settled.checkpoint()).toEqual(row(1));
});

test('settling twice changes nothing', () => {
  const settled = frontier();
  const [first, second] = [settled.take(row(0)), settled.take(row(1))];
  settled.settle(first);
  settled.settle(first);
  expect(settled.checkpoint()).toEqual(row(0));
  settled.settle(second);
  settled.settle(first);
  expect(settled.checkpoint()).toEqual(row(1));
});

test('in any order of taking and settling, the checkpoint is the end of the longest run of settled rows from the first', () => {
  const anyOrder = fc
    .integer({ min: 1, max: 40 })
    .chain((count) =>
      fc.shuffledSubarray(Array.from({ length: count }, (_row, index) => index)).map((order) => ({ count, order })),
    );
  fc.assert(
    fc.property(anyOrder, ({ count, order }) => {
      const settled = frontier();
      const tickets = Array.from({ length: count }, (_row, index) => settled.take(row(index)));
      const done = new Set<number>();
      for (const index of order) {
        settled.settle(tickets[index] ?? -1);
        done.add(index);
        let last = -1;
        while (done.has(last + 1)) last++;
        expect(settled.checkpoint()).toEqual(last < 0 ? null : row(last));
      }
    }),
  );
});
