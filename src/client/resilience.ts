/**
 * The plugin as the runs see it: it repeats what may succeed later, counts every attempt on the wire, and speaks of rows and
 * memories instead of bodies.
 *
 * A failure is repeated if it is transient (failures.ts has the table): at most four attempts in all, with exponential
 * backoff and decorrelated jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and never
 * before the time that the plugin asked for in Retry-After. Repeating a commit is safe, since it is an upsert under the
 * source's id: a plugin that stored the row and lost the answer stores the same row again.
 *
 * The commit that follows the making of a namespace is always sent, whatever was spent before.
 *
 * Once the run is told to stop, no further attempt is begun, and a wait for one ends at once.
 */
import { ExponentialBackoff, handleWhenResult, retry } from 'cockatiel';
import type { Schemas } from '../contract/bodies.ts';
import { SEARCH_LIMIT_MAX } from '../contract/limits.ts';
import type { Answer, Failure, Operation, OperationTraffic, Traffic } from '../model/failure.ts';
import type { Namespace, ObservedMemory, PlannedWrite } from '../model/memory.ts';
import { printable } from './failures.ts';
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

export interface Question {
  namespaces: string[];
  /** Words; without them the newest are listed. */
  query?: string;
  kinds?: Array<Schemas['MemoryKind']>;
  limit?: number;
}

/**
 * @param stop when it fires, no further attempt is begun
 * @param initialDelayMs milliseconds: the scale of the first wait
 */
export function resilientPlugin(client: PluginClient, stop: AbortSignal, initialDelayMs = 128): Plugin {
  const traffic: Traffic = {};

  // The pauses are made below, where the operator's signal can end them; a policy's own could not be ended.
  function policy(attempts: number, repeats: (failure: Failure) => boolean) {
    return retry(
      handleWhenResult((result) => isFailed(result) && repeats(result.failure)),
      { maxAttempts: attempts - 1 },
    );
  }
  const full = policy(MAX_ATTEMPTS, isTransient);
  const untilDoubt = policy(
    MAX_ATTEMPTS,
    (failure) => isTransient(failure) && failure.suggests !== 'namespace-doubtful',
  );

  function commitPolicy({ doubtful, spent }: CommitCare) {
    if (doubtful) return untilDoubt;
    return spent === 0 ? full : policy(Math.max(1, MAX_ATTEMPTS - spent), isTransient);
  }

  async function attempt<T>(operation: Operation, send: () => Promise<Reply<T>>, repeating = full): Promise<Answer<T>> {
    const counts = traffic[operation] ?? noTraffic();
    traffic[operation] = counts;
    const nextPause = pauses(initialDelayMs);
    let attempts = 0;
    let last: Reply<T> | undefined;
    const reply = await repeating.execute(async () => {
      if (last && !last.ok) await pause(nextPause(last.failure), stop);
      if (last && stop.aborted) return last;
      attempts++;
      counts.attempts++;
      if (attempts > 1) counts.retries++;
      last = await send();
      if (last.ok) counts.successes++;
      else counts.failures[last.failure.reason] = (counts.failures[last.failure.reason] ?? 0) + 1;
      return last;
    }, stop);
    return { ...reply, attempts };
  }

  return {
    traffic,
    searchLimit: SEARCH_LIMIT_MAX,
    async health() {
      const answer = await attempt('getHealth', () => client.getHealth());
      if (!answer.ok) return answer;
      const { status, version, capabilities } = answer.value;
      const names = capabilities.map((capability) => printable(capability, 60));
      return { ...answer, value: { status, version: printable(version, 60), capabilities: names } };
    },
    putNamespace: ({ name, kind }) => attempt('upsertNamespace', () => client.upsertNamespace(name, { kind })),
    commit(planned, care) {
      const body = memoryWrite(planned);
      return attempt('commitMemory', () => client.commitMemory(planned.namespace.name, body), commitPolicy(care));
    },
    async search(question) {
      const body = { limit: SEARCH_LIMIT_MAX, ...question };
      const answer = await attempt('searchMemories', () => client.searchMemories(body));
      return answer.ok ? { ...answer, value: answer.value.map(observedMemory) } : answer;
    },
    close: () => client.close(),
  };
}

function noTraffic(): OperationTraffic {
  return { attempts: 0, successes: 0, retries: 0, failures: {} };
}

function isTransient(failure: Failure): boolean {
  return failure.transient;
}

function isFailed(result: unknown): result is { ok: false; failure: Failure } {
  return typeof result === 'object' && result !== null && 'ok' in result && result.ok === false;
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

/** Resolves after the time, or as soon as the run is told to stop. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener('abort', end, { once: true });
  });
}
