/**
 * Writes down what became of the rows, in batches, behind the senders: a row is recorded after the plugin has acknowledged it,
 * and before the checkpoint passes it.
 *
 * States of an entry:
 *
 *   waiting    the row is settled, its entry is in memory alone. A crash loses it: the row has no entry, and the next run looks
 *              for it in the plugin before it sends it
 *   under way  its batch is being written, the checkpoint with it, all or nothing. A crash leaves either
 *   recorded   it is in the ledger
 *
 * At most {@link MOST_UNRECORDED} entries are not recorded at any time, and {@link MOST_IN_ONE_PLACE} of one namespace: senders wait
 * for the ledger then. The second bound lets the next run see all that a crash left unrecorded in a namespace, however many
 * memories that holds: a search lists the newest hundred, and words would not find what a user has edited meanwhile. One batch is under
 * way at a time, so the checkpoint only ever moves on. Once a batch could not be written, nothing is recorded any more and
 * every caller is told: the run stops, since nothing is sent without a record.
 */
import type { RunLog } from '../ledger/ledger.ts';
import type { LedgerEntry, RunCounts } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import { frontier } from './frontier.ts';

/** Entries that are written as soon as there are so many. */
const BATCH = 200;

/** Entries of one namespace that a crash may lose: fewer than a search lists, with room for what users add meanwhile. */
const MOST_IN_ONE_PLACE = 80;

/** Milliseconds after which an entry is written, however few there are. */
const LONGEST_WAIT = 100;

/** Entries that a crash may lose. */
export const MOST_UNRECORDED = 500;

export interface Recorder {
  /**
   * A row is taken up whose outcome the checkpoint waits for.
   *
   * @returns a ticket to settle it with. Rows must come in the order of the source
   */
  take(position: Position): number;
  /**
   * A row is settled. Resolves when there is room for another one: at once, as a rule.
   *
   * @param ticket undefined for a row that the checkpoint does not wait for
   * @param entry null where there is nothing new to record of it
   * @throws RunError `ledger`, here and in `flush`, where the ledger could not be written
   */
  settle(ticket: number | undefined, entry: LedgerEntry | null): Promise<void>;
  /** Resolves when everything is recorded, the checkpoint included. */
  flush(): Promise<void>;
}

/** A batch that could not be written is remembered by itself, and told to whoever comes next. */
const toldLater = () => {};

/** @param counts what has been counted so far, for each batch */
export function recorder(log: RunLog, counts: () => RunCounts): Recorder {
  const settled = frontier();
  let waiting: LedgerEntry[] = [];
  let unrecorded = 0;
  const inPlaces = new Map<string, number>();
  let underWay: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failure: unknown = null;

  /** One batch after the other, until fewer than `least` are waiting. */
  function write(least: number): Promise<void> {
    if (failure) return Promise.reject(failure);
    underWay ??= writeBatches(least)
      .catch((error: unknown) => {
        // Before anybody else can ask for the next batch: what was in this one is recorded nowhere.
        failure ??= error;
        throw error;
      })
      .finally(() => {
        underWay = null;
        if (waiting.length > 0 && !failure) schedule();
      });
    return underWay;
  }

  async function writeBatches(least: number): Promise<void> {
    do {
      const batch = waiting;
      waiting = [];
      await log.record(batch, settled.checkpoint(), counts());
      unrecorded -= batch.length;
      for (const { namespace } of batch) add(namespace, -1);
    } while (waiting.length >= least);
  }

  /** @returns how many entries of the namespace are not recorded now */
  function add(namespace: string | null, entries: 1 | -1): number {
    if (namespace === null) return 0;
    const count = (inPlaces.get(namespace) ?? 0) + entries;
    if (count === 0) inPlaces.delete(namespace);
    else inPlaces.set(namespace, count);
    return count;
  }

  function hasRoom(namespace: string | null): boolean {
    const inPlace = namespace === null ? 0 : (inPlaces.get(namespace) ?? 0);
    return unrecorded < MOST_UNRECORDED && inPlace < MOST_IN_ONE_PLACE;
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = null;
      write(BATCH).catch(toldLater);
    }, LONGEST_WAIT);
  }

  function refuseIfFailed(): void {
    if (failure) throw failure;
  }

  return {
    take: settled.take,
    async settle(ticket, entry) {
      refuseIfFailed();
      // Nothing may come between these two: a batch that is written there would move the checkpoint past a row without an entry.
      if (ticket !== undefined) settled.settle(ticket);
      if (!entry) return;
      waiting.push(entry);
      unrecorded++;
      const inPlace = add(entry.namespace, 1);
      if (waiting.length >= BATCH || inPlace >= MOST_IN_ONE_PLACE / 2) write(BATCH).catch(toldLater);
      else schedule();
      while (!hasRoom(entry.namespace) && !failure) await write(BATCH).catch(toldLater);
      refuseIfFailed();
    },
    async flush() {
      if (timer) clearTimeout(timer);
      timer = null;
      while (underWay && !failure) await write(BATCH).catch(toldLater);
      refuseIfFailed();
      await write(1).catch(toldLater);
      refuseIfFailed();
    },
  };
}
