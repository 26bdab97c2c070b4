/** One window's rate: how long it is, what it leaves out, and what makes it say nothing. */
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../../src/run/sending/controller.ts';
import { meter, type Reading } from '../../../../src/run/sending/window.ts';

interface Answer extends Partial<Sample> {
  at: number;
}

/** The readings of answers that come in at these times, each with the time at which it came. */
function readings(answers: readonly Answer[], level = 1): Array<[number, Reading]> {
  const windows = meter();
  windows.begin(0);
  return answers.flatMap((answer) => {
    const reading = windows.add({ ms: 1, outcome: 'success', inFlight: level, ...answer }, level);
    return reading ? [[answer.at, reading]] : [];
  });
}

/** So many answers, one every `gap` milliseconds. */
const steady = (count: number, gap: number, rest: { ms?: number; inFlight?: number } = {}) =>
  Array.from({ length: count }, (_, index) => ({ at: (index + 1) * gap, ms: gap, ...rest }));

test('a rate is the number of successes in a second', () => {
  expect(readings(steady(120, 2))).toEqual([
    [2 + 100, { rate: 500 }],
    [2 + 200, { rate: 500 }],
  ]);
});

test('failures are no part of it', () => {
  const answers = steady(120, 2).map(
    (answer, index) => ({ ...answer, outcome: index % 2 ? 'success' : 'other' }) as const,
  );
  expect(readings(answers)[0]?.[1]).toEqual({ rate: 250 });
});

describe('a window lasts', () => {
  test('so many times as long as was asked for, up to four tenths of a second, and never shorter again', () => {
    const windows = meter();
    windows.begin(0);
    const ends: number[] = [];
    for (let at = 1; ends.length < 6; at++) {
      if (!windows.add({ at, ms: 1, outcome: 'success', inFlight: 1 }, 1)) continue;
      ends.push(at);
      windows.lengthen([1, 2.5, 0.1, 9, 1][ends.length - 1] ?? 1);
    }
    expect(ends.map((end, index) => end - (ends[index - 1] ?? 1))).toEqual([100, 100, 250, 250, 400, 400]);
  });

  test('a tenth of a second at least', () => {
    expect(readings(steady(10_000, 0.1))[0]?.[0]).toBeCloseTo(100.1, 3);
  });

  test('until thirty answers are there', () => {
    expect(readings(steady(100, 10))[0]?.[0]).toBe(10 + 300);
  });

  test('a second, where there are fewer by then, but eight', () => {
    expect(readings(steady(100, 100))[0]?.[0]).toBe(100 + 1_000);
    expect(readings(steady(100, 200))[0]?.[0]).toBe(200 + 1_600);
  });

  test('four round trips, however many answers there are', () => {
    const answers = steady(2_000, 0.5, { ms: 60 });
    expect(readings(answers, 120)[0]?.[0]).toBe(60 + 4 * 60);
  });

  test('two round trips, where they are long', () => {
    const answers = steady(2_000, 5, { ms: 600 });
    expect(readings(answers, 120)[0]?.[0]).toBe(600 + 2 * 600);
  });
});

test('answers in bursts are counted by whole bursts', () => {
  const bursts = Array.from({ length: 20 }, (_, burst) =>
    Array.from({ length: 64 }, (_, index) => ({ at: (burst + 1) * 100 + index * 0.01, ms: 99.3 })),
  ).flat();
  for (const [, reading] of readings(bursts, 64)) expect(reading).toEqual({ rate: expect.closeTo(640, 5) });
  expect(readings(bursts, 64).length).toBeGreaterThan(3);
});

test('what was sent at the level before is left out', () => {
  const windows = meter();
  windows.begin(0);
  const add = (at: number, ms: number) => windows.add({ at, ms, outcome: 'success', inFlight: 4 }, 4);
  for (let at = 1; at <= 200; at++) add(at, 1);
  windows.begin(200);
  // Sent before 200, answered in a hurry: they end no window and are counted in none.
  for (let at = 201; at < 260; at += 0.1) expect(add(at, 100)).toBeNull();
  const read = Array.from({ length: 200 }, (_, index) => add(260 + 5 * index, 5)).find((reading) => reading !== null);
  expect(read).toEqual({ rate: 200 });
});

describe('a window in which nothing came for a good part', () => {
  const silence = (from: number) => steady(60, 2).map(({ at, ms }) => ({ ms, at: at > from ? at + 200 : at }));

  test('says nothing, and another is taken', () => {
    const read = readings([...silence(50), ...steady(100, 2).map(({ at, ms }) => ({ ms, at: at + 320 }))]);
    expect(read.map(([, reading]) => reading)).toEqual([{ rate: 500 }, { rate: 500 }]);
  });

  test('counts where it is the third in a row: silence may be what the level costs', () => {
    const gaps: Answer[] = [];
    for (let at = 2, index = 0; index < 400; index++) {
      at += index % 30 === 15 ? 200 : 2;
      gaps.push({ at, ms: 2 });
    }
    const read = readings(gaps);
    expect(read.length).toBeGreaterThan(0);
    expect(read[0]?.[0]).toBeGreaterThan(600);
    expect(read[0]?.[1]).toEqual({ rate: expect.closeTo(30_000 / 258, -1) });
  });
});

describe('a window is limited by the supply', () => {
  const partly = (share: number) =>
    steady(100, 10).map((answer, index) => ({ ...answer, inFlight: index % 100 < share ? 3 : 4 }));

  test('where more than a tenth of its requests were sent while slots stood empty', () => {
    expect(readings(steady(40, 10, { inFlight: 3 }), 4)[0]?.[1]).toBe('limited');
    expect(readings(partly(6), 4)[0]?.[1]).toBe('limited');
  });

  test('and not where fewer were', () => {
    expect(readings(partly(3), 4)[0]?.[1]).toEqual({ rate: 100 });
  });

  test('nor because of requests that were sent before it began, when the slots were still being filled', () => {
    const filling = steady(60, 0.01, { ms: 10, inFlight: 5 }).map((answer) => ({ ...answer, at: answer.at + 10 }));
    const full = steady(100, 1, { ms: 0.5, inFlight: 64 }).map((answer) => ({ ...answer, at: answer.at + 11 }));
    const read = readings([...filling, ...full, { at: 112, ms: 0.5, inFlight: 64 }], 64);
    expect(read[0]?.[1]).toEqual({ rate: expect.any(Number) });
  });
});
