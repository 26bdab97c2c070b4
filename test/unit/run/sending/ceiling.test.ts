/** The level of the last overload: kept away from, for longer each time that it is met again. */
import { expect, test } from 'vitest';
import { ceiling } from '../../../../src/run/sending/ceiling.ts';

test('there is none before the first overload', () => {
  expect(ceiling().at(0)).toBeNull();
});

test('it stands for four seconds', () => {
  const top = ceiling();
  top.hit(20, 1_000);
  expect(top.at(1_000)).toBe(20);
  expect(top.at(4_999)).toBe(20);
  expect(top.at(5_000)).toBeNull();
});

test('it stands twice as long each time that it is met again, up to some minutes', () => {
  const top = ceiling();
  let now = 0;
  const stood: number[] = [];
  for (let time = 0; time < 10; time++) {
    top.hit(time % 2 === 0 ? 20 : 22, now);
    const from = now;
    while (top.at(now) !== null) now += 1_000;
    stood.push((now - from) / 1_000);
  }
  expect(stood).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 512, 512]);
});

test('an overload much further down, or up, is another one', () => {
  for (const other of [8, 64]) {
    const top = ceiling();
    top.hit(20, 0);
    top.hit(20, 4_000);
    top.hit(other, 5_000);
    expect(top.at(8_999)).toBe(other);
    expect(top.at(9_000)).toBeNull();
  }
});
