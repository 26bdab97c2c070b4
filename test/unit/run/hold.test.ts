/** The ledger's lock as senders see it: they pass while it is held, wait while it is not, and are told when that takes too long. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hold } from '../../../src/run/hold.ts';

const notices: string[] = [];
let stopping: AbortController;
beforeEach(() => {
  vi.useFakeTimers();
  notices.length = 0;
  stopping = new AbortController();
});
afterEach(() => {
  vi.useRealTimers();
});
const held = () => hold(60_000, stopping.signal, (sentence) => notices.push(sentence));

async function isPending(promise: Promise<void> | undefined): Promise<boolean> {
  let settled = false;
  Promise.resolve(promise).then(
    () => (settled = true),
    () => (settled = true),
  );
  await vi.advanceTimersByTimeAsync(0);
  return !settled;
}

test('while the lock is held, senders pass, and nobody has to wait for it', () => {
  expect(held().maySend()).toBeUndefined();
});

describe('after the machine has slept', () => {
  const sleep = () => vi.setSystemTime(Date.now() + 60_000);

  test('senders wait for the next proof that the lock is still held', async () => {
    const holding = held();
    holding.proven();
    sleep();
    const sending = holding.maySend();
    expect(await isPending(sending)).toBe(true);
    holding.proven();
    await sending;
    await holding.maySend();
    expect(notices).toEqual([]);
  });

  test('and lost its lock, they wait until it is held again', async () => {
    const holding = held();
    holding.proven();
    sleep();
    const sending = holding.maySend();
    holding.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(await isPending(sending)).toBe(true);
    holding.proven();
    holding.regained();
    await sending;
  });

  test('they do not wait where no lock is ever proven, since it cannot be lost', async () => {
    const holding = held();
    sleep();
    await holding.maySend();
  });

  test('a proof is good for fifteen seconds', async () => {
    const holding = held();
    holding.proven();
    vi.setSystemTime(Date.now() + 15_000);
    await holding.maySend();
    vi.setSystemTime(Date.now() + 1);
    expect(await isPending(holding.maySend())).toBe(true);
  });
});

describe('while the lock is lost', () => {
  test('senders wait until it is held again, and both are said', async () => {
    const holding = held();
    holding.lost();
    const sending = holding.maySend();
    expect(await isPending(sending)).toBe(true);
    holding.regained();
    await sending;
    await holding.maySend();
    expect(notices.map((sentence) => sentence.slice(0, 30))).toEqual([
      "The ledger's lock was lost, si",
      "The ledger's lock is held agai",
    ]);
  });

  test('the operator’s signal lets them go, so that the run can end', async () => {
    const holding = held();
    holding.lost();
    const sending = holding.maySend();
    stopping.abort();
    await sending;
  });

  test('they are told to end after too long a time, those too who come later', async () => {
    const holding = held();
    holding.lost();
    const ended = expect.objectContaining({ code: 'ledger', message: expect.stringContaining('within 60 s') });
    const told = expect(holding.maySend()).rejects.toEqual(ended);
    await vi.advanceTimersByTimeAsync(60_000);
    await told;
    await expect(holding.maySend()).rejects.toEqual(ended);
  });

  test('and another run has taken it, they are told at once', async () => {
    const holding = held();
    holding.lost();
    const sending = holding.maySend();
    const told = expect(sending).rejects.toEqual(
      expect.objectContaining({ code: 'ledger', message: expect.stringContaining('another run has taken it') }),
    );
    holding.overtaken();
    await told;
  });

  test('it is not held, for whoever cannot wait', () => {
    const holding = held();
    expect(holding.isHeld()).toBe(true);
    holding.lost();
    expect(holding.isHeld()).toBe(false);
    holding.regained();
    expect(holding.isHeld()).toBe(true);
  });

  test('being told of it twice changes nothing', async () => {
    const holding = held();
    holding.lost();
    holding.lost();
    holding.regained();
    await holding.maySend();
    expect(notices).toHaveLength(2);
  });
});
