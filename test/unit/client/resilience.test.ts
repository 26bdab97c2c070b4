/** What is repeated, how often and when, and that every attempt is counted. The clock is the test's; the client is a stand-in. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PluginClient } from '../../../src/client/plugin-client.ts';
import { MAX_ATTEMPTS, resilientPlugin } from '../../../src/client/resilience.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { plannedRow } from '../../support/planned.ts';

const QUESTION = { namespaces: ['team:acme'] };
const ROW = plannedRow();
/** The namespace is known to be there, and nothing was sent before. */
const SURE = { doubtful: false, spent: 0 };

type Outcome = { ok: true; value: never[] } | { ok: false; failure: Failure };

const FOUND: Outcome = { ok: true, value: [] };
const BUSY = failed({ reason: '503 unavailable' });
const RESET = failed({ cause: 'transport', reason: 'transport ECONNRESET' });
const REFUSED = failed({ reason: '400 bad_request', transient: false });

function failed(values: Partial<Failure>): { ok: false; failure: Failure } {
  return {
    ok: false,
    failure: { cause: 'refused', reason: '503 unavailable', transient: true, sentence: 'No.', ...values },
  };
}

/** A client whose searches and commits have these outcomes one after the other, the last of them for ever. */
function clientThat(...outcomes: Outcome[]) {
  const calls: number[] = [];
  const next = () => {
    const outcome = outcomes[Math.min(calls.length, outcomes.length - 1)];
    calls.push(Date.now());
    if (!outcome) throw new Error('No outcome was given.');
    return outcome;
  };
  const unused = () => Promise.reject(new Error('Nobody should ask for this.'));
  const client: PluginClient = {
    getHealth: () => Promise.resolve({ ok: true, value: { status: 'ok', version: '1.0.0', capabilities: [] } }),
    upsertNamespace: unused,
    patchNamespace: unused,
    deleteNamespace: unused,
    forgetMemory: unused,
    searchMemories: async () => next(),
    commitMemory: async (namespace, body) => {
      const outcome = next();
      return outcome.ok ? { ok: true, value: { id: body.id ?? 'fresh', namespace } } : outcome;
    },
    close: () => Promise.resolve(),
  };
  /** Milliseconds between one call and the next. */
  const waits = () => calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
  return { client, calls, waits };
}

const never = () => new AbortController().signal;

/** The answer to a search, with all waits on the way to it passed. */
async function searched(client: PluginClient, stop = never(), initialDelayMs?: number) {
  const plugin = resilientPlugin(client, stop, initialDelayMs === undefined ? {} : { initialDelayMs });
  const answer = plugin.search(QUESTION);
  await vi.runAllTimersAsync();
  return { answer: await answer, traffic: plugin.traffic };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a failure that may pass', () => {
  test('is repeated until it has been tried four times, and then told', async () => {
    expect(MAX_ATTEMPTS).toBe(4);
    const { client, calls } = clientThat(BUSY);
    const { answer } = await searched(client);
    expect(answer).toEqual({ ...BUSY, attempts: 4 });
    expect(calls).toHaveLength(4);
  });

  test('is forgotten once an attempt succeeds', async () => {
    const { client, calls } = clientThat(BUSY, RESET, FOUND);
    const { answer } = await searched(client);
    expect(answer).toEqual({ ok: true, value: [], attempts: 3 });
    expect(calls).toHaveLength(3);
  });

  test('is not repeated again once one that will not pass takes its place', async () => {
    const { client } = clientThat(BUSY, REFUSED, FOUND);
    const { answer } = await searched(client);
    expect(answer).toEqual({ ...REFUSED, attempts: 2 });
  });
});

describe('a failure after an answer that was lost', () => {
  const reasonOf = (answer: { ok: true } | { ok: false; failure: Failure }) =>
    answer.ok ? null : answer.failure.reason;

  async function committed(...outcomes: Outcome[]) {
    const answer = resilientPlugin(clientThat(...outcomes).client, never()).commit(ROW, SURE);
    await vi.runAllTimersAsync();
    return reasonOf(await answer);
  }

  test.each<[string, Outcome[], string | null]>([
    ['of a commit says so', [RESET, BUSY], '503 unavailable, after a lost answer'],
    [
      'says so, however many attempts lie between',
      [RESET, BUSY, BUSY, REFUSED],
      '400 bad_request, after a lost answer',
    ],
    ['is one itself, and needs not say so', [RESET, BUSY, BUSY, RESET], 'transport ECONNRESET'],
    ['is none where the answers were all heard', [BUSY, BUSY, REFUSED], '400 bad_request'],
    ['is over with a success', [RESET, FOUND], null],
  ])('%s', async (_, outcomes, reason) => {
    expect(await committed(...outcomes)).toBe(reason);
  });

  test('of a search does not: there is nothing that could have been done', async () => {
    expect(reasonOf((await searched(clientThat(RESET, REFUSED).client)).answer)).toBe('400 bad_request');
  });
});

test.each<[string, Outcome]>([
  ['a success', FOUND],
  ['a refusal', REFUSED],
  ['an answer that is not the contract’s', failed({ cause: 'malformed', transient: false })],
  ['the order to stop', failed({ cause: 'stopped', transient: false })],
])('%s is not repeated', async (_, outcome) => {
  const { client, calls } = clientThat(outcome);
  expect((await searched(client)).answer).toEqual({ ...outcome, attempts: 1 });
  expect(calls).toHaveLength(1);
});

describe('a commit that is answered with 500', () => {
  const doubtful = failed({ reason: '500 internal', suggests: 'namespace-doubtful' });

  test('comes back at once where its namespace may be missing', async () => {
    const { client, calls } = clientThat(doubtful);
    const answer = await resilientPlugin(client, never()).commit(ROW, { doubtful: true, spent: 0 });
    expect(answer).toEqual({ ...doubtful, attempts: 1 });
    expect(calls).toHaveLength(1);
  });

  test('is repeated where its namespace is known to be there', async () => {
    const { client, calls } = clientThat(doubtful);
    const answer = resilientPlugin(client, never()).commit(ROW, SURE);
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ ...doubtful, attempts: 4 });
    expect(calls).toHaveLength(4);
  });

  test.each([
    [1, 3],
    [2, 2],
    [3, 1],
  ])('and was tried %d times before is tried %d times more: four in all', async (spent, attempts) => {
    const { client } = clientThat(doubtful);
    const answer = resilientPlugin(client, never()).commit(ROW, { doubtful: false, spent });
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ ...doubtful, attempts });
  });

  test('is told apart from other trouble, which is repeated in either case', async () => {
    const { client } = clientThat(BUSY, RESET, FOUND);
    const answer = resilientPlugin(client, never()).commit(ROW, { doubtful: true, spent: 0 });
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ ok: true, value: { id: 'a1', namespace: 'team:acme' }, attempts: 3 });
  });
});

describe('between two attempts', () => {
  test('the wait grows', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { client, waits } = clientThat(BUSY);
    await searched(client, never(), 1_000);
    const [first = 0, second = 0, third = 0] = waits();
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  test('the wait is drawn by lot, so that many callers do not come back together', async () => {
    const drawn = async (lot: number) => {
      vi.spyOn(Math, 'random').mockReturnValue(lot);
      const { client, waits } = clientThat(BUSY);
      await searched(client, never(), 1_000);
      return waits()[0] ?? 0;
    };
    expect(await drawn(0.1)).toBeLessThan(await drawn(0.9));
  });

  test('the wait is never longer than eight seconds of its own accord', async () => {
    const { client, waits } = clientThat(BUSY);
    await searched(client, never(), 1_000_000);
    expect(waits()).toEqual([8_000, 8_000, 8_000]);
  });

  test('the plugin’s Retry-After is waited for to its end', async () => {
    const { client, waits } = clientThat(failed({ retryAfterMs: 5_000 }), failed({ retryAfterMs: 30_000 }), FOUND);
    await searched(client, never(), 1);
    expect(waits()).toEqual([5_000, 30_000]);
  });

  test('a Retry-After of nothing does not shorten the wait', async () => {
    const { client, waits } = clientThat(failed({ retryAfterMs: 0 }), FOUND);
    await searched(client, never(), 1_000_000);
    expect(waits()).toEqual([8_000]);
  });

  test('a Retry-After of an hour is not waited for longer than five minutes', async () => {
    const { client, waits } = clientThat(failed({ retryAfterMs: 3_600_000 }), FOUND);
    await searched(client, never(), 1);
    expect(waits()).toEqual([300_000]);
  });
});

describe('once the run is told to stop', () => {
  test('an attempt that was under way is the last one', async () => {
    const stop = new AbortController();
    const { client, calls } = clientThat(BUSY);
    const stopping: PluginClient = {
      ...client,
      searchMemories: (body) => {
        stop.abort();
        return client.searchMemories(body);
      },
    };
    const answer = resilientPlugin(stopping, stop.signal).search(QUESTION);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0); // Nothing is waited for.
    expect(await answer).toEqual({ ...BUSY, attempts: 1 });
    expect(calls).toHaveLength(1);
  });

  test('a wait that was under way is followed by no attempt', async () => {
    const stop = new AbortController();
    const { client, calls } = clientThat(failed({ retryAfterMs: 5_000 }));
    const answer = resilientPlugin(client, stop.signal, { initialDelayMs: 1 }).search(QUESTION);
    await vi.advanceTimersByTimeAsync(1_000);
    stop.abort();
    await vi.runAllTimersAsync();
    expect(await answer).toMatchObject({ ok: false, attempts: 1 });
    expect(calls).toHaveLength(1);
  });
});

describe('what is sent', () => {
  /** A client that keeps the arguments of its last call. */
  function recording() {
    const { client } = clientThat(FOUND);
    const search = vi.spyOn(client, 'searchMemories');
    const commit = vi.spyOn(client, 'commitMemory');
    const upsert = vi.spyOn(client, 'upsertNamespace').mockResolvedValue(REFUSED);
    return { plugin: resilientPlugin(client, never()), search, commit, upsert };
  }

  test('for a search is the question, with the largest limit unless it names one', async () => {
    const { plugin, search } = recording();
    await plugin.search({ namespaces: ['team:acme'], query: 'friday', kinds: ['fact'] });
    await plugin.search({ namespaces: ['team:acme'], limit: 1 });
    expect(plugin.searchLimit).toBe(100);
    expect(search.mock.calls).toEqual([
      [{ namespaces: ['team:acme'], query: 'friday', kinds: ['fact'], limit: 100 }],
      [{ namespaces: ['team:acme'], limit: 1 }],
    ]);
  });

  test('for a row is its body, to its namespace', async () => {
    const { plugin, commit } = recording();
    await plugin.commit(ROW, SURE);
    const { id, content, kind, source } = ROW;
    expect(commit.mock.calls).toEqual([['team:acme', { id, content, kind, source }]]);
  });

  test('for a namespace is its kind and nothing else', async () => {
    const { plugin, upsert } = recording();
    await plugin.putNamespace(ROW.namespace);
    expect(upsert.mock.calls).toEqual([['team:acme', { kind: 'team' }]]);
  });
});

describe('what is taken away again', () => {
  function removing(reply: Awaited<ReturnType<PluginClient['forgetMemory']>>) {
    const { client } = clientThat(FOUND);
    const forget = vi.spyOn(client, 'forgetMemory').mockResolvedValue(reply);
    const remove = vi.spyOn(client, 'deleteNamespace').mockResolvedValue(reply);
    return { plugin: resilientPlugin(client, never()), forget, remove };
  }

  test('is a memory, as the namespace that it belongs to, and a namespace by its name', async () => {
    const { plugin, forget, remove } = removing({ ok: true, value: undefined });
    expect(await plugin.forget('a1', 'team:acme')).toEqual({ ok: true, value: undefined, attempts: 1 });
    expect(await plugin.removeNamespace('team:acme')).toEqual({ ok: true, value: undefined, attempts: 1 });
    expect(forget.mock.calls).toEqual([['a1', { requested_by_namespace: 'team:acme' }]]);
    expect(remove.mock.calls).toEqual([['team:acme']]);
    expect(Object.keys(plugin.traffic)).toEqual(['forgetMemory', 'deleteNamespace']);
  });

  test.each([403, 404])(
    'is not there, or not theirs: a %d is an answer, and is not asked for again',
    async (status) => {
      const answer = failed({ reason: `${status}`, status, transient: false, suggests: 'memory-absent-or-elsewhere' });
      const { plugin } = removing(answer);
      expect(await plugin.forget('a1', 'team:acme')).toEqual({ ...answer, attempts: 1 });
    },
  );

  test('is asked for again where the plugin is busy', async () => {
    const { plugin, forget } = removing(BUSY);
    forget.mockResolvedValueOnce(BUSY).mockResolvedValueOnce({ ok: true, value: undefined });
    const answer = plugin.forget('a1', 'team:acme');
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ ok: true, value: undefined, attempts: 2 });
  });
});

test('every attempt is told of, with how long it took and why it failed', async () => {
  const { client } = clientThat(FOUND);
  const replies = [BUSY, FOUND];
  vi.spyOn(client, 'searchMemories').mockImplementation(async () => {
    await new Promise((resolve) => setTimeout(resolve, 70));
    return replies.shift() ?? FOUND;
  });
  const onAttempt = vi.fn();
  const plugin = resilientPlugin(client, never(), { onAttempt });
  const answer = plugin.search(QUESTION);
  await vi.runAllTimersAsync();
  await answer;
  expect(onAttempt.mock.calls).toEqual([
    [{ operation: 'searchMemories', ms: 70, failure: '503 unavailable' }],
    [{ operation: 'searchMemories', ms: 70, failure: null }],
  ]);
});

describe('the traffic', () => {
  test('counts attempts, successes, retries and failures by their reason', async () => {
    const { client } = clientThat(BUSY, RESET, BUSY, FOUND);
    const { traffic } = await searched(client);
    expect(traffic).toEqual({
      searchMemories: {
        attempts: 4,
        successes: 1,
        retries: 3,
        failures: { '503 unavailable': 2, 'transport ECONNRESET': 1 },
      },
    });
  });

  test('adds up over requests, and keeps operations apart', async () => {
    const { client } = clientThat(FOUND, REFUSED, BUSY, FOUND);
    const plugin = resilientPlugin(client, never());
    await plugin.health();
    await plugin.search(QUESTION);
    await plugin.commit(ROW, SURE);
    const last = plugin.search(QUESTION);
    await vi.runAllTimersAsync();
    await last;
    expect(plugin.traffic).toEqual({
      getHealth: { attempts: 1, successes: 1, retries: 0, failures: {} },
      searchMemories: { attempts: 3, successes: 2, retries: 1, failures: { '503 unavailable': 1 } },
      commitMemory: { attempts: 1, successes: 0, retries: 0, failures: { '400 bad_request': 1 } },
    });
  });

  test('is empty before the first request, and knows of it while it is under way', async () => {
    const plugin = resilientPlugin(clientThat(FOUND).client, never());
    expect(plugin.traffic).toEqual({});
    const answer = plugin.search(QUESTION);
    expect(plugin.traffic.searchMemories).toMatchObject({ attempts: 1, successes: 0 });
    await answer;
    expect(plugin.traffic.searchMemories).toMatchObject({ attempts: 1, successes: 1 });
  });
});

describe('while nothing may be written', () => {
  test('a commit that has failed is not repeated, and comes back as one that was stopped', async () => {
    const { client, calls } = clientThat(RESET, FOUND);
    let may = true;
    const plugin = resilientPlugin(client, never(), { mayWrite: () => may });
    const answer = plugin.commit(ROW, SURE);
    await vi.advanceTimersByTimeAsync(0);
    may = false;
    await vi.runAllTimersAsync();
    expect(await answer).toMatchObject({ ok: false, failure: { cause: 'stopped' } });
    expect(calls).toHaveLength(1);
  });

  test('searches go on', async () => {
    const { client, calls } = clientThat(RESET, FOUND);
    const plugin = resilientPlugin(client, never(), { mayWrite: () => false });
    const answer = plugin.search(QUESTION);
    await vi.runAllTimersAsync();
    expect(await answer).toMatchObject({ ok: true });
    expect(calls).toHaveLength(2);
  });
});
