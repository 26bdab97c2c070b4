/**
 * Writes down what became of the rows, in batches, behind the senders: a row is recorded after the plugin has acknowledged it,
 * and before the checkpoint passes it.
 *
 * States of a row here:
 *
 *   has room   it may be sent. A crash from here on leaves a row without an entry, which the plugin may or may not hold: the
 *              next run looks for it before it sends it
 *   waiting    it is settled, and its entry is in memory alone. A crash leaves the same
 *   under way  its batch is being written, the checkpoint with it, all or nothing. A crash leaves either
 *   recorded   its entry is in the ledger, and its room is another row's
 *
 * There is room for {@link MOST_UNRECORDED} rows, and for {@link MOST_IN_ONE_PLACE} of one namespace: senders wait for the ledger
 * beyond that. The second bound lets the next run see all that a crash left unrecorded in a namespace, however many memories
 * that holds: a search lists the newest hundred, and words would not find what a user has edited meanwhile. One batch is under
 * way at a time, so the checkpoint only ever moves on. Once a batch could not be written, nothing is recorded any more and
 * every caller is told: the run stops, since nothing is sent without a record.
 */
import type { RunLog } from '../ledger/ledger.ts';
import type { LedgerEntry, RunCounts } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import { frontier } from './frontier.ts';

/** Entries that are written as soon as there are so many. */
const BATCH = 200;

/** Rows of one namespace that a crash may leave unrecorded: fewer than a search lists, with room for what users add meanwhile. */
const MOST_IN_ONE_PLACE = 80;

/** Milliseconds after which an entry is written, however few there are. */
const LONGEST_WAIT = 100;

/** Rows that a crash may leave unrecorded. */
export const MOST_UNRECORDED = 500;

export interface Recorder {
  /**
   * A row is taken up whose outcome the checkpoint waits for.
   *
   * @returns a ticket to settle it with. Rows must come in the order of the source
   */
  take(position: Position): number;
  /**
   * Takes room for one more row, which must be settled or given back.
   *
   * @param namespace where it is, or is to be; null for nowhere
   * @returns undefined where there is room, as a rule; else what resolves once there is, and rejects with RunError `ledger` where
   *   the ledger could not be written
   */
  room(namespace: string | null): Promise<void> | undefined;
  /** A row that had room was not reached, or there is nothing new to record of it. */
  giveBack(namespace: string | null): void;
  /**
   * A row is settled, which has room if it has an entry.
   *
   * @param ticket undefined for a row that the checkpoint does not wait for
   * @param entry null where there is nothing new to record of it
   * @throws RunError `ledger`, here and in `flush`, where the ledger could not be written
   */
  settle(ticket: number | undefined, entry: LedgerEntry | null): void;
  /** Resolves when everything is recorded, the checkpoint included. */
  flush(): Promise<void>;
}

/** A batch that could not be written is remembered by itself, and told to whoever comes next. */
const toldLater = () => {};

/** @param counts what has been counted so far, for each batch */
export function recorder(log: RunLog, counts: () => RunCounts): Recorder {
  const settled = frontier();
  let waiting: LedgerEntry[] = [];
  let taken = 0;
  const takenIn = new Map<string, number>();
  let onRoom: Array<() => void> = [];
  let underWay: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failure: unknown = null;

  /** Writes what is waiting, unless a batch is under way already: then that one is followed by another if it is worth it. */
  function write(): Promise<void> {
    if (failure) return Promise.reject(failure);
    underWay ??= writeBatch()
      .catch((error: unknown) => {
        // Before anybody else can ask for the next batch: what was in this one is recorded nowhere.
        failure ??= error;
        throw error;
      })
      .finally(() => {
        underWay = null;
        // They may ask for the next batch at once, so the last one must be over.
        tellOfRoom();
        if (failure) return;
        if (waiting.length >= BATCH) write().catch(toldLater);
        else if (waiting.length > 0) schedule();
      });
    return underWay;
  }

  async function writeBatch(): Promise<void> {
    const batch = waiting;
    waiting = [];
    await log.record(batch, settled.checkpoint(), counts());
    for (const { namespace } of batch) leave(namespace);
  }

  function hasRoom(namespace: string | null): boolean {
    const inPlace = namespace === null ? 0 : (takenIn.get(namespace) ?? 0);
    return taken < MOST_UNRECORDED && inPlace < MOST_IN_ONE_PLACE;
  }

  function enter(namespace: string | null): void {
    taken++;
    if (namespace !== null) takenIn.set(namespace, (takenIn.get(namespace) ?? 0) + 1);
  }

  function leave(namespace: string | null): void {
    taken--;
    if (namespace === null) return;
    const others = (takenIn.get(namespace) ?? 0) - 1;
    if (others > 0) takenIn.set(namespace, others);
    else takenIn.delete(namespace);
  }

  async function waitForRoom(namespace: string | null): Promise<void> {
    while (!failure && !hasRoom(namespace)) {
      if (waiting.length > 0) write().catch(toldLater);
      await new Promise<void>((resolve) => onRoom.push(resolve));
    }
    refuseIfFailed();
    enter(namespace);
  }

  function tellOfRoom(): void {
    const told = onRoom;
    onRoom = [];
    for (const tell of told) tell();
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = null;
      write().catch(toldLater);
    }, LONGEST_WAIT);
  }

  function refuseIfFailed(): void {
    if (failure) throw failure;
  }

  return {
    take: settled.take,
    room(namespace) {
      if (failure || !hasRoom(namespace)) return waitForRoom(namespace);
      enter(namespace);
      return undefined;
    },
    giveBack(namespace) {
      leave(namespace);
      tellOfRoom();
    },
    settle(ticket, entry) {
      refuseIfFailed();
      // Nothing may come between these two: a batch that is written there would move the checkpoint past a row without an entry.
      if (ticket !== undefined) settled.settle(ticket);
      if (!entry) return;
      waiting.push(entry);
      const inPlace = entry.namespace === null ? 0 : (takenIn.get(entry.namespace) ?? 0);
      if (waiting.length >= BATCH || inPlace >= MOST_IN_ONE_PLACE / 2) write().catch(toldLater);
      else schedule();
    },
    async flush() {
      if (timer) clearTimeout(timer);
      timer = null;
      while (underWay && !failure) await write().catch(toldLater);
      refuseIfFailed();
      await write().catch(toldLater);
      refuseIfFailed();
    },
  };
}
