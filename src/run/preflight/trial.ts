/**
 * The namespace in which a preflight tries out the plugin: `custom:backfill-preflight-<random>`, which nobody reads.
 *
 * States, as far as the plugin is concerned:
 *
 *   untouched  nothing has been sent; there is nothing to remove
 *   touched    it may exist, with memories in it
 *   removed    it was deleted, and its memories with it
 *
 * `remove` leads to the last one from wherever the trial ended, a failure and the operator's signal included. A crash, or a
 * second signal, leaves it touched: a namespace that the prefix tells from all others, with memories that say what they are.
 */
import { setTimeout as after } from 'node:timers/promises';
import type { PluginClient, Reply } from '../../client/plugin-client.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, failed, passed, unasked } from './check.ts';

type Commit = Parameters<PluginClient['commitMemory']>[1];
type Search = Parameters<PluginClient['searchMemories']>[0];
type Committed = Awaited<ReturnType<PluginClient['commitMemory']>>;
type Found = Extract<Awaited<ReturnType<PluginClient['searchMemories']>>, { ok: true }>['value'];

export interface TrialTools {
  /** One attempt at each request. Reads may end when the run is told to stop; writes must not. */
  client: PluginClient;
  /** A new UUID, in lower case. */
  random(): string;
  /** Milliseconds since 1970, by the clock of this machine. */
  now(): number;
  /** Milliseconds in which a write must have become visible; {@link VISIBLE_WITHIN_MS} where it is left out. */
  visibleWithinMs?: number;
}

/** A write that a search does not show after that time is taken for lost. */
export const VISIBLE_WITHIN_MS = 10_000;

export interface Sighting {
  /** As the last search listed them. */
  memories: Found;
  /** What was looked for was seen in time. */
  seen: boolean;
  /** The first search showed it. */
  atOnce: boolean;
  /** Milliseconds from the first search to the end of the last. */
  lagMs: number;
}

export interface Trial {
  readonly namespace: string;
  readonly client: PluginClient;
  readonly stop: AbortSignal;
  now(): number;
  freshId(): string;
  /** Milliseconds by which the plugin's clock is ahead of this machine's, as far as is known. */
  clock: { aheadMs: number; uncertainMs: number } | null;
  /** Sends a request, and again where a later attempt may succeed: at most four times in all. */
  patiently<T>(send: () => Promise<Reply<T>>): Promise<Reply<T>>;
  /** Commits a memory, patiently. It must have an id: one without must not be sent twice. */
  commit(memory: Pick<Commit, 'content'> & Partial<Commit> & { id: string }): Promise<Committed>;
  /** Searches the namespace, patiently; for up to 100 memories unless the question says otherwise. */
  search(question?: Partial<Search>): Promise<Reply<Found>>;
  /** Searches until what is wanted is seen, at most for as long as a write may take to become visible. */
  lookUntil(
    wanted: (memories: Found) => boolean,
    question?: Partial<Search>,
    longerMs?: number,
  ): Promise<Reply<Sighting>>;
  /** Names something else that the plugin may have made, to be removed with the rest. */
  alsoRemove(namespace: string): void;
  /** Whatever the run was told meanwhile. */
  remove(): Promise<Finding>;
}

const ATTEMPTS = 4;
/** Milliseconds before the second attempt; each later one waits longer by as much. */
const PAUSE = 250;
/** Milliseconds: the longest wait that a Retry-After is granted. */
const LONGEST_WAIT = 10_000;
/** Milliseconds between two looks, the shortest and the longest. */
const LOOKS = { first: 20, last: 500 };

/** What has not been seen by then might have been seen later. */
const STOPPED: Failure = {
  cause: 'stopped',
  reason: 'stopped',
  transient: false,
  sentence: 'This run was told to stop.',
};

export function openTrial(tools: TrialTools, stop: AbortSignal): Trial {
  const { client, now, random, visibleWithinMs = VISIBLE_WITHIN_MS } = tools;
  const namespace = `custom:backfill-preflight-${random()}`;
  const mayExist = new Set<string>();

  const patiently = <T>(send: () => Promise<Reply<T>>) => repeated(send, stop);

  const search: Trial['search'] = (question = {}) =>
    patiently(() => client.searchMemories({ namespaces: [namespace], limit: 100, ...question }));

  async function lookUntil(
    wanted: (memories: Found) => boolean,
    question: Partial<Search> = {},
    longerMs = 0,
  ): Promise<Reply<Sighting>> {
    const began = now();
    for (let look = 0; ; look++) {
      const reply = await search(question);
      if (!reply.ok) return reply;
      const [seen, lagMs] = [wanted(reply.value), now() - began];
      if (stop.aborted && !seen) return { ok: false, failure: STOPPED };
      if (seen || lagMs > visibleWithinMs + longerMs) {
        return { ok: true, value: { memories: reply.value, seen, atOnce: seen && look === 0, lagMs } };
      }
      await pause(Math.min(LOOKS.first * 2 ** look, LOOKS.last), stop);
    }
  }

  async function remove(): Promise<Finding> {
    if (mayExist.size === 0) return passed('Nothing was sent that would have to be removed.');
    const never = new AbortController().signal;
    const kept = new Map<string, Failure>();
    for (const name of mayExist) {
      const reply = await repeated(() => client.deleteNamespace(name), never);
      if (!reply.ok && reply.failure.reason !== '404 not_found') kept.set(name, reply.failure);
    }
    const [reason] = kept.values();
    if (reason) {
      const names = [...kept.keys()].join(' and ');
      return failed(`${names} could not be removed, so remove it by hand: ${reason.sentence}`);
    }
    if (stop.aborted) return passed(`${namespace} was removed.`);
    const looked = await lookUntil((memories) => memories.length === 0);
    if (!looked.ok) return unasked(`${namespace} was removed, but not seen to be empty: ${looked.failure.sentence}`);
    if (!looked.value.seen) {
      return failed(`${namespace} was removed, and a search still finds memories in it: remove them by hand.`);
    }
    return passed(`${namespace} was removed, and its memories with it.`);
  }

  return {
    namespace,
    client: {
      ...client,
      upsertNamespace(name, body) {
        mayExist.add(name);
        return client.upsertNamespace(name, body);
      },
    },
    stop,
    now,
    freshId: random,
    clock: null,
    patiently,
    commit: (memory) => patiently(() => client.commitMemory(namespace, { kind: 'fact', source: 'agent', ...memory })),
    search,
    lookUntil,
    alsoRemove: (name) => void mayExist.add(name),
    remove,
  };
}

/** A deadline that has passed once is not tried again: four of them would be minutes. */
async function repeated<T>(send: () => Promise<Reply<T>>, stop: AbortSignal): Promise<Reply<T>> {
  for (let attempt = 1; ; attempt++) {
    const reply = await send();
    if (reply.ok || !reply.failure.transient || reply.failure.cause === 'deadline') return reply;
    if (attempt === ATTEMPTS || stop.aborted) return reply;
    await pause(Math.max(PAUSE * attempt, Math.min(reply.failure.retryAfterMs ?? 0, LONGEST_WAIT)), stop);
  }
}

/** Resolves after so many milliseconds, or as soon as the run is told to stop. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal: stop }).catch(() => {});
}
