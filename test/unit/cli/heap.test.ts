/** In a process of its own: flags of V8 cannot be taken back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const HEAP = new URL('../../../src/cli/heap.ts', import.meta.url).href;

/** Half way between the bound and the next size that V8 would go to, in megabytes: pages that are just being given back count, too. */
const BEYOND = 96;

/** Keeps so much of what it makes that the young generation has every reason to grow, and tells in which turn it did; 0 for in none. */
const WORKLOAD = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { setImmediate } from 'node:timers/promises';
  const kept = [];
  let grown = 0;
  for (let turn = 1; turn <= TURNS && grown === 0; turn++) {
    for (let at = 0; at < 20_000; at++) kept[at + (turn % 8) * 20_000] = { turn, text: 'row ' + at, list: [at] };
    await setImmediate();
    for (const { space_name, space_size } of getHeapSpaceStatistics()) {
      if (space_name === 'new_space' && space_size > ${BEYOND} * 2 ** 20) grown = turn;
    }
  }
  process.stdout.write(String(grown));`;

/** @returns the turn in which the young generation had outgrown the bound; 0 where it had not after so many */
async function grownIn(turns: number, before = ''): Promise<number> {
  const program = `${before} const TURNS = ${turns}; ${WORKLOAD}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  return Number(stdout);
}

test('the young generation stays at half of what V8 would let it grow to, for twice as long', async () => {
  const grown = await grownIn(3_000);
  expect(grown).toBeGreaterThan(0);
  expect(await grownIn(2 * grown, `import { boundHeap } from ${JSON.stringify(HEAP)}; boundHeap();`)).toBe(0);
});
