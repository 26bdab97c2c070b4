/**
 * Carries a page of rows over: decides what each needs, sends what is to be sent, and has every outcome written down.
 *
 * Within a page, the rows of one namespace form a lane and are acknowledged one after the other, since a plugin stamps its own
 * clock and agents list newest first; lanes run side by side. A row that fails costs that row alone: its outcome is recorded,
 * and its lane goes on.
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
import pLimit from 'p-limit';
import type { Ledger, RunLog } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import { type EventLog, rowEvent } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { LedgerEntry } from '../model/ledger.ts';
import type { PlannedWrite, Position } from '../model/memory.ts';
import { comparePositions } from '../model/position.ts';
import type { Outcome } from '../model/run.ts';
import type { Bound } from '../model/settings.ts';
import type { Step } from '../plan/changes.ts';
import type { Resolver } from '../plan/resolver.ts';
import type { RunContext } from './context.ts';
import { cutOff } from './cut-off.ts';
import { entryOfSent, entryOfSettled, entryOfVanished, isRepetition } from './entries.ts';
import { tooManyFailures } from './guards.ts';
import { limiter } from './limiter.ts';
import { namespaceWriter } from './namespaces.ts';
import type { PlannedPage } from './planning.ts';
import { recorder } from './recorder.ts';
import type { Stepper, TakenStep } from './steps.ts';
import { tally } from './tally.ts';
import type { Timings } from './timings.ts';

export interface CopyingParts {
  ledger: Ledger;
  log: RunLog;
  events: EventLog;
  stepper: Stepper;
  /** Resolves while this run may send; waits while it may not. Throws RunError where it never may again. */
  maySend(): Promise<void>;
  /** Called before the first row is sent. Throws RunError `guard` where the plugin is not fit for it. */
  beforeFirst(): Promise<void>;
  maxFailures: Bound;
  times: Timings;
  /** Rows of the source, for progress. */
  total: number;
}

/** Where a page stands: in the order of the run, or picked up again from anywhere. */
export type PageOrder = 'ordered' | 'late';

export type Copying = ReturnType<typeof copying>;

export function copying(context: RunContext, parts: CopyingParts) {
  const { observer, stop, settings, accepted } = context;
  const { ledger, log, events, stepper } = parts;
  const inFlight = pLimit(context.concurrency);
  const namespaces = namespaceWriter(context.plugin, observer.notice);
  const limit = limiter(settings.limit);
  const outcomes = tally();
  const records = recorder(log, outcomes.counts);
  let bytes = 0;
  let hasBegun = false;
  let ending: RunError | null = null;
  let broken = false;

  async function copyPage(page: PlannedPage, resolver: Resolver, order: PageOrder): Promise<void> {
    const steps = await stepper.steps(page.planned, resolver);
    if (stop.aborted) return;
    const taken = steps.filter((step) => limit.take(step));
    const tickets = order === 'ordered' ? takeInOrder(taken, page.vanished) : new Map<string, number>();
    if (taken.some(({ step }) => step === 'send')) await announce(taken, order);

    async function settle(id: string, outcome: Outcome, entry: LedgerEntry | null): Promise<void> {
      if (entry) await events.log(rowEvent(entry));
      outcomes.record(outcome);
      await records.settle(tickets.get(id), entry);
    }

    for (const position of page.vanished) {
      await settle(position.id, { status: 'vanished', id: position.id }, entryOfVanished(position));
    }
    for (const step of taken) {
      if (step.step === 'settled') await settleUnsent(step);
      if (step.step === 'unasked' && !isEnding()) await settleUnasked(step);
    }
    // Every lane is waited for, whatever one of them meets with: nothing may be sent once this has returned.
    const lanes = await Promise.allSettled(lanesOf(taken).map((lane) => inFlight(sendLane, lane)));
    for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
    if (ending) throw ending;
    await logPage(page);

    async function settleUnsent({ planned, outcome, known }: Extract<TakenStep, { step: 'settled' }>): Promise<void> {
      const entry = outcome.status === 'recorded' ? null : entryOfSettled(planned, outcome, accepted, ledger.digester);
      await settle(planned.id, outcome, entry && !isRepetition(entry, known) ? entry : null);
    }

    async function settleUnasked({ planned, failure, sentence }: Extract<Step, { step: 'unasked' }>): Promise<void> {
      if (isNotReached(failure)) return;
      const outcome = failed(planned, { reason: failure?.reason ?? 'search', sentence }, 0, 0);
      await settle(planned.id, outcome, entryOfSent(planned, outcome, false, ledger.digester));
      endIfTooManyFailed();
    }

    async function sendLane(lane: readonly Sending[]): Promise<void> {
      for (const sending of lane) {
        if (!isEnding()) await parts.maySend().catch(endWith);
        if (isEnding()) return;
        await sendAndSettle(sending).catch(endWith);
      }
    }

    async function sendAndSettle({ planned, change, created }: Sending): Promise<void> {
      const outcome = await send(planned, change);
      if (!outcome) return;
      if (outcome.status === 'written') {
        bytes += Buffer.byteLength(planned.content);
        const { id, namespace, durationMs, attempts } = outcome;
        parts.times.row({ id, namespace, durationMs, attempts });
      }
      await settle(planned.id, outcome, entryOfSent(planned, outcome, created, ledger.digester));
      observer.progress(outcomes.scanned(), parts.total, 'rows');
      endIfTooManyFailed();
    }
  }

  function isEnding(): boolean {
    return stop.aborted || broken || ending !== null;
  }

  /** The other lanes are to stop, too: what cannot be recorded must not be sent. */
  function endWith(error: unknown): never {
    if (error instanceof RunError) ending ??= error;
    else broken = true;
    throw error;
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
    ending ??= cut?.error ?? null;
    return cut !== null;
  }

  function endIfTooManyFailed(): void {
    const failures = outcomes.count('failed');
    ending ??= tooManyFailures(failures, failures + outcomes.count('written'), parts.maxFailures);
  }

  async function announce(taken: readonly Step[], order: PageOrder): Promise<void> {
    if (!hasBegun) await parts.beforeFirst();
    hasBegun = true;
    const last = order === 'ordered' ? (taken.at(-1)?.planned ?? null) : null;
    await log.announce(last && { createdAt: last.createdAt, id: last.id }, stepper.takeSeenClean());
  }

  /** For the log: every row up to the page's last one is settled now. */
  async function logPage({ planned, vanished }: PlannedPage): Promise<void> {
    const last = [...planned, ...vanished].sort(comparePositions).at(-1);
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
    flush: () => records.flush(),
    limitReached: () => limit.cut(),
    outcomes,
    bytes: () => bytes,
    namespacesCreated: () => namespaces.created(),
  };
}

type Sending = Extract<Step, { step: 'send' }>;

/** What a page sends by namespace, each lane in the order of the source. */
function lanesOf(page: readonly Step[]): Sending[][] {
  const sends = page.filter((step) => step.step === 'send');
  return [...Map.groupBy(sends, ({ planned }) => planned.namespace.name).values()];
}

function failed(
  { id, namespace }: PlannedWrite,
  { reason, sentence }: Pick<Failure, 'reason' | 'sentence'>,
  attempts: number,
  durationMs: number,
) {
  return { status: 'failed', id, namespace: namespace.name, attempts, durationMs, reason, sentence } as const;
}
