/**
 * Keeps the process of a run over a million rows as small as that of one over ten thousand. V8 is generous with memory that nobody
 * misses: what it would come to hold is nearly all garbage. These of its flags may be set while it runs.
 *
 *   old generation     looked through once it has grown by half, where V8 would wait for four times as much
 *   young generation   grows as V8 has it until it holds YOUNG_MB, and then no further; it would go on to 128 MB. Smaller
 *                      still, and what is merely under way survives, and is copied about
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const YOUNG_MB = 64;

export function boundHeap(): void {
  setFlagsFromString('--heap-growing-percent=50');
  const collections = new PerformanceObserver(() => {
    if (youngBytes() < YOUNG_MB * 2 ** 20) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    collections.disconnect();
  });
  collections.observe({ entryTypes: ['gc'] });
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
