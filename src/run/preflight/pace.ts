/** How fast the plugin takes memories, what that means for the whole copy, and whether it lists as many as it may. */
import { type Check, type Finding, failed, passed, unanswered, unasked } from './check.ts';
import type { Trial } from './trial.ts';

export interface PaceOptions {
  /** Requests under way at a time, in rising order. */
  levels: readonly number[];
  /** Milliseconds for which each level is measured. */
  levelMs: number;
  /** The most memories that a level writes. */
  levelRows: number;
}

export const PACE: PaceOptions = { levels: [1, 4, 16], levelMs: 1_000, levelRows: 1_000 };

/** What is to be copied, as far as it decides how long that takes. */
export interface Load {
  rows: number;
  /** UTF-8 bytes of their content. */
  bytes: number;
  /** They go one after the other within each. */
  namespaces: number;
  /** Requests that the copy has under way at a time. */
  concurrency: number;
}

const CUT_SHORT = 'This run was told to stop before it had written enough.';

interface Level {
  concurrency: number;
  rowsPerSecond: number;
}

/** Bytes of a measured memory: as many as the rows have on average, within these bounds. */
const SIZE = { least: 100, usual: 300, most: 20_000 };

/** The most memories that one search may list. */
const LISTED = 100;
/** Milliseconds that may go into having enough memories to list. */
const FILLED_WITHIN = 10_000;

/** @param load undefined where the source's rows could not be counted */
export function paceChecks(
  trial: Trial,
  { levels, levelMs, levelRows }: PaceOptions,
  load: () => Load | undefined,
): Check[] {
  let stored = 0;

  async function throughput(): Promise<Finding> {
    const content = ofSize(load());
    const measured: Level[] = [];
    for (const concurrency of levels) {
      const began = trial.now();
      const isOver = (taken: number) => taken >= levelRows || trial.now() - began >= levelMs;
      const { rows, trouble } = await write(content, concurrency, isOver);
      if (trouble) return unanswered(`With ${concurrency} under way at a time, a memory could not be written`, trouble);
      if (trial.stop.aborted) return unasked(CUT_SHORT);
      const elapsed = Math.max(1, trial.now() - began);
      measured.push({ concurrency, rowsPerSecond: (rows * 1_000) / elapsed });
    }
    const rates = measured.map(({ concurrency, rowsPerSecond }) => `${number(rowsPerSecond)} with ${concurrency}`);
    return passed(`Memories a second: ${rates.join(', ')} under way at a time. ${estimate(measured, load())}`);
  }

  async function listing(): Promise<Finding> {
    const began = trial.now();
    const isOver = (taken: number) => stored + taken >= LISTED || trial.now() - began >= FILLED_WITHIN;
    const { trouble } = await write(ofSize(load()), 4, isOver);
    if (trouble) return unanswered('A memory could not be written', trouble);
    if (trial.stop.aborted) return unasked(CUT_SHORT);
    if (stored < LISTED) return unasked(`The plugin is too slow to be given ${LISTED} memories for this.`);
    const looked = await trial.lookUntil((memories) => memories.length >= LISTED);
    if (!looked.ok) return unanswered('The memories could not be listed', looked.failure);
    const { length } = looked.value.memories;
    return length >= LISTED
      ? passed(`A search lists ${LISTED} memories where there are as many.`)
      : failed(
          `A search for ${LISTED} memories of at least as many lists ${length}, and does not say so: a verify that relies on lists can prove less.`,
        );
  }

  /** Keeps so many commits under way until it is over, or one has failed for good. */
  async function write(content: string, concurrency: number, isOver: (taken: number) => boolean) {
    let [taken, rows] = [0, 0];
    let trouble: Parameters<typeof unanswered>[1] | undefined;
    async function lane(): Promise<void> {
      while (!trouble && !trial.stop.aborted && !isOver(taken)) {
        taken++;
        const answer = await trial.commit({ id: trial.freshId(), content });
        if (!answer.ok) trouble ??= answer.failure;
        else rows++;
      }
    }
    await Promise.all(Array.from({ length: concurrency }, lane));
    stored += rows;
    return { rows, trouble };
  }

  return [
    { name: 'throughput', grade: 'warns', needs: ['commit'], find: throughput },
    { name: 'listing', grade: 'warns', needs: ['read-after-write'], find: listing },
  ];
}

/** At the rate of the highest level that the copy can keep up: rows of one namespace go one after the other. */
function estimate(measured: readonly Level[], load: Load | undefined): string {
  if (!load) return 'How long the copy takes is not known.';
  if (load.rows === 0) return 'There is nothing to copy.';
  const atATime = Math.max(1, Math.min(load.concurrency, load.namespaces));
  const level = measured.findLast(({ concurrency }) => concurrency <= atATime) ?? measured[0];
  if (!level || level.rowsPerSecond === 0) return 'How long the copy takes is not known.';
  const lasting = roughly(load.rows / level.rowsPerSecond);
  return `Copying ${number(load.rows)} rows takes ${lasting} at this rate, with ${atATime} under way at a time.`;
}

function ofSize(load: Load | undefined): string {
  const average = load && load.rows > 0 ? load.bytes / load.rows : SIZE.usual;
  const size = Math.round(Math.min(SIZE.most, Math.max(SIZE.least, average)));
  return 'memory-backfill preflight: how fast memories are stored. '.repeat(Math.ceil(size / 56)).slice(0, size);
}

function roughly(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const [time, unit] = seconds < 5_400 ? [seconds / 60, 'minutes'] : [seconds / 3_600, 'hours'];
  return `about ${number(time)} ${unit}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}
