/** Requests share their deadlines, and none is ended early, or much too late. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deadlines, eitherOf } from '../../../src/client/deadline.ts';

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is never early, and passes at most a tenth of a second late, whenever within it the request began', () => {
    const begin = deadlines(30_000);
    const requests = Array.from({ length: 250 }, () => {
      const request = { began: performance.now(), ended: 0, signal: begin() };
      request.signal.addEventListener('abort', () => {
        request.ended = performance.now();
      });
      vi.advanceTimersByTime(1);
      return request;
    });
    vi.advanceTimersByTime(31_000);
    const late = requests.map(({ began, ended }) => ended - began - 30_000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(100);
    expect(new Set(requests.map(({ signal }) => signal)).size).toBe(3);
  });
});

test('a deadline that nobody waits for any more does not hold up the process', () => {
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const before = timers();
  deadlines(30_000)();
  expect(timers()).toBe(before);
});

describe('either of two signals', () => {
  test.each(['one', 'other'] as const)('fires with whichever is first: the %s', (first) => {
    const ends = { one: new AbortController(), other: new AbortController() };
    const { signal } = eitherOf(ends.one.signal, ends.other.signal);
    expect(signal.aborted).toBe(false);
    ends[first].abort();
    expect(signal.aborted).toBe(true);
  });

  test('has fired where one of them had', () => {
    expect(eitherOf(new AbortController().signal, AbortSignal.abort()).signal.aborted).toBe(true);
  });

  test('leaves nothing behind on them once it is released', () => {
    const [one, other] = [new AbortController().signal, new AbortController().signal];
    eitherOf(one, other).release();
    expect([one, other].map((signal) => getEventListeners(signal, 'abort'))).toEqual([[], []]);
  });
});
