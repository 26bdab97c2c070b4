/**
 * Rows on their way out: those of one lane one after the other, in the order in which they were put in; those of different lanes side
 * by side. Agents list newest first by the plugin's own clock, so a lane is what keeps a namespace in the source's order.
 *
 * A lane exists for as long as it has rows. Its first row waits for a slot, and only once that row is through does the next one
 * ask for a slot of its own: a long lane holds no slot for itself, and every lane has its turn.
 *
 * What is put in is bounded by the caller, who waits for `room`: while one page goes out, the next is got ready, so that the
 * slots do not stand empty meanwhile. How long they did is counted: `starvedMs` runs while no row waits and more are to come.
 */
export interface Lanes<Row> {
  /** @returns when all of these rows are through; it never rejects */
  put(rows: readonly Row[]): Promise<void>;
  /** Resolves once few enough rows wait for another page to be got ready: at once, as a rule. */
  room(): Promise<void>;
  /** Resolves once no row waits or is under way. */
  idle(): Promise<void>;
  /** No more rows will come for now: from here on nobody waits for them. The next `put` takes that back. */
  exhausted(): void;
  /** Milliseconds in which there was nothing to send though there was to come more. */
  starvedMs(): number;
}

export interface LaneOptions<Row> {
  /** The name of a row's lane; null for a row that need not wait for any other. */
  laneOf(row: Row): string | null;
  /** Bytes that a row holds in memory while it waits. */
  sizeOf(row: Row): number;
  /** Sends a row; what it meets with is its own to keep: it must not reject. */
  send(row: Row): Promise<void>;
  /** Runs the task once there is a slot for it. */
  run(task: () => Promise<void>): Promise<unknown>;
  /** Milliseconds on a clock that only moves on. */
  now(): number;
}

/** Rows, and bytes of content, that may wait when another page is got ready: each as much as a page holds. */
const MOST_ROWS = 500;
const MOST_BYTES = 4 * 1024 * 1024;

/** A row with the page that it came with. */
interface Waiting<Row> {
  row: Row;
  page: { open: number; done: () => void };
}

export function lanes<Row>({ laneOf, sizeOf, send, run, now }: LaneOptions<Row>): Lanes<Row> {
  const queues = new Map<string, Waiting<Row>[]>();
  let waitingRows = 0;
  let waitingBytes = 0;
  let open = 0;
  let starvedSince: number | null = now();
  let starved = 0;
  let moreToCome = true;
  let onRoom: Array<() => void> = [];
  let onIdle: Array<() => void> = [];

  function enter(next: Waiting<Row>): void {
    const lane = laneOf(next.row);
    const queue = lane === null ? undefined : queues.get(lane);
    if (lane === null) goOn(next, []);
    else if (queue) queue.push(next);
    else {
      const empty: Waiting<Row>[] = [];
      queues.set(lane, empty);
      goOn(next, empty, lane);
    }
  }

  /** Sends one row, and then whatever has come behind it. */
  function goOn(next: Waiting<Row>, behind: Waiting<Row>[], lane?: string): void {
    void run(() => {
      leave(next.row);
      return send(next.row);
    }).then(() => {
      const following = behind.shift();
      if (following) goOn(following, behind, lane);
      else if (lane !== undefined) queues.delete(lane);
      through(next);
    });
  }

  function leave(row: Row): void {
    waitingRows--;
    waitingBytes -= sizeOf(row);
    if (waitingRows === 0 && moreToCome) starvedSince ??= now();
    if (hasRoom()) onRoom = told(onRoom);
  }

  function through({ page }: Waiting<Row>): void {
    open--;
    if (--page.open === 0) page.done();
    if (open === 0) onIdle = told(onIdle);
  }

  function hasRoom(): boolean {
    return waitingRows <= MOST_ROWS && waitingBytes <= MOST_BYTES;
  }

  function fed(): void {
    if (starvedSince !== null) starved += now() - starvedSince;
    starvedSince = null;
  }

  return {
    put(rows) {
      if (rows.length === 0) return Promise.resolve();
      moreToCome = true;
      fed();
      const { promise, resolve } = Promise.withResolvers<void>();
      const page = { open: rows.length, done: resolve };
      open += rows.length;
      waitingRows += rows.length;
      for (const row of rows) waitingBytes += sizeOf(row);
      for (const row of rows) enter({ row, page });
      return promise;
    },
    room: () => (hasRoom() ? Promise.resolve() : new Promise((resolve) => onRoom.push(resolve))),
    idle: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
    exhausted() {
      moreToCome = false;
      fed();
    },
    starvedMs: () => starved + (starvedSince === null ? 0 : now() - starvedSince),
  };
}

/** @returns the next list, empty */
function told(waiting: ReadonlyArray<() => void>): Array<() => void> {
  for (const tell of waiting) tell();
  return [];
}
