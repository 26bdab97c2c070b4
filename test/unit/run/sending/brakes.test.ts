/** The operator's brakes: an even rate, a file that holds everything back, and nothing that holds back the end of a run. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Brakes, type BrakesOptions, brakes } from '../../../../src/run/sending/brakes.ts';

let stopping: AbortController;
let told: Array<[boolean, string | null]>;
beforeEach(() => {
  vi.useFakeTimers();
  stopping = new AbortController();
  told = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const braked = (options: Partial<BrakesOptions>) =>
  brakes({
    maxRate: null,
    pauseFile: null,
    stop: stopping.signal,
    paused: (...what) => told.push(what),
    ...options,
  });

/** Senders that take one turn after the other. @returns when each turn came, in milliseconds */
function taking(turn: Brakes['turn'], senders: number): number[] {
  const came: number[] = [];
  const begun = performance.now();
  const sender = async () => {
    while (!stopping.signal.aborted) {
      await turn();
      came.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  for (let each = 0; each < senders; each++) void sender();
  return came;
}

const within = (came: readonly number[], from: number, to: number) => came.filter((at) => at >= from && at < to).length;

test('without brakes a turn is there at once, and nobody has to wait for it', () => {
  const { turn } = braked({});
  expect(turn()).toBeUndefined();
});

describe('--max-rate', () => {
  test.each([3, 40, 700, 5_000])('of %d rows a second is held, and is reached', async (maxRate) => {
    const came = taking(braked({ maxRate }).turn, 16);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(within(came, 100, 10_100)).toBeLessThanOrEqual(10 * maxRate + 0.1 * maxRate + 1);
    expect(within(came, 100, 10_100)).toBeGreaterThanOrEqual(10 * maxRate * 0.98 - 1);
    stopping.abort();
  });

  test('lets no burst through that is longer than a tenth of a second, after a pause either', async () => {
    const { turn } = braked({ maxRate: 100 });
    await vi.advanceTimersByTimeAsync(60_000);
    const came = taking(turn, 64);
    await vi.advanceTimersByTimeAsync(2_000);
    for (let from = 0; from < 1_900; from += 10) expect(within(came, from, from + 100)).toBeLessThanOrEqual(21);
    expect(within(came, 0, 1_000)).toBeLessThanOrEqual(111);
    stopping.abort();
  });

  test('is never exceeded over any stretch, whenever turns are asked for', async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 1, max: 200 }), async (gaps, maxRate) => {
        const { turn } = braked({ maxRate });
        const came: number[] = [];
        for (const gap of gaps) {
          await vi.advanceTimersByTimeAsync(gap);
          void Promise.resolve(turn()).then(() => came.push(performance.now()));
        }
        await vi.advanceTimersByTimeAsync((gaps.length * 1_000) / maxRate + 1_000);
        expect(came).toHaveLength(gaps.length);
        for (let first = 0; first < came.length; first++) {
          for (let last = first; last < came.length; last++) {
            const ms = (came[last] ?? 0) - (came[first] ?? 0);
            expect(last - first + 1).toBeLessThanOrEqual(((ms + 100) * maxRate) / 1000 + 1 + 1e-6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives turns in the order in which they were asked for', async () => {
    const { turn } = braked({ maxRate: 10 });
    const order: number[] = [];
    const ask = (name: number) => void Promise.resolve(turn()).then(() => order.push(name));
    for (let name = 0; name < 20; name++) ask(name);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(order).toEqual(Array.from({ length: 20 }, (_, name) => name));
  });

  test('gives nobody a turn before one who waits, though it is due', async () => {
    const { turn } = braked({ maxRate: 10 });
    const order: string[] = [];
    const ask = (name: string) => void Promise.resolve(turn()).then(() => order.push(name));
    setTimeout(ask, 100, 'late');
    for (const name of ['first', 'second', 'waiting']) ask(name);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual(['first', 'second', 'waiting', 'late']);
  });
});

describe('--pause-file', () => {
  let isThere: boolean | Error;
  let looks: number;
  beforeEach(() => {
    isThere = false;
    looks = 0;
  });
  const pauseFile = async () => {
    looks++;
    if (isThere instanceof Error) throw isThere;
    return isThere;
  };

  test('that is there from the beginning holds back the first row', async () => {
    isThere = true;
    const came = taking(braked({ pauseFile }).turn, 4);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(came).toEqual([]);
    expect(told).toEqual([[true, null]]);
    isThere = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(came.length).toBeGreaterThan(100);
    expect(told).toEqual([
      [true, null],
      [false, null],
    ]);
    stopping.abort();
  });

  test('that comes later holds everything back within a quarter of a second', async () => {
    const came = taking(braked({ pauseFile }).turn, 4);
    await vi.advanceTimersByTimeAsync(1_000);
    isThere = true;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(within(came, 0, 1_000)).toBeGreaterThan(1_000);
    expect(within(came, 1_251, 5_000)).toBe(0);
    expect(told).toEqual([[true, null]]);
    stopping.abort();
  });

  test('is looked for four times a second, however many rows are sent or wait', async () => {
    const came = taking(braked({ pauseFile }).turn, 16);
    await vi.advanceTimersByTimeAsync(2_000);
    isThere = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(came.length).toBeGreaterThan(10_000);
    expect(looks).toBeGreaterThanOrEqual(14);
    expect(looks).toBeLessThanOrEqual(17);
    stopping.abort();
  });

  test('that cannot be looked for counts as there, and the reason is said without a path', async () => {
    isThere = Object.assign(new Error('EACCES: permission denied, stat /secret/pause'), { code: 'EACCES' });
    const came = taking(braked({ pauseFile }).turn, 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(came).toEqual([]);
    expect(told).toEqual([[true, expect.stringContaining('(EACCES)')]]);
    expect(told[0]?.[1]).not.toContain('secret');
    isThere = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.slice(1)).toEqual([[true, null]]);
    stopping.abort();
  });

  test('nothing is sent while a look takes long', async () => {
    let answer = (_there: boolean) => {};
    const slow = () => new Promise<boolean>((resolve) => (answer = resolve));
    const came = taking(braked({ pauseFile: slow }).turn, 2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(came).toEqual([]);
    answer(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(came.length).toBeGreaterThan(10);
    stopping.abort();
  });

  test('and a rate hold both: no burst follows the pause', async () => {
    isThere = true;
    const came = taking(braked({ pauseFile, maxRate: 100 }).turn, 32);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(came).toEqual([]);
    isThere = false;
    await vi.advanceTimersByTimeAsync(1_250);
    expect(came.length).toBeLessThanOrEqual(136);
    expect(came.length).toBeGreaterThanOrEqual(90);
    stopping.abort();
  });
});

describe('when the run is to stop', () => {
  test.each<[string, Partial<BrakesOptions>]>([
    ['the rate', { maxRate: 0.01 }],
    ['the file', { pauseFile: async () => true }],
    ['a look at the file that does not end', { pauseFile: () => new Promise<boolean>(() => {}) }],
  ])('whoever waits for %s is let go at once, and whoever comes later does not wait', async (_, options) => {
    const { turn } = braked(options);
    let gone = 0;
    for (let each = 0; each < 5; each++) void Promise.resolve(turn()).then(() => gone++);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(gone).toBeLessThan(5);
    stopping.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(gone).toBe(5);
    await turn();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the file is not looked for any more', async () => {
    let looks = 0;
    const { turn } = braked({ pauseFile: async () => ++looks > 0 });
    stopping.abort();
    await turn();
    expect(looks).toBe(0);
  });
});
