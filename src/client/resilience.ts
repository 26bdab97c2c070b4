/**
 * The plugin as the runs see it: it repeats what may succeed later, waits for a plugin in trouble, counts every attempt on the
 * wire, and speaks of rows and memories instead of bodies.
 *
 * A failure is repeated if it is transient (failures.ts has the table): at most four attempts in all, with exponential
 * backoff and decorrelated jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and never
 * before the time that the plugin asked for in Retry-After. Repeating a commit is safe, since it is an upsert under the
 * source's id: a plugin that stored the row and lost the answer stores the same row again.
 *
 * Every attempt goes through the breaker (breaker.ts), which holds it back while the plugin is in trouble. Attempts that an
 * outage explains are not among the four (allowance.ts); and a call whose fourth has failed as it would in an outage is tried
 * on until somebody else is answered, which shows that the plugin is up, or the breaker opens, which shows that it may not be.
 * The question for the plugin's health with which a run begins waits for nothing: a plugin that is down then is said at once.
 *
 * A write that fails in the end says whether the answer to one of its attempts was lost: what the last one met with does not undo it.
 *
 * The commit that follows the making of a namespace is always sent, whatever was spent before.
 *
 * Once the run is told to stop, no further attempt is begun, and a wait for one ends at once.
 */
import { ExponentialBackoff } from 'cockatiel';
import type { Schemas } from '../contract/bodies.ts';
import { SEARCH_LIMIT_MAX } from '../contract/limits.ts';
import {
  type Answer,
  type Failure,
  failureAfter,
  type Operation,
  type OperationTraffic,
  type Traffic,
} from '../model/failure.ts';
import type { Namespace, ObservedMemory, PlannedWrite } from '../model/memory.ts';
import { allowance } from './allowance.ts';
import { type Breaker, breaker, noBreaker, type OutageOptions } from './breaker.ts';
import { printable, stopped } from './failures.ts';
import { pause } from './pause.ts';
import type { PluginClient, Reply } from './plugin-client.ts';
import { memoryWrite, observedMemory } from './wire.ts';

export const MAX_ATTEMPTS = 4;

/** Milliseconds: the longest wait that a Retry-After is granted. */
const LONGEST_WAIT = 300_000;

export interface Plugin {
  health(): Promise<Answer<Schemas['HealthResponse']>>;
  /** Puts a namespace, which replaces an existing one whole. */
  putNamespace(namespace: Namespace): Promise<Answer<unknown>>;
  /** Writes a row under its own id into its namespace. */
  commit(planned: PlannedWrite, care: CommitCare): Promise<Answer<unknown>>;
  /** At most {@link Plugin.searchLimit} memories, or fewer where the question says so. */
  search(question: Question): Promise<Answer<ObservedMemory[]>>;
  /**
   * Forgets a memory as the namespace that it belongs to. A 403 or a 404 is the plugin's answer; after an attempt of which the
   * answer was lost, a 404 may mean that it is forgotten now.
   */
  forget(id: string, namespace: string): Promise<Answer<void>>;
  /** Removes a namespace and all that is in it. */
  removeNamespace(name: string): Promise<Answer<void>>;
  /** The contract's operations as they are, one attempt each, past the breaker: counted, and not told of. */
  readonly direct: PluginClient;
  /** The most memories that one search can show. */
  readonly searchLimit: number;
  /** Everything sent so far, live. */
  readonly traffic: Traffic;
  close(): Promise<void>;
}

export interface CommitCare {
  /** It is not known that the namespace exists: a 500, which may be a plugin's way of saying so, comes back at once. */
  doubtful: boolean;
  /** Attempts at this row that were made before; they count towards the four. */
  spent: number;
}

const SURE: CommitCare = { doubtful: false, spent: 0 };

export interface Question {
  namespaces: string[];
  /** Words; without them the newest are listed. */
  query?: string;
  kinds?: Array<Schemas['MemoryKind']>;
  limit?: number;
}

/** One attempt that has been answered, or has failed. */
export interface AttemptMade {
  operation: Operation;
  /** Milliseconds from its first byte to the answer's last. */
  ms: number;
  /** {@link Failure.reason}; null for a success. */
  failure: string | null;
}

export interface ResilienceOptions {
  /** How a plugin in trouble is waited for; without it, it is not: attempts are made and used up as if there were none. */
  outage?: OutageOptions;
  /** Told of every attempt; it must not throw. */
  onAttempt?: (attempt: AttemptMade) => void;
  /** Asked before each attempt at a write: one that may not be sent ends as `stopped`. */
  mayWrite?: () => boolean;
  /** Milliseconds: the scale of the first wait. */
  initialDelayMs?: number;
}

const WRITES: ReadonlySet<Operation> = new Set(['upsertNamespace', 'commitMemory', 'forgetMemory', 'deleteNamespace']);

/** @param stop when it fires, no further attempt is begun */
export function resilientPlugin(client: PluginClient, stop: AbortSignal, options: ResilienceOptions = {}): Plugin {
  const { outage, onAttempt, mayWrite = () => true, initialDelayMs = 128 } = options;
  const traffic: Traffic = {};
  const guard: Breaker = outage
    ? breaker(() => send('getHealth', () => client.getHealth()), stop, outage, initialDelayMs)
    : noBreaker;

  /** Makes one call, in as many attempts as it takes and may take. */
  async function call<T>(
    operation: Operation,
    request: () => Promise<Reply<T>>,
    { doubtful, spent }: CommitCare = SURE,
    via: Breaker = guard,
  ): Promise<Answer<T>> {
    const allowed = allowance(MAX_ATTEMPTS, spent, via);
    const saysNothing = (failure: Failure) => doubtful && failure.suggests === 'namespace-doubtful';
    let attempts = 0;
    let nextPause: ReturnType<typeof pauses> | undefined;
    let earlier: Failure | null = null;

    function once(): Promise<Reply<T>> {
      if (WRITES.has(operation) && !mayWrite()) return Promise.resolve({ ok: false, failure: stopped() });
      allowed.sent();
      attempts++;
      return send(operation, request, attempts > 1);
    }

    function afterEarlier(reply: Reply<T>): Reply<T> {
      return reply.ok || !earlier ? reply : { ok: false, failure: failureAfter(earlier, reply.failure) };
    }

    for (;;) {
      const reply = await via.attempt({ send: once, failedBefore: attempts + spent > 0, saysNothing });
      const answer = { ...afterEarlier(reply), attempts };
      if (!answer.ok && WRITES.has(operation)) earlier = answer.failure;
      if (answer.ok || !answer.failure.transient || saysNothing(answer.failure)) return answer;
      allowed.failed(answer.failure);
      const wasLast = allowed.usedUp();
      if (wasLast && !via.suspects(answer.failure)) return answer;
      const life = via.signsOfLife();
      nextPause ??= pauses(initialDelayMs);
      await pause(nextPause(answer.failure), stop);
      if (stop.aborted) return via.isOpen() ? { ok: false, failure: stopped(), attempts } : answer;
      if (wasLast && via.signsOfLife() > life) return answer;
    }
  }

  /** Sends one request, counts it and tells of it. */
  async function send<T>(operation: Operation, request: () => Promise<Reply<T>>, again = false): Promise<Reply<T>> {
    const counts = attemptCounted(operation);
    if (again) counts.retries++;
    const started = performance.now();
    const reply = answerCounted(counts, await request());
    onAttempt?.({ operation, ms: performance.now() - started, failure: reply.ok ? null : reply.failure.reason });
    return reply;
  }

  async function counted<T>(operation: Operation, request: () => Promise<Reply<T>>): Promise<Reply<T>> {
    const counts = attemptCounted(operation);
    return answerCounted(counts, await request());
  }

  function attemptCounted(operation: Operation): OperationTraffic {
    traffic[operation] ??= noTraffic();
    const counts = traffic[operation];
    counts.attempts++;
    return counts;
  }

  return {
    traffic,
    direct: {
      getHealth: () => counted('getHealth', () => client.getHealth()),
      upsertNamespace: (...args) => counted('upsertNamespace', () => client.upsertNamespace(...args)),
      patchNamespace: (...args) => counted('patchNamespace', () => client.patchNamespace(...args)),
      deleteNamespace: (...args) => counted('deleteNamespace', () => client.deleteNamespace(...args)),
      commitMemory: (...args) => counted('commitMemory', () => client.commitMemory(...args)),
      searchMemories: (...args) => counted('searchMemories', () => client.searchMemories(...args)),
      forgetMemory: (...args) => counted('forgetMemory', () => client.forgetMemory(...args)),
      close: () => client.close(),
    },
    searchLimit: SEARCH_LIMIT_MAX,
    async health() {
      const answer = await call('getHealth', () => client.getHealth(), SURE, noBreaker);
      if (!answer.ok) return answer;
      const { status, version, capabilities } = answer.value;
      const names = capabilities.map((capability) => printable(capability, 60));
      return { ...answer, value: { status, version: printable(version, 60), capabilities: names } };
    },
    putNamespace: ({ name, kind }) => call('upsertNamespace', () => client.upsertNamespace(name, { kind })),
    commit(planned, care) {
      const body = memoryWrite(planned);
      return call('commitMemory', () => client.commitMemory(planned.namespace.name, body), care);
    },
    async search(question) {
      const body = { limit: SEARCH_LIMIT_MAX, ...question };
      const answer = await call('searchMemories', () => client.searchMemories(body));
      return answer.ok ? { ...answer, value: answer.value.map(observedMemory) } : answer;
    },
    forget: (id, namespace) =>
      call('forgetMemory', () => client.forgetMemory(id, { requested_by_namespace: namespace })),
    removeNamespace: (name) => call('deleteNamespace', () => client.deleteNamespace(name)),
    close() {
      guard.close();
      return client.close();
    },
  };
}

function answerCounted<T>(counts: OperationTraffic, reply: Reply<T>): Reply<T> {
  if (reply.ok) counts.successes++;
  else counts.failures[reply.failure.reason] = (counts.failures[reply.failure.reason] ?? 0) + 1;
  return reply;
}

function noTraffic(): OperationTraffic {
  return { attempts: 0, successes: 0, retries: 0, failures: {} };
}

/** Milliseconds from one attempt to the next: exponential with jitter, and at least as long as the plugin asked for. */
function pauses(initialDelay: number): (failure: Failure) => number {
  let backoff = new ExponentialBackoff({ initialDelay, maxDelay: 8_000 }).next();
  return ({ retryAfterMs = 0 }) => {
    const { duration } = backoff;
    backoff = backoff.next(undefined);
    return Math.max(duration, Math.min(retryAfterMs, LONGEST_WAIT));
  };
}
