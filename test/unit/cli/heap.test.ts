/** In a process of its own: flags of V8 cannot be taken back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const HEAP = new URL('../../../src/cli/heap.ts', import.meta.url).href;

/** Keeps so much of what it makes that the young generation has every reason to grow, and tells what it came to. */
const WORKLOAD = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { setImmediate } from 'node:timers/promises';
  const kept = [];
  let most = 0;
  for (let turn = 0; turn < 100; turn++) {
    for (let at = 0; at < 20_000; at++) kept[at + (turn % 8) * 20_000] = { turn, text: 'row ' + at, list: [at] };
    await setImmediate();
    for (const { space_name, space_size } of getHeapSpaceStatistics()) {
      if (space_name === 'new_space') most = Math.max(most, space_size);
    }
  }
  process.stdout.write(String(most / 2 ** 20));`;

async function youngMegabytes(before: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', before + WORKLOAD]);
  return Number(stdout);
}

test('the young generation stays at half of what V8 would let it grow to', async () => {
  const left = await youngMegabytes('');
  const bounded = await youngMegabytes(`import { boundHeap } from ${JSON.stringify(HEAP)}; boundHeap();`);
  expect(left).toBeGreaterThan(64);
  expect(bounded).toBeLessThanOrEqual(64);
});
