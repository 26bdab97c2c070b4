/**
 * Carries the rows over, page by page: decides what each needs, sends what is to be sent, and has every outcome written down.
 *
 * The rows of one namespace are acknowledged one after the other, since a plugin stamps its own clock and agents list newest
 * first; namespaces go side by side (lanes.ts), and so do a page and the one after it: while rows of one go out, the next is
 * got ready. `--unordered` gives the order up. A row that fails costs that row alone: its outcome is recorded, and its lane goes on.
 *
 * In this order, and a crash between two of them leaves:
 *
 *   announce     the ledger knows which namespaces were clean before the first row    Nothing sent
 *                went in, and how far rows may be sent from now on
 *   send         the plugin acknowledges a row                                        A row that no entry knows of: the next run
 *                                                                                     looks for it, and adopts it, or sends it
 *                                                                                     under the same id
 *   record       its entry is in the ledger, in a batch with others                   Nothing is lost
 *   checkpoint   in the same transaction: below it every row has an entry
 *
 * Rows that are not reached, because the operator stopped the run, the plugin was in trouble for too long, or too many rows
 * failed, get no outcome at all: they are still to be done.
 */
import type { Ledger, RunLog } from '../ledger/ledger.ts';
import type { Digest } from '../model/digest.ts';
import { type EventLog, rowEvent } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { LedgerEntry, Recollection } from '../model/ledger.ts';
import type { PlannedWrite, Position } from '../model/memory.ts';
import { comparePositions } from '../model/position.ts';
import type { Outcome } from '../model/run.ts';
import type { Bound } from '../model/settings.ts';
import { isInDoubt, type Step } from '../plan/changes.ts';
import type { Resolver } from '../plan/resolver.ts';
import type { RunContext } from './context.ts';
import { cutOff } from './cut-off.ts';
import { entryOfSent, entryOfSettled, entryOfVanished, isRepetition } from './entries.ts';
import { tooManyFailures } from './guards.ts';
import { type Lanes, lanes } from './lanes.ts';
import { limiter } from './limiter.ts';
import { namespaceWriter } from './namespaces.ts';
import type { PlannedPage } from './planning.ts';
import { recorder } from './recorder.ts';
import type { Senders } from './sending/senders.ts';
import type { Stepper } from './steps.ts';
import { tally } from './tally.ts';
import type { Timings } from './timings.ts';

export interface CopyingParts {
  ledger: Ledger;
  log: RunLog;
  events: EventLog;
  stepper: Stepper;
  /** Undefined while this run may send, as a rule; else what resolves once it may, and rejects with RunError where it never may again. */
  maySend(): Promise<void> | undefined;
  /** Called before the first row is sent. Throws RunError `guard` where the plugin is not fit for it. */
  beforeFirst(): Promise<void>;
  maxFailures: Bound;
  times: Timings;
  senders: Pick<Senders, 'run'>;
  /** Whether rows of one namespace are to be acknowledged in the order of the source. */
  ordered: boolean;
  /** Rows of the source, for progress. */
  total: number;
}

/** Where a page stands: in the order of the run, or picked up again from anywhere. */
export type PageOrder = 'ordered' | 'late';

export type Copying = ReturnType<typeof copying>;

export function copying(context: RunContext, parts: CopyingParts) {
  const { observer, stop, settings, accepted } = context;
  const { ledger, log, events, stepper } = parts;
  const { ofPlanned: digestOf } = ledger.digester;
  const namespaces = namespaceWriter(context.plugin, observer.notice);
  const limit = limiter(settings.limit);
  const outcomes = tally();
  const records = recorder(log, outcomes.counts);
  const queue: Lanes<Ticketed> = lanes({
    laneOf: ({ step }) => (parts.ordered ? step.planned.namespace.name : null),
    sizeOf: ({ step }) => step.planned.content.length,
    send: (sending) => sendAndSettle(sending).catch(endWith),
    run: parts.senders.run,
    now: () => performance.now(),
  });
  let pagesLogged: Promise<void> = Promise.resolve();
  let bytes = 0;
  let hasBegun = false;
  let fault: { error: unknown } | null = null;

  /**
   * Resolves when the next page may be got ready: some of this one's rows are still waiting then. What goes wrong ends the run, and
   * is thrown by `through`, when nothing is under way any more.
   */
  async function copyPage(page: PlannedPage, resolver: Resolver, order: PageOrder): Promise<void> {
    await takeUp(page, resolver, order).catch(endWith);
    await queue.room();
  }

  async function takeUp(page: PlannedPage, resolver: Resolver, order: PageOrder): Promise<void> {
    const { steps, known } = await stepper.steps(page.planned, resolver);
    if (isEnding()) return;
    const taken = steps.filter((step) => limit.take(step));
    const tickets = order === 'ordered' ? takeInOrder(taken, page.vanished) : new Map<string, number>();
    const sends: Ticketed[] = [];
    for (const step of taken) {
      // All digests of a page at once: one by one, between two requests, each costs several times as much.
      if (step.step === 'send')
        sends.push({ step, ticket: tickets.get(step.planned.id), digest: digestOf(step.planned) });
    }
    if (sends.length > 0) await announce(sends, order);

    for (const position of page.vanished) {
      await settle(tickets.get(position.id), { status: 'vanished', id: position.id }, entryOfVanished(position));
    }
    for (const step of taken) {
      const { id } = step.planned;
      if (step.step === 'settled') await settleUnsent(tickets.get(id), step, known.get(id));
      if (step.step === 'unasked' && !isEnding()) await settleUnasked(tickets.get(id), step, known.get(id));
    }
    const sent = queue.put(sends);
    pagesLogged = Promise.all([sent, pagesLogged])
      .then(() => logPage(page))
      .catch(endWith);
  }

  async function settleUnsent(
    ticket: number | undefined,
    { planned, outcome }: Extract<Step, { step: 'settled' }>,
    known: Recollection | undefined,
  ): Promise<void> {
    const entry = outcome.status === 'recorded' ? null : entryOfSettled(planned, outcome, accepted, ledger.digester);
    await settle(ticket, outcome, entry && !isRepetition(entry, known) ? entry : null);
  }

  async function settleUnasked(
    ticket: number | undefined,
    { planned, failure, sentence }: Extract<Step, { step: 'unasked' }>,
    known: Recollection | undefined,
  ): Promise<void> {
    if (isNotReached(failure)) return;
    // By its beginning it is told from the failure of a commit, after which the plugin may hold the row.
    const reason = failure ? `search ${failure.reason}` : 'search';
    const outcome = failed(planned, { reason, sentence }, 0, 0);
    // The doubt must outlive a question that was not answered: what is recorded stands.
    const entry = isInDoubt(known) ? null : entryOfSent(planned, outcome, false, null);
    await settle(ticket, outcome, entry);
    endIfTooManyFailed();
  }

  async function settle(ticket: number | undefined, outcome: Outcome, entry: LedgerEntry | null): Promise<void> {
    if (entry) await records.room(entry.namespace);
    await settleWithRoom(ticket, outcome, entry);
  }

  async function settleWithRoom(
    ticket: number | undefined,
    outcome: Outcome,
    entry: LedgerEntry | null,
  ): Promise<void> {
    const logged = entry && events.log(rowEvent(entry));
    if (logged) await logged;
    outcomes.record(outcome);
    records.settle(ticket, entry);
  }

  async function sendAndSettle({ step, ticket, digest }: Ticketed): Promise<void> {
    if (isEnding()) return;
    const { planned, change, created } = step;
    const { name } = planned.namespace;
    const room = records.room(name);
    if (room) await room;
    // Last of all: what it allows must hold when the row is sent.
    const turn = parts.maySend();
    if (turn) await turn;
    const outcome = isEnding() ? undefined : await send(planned, change);
    if (!outcome) return records.giveBack(name);
    if (outcome.status === 'written') {
      bytes += Buffer.byteLength(planned.content);
      const { id, namespace, durationMs, attempts } = outcome;
      parts.times.row({ id, namespace, durationMs, attempts });
    }
    await settleWithRoom(ticket, outcome, entryOfSent(planned, outcome, created, digest));
    observer.progress(outcomes.scanned(), parts.total, 'rows');
    endIfTooManyFailed();
  }

  function isEnding(): boolean {
    return stop.aborted || fault !== null;
  }

  /** Nothing more is to be sent, be it of another lane: what cannot be recorded must not be sent. The first fault counts. */
  function endWith(error: unknown): void {
    fault ??= { error };
  }

  function refuseIfEnded(): void {
    if (fault) throw fault.error;
  }

  /** @returns undefined where the row was not reached */
  async function send(planned: PlannedWrite, change: Sending['change']) {
    const { id, namespace } = planned;
    const begun = performance.now();
    const answer = await namespaces.commit(planned);
    const durationMs = Math.round(performance.now() - begun);
    const { attempts } = answer;
    if (answer.ok) return { status: 'written', change, id, namespace: namespace.name, attempts, durationMs } as const;
    return isNotReached(answer.failure) ? undefined : failed(planned, answer.failure, attempts, durationMs);
  }

  function isNotReached(failure: Failure | undefined): boolean {
    const cut = cutOff(failure, stop.aborted);
    if (cut?.error) endWith(cut.error);
    return cut !== null;
  }

  function endIfTooManyFailed(): void {
    const failures = outcomes.count('failed');
    const tooMany = tooManyFailures(failures, failures + outcomes.count('written'), parts.maxFailures);
    if (tooMany) endWith(tooMany);
  }

  async function announce(sends: readonly Ticketed[], order: PageOrder): Promise<void> {
    if (!hasBegun) {
      // What is tried out before the first row is sent as well.
      await parts.maySend();
      await parts.beforeFirst();
      hasBegun = true;
    }
    const last = order === 'ordered' ? (sends.at(-1)?.step.planned ?? null) : null;
    await log.announce(last && { createdAt: last.createdAt, id: last.id }, stepper.takeSeenClean());
  }

  /** For the log: every row up to the page's last one is settled now. */
  async function logPage({ planned, vanished }: PlannedPage): Promise<void> {
    const [row, gone] = [planned.at(-1), vanished.at(-1)];
    const last = row && gone ? (comparePositions(row, gone) > 0 ? row : gone) : (row ?? gone);
    if (!last || isEnding()) return;
    const { createdAt: lastCreatedAt, id: lastId } = last;
    const rows = planned.length + vanished.length;
    await events.log({ event: 'page', rows, scanned: outcomes.scanned(), total: parts.total, lastCreatedAt, lastId });
  }

  function takeInOrder(taken: readonly Step[], vanished: readonly Position[]): Map<string, number> {
    const cutAt = limit.cut() ? (taken.at(-1)?.planned ?? null) : undefined;
    const gone = vanished.filter((row) => cutAt === undefined || (cutAt && comparePositions(row, cutAt) < 0));
    const positions = [...taken.map(({ planned }) => planned), ...gone].sort(comparePositions);
    return new Map(positions.map(({ createdAt, id }) => [id, records.take({ createdAt, id })]));
  }

  return {
    copyPage,
    /** Resolves when every row that was taken up is through; throws what ended the run, if something did. */
    async through() {
      queue.exhausted();
      await queue.idle();
      await pagesLogged;
      refuseIfEnded();
    },
    /** Lets what is under way come to its end, and has it recorded; throws RunError `ledger` where that could not be. */
    async flush() {
      queue.exhausted();
      await queue.idle();
      await records.flush();
    },
    isEnding,
    limitReached: () => limit.cut(),
    outcomes,
    bytes: () => bytes,
    namespacesCreated: () => namespaces.created(),
    waitedForSourceMs: () => Math.round(queue.starvedMs()),
  };
}

type Sending = Extract<Step, { step: 'send' }>;

/** A row on its way out. */
interface Ticketed {
  step: Sending;
  /** By which the checkpoint waits for it; undefined where it does not. */
  ticket: number | undefined;
  digest: Digest;
}

function failed(
  { id, namespace }: PlannedWrite,
  { reason, sentence }: Pick<Failure, 'reason' | 'sentence'>,
  attempts: number,
  durationMs: number,
) {
  return { status: 'failed', id, namespace: namespace.name, attempts, durationMs, reason, sentence } as const;
}
