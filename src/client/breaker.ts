/**
 * What stands between the attempts and a plugin in trouble: while the plugin is down, nobody's attempt is sent, and everybody
 * waits until it serves again.
 *
 * Counted as trouble are transport errors, deadlines and the statuses 500, 502, 503 and 504, whoever answered them. Three in a
 * row, over all callers, open the breaker; any other answer shows that the plugin is alive, and the count begins anew. One
 * kind of failure says nothing either way, and is left out of it: the 500 with which plugins in the field mean that a
 * namespace is missing. Neither does an attempt that was stopped before it was sent, or before it was answered.
 *
 *   closed    attempts are sent as they come
 *   open      attempts wait at the gate. The plugin's health is asked for, at once and then after growing pauses, until it is
 *             good
 *   probing   health is good, and one caller is let through, sooner one whose requests have not failed so far. Where nobody
 *             waits, the first to arrive is taken. What it meets with decides:
 *               a 500          the plugin is alive, and this row may be one that it can never store. The next caller that
 *                              has not failed is let through, without a pause; where there is none, the breaker closes, and
 *                              those that have failed use up their attempts: rows like these cannot hold it open
 *               other trouble  open again
 *               anything else  closed
 *   given up  the outage has lasted for as long as it may: whoever waits or comes later is sent away
 *
 * An outage is told of once a probe has failed, so that a moment's trouble, or a row that cannot be stored, is not called
 * one. Its time runs from the opening to the closing, through all that lies between; but nobody gives up on a plugin before a
 * look at its health has failed, nor while its health is good and nothing but 500s came after.
 *
 * cockatiel's circuit breaker counts and holds the state; who goes first, and when, is decided here. Nothing outlives the
 * run: after a crash, the next one begins with a closed breaker, and opens it if it must.
 */
import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  noJitterGenerator,
} from 'cockatiel';
import type { Failure } from '../model/failure.ts';
import { stopped } from './failures.ts';
import { pause } from './pause.ts';
import type { Reply } from './plugin-client.ts';

/** Less than a call has attempts: a row that is sent alone opens the breaker before it has used up its own. */
const THRESHOLD = 3;

/** Milliseconds: the longest pause between two looks at the plugin's health. */
const LONGEST_PAUSE = 5_000;

/** Milliseconds: the longest time that a timer can be set to. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface OutageOptions {
  /** Milliseconds for which one outage is waited out; with 0, until a first look at the plugin has failed. */
  maxMs: number;
  /** Told once per outage. It must not throw, and neither must `ended`. */
  began(sentence: string): void;
  /** Told when an outage that was told of is over, and how long it was. */
  ended(ms: number): void;
}

export interface Attempt<T> {
  send(): Promise<Reply<T>>;
  /** A request of the same caller has failed before. */
  failedBefore: boolean;
  /** What says nothing about the plugin. */
  saysNothing(failure: Failure): boolean;
}

export interface Breaker {
  /**
   * Sends the attempt as soon as the plugin is not known to be in trouble.
   *
   * A failure of cause `outage` or `stopped` may mean that it was never sent.
   */
  attempt<T>(attempt: Attempt<T>): Promise<Reply<T>>;
  /** Whether it was rather the plugin than this one request: a plugin that is down fails like this. A 500 is no such failure. */
  suspects(failure: Failure): boolean;
  /** Attempts are being held back. */
  isOpen(): boolean;
  /** How often the breaker has opened. */
  openings(): number;
  /** How often a look at the plugin's health has failed while the breaker was open. */
  badHealth(): number;
  /** How often the plugin has shown that it is alive. */
  signsOfLife(): number;
  /** Sends away whoever waits, and looks at nothing any more. */
  close(): void;
}

/** Somebody at the gate. */
interface Waiting {
  failedBefore: boolean;
  /** Sends the attempt for the breaker to judge by; resolves with what it met with. */
  probe(): Promise<Reply<unknown>>;
  letThrough(): void;
  sendAway(failure: Failure): void;
}

interface Outage {
  since: Date;
  /** What was met with last. */
  trouble: Failure;
  told: boolean;
  /** No look has failed so far, or not since the plugin's health was good. */
  mayBeOver: boolean;
  /** It has lasted for as long as it may. */
  expired: boolean;
}

/**
 * @param health asks for the plugin's health, once
 * @param stop sends away whoever waits when it fires
 * @param firstPauseMs milliseconds from one look at the plugin's health to the second; those that follow are longer
 */
export function breaker(
  health: () => Promise<Reply<unknown>>,
  stop: AbortSignal,
  { maxMs, began, ended }: OutageOptions,
  firstPauseMs: number,
): Breaker {
  const circuit = circuitBreaker(handleWhenResult(isTroubled), {
    breaker: new ConsecutiveBreaker(THRESHOLD),
    // Half-open whenever this file says so, even where the machine's clock was put back.
    halfOpenAfter: Number.NEGATIVE_INFINITY,
  });
  const gate = new Set<Waiting>();
  const closing = new AbortController();
  const givingUp = new AbortController();
  const end = AbortSignal.any([stop, closing.signal, givingUp.signal]);
  /** A fault of this tool on the way out of an outage: everybody at the gate gets it, since nobody would open that any more. */
  const fault = Promise.withResolvers<never>();
  const seen = { openings: 0, badHealth: 0, signsOfLife: 0 };
  let outage: Outage | null = null;
  let refusal: Failure | null = null;
  let arrival: (() => void) | null = null;
  /** The circuit has counted trouble since it last heard of an answer that was none. What came in between need not be told to it. */
  let troubled = false;

  circuit.onBreak(() => seen.openings++);
  circuit.onReset(() => {
    outage = null;
  });
  fault.promise.catch(() => {}); // Where nobody is at the gate, it waits for the next to come.
  end.addEventListener('abort', () => {
    for (const waiting of takeAll()) waiting.sendAway(refusal ?? stopped());
    arrival?.();
  });

  // --- The gate -------------------------------------------------------------------------------------------------------

  function attempt<T>(wanted: Attempt<T>): Promise<Reply<T>> {
    if (refusal) return Promise.resolve({ ok: false, failure: refusal });
    if (circuit.state === CircuitState.Closed) return sendAndCount(wanted);
    if (end.aborted) return Promise.resolve({ ok: false, failure: stopped() });
    return Promise.race([queue(wanted), fault.promise]);
  }

  async function sendAndCount<T>({ send, saysNothing }: Attempt<T>): Promise<Reply<T>> {
    const reply = await send();
    if (isStopped(reply)) return reply;
    note(reply);
    const counts = reply.ok || !saysNothing(reply.failure);
    // Once it is open, the probes alone decide: this attempt was sent before.
    if (counts && circuit.state === CircuitState.Closed && (troubled || isTroubled(reply))) {
      troubled = isTroubled(reply);
      await circuit.execute(() => reply);
      if (circuit.state !== CircuitState.Closed && !reply.ok) open(reply.failure);
    }
    return reply;
  }

  function queue<T>(wanted: Attempt<T>): Promise<Reply<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply<T>>();
    gate.add({
      failedBefore: wanted.failedBefore,
      async probe() {
        try {
          const reply = await wanted.send();
          if (!isStopped(reply)) {
            note(reply);
            await circuit.execute(() => reply);
          }
          resolve(reply);
          return reply;
        } catch (error) {
          reject(error);
          throw error;
        }
      },
      letThrough: () => resolve(attempt(wanted)),
      sendAway: (failure) => resolve({ ok: false, failure }),
    });
    arrival?.();
    return promise;
  }

  function takeAll(): Waiting[] {
    const all = [...gate];
    gate.clear();
    return all;
  }

  function note(reply: Reply<unknown>): void {
    if (!isTroubled(reply)) seen.signsOfLife++;
  }

  // --- The way out of an outage ---------------------------------------------------------------------------------------

  function open(trouble: Failure): void {
    if (outage) return;
    outage = { since: new Date(), trouble, told: false, mayBeOver: true, expired: false };
    recover(outage).catch(fault.reject);
  }

  async function recover(current: Outage): Promise<void> {
    const started = performance.now();
    const timer = setTimeout(() => expire(current), Math.min(maxMs, LONGEST_TIMER)).unref();
    let backoff = lookingPauses(firstPauseMs);
    for (let trouble = await look(current); trouble && !end.aborted; trouble = await look(current)) {
      current.trouble = trouble;
      current.mayBeOver = false;
      tell(current);
      if (current.expired) giveUp(current);
      await pause(backoff.duration, end);
      backoff = backoff.next(undefined);
    }
    clearTimeout(timer);
    if (end.aborted) return;
    if (current.told) ended(performance.now() - started);
    for (const waiting of takeAll()) waiting.letThrough();
  }

  /** @returns what is still wrong with the plugin; null where the breaker has closed, or nobody needs to know any more */
  async function look(current: Outage): Promise<Failure | null> {
    if (end.aborted) return null;
    const reply = await health();
    if (reply.ok) return await probe(current);
    if (!end.aborted) seen.badHealth++;
    return reply.failure;
  }

  /** Lets callers through, one at a time, until one of them shows how the plugin is. */
  async function probe(current: Outage): Promise<Failure | null> {
    current.mayBeOver = true;
    let next = await firstAtGate();
    while (next) {
      gate.delete(next);
      const reply = await next.probe();
      if (outage !== current) return null;
      if (!reply.ok && isOutagesKind(reply.failure)) return reply.failure;
      next = isStopped(reply) ? await firstAtGate() : unfailed();
    }
    // Those at the gate, if any, were answered with 500 before. The health that was good stands for the plugin.
    if (!end.aborted) await circuit.execute(() => ({ ok: true }));
    return null;
  }

  async function firstAtGate(): Promise<Waiting | undefined> {
    while (gate.size === 0 && !end.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      arrival = resolve;
      await promise;
      arrival = null;
    }
    return unfailed() ?? [...gate][0];
  }

  function unfailed(): Waiting | undefined {
    return [...gate].find(({ failedBefore }) => !failedBefore);
  }

  // --- What is said of it ---------------------------------------------------------------------------------------------

  function tell(current: Outage): void {
    if (current.told) return;
    current.told = true;
    began(`${clause(current.trouble)}; nothing more is sent until it serves again, for ${maxMs / 1_000} s at most.`);
  }

  function expire(current: Outage): void {
    current.expired = true;
    if (!current.mayBeOver) giveUp(current);
  }

  function giveUp({ since, trouble }: Outage): void {
    const from = since.toISOString();
    const sentence = `The plugin has not served since ${from}, and was waited for as long as it may be, ${maxMs / 1_000} s (${clause(trouble)}).`;
    refusal = { cause: 'outage', reason: 'outage', transient: false, sentence };
    givingUp.abort();
  }

  return {
    attempt,
    suspects: isOutagesKind,
    isOpen: () => circuit.state !== CircuitState.Closed,
    openings: () => seen.openings,
    badHealth: () => seen.badHealth,
    signsOfLife: () => seen.signsOfLife,
    close: () => closing.abort(),
  };
}

/** Lets everything through, at once. */
export const noBreaker: Breaker = {
  attempt: ({ send }) => send(),
  suspects: () => false,
  isOpen: () => false,
  openings: () => 0,
  badHealth: () => 0,
  signsOfLife: () => 0,
  close: () => {},
};

/** What a plugin that is down, or the proxy before it, answers; a 500 may as well be about a single row. */
const OUTAGE_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

function isTroubled(reply: unknown): boolean {
  return isFailed(reply) && (reply.failure.status === 500 || isOutagesKind(reply.failure));
}

function isOutagesKind({ cause, status = 0 }: Failure): boolean {
  return cause === 'transport' || cause === 'deadline' || OUTAGE_STATUSES.has(status);
}

/** The plugin has shown nothing: what is said is this side's. */
function isStopped(reply: Reply<unknown>): boolean {
  return !reply.ok && reply.failure.cause === 'stopped';
}

function isFailed(reply: unknown): reply is { ok: false; failure: Failure } {
  return typeof reply === 'object' && reply !== null && 'ok' in reply && reply.ok === false;
}

function lookingPauses(initialDelay: number) {
  return new ExponentialBackoff({ initialDelay, maxDelay: LONGEST_PAUSE, generator: noJitterGenerator }).next();
}

/** A sentence without its full stop. */
function clause({ sentence }: Failure): string {
  return sentence.replace(/\.$/, '');
}
