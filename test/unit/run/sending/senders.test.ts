/** The slots: how many there are, in which order rows get them, and what of the attempts the controller is told. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Operation } from '../../../../src/model/failure.ts';
import { type Senders, senders } from '../../../../src/run/sending/senders.ts';

/** Tasks that end when they are told to. */
function tasks() {
  const begun: number[] = [];
  const ends: Array<() => void> = [];
  return {
    begun,
    task: (name: number) => () => {
      begun.push(name);
      return new Promise<number>((resolve) => {
        ends[name] = () => resolve(name);
      });
    },
    end: (name: number) => ends[name]?.(),
  };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('a fixed number of slots', () => {
  test('is what there is, whatever the plugin says', () => {
    const sending = senders({ concurrency: 7, most: 4 });
    sending.attempted({ operation: 'commitMemory', ms: 5, failure: '429 unavailable' });
    expect(sending).toMatchObject({ level: 7, adaptive: false, settled: true });
  });

  test('runs so many tasks at a time, in the order in which they came', async () => {
    const sending = senders({ concurrency: 2, most: 8 });
    const { begun, task, end } = tasks();
    const results = [0, 1, 2, 3].map((name) => sending.run(task(name)));
    await turns();
    expect(begun).toEqual([0, 1]);
    end(1);
    await turns();
    expect(begun).toEqual([0, 1, 2]);
    end(0);
    end(2);
    await turns();
    end(3);
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3]);
  });

  test('is whole again after a task that failed', async () => {
    const sending = senders({ concurrency: 1, most: 8 });
    await expect(sending.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await sending.run(async () => 'yes')).toBe('yes');
  });
});

describe('as many slots as are right', () => {
  const LEVEL = 4;
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const auto = () => senders({ concurrency: 'auto', most: 64 });

  function told(failure: string | null, operation: Operation = 'commitMemory'): number {
    const sending = auto();
    vi.advanceTimersByTime(100);
    sending.attempted({ operation, ms: 10, failure });
    return sending.level;
  }

  test('begin with four, and are said to be looked for', () => {
    expect(auto()).toMatchObject({ level: LEVEL, adaptive: true, settled: false });
  });

  test('begin with no more than there may be', () => {
    expect(senders({ concurrency: 'auto', most: 2 }).level).toBe(2);
  });

  test.each(['429 unavailable', '429 foreign', '503 unhealthy', '503 unavailable', '504 foreign', 'deadline'])(
    'are halved on %s',
    (reason) => {
      expect(told(reason)).toBe(LEVEL / 2);
    },
  );

  test.each(['404 not_found', '500 internal', '400 bad_request', 'transport ECONNRESET', 'stopped', '4290 foreign'])(
    'are left as they are on %s',
    (reason) => {
      expect(told(reason)).toBe(LEVEL);
    },
  );

  test('follow what is sent in them: commits, and the making of namespaces', () => {
    expect(told('429 unavailable', 'upsertNamespace')).toBe(LEVEL / 2);
  });

  test.each<Operation>(['searchMemories', 'getHealth', 'deleteNamespace'])('do not follow %s', (operation) => {
    expect(told('429 unavailable', operation)).toBe(LEVEL);
  });

  /** To a plugin that takes ten milliseconds, whatever is asked of it. @returns the most rows that were under way, and the levels */
  async function send(sending: Senders, lanes: number, ms: number) {
    const levels = new Set<number>();
    let most = 0;
    let underWay = 0;
    let open = true;
    const row = () =>
      sending.run(async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 10));
        sending.attempted({ operation: 'commitMemory', ms: 10, failure: null });
        levels.add(sending.level);
        underWay--;
      });
    const running = Array.from({ length: lanes }, async () => {
      while (open) await row();
    });
    await vi.advanceTimersByTimeAsync(ms);
    open = false;
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(running);
    return { most, levels };
  }

  test('become more for a plugin that takes more, and tasks make use of them', async () => {
    const sending = auto();
    expect((await send(sending, 100, 5_000)).most).toBeGreaterThanOrEqual(32);
    expect(sending.level).toBeGreaterThanOrEqual(32);
  });

  test('do not become more than there may be', async () => {
    const sending = auto();
    expect((await send(sending, 200, 8_000)).most).toBe(64);
  });

  test('do not become more where there are not rows enough for those that there are', async () => {
    expect((await send(auto(), 3, 5_000)).levels).toEqual(new Set([LEVEL]));
  });
});
