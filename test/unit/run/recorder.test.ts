/** Outcomes are written down in batches, each once, behind the senders by no more than is allowed, and never after a failure. */
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RunLog } from '../../../src/ledger/ledger.ts';
import { RunError } from '../../../src/model/errors.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import { MOST_UNRECORDED, type Recorder, recorder } from '../../../src/run/recorder.ts';

/** Each in a namespace of its own, unless it is said which. */
const entry = (memoryId: string, namespace = `workspace:${memoryId}`): LedgerEntry => ({
  memoryId,
  outcome: 'written',
  namespace,
  reason: 'new',
  sourceUpdatedAt: null,
  digest: null,
  created: true,
  attempts: 1,
  durationMs: 1,
});

/** A ledger whose writes end when the test says so. */
function heldLedger() {
  const recorded: string[][] = [];
  const checkpoints: Array<string | null> = [];
  let arrived = Promise.withResolvers<(error?: Error) => void>();
  const log: RunLog = {
    announce: () => Promise.resolve(),
    end: () => Promise.resolve(),
    async record(entries, checkpoint) {
      const answer = Promise.withResolvers<void>();
      arrived.resolve((error) => (error ? answer.reject(error) : answer.resolve()));
      arrived = Promise.withResolvers();
      await answer.promise;
      recorded.push(entries.map(({ memoryId }) => memoryId));
      checkpoints.push(checkpoint?.id ?? null);
    },
  };
  return { log, recorded, checkpoints, next: () => arrived.promise };
}

const counts = () => ({});

/** Takes room for a row, and settles it. */
async function add(records: Recorder, settled: LedgerEntry, ticket?: number): Promise<void> {
  await records.room(settled.namespace);
  records.settle(ticket, settled);
}

test('entries that come while a batch is under way go out together in the next one, each once', async () => {
  const { log, recorded, next } = heldLedger();
  const records = recorder(log, counts);
  const first = next();
  await add(records, entry('a'));
  const flushed = records.flush();
  const end = await first;
  await add(records, entry('b'));
  await add(records, entry('c'));
  const second = next();
  end();
  (await second)();
  await Promise.race([flushed, next().then((more) => more())]);
  await flushed;
  expect(recorded.flat()).toEqual(['a', 'b', 'c']);
});

test('a full batch is written at once, before any time has passed', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { log, next, recorded } = heldLedger();
  const records = recorder(log, counts);
  const begun = next();
  for (let index = 0; index < 200; index++) await add(records, entry(`row-${index}`));
  (await begun)();
  await vi.waitFor(() => expect(recorded[0]).toHaveLength(200));
});

test('a single entry is written after a moment, without being asked for', async () => {
  const { log, next, recorded } = heldLedger();
  const records = recorder(log, counts);
  const begun = next();
  await add(records, entry('a'));
  (await begun)();
  const last = next();
  const flushed = records.flush();
  (await last)();
  await flushed;
  expect(recorded[0]).toEqual(['a']);
});

test('senders wait for the ledger once so many entries are not recorded that a crash may lose no more', async () => {
  const { log, next } = heldLedger();
  const records = recorder(log, counts);
  const begun = next();
  let added = 0;
  const adding = (async () => {
    for (let index = 0; index < MOST_UNRECORDED + 1; index++) {
      await add(records, entry(`row-${index}`));
      added++;
    }
  })();
  const end = await begun;
  await new Promise((resolve) => setImmediate(resolve));
  expect(added).toBe(MOST_UNRECORDED);
  const second = next();
  end();
  (await second)();
  await adding;
  expect(added).toBe(MOST_UNRECORDED + 1);
});

test('whatever the order in which rows settle, the checkpoint passes no row that has no entry yet, and ends behind the last', async () => {
  const anyOrder = fc.integer({ min: 1, max: 60 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_row, index) => index),
      { minLength: count },
    ),
  );
  await fc.assert(
    fc.asyncProperty(anyOrder, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), async (order, pauses) => {
      const entered = new Set<string>();
      let last = -1;
      const log: RunLog = {
        announce: () => Promise.resolve(),
        end: () => Promise.resolve(),
        async record(entries, checkpoint) {
          await Promise.resolve();
          for (const { memoryId } of entries) entered.add(memoryId);
          const reached = checkpoint === null ? -1 : Number(checkpoint.id);
          expect(reached).toBeGreaterThanOrEqual(last);
          last = reached;
          for (let row = 0; row <= reached; row++) expect(entered).toContain(`${row}`);
        },
      };
      const records = recorder(log, counts);
      const tickets = order.map((_row, index) => records.take({ createdAt: null, id: `${index}` }));
      const settling: Array<Promise<void>> = [];
      for (const row of order) {
        settling.push(add(records, entry(`${row}`), tickets[row]));
        if (pauses[row]) settling.push(records.flush());
        if (pauses[row]) await Promise.resolve();
      }
      await Promise.all(settling);
      await records.flush();
      expect(last).toBe(order.length - 1);
    }),
    { numRuns: 200 },
  );
});

test('a row of which there is nothing to record moves the checkpoint, too', async () => {
  const { log, checkpoints, next } = heldLedger();
  const records = recorder(log, counts);
  records.settle(records.take({ createdAt: null, id: 'a' }), null);
  const begun = next();
  const flushed = records.flush();
  (await begun)();
  await flushed;
  expect(checkpoints).toEqual(['a']);
});

test('senders of one namespace wait once a search could no longer show all of its that is not recorded; others go on', async () => {
  const { log, next } = heldLedger();
  const records = recorder(log, counts);
  const begun = next();
  let added = 0;
  const adding = (async () => {
    for (let index = 0; index < 100; index++) {
      await add(records, entry(`row-${index}`, 'workspace:crowded'));
      added++;
    }
  })();
  const end = await begun;
  await new Promise((resolve) => setImmediate(resolve));
  expect(added).toBe(80);
  await add(records, entry('another'));
  const second = next();
  end();
  (await second)();
  await adding;
  expect(added).toBe(100);
});

test('a row that was not reached gives its room to another', async () => {
  const { log } = heldLedger();
  const records = recorder(log, counts);
  for (let index = 0; index < 80; index++) await records.room('workspace:crowded');
  let entered = false;
  const waiting = records.room('workspace:crowded')?.then(() => {
    entered = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(entered).toBe(false);

  records.giveBack('workspace:crowded');

  await waiting;
  expect(entered).toBe(true);
});

describe('once the ledger could not be written', () => {
  test('everybody is told, and nothing is recorded any more', async () => {
    const { log, next, recorded } = heldLedger();
    const records = recorder(log, counts);
    const lost = new RunError('ledger', 'The ledger could not record: gone.');
    const begun = next();
    await add(records, entry('a'));
    (await begun)(lost);
    await expect(records.flush()).rejects.toBe(lost);
    await expect(records.room('workspace:b')).rejects.toBe(lost);
    expect(() => records.settle(undefined, entry('b'))).toThrow(lost);
    await expect(records.flush()).rejects.toBe(lost);
    expect(recorded).toEqual([]);
  });

  test('what came in meanwhile is not recorded either: a checkpoint would pass the batch that was lost', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const batches: string[][] = [];
    let fails = true;
    const log: RunLog = {
      announce: () => Promise.resolve(),
      end: () => Promise.resolve(),
      async record(entries) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (fails) throw new RunError('ledger', 'gone');
        batches.push(entries.map(({ memoryId }) => memoryId));
      },
    };
    const records = recorder(log, counts);
    await add(records, entry('a'));
    await vi.advanceTimersByTimeAsync(105);
    await add(records, entry('b'));
    await vi.advanceTimersByTimeAsync(50);
    fails = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(batches).toEqual([]);
  });

  test('senders that wait for it are told, too', async () => {
    const { log, next } = heldLedger();
    const records = recorder(log, counts);
    const begun = next();
    const adding = (async () => {
      for (let index = 0; index < MOST_UNRECORDED; index++) await add(records, entry(`row-${index}`));
    })();
    const lost = new RunError('ledger', 'The ledger could not record: gone.');
    const told = expect(adding).rejects.toBe(lost);
    (await begun)(lost);
    await told;
  });
});
