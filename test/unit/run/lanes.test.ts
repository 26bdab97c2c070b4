/** Rows of a lane keep their order, lanes do not wait for each other, and no more rows are taken up than there is room for. */
import fc from 'fast-check';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { type LaneOptions, lanes } from '../../../src/run/lanes.ts';

interface Row {
  lane: string | null;
  number: number;
  bytes: number;
}

const row = (lane: string | null, number: number, bytes = 1): Row => ({ lane, number, bytes });

/** Rows of which each is sent when the test says so. */
function held({ slots = 4, ...options }: Partial<LaneOptions<Row>> & { slots?: number } = {}) {
  const sending = new Map<number, () => void>();
  const limit = pLimit(slots);
  let ms = 0;
  const queue = lanes<Row>({
    laneOf: ({ lane }) => lane,
    sizeOf: ({ bytes }) => bytes,
    send: ({ number }) => new Promise((resolve) => sending.set(number, resolve)),
    run: (task) => limit(task),
    now: () => ms,
    ...options,
  });
  return {
    queue,
    pass: (time: number) => {
      ms += time;
    },
    /** Numbers of the rows that are under way. */
    underWay: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return [...sending.keys()].sort((one, other) => one - other);
    },
    end(number: number) {
      sending.get(number)?.();
      sending.delete(number);
    },
  };
}

test('a row waits for the one before it in its lane, and for no other', async () => {
  const { queue, underWay, end } = held();
  queue.put([row('a', 1), row('a', 2), row('b', 3)]);
  expect(await underWay()).toEqual([1, 3]);
  end(3);
  expect(await underWay()).toEqual([1]);
  end(1);
  expect(await underWay()).toEqual([2]);
});

test('a row of the next page waits for its lane, too', async () => {
  const { queue, underWay, end } = held();
  queue.put([row('a', 1)]);
  queue.put([row('a', 2), row('b', 3)]);
  expect(await underWay()).toEqual([1, 3]);
  end(1);
  expect(await underWay()).toEqual([2, 3]);
});

test('rows without a lane wait for none', async () => {
  const { queue, underWay } = held();
  queue.put([row(null, 1), row(null, 2), row(null, 3)]);
  expect(await underWay()).toEqual([1, 2, 3]);
});

test('a long lane takes no slot from the others: each has its turn', async () => {
  const { queue, underWay, end } = held({ slots: 1 });
  queue.put([row('long', 1), row('long', 2), row('long', 3), row('short', 4)]);
  expect(await underWay()).toEqual([1]);
  end(1);
  expect(await underWay()).toEqual([4]);
  end(4);
  expect(await underWay()).toEqual([2]);
});

test('a page is through when its last row is, whatever of the next one is not', async () => {
  const { queue, underWay, end } = held();
  let through = false;
  const page = queue.put([row('a', 1), row('b', 2)]).then(() => {
    through = true;
  });
  queue.put([row('a', 3)]);
  await underWay();
  end(1);
  expect([await underWay(), through]).toEqual([[2, 3], false]);
  end(2);
  await page;
  expect(through).toBe(true);
});

test.each([
  ['rows', Array.from({ length: 505 }, (_row, index) => row(`lane ${index}`, index))],
  ['bytes', Array.from({ length: 8 }, (_row, index) => row(`lane ${index}`, index, 1_048_577))],
])('there is no room while too many %s wait', async (_what, rows) => {
  const { queue, underWay, end } = held({ slots: 4 });
  queue.put(rows);
  let room = false;
  const waiting = queue.room().then(() => {
    room = true;
  });
  await underWay();
  expect(room).toBe(false);
  end(0);
  await waiting;
  expect(room).toBe(true);
});

test('it is idle once nothing waits and nothing is under way', async () => {
  const { queue, underWay, end } = held();
  await queue.idle();
  queue.put([row('a', 1), row('a', 2)]);
  let idle = false;
  const waiting = queue.idle().then(() => {
    idle = true;
  });
  await underWay();
  end(1);
  await underWay();
  expect(idle).toBe(false);
  end(2);
  await waiting;
});

test('the time is counted in which nothing waits though there is more to come', async () => {
  const { queue, underWay, pass, end } = held();
  pass(10); // For the first page.
  queue.put([row('a', 1), row('a', 2)]);
  pass(100); // The second row waits for the first.
  await underWay();
  end(1);
  await underWay();
  pass(5); // The second is under way, and nothing is behind it.
  queue.put([row('a', 3)]);
  pass(100);
  queue.exhausted();
  end(2);
  await underWay();
  pass(1_000); // There is no more to come.
  expect(queue.starvedMs()).toBe(15);
});

test('whatever comes in, each row is sent once, and those of a lane in their order', async () => {
  const pages = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', null), { maxLength: 12 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pages, fc.integer({ min: 1, max: 4 }), async (lanesOfPages, slots) => {
      const sent: Row[] = [];
      const limit = pLimit(slots);
      const queue = lanes<Row>({
        laneOf: ({ lane }) => lane,
        sizeOf: () => 1,
        async send(sending) {
          for (let turn = 0; turn < (sending.number * 7) % 5; turn++) await Promise.resolve();
          sent.push(sending);
        },
        run: (task) => limit(task),
        now: () => 0,
      });
      let number = 0;
      const rows = lanesOfPages.map((page) => page.map((lane) => row(lane, number++)));
      for (const page of rows) {
        queue.put(page);
        await queue.room();
      }
      await queue.idle();
      expect(sent).toHaveLength(number);
      for (const lane of ['a', 'b', 'c']) {
        const ofLane = sent.filter((one) => one.lane === lane).map((one) => one.number);
        expect(ofLane).toEqual([...ofLane].sort((one, other) => one - other));
      }
    }),
  );
});
