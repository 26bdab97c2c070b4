/** A plugin in trouble is waited for. The clock is the test's; the plugin is a stand-in that answers as the test says. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PluginClient } from '../../../src/client/plugin-client.ts';
import { MAX_ATTEMPTS, type Plugin, type ResilienceOptions, resilientPlugin } from '../../../src/client/resilience.ts';
import type { Answer, Failure } from '../../../src/model/failure.ts';
import { plannedRow } from '../../support/planned.ts';

const MINUTES = 60_000;
const SURE = { doubtful: false, spent: 0 };
const DOUBTFUL = { doubtful: true, spent: 0 };

const RESET = trouble({ cause: 'transport', reason: 'transport ECONNRESET', sentence: 'The connection broke.' });
const LATE = trouble({ cause: 'deadline', reason: 'deadline', sentence: 'The plugin did not answer within 1 s.' });
const POISONED = trouble({ reason: '500 internal', status: 500, suggests: 'namespace-doubtful' });
const UNHEALTHY = trouble({ reason: '503 unhealthy', status: 503 });

function trouble(values: Partial<Failure>): Failure {
  return { cause: 'refused', reason: '503 unavailable', transient: true, sentence: 'No.', ...values };
}

const refused = (status: number, transient = false) => trouble({ reason: `${status}`, status, transient });

/** What the plugin meets a row or a question with; null is a success. */
type Verdict = Failure | null;

interface Scene {
  /** By the row's id. */
  row: (id: string) => Verdict | Promise<Verdict>;
  health: () => Verdict | Promise<Verdict>;
}

/** A plugin in front of which everything is well until the test changes that. */
function scene(options: ResilienceOptions = {}, stop = new AbortController()) {
  const plays: Scene = { row: () => null, health: () => null };
  /** Ids of rows and names of other operations, as they were sent. */
  const sent: string[] = [];
  const times: number[] = [];
  const told: string[] = [];

  async function reply<T>(what: string, verdict: () => Verdict | Promise<Verdict>, value: T) {
    sent.push(what);
    times.push(performance.now());
    const failure = await verdict();
    return failure ? { ok: false as const, failure } : { ok: true as const, value };
  }
  const namespace = { name: 'team:acme', kind: 'team', created_at: '2025-01-01T00:00:00Z' } as const;
  const client: PluginClient = {
    getHealth: () =>
      reply('health', () => plays.health(), { status: 'degraded', version: '1.0.0', capabilities: [] } as const),
    upsertNamespace: (name) => reply('put', () => plays.row('put'), { ...namespace, name }),
    patchNamespace: () => Promise.reject(new Error('Nobody should ask for this.')),
    deleteNamespace: (name) => reply(`remove ${name}`, () => plays.row('remove'), undefined),
    forgetMemory: (id, body) => reply(`forget ${id} ${body.requested_by_namespace}`, () => plays.row(id), undefined),
    searchMemories: () => reply('search', () => plays.row('search'), []),
    commitMemory: (name, { id = '' }) => reply(id, () => plays.row(id), { id, namespace: name }),
    close: () => Promise.resolve(),
  };
  const plugin = resilientPlugin(client, stop.signal, {
    outage: {
      maxMs: 5 * MINUTES,
      began: (sentence) => told.push(sentence),
      ended: (ms) => told.push(`ended after ${Math.round(ms)} ms`),
    },
    ...options,
  });
  return {
    plugin,
    plays,
    sent,
    told,
    stop,
    /** How often this was sent. */
    count: (what: string) => sent.filter((each) => each === what).length,
    /** When this was sent, in milliseconds from its first time. */
    when(what: string) {
      const all = times.filter((_, index) => sent[index] === what);
      return all.map((at) => Math.round(at - (all[0] ?? 0)));
    },
    commit: (id: string, care = SURE) => plugin.commit(row(id), care),
  };
}

const row = (id: string) => plannedRow({ id });

/** Rows one after the other, as one lane sends them. */
async function lane(plugin: Plugin, ids: readonly string[]): Promise<Map<string, Answer<unknown>>> {
  const answers = new Map<string, Answer<unknown>>();
  for (const id of ids) answers.set(id, await plugin.commit(row(id), SURE));
  return answers;
}

/** Brings the breaker to open with three rows that fail at once, and leaves the health bad. */
async function opened(options: ResilienceOptions = {}, failure = RESET) {
  const made = scene(options);
  made.plays.row = () => failure;
  made.plays.health = () => UNHEALTHY;
  const failed = ['f1', 'f2', 'f3'].map((id) => made.commit(id));
  await vi.advanceTimersByTimeAsync(0);
  made.plays.row = () => null;
  return { ...made, failed };
}

/** Lets time pass, and gives the answer if it is there by then. */
async function settled<T>(answer: Promise<T>, ms = 0): Promise<T | 'still waiting'> {
  await vi.advanceTimersByTimeAsync(ms);
  return await Promise.race([answer, Promise.resolve('still waiting' as const)]);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the breaker opens', () => {
  test.each<[string, Failure]>([
    ['a broken connection', RESET],
    ['a deadline', LATE],
    ['a 500', POISONED],
    ['a 500 of something else', trouble({ cause: 'foreign', status: 500 })],
    ['a 502', trouble({ cause: 'foreign', status: 502 })],
    ['a 503', refused(503, true)],
    ['a 504', trouble({ cause: 'foreign', status: 504 })],
  ])('at three of these in a row, whoever met with them: %s', async (_, failure) => {
    const { commit, plays, sent } = scene();
    plays.row = () => failure;
    plays.health = () => UNHEALTHY;
    for (const id of ['a', 'b']) void commit(id);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['a', 'b']);
    void commit('c');
    await vi.advanceTimersByTimeAsync(0);
    void commit('d');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.filter((what) => what !== 'health')).toEqual(['a', 'b', 'c']);
  });

  test('before a row that is sent alone has used up its attempts', async () => {
    const { commit, plays, count } = scene();
    plays.row = () => POISONED;
    plays.health = () => UNHEALTHY;
    void commit('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count('a')).toBe(MAX_ATTEMPTS - 1);
  });

  test.each<[string, Failure]>([
    ...[400, 401, 403, 404, 409, 413, 422].map((status): [string, Failure] => [`a ${status}`, refused(status)]),
    ...[408, 425, 429].map((status): [string, Failure] => [`a ${status}`, refused(status, true)]),
    ['an answer that is not the contract’s', trouble({ cause: 'malformed', status: 201, transient: false })],
  ])('at no number of these: %s', async (_, failure) => {
    const { commit, plays, count } = scene();
    plays.row = () => failure;
    const answers = Promise.all(Array.from({ length: 10 }, (_, made) => commit(`${made}`)));
    await vi.runAllTimersAsync();
    for (const answer of await answers) expect(answer).toMatchObject({ ok: false, failure });
    expect(count('health')).toBe(0);
  });

  test('at no number of commits that find their namespace missing and are answered with 500', async () => {
    const { commit, plays, count } = scene();
    plays.row = () => POISONED;
    for (let made = 0; made < 10; made++) expect(await commit(`${made}`, DOUBTFUL)).toMatchObject({ attempts: 1 });
    expect(count('health')).toBe(0);
  });

  test.each<[string, Verdict, number]>([
    ['a success', null, 0],
    ['a 404', refused(404), 0],
    ['the 500 of a commit that may have found no namespace, which says nothing', POISONED, 1],
  ])('at three in a row and not over what shows life: between two and one, %s', async (_, between, asked) => {
    const { commit, plays, count } = scene();
    plays.row = (id) => (id === 'between' ? between : RESET);
    plays.health = () => UNHEALTHY;
    for (const id of ['a', 'b']) void commit(id);
    await commit('between', DOUBTFUL);
    void commit('c');
    await vi.advanceTimersByTimeAsync(0);
    expect(count('health')).toBe(asked);
  });
});

test('the breaker counts on past an attempt that may not be sent', async () => {
  let allowed = true;
  const { commit, plays, count } = scene({ mayWrite: () => allowed });
  plays.row = () => RESET;
  plays.health = () => UNHEALTHY;
  for (const id of ['a', 'b', 'barred', 'c']) {
    allowed = id !== 'barred';
    void commit(id);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(count('health')).toBe(1);
});

describe('while it is open', () => {
  test('the plugin’s health is asked for at once, and then after pauses that grow to five seconds', async () => {
    const { when } = await opened({ initialDelayMs: 100 });
    await vi.advanceTimersByTimeAsync(18_000);
    expect(when('health')).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300, 16_300]);
  });

  test.each<[string, (plugin: Plugin) => Promise<Answer<unknown>>]>([
    ['a row', (plugin) => plugin.commit(row('late'), SURE)],
    ['a search', (plugin) => plugin.search({ namespaces: ['team:acme'] })],
    ['a namespace', (plugin) => plugin.putNamespace({ name: 'team:acme', kind: 'team' })],
    ['a memory to be forgotten', (plugin) => plugin.forget('late', 'team:acme')],
    ['a namespace to be removed', (plugin) => plugin.removeNamespace('team:acme')],
  ])('%s is not sent, and is when the plugin serves again', async (_, ask) => {
    const { plugin, plays, sent } = await opened();
    const before = sent.filter((what) => what !== 'health');
    const answer = ask(plugin);
    expect(await settled(answer, 20_000)).toBe('still waiting');
    expect(sent.filter((what) => what !== 'health')).toEqual(before);
    plays.health = () => null;
    expect(await settled(answer, 5_000)).toMatchObject({ ok: true, attempts: 1 });
  });

  test('the question for its health with which a run begins is not held back', async () => {
    const { plugin, plays } = await opened();
    plays.health = () => null;
    expect(await settled(plugin.health())).toMatchObject({ ok: true });
  });

  test('an attempt that was under way is let finish, and what it meets with counts for the row alone', async () => {
    const { commit, plays, count } = scene();
    const answers = Promise.withResolvers<Verdict>();
    plays.row = (id) => (id === 'slow' ? answers.promise : RESET);
    plays.health = () => UNHEALTHY;
    const slow = commit('slow');
    for (const id of ['a', 'b', 'c']) void commit(id);
    await vi.advanceTimersByTimeAsync(1_000);
    answers.resolve(null);
    expect(await settled(slow)).toEqual({ ok: true, value: { id: 'slow', namespace: 'team:acme' }, attempts: 1 });
    void commit('d');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count('d')).toBe(0);
  });
});

describe('when health is good again', () => {
  test('one caller is let through, one that has not failed, and the others wait for what it meets with', async () => {
    const { commit, plays, sent } = await opened();
    await vi.advanceTimersByTimeAsync(10_000); // The three that have failed are back from their pauses.
    const fresh = commit('fresh');
    const other = commit('other');
    const meeting = Promise.withResolvers<Verdict>();
    plays.row = (id) => (id === 'fresh' ? meeting.promise : null);
    plays.health = () => null;
    sent.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(['health', 'fresh']);
    meeting.resolve(null);
    expect(await settled(fresh)).toMatchObject({ ok: true, attempts: 1 });
    expect(await settled(other)).toMatchObject({ ok: true, attempts: 1 });
    expect(sent.toSorted()).toEqual(['f1', 'f2', 'f3', 'fresh', 'health', 'other']);
  });

  test('a caller that may not be sent shows nothing: the next one decides, and the others go on waiting', async () => {
    let allowed = true;
    const { commit, plays, sent } = await opened({ mayWrite: () => allowed });
    const barred = commit('barred');
    const meeting = Promise.withResolvers<Verdict>();
    plays.row = () => meeting.promise;
    plays.health = () => {
      allowed = false;
      return null;
    };
    sent.length = 0;
    expect(await settled(barred, 20_000)).toMatchObject({ ok: false, failure: { cause: 'stopped' } });
    allowed = true;
    const next = commit('next');
    const other = commit('other');
    expect(await settled(other)).toBe('still waiting');
    expect(sent).toHaveLength(2);
    meeting.resolve(null);
    expect(await settled(next, 60_000)).toMatchObject({ ok: true });
    expect(await settled(other)).toMatchObject({ ok: true });
  });

  test('and nobody waits, the first to arrive is the one', async () => {
    const { commit, plays, sent } = scene();
    const busy = { ...RESET, retryAfterMs: 60_000 };
    plays.row = () => busy;
    const failed = ['a', 'b', 'c'].map((id) => commit(id));
    await vi.advanceTimersByTimeAsync(30_000);
    const meeting = Promise.withResolvers<Verdict>();
    plays.row = (id) => (id === 'd' ? meeting.promise : null);
    const fourth = commit('d');
    const fifth = commit('e');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual(['a', 'b', 'c', 'health', 'd']);
    meeting.resolve(null);
    await vi.runAllTimersAsync();
    for (const answer of await Promise.all([...failed, fourth, fifth])) expect(answer.ok).toBe(true);
  });

  test.each<[string, Verdict]>([
    ['a success', null],
    ['a refusal, which a plugin that is down does not make', refused(400)],
    ['a request to come later', refused(429, true)],
  ])('what the one meets with closes the breaker: %s', async (_, met) => {
    const { commit, plays } = await opened();
    plays.row = (id) => (id === 'probe' ? met : null);
    void commit('probe');
    const other = commit('other');
    plays.health = () => null;
    expect(await settled(other, 5_000)).toMatchObject({ ok: true });
  });

  test.each<[string, Failure]>([
    ['a broken connection', RESET],
    ['a deadline', LATE],
    ['a 502', refused(502, true)],
    ['a 503', refused(503, true)],
    ['a 504', refused(504, true)],
  ])('what the one meets with leaves it open: %s', async (_, met) => {
    const { commit, plays, count, when } = scene({ initialDelayMs: 100 });
    plays.row = () => met;
    const answers = ['a', 'b', 'c', 'd'].map((id) => commit(id));
    await vi.advanceTimersByTimeAsync(30_000);
    // One row at a time, after one look at its health, and after pauses that grow.
    const rows = ['a', 'b', 'c', 'd'].reduce((sum, id) => sum + count(id), 0);
    expect(rows - 4).toBe(count('health'));
    const pauses = when('health').map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(pauses.slice(-3)).toEqual([5_000, 5_000, 5_000]);
    plays.row = () => null;
    await vi.advanceTimersByTimeAsync(5_000);
    for (const answer of answers) expect(await settled(answer)).toMatchObject({ ok: true });
  });
});

describe('rows that are answered with 500 always', () => {
  const isPoison = (id: string) => id.startsWith('poison');

  test('thirty of them in a row cost themselves alone, four attempts each, and seconds', async () => {
    const { plugin, plays, count, told } = scene({ initialDelayMs: 1, outage: quiet(3_000) });
    plays.row = (id) => (isPoison(id) ? POISONED : null);
    const poison = Array.from({ length: 30 }, (_, made) => `poison ${made}`);
    const ids = ['good 1', ...poison, 'good 2', 'good 3'];

    const began = performance.now();
    const answers = lane(plugin, ids);
    await vi.runAllTimersAsync();

    for (const [id, { ok, attempts }] of await answers) {
      expect([id, ok, attempts]).toEqual([id, !isPoison(id), isPoison(id) ? 4 : 1]);
      expect(count(id)).toBe(attempts);
    }
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(told).toEqual([]);
  });

  test('with good health are passed over for one that has not failed, without a pause', async () => {
    const { commit, plays, sent } = await opened({}, POISONED);
    await vi.advanceTimersByTimeAsync(10_000);
    for (const id of ['poison 1', 'poison 2', 'good', 'later']) void commit(id);
    plays.row = (id) => (isPoison(id) || id.startsWith('f') ? POISONED : null);
    plays.health = () => null;
    sent.length = 0;
    await vi.advanceTimersToNextTimerAsync();
    expect(sent.slice(0, 4)).toEqual(['health', 'poison 1', 'poison 2', 'good']);
    expect(sent).toContain('later');
  });

  test('do not wait for one another once one of them has shown that the plugin is alive', async () => {
    const { plays, sent } = await opened({}, POISONED);
    await vi.advanceTimersByTimeAsync(10_000);
    sent.length = 0;
    plays.row = () => (sent.length === 2 ? POISONED : new Promise(() => {}));
    plays.health = () => null;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toEqual(expect.arrayContaining(['f1', 'f2', 'f3']));
  });

  test('close the breaker where only such are left, which is no outage and takes no pause', async () => {
    const { commit, plays, count, told } = scene({ initialDelayMs: 1 });
    plays.row = () => POISONED;
    const answers = Promise.all(['a', 'b', 'c', 'd'].map((id) => commit(id)));
    await vi.runAllTimersAsync();
    for (const answer of await answers) expect(answer).toMatchObject({ ok: false, attempts: 4, failure: POISONED });
    expect(count('health')).toBeGreaterThan(0);
    expect(told).toEqual([]);
  });
});

describe('an outage', () => {
  test('ends though the machine’s clock was put back meanwhile', async () => {
    const { commit, plays } = await opened();
    vi.setSystemTime(Date.now() - 60 * MINUTES);
    plays.health = () => null;
    expect(await settled(commit('waiting'), 5_000)).toMatchObject({ ok: true });
  });

  test('is told of once, and once when it is over, with its length', async () => {
    const { commit, plays, told } = await opened();
    const waiting = commit('waiting');
    await vi.advanceTimersByTimeAsync(7_000);
    plays.row = () => LATE;
    plays.health = () => null;
    await vi.advanceTimersByTimeAsync(20_000);
    plays.row = () => null;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toMatchObject({ ok: true });
    expect(told).toEqual([
      'No; nothing more is sent until it serves again, for 300 s at most.',
      expect.stringMatching(/^ended after (2[789]|3[012])\d{3} ms$/),
    ]);
  });

  test('that a look at the plugin does not confirm is not told of', async () => {
    const { commit, plays, told } = scene();
    plays.row = () => RESET;
    const answers = ['a', 'b', 'c'].map((id) => commit(id));
    await vi.advanceTimersByTimeAsync(0);
    plays.row = () => null;
    await vi.runAllTimersAsync();
    for (const answer of answers) expect(await answer).toMatchObject({ ok: true, attempts: 2 });
    expect(told).toEqual([]);
  });

  test('costs no row an attempt, though its last failed as it began', async () => {
    const { commit, plays } = scene();
    const from = performance.now();
    plays.row = () => (performance.now() - from < 7_000 ? LATE : null);
    plays.health = () => (performance.now() - from < 7_000 ? LATE : null);
    const answer = commit('a', { doubtful: false, spent: 4 });
    await vi.runAllTimersAsync();
    expect(await answer).toMatchObject({ ok: true });
  });

  test('gives back the attempts that it took on its way to the opening', async () => {
    const { commit, plays, count } = scene({ initialDelayMs: 1 });
    plays.row = (id) => (id === 'a' || id === 'b' ? RESET : null);
    plays.health = () => UNHEALTHY;
    const first = commit('a'); // Two attempts of its own, and the third of all is another's.
    await vi.advanceTimersByTimeAsync(0);
    while (count('a') < 2) await vi.advanceTimersToNextTimerAsync();
    void commit('b');
    await vi.advanceTimersByTimeAsync(1_000);
    plays.row = (id) => (id === 'a' && count('a') < 2 + MAX_ATTEMPTS ? { ...RESET, ...refused(408, true) } : null);
    plays.health = () => null;
    await vi.runAllTimersAsync();
    expect(await first).toMatchObject({ ok: true, attempts: 2 + MAX_ATTEMPTS });
  });

  test('that has only begun costs no row its last attempt, though others fail as well', async () => {
    const { commit, plays, count } = scene();
    plays.row = (id) => (id === 'a' && count('a') > 1 ? null : { ...RESET, retryAfterMs: id === 'a' ? 0 : 60_000 });
    const answer = commit('a', { doubtful: false, spent: 5 });
    await vi.advanceTimersByTimeAsync(0);
    void commit('b');
    expect(await settled(answer, 10_000)).toMatchObject({ ok: true, attempts: 2 });
  });

  test('that has only begun costs no row its last attempt, though another may not be sent', async () => {
    let allowed = true;
    const { commit, plays, count } = scene({ mayWrite: () => allowed });
    plays.row = () => (count('a') > 1 ? null : RESET);
    const answer = commit('a', { doubtful: false, spent: 5 });
    await vi.advanceTimersByTimeAsync(0);
    allowed = false;
    expect(await settled(commit('barred'))).toMatchObject({ ok: false });
    allowed = true;
    expect(await settled(answer, 10_000)).toMatchObject({ ok: true, attempts: 2 });
  });

  test('of a moment costs no row its last attempt, though another is answered first', async () => {
    const { commit, plays } = scene();
    plays.row = () => RESET;
    const answer = commit('a', { doubtful: false, spent: 5 });
    for (const id of ['b', 'c']) void commit(id);
    await vi.advanceTimersByTimeAsync(0);
    plays.row = () => null;
    expect(await settled(commit('fresh'))).toMatchObject({ ok: true });
    expect(await settled(answer, 10_000)).toMatchObject({ ok: true, attempts: 2 });
  });

  test('does not count the attempt that opened the breaker', async () => {
    const { commit, plays, count } = scene({ initialDelayMs: 1 });
    const met = () => (count('a') <= 3 ? RESET : refused(408, true));
    plays.row = () => (count('a') < 3 + MAX_ATTEMPTS ? met() : null);
    expect(await settled(commit('a'), 1_000)).toMatchObject({ ok: true, attempts: 3 + MAX_ATTEMPTS });
  });

  test('gives 500s back where the plugin called itself unhealthy after them', async () => {
    const { commit, plays, count } = scene({ initialDelayMs: 1 });
    plays.row = () => (count('a') <= 6 ? POISONED : null);
    plays.health = () => (count('health') <= 2 ? UNHEALTHY : null);
    expect(await settled(commit('a'), 1_000)).toMatchObject({ ok: true, attempts: 7 });
  });

  test('gives 500s back once in a call: a plugin that is unwell after every one of them ends nothing', async () => {
    const { commit, plays, count } = scene({ initialDelayMs: 1 });
    plays.row = () => POISONED;
    plays.health = () => (count('health') % 2 === 1 ? UNHEALTHY : null);
    const answers = await settled(Promise.all(['a', 'b', 'c'].map((id) => commit(id))), MINUTES);
    if (answers === 'still waiting') throw new Error('They are sent for ever.');
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, failure: POISONED });
  });

  test('is not seen in a row that fails while others are answered: it is given up after four attempts', async () => {
    const { commit, plays } = scene({ initialDelayMs: 100 });
    plays.row = (id) => (id === 'bad' ? RESET : null);
    const bad = commit('bad');
    for (let at = 0; at < 200; at++) {
      await commit(`good ${at}`);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(await settled(bad)).toEqual({ ok: false, failure: RESET, attempts: MAX_ATTEMPTS });
  });
});

describe('an outage that lasts for as long as it may', () => {
  test('sends away whoever waits and whoever comes, and says since when and what it was', async () => {
    vi.setSystemTime(new Date('2025-03-01T10:00:00Z'));
    const { commit, plugin, failed, plays, sent } = await opened({ outage: quiet(2_000) });
    const waiting = commit('waiting');
    expect(await settled(waiting, 1_999)).toBe('still waiting');
    const outage = {
      ok: false,
      failure: {
        cause: 'outage',
        reason: 'outage',
        transient: false,
        sentence:
          'The plugin has not served since 2025-03-01T10:00:00.000Z, and was waited for as long as it may be, 2 s (No).',
      },
    };
    expect(await settled(waiting, 1)).toEqual({ ...outage, attempts: 0 });
    plays.health = () => null;
    sent.length = 0;
    expect(await settled(plugin.search({ namespaces: ['team:acme'] }))).toEqual({ ...outage, attempts: 0 });
    await vi.runAllTimersAsync();
    for (const answer of failed) expect(await answer).toEqual({ ...outage, attempts: 1 });
    expect(sent).toEqual([]);
  });

  test('is not stretched by a plugin that does not answer the question for its health', async () => {
    const { commit, plays } = await opened({ outage: quiet(2_000) });
    plays.health = () => new Promise(() => {});
    expect(await settled(commit('waiting'), 2_000)).toMatchObject({ failure: { cause: 'outage' } });
  });

  test('is not one while health is good and nobody asks for anything; the next to come decides', async () => {
    for (const met of [null, RESET]) {
      const { commit, plays, count } = scene({ outage: quiet(2_000) });
      plays.row = () => ({ ...RESET, retryAfterMs: 60_000 });
      plays.health = () => (count('health') === 1 ? UNHEALTHY : null);
      for (const id of ['a', 'b', 'c']) void commit(id);
      await vi.advanceTimersByTimeAsync(10_000);
      plays.row = () => met;
      const next = await settled(commit('d'), 1_000);
      expect(next).toMatchObject(met ? { failure: { cause: 'outage' }, attempts: 1 } : { ok: true });
    }
  });

  test.each([0, 10])(
    'is not one where rows are poison, one after the other, and health is good: at most %d ms',
    async (maxMs) => {
      const { commit, plays } = scene({ outage: quiet(maxMs), initialDelayMs: 1 });
      const slowly = async (verdict: Verdict) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return verdict;
      };
      plays.row = (id) => slowly(id === 'good' ? null : POISONED);
      plays.health = () => slowly(null);
      const answers = Promise.all(['a', 'b', 'c', 'd', 'e', 'good'].map((id) => commit(id)));
      await vi.advanceTimersByTimeAsync(MINUTES);
      for (const answer of (await answers).slice(0, -1))
        expect(answer).toMatchObject({ failure: POISONED, attempts: 4 });
      expect((await answers).at(-1)).toMatchObject({ ok: true });
    },
  );

  test('of no time at all is over at the first look that fails', async () => {
    const { failed } = await opened({ outage: quiet(0), initialDelayMs: 1 });
    for (const answer of failed) expect(await settled(answer, 100)).toMatchObject({ failure: { cause: 'outage' } });
  });

  test('of months can be asked for, and is not over at once', async () => {
    const { commit } = await opened({ outage: quiet(100 * 24 * 60 * MINUTES) });
    expect(await settled(commit('waiting'), MINUTES)).toBe('still waiting');
  });
});

describe('the order to stop', () => {
  test('sends away whoever waits, at once, and ends the looking', async () => {
    const { commit, failed, stop, count, told } = await opened();
    const waiting = commit('waiting');
    await vi.advanceTimersByTimeAsync(10_000);
    const looks = count('health');
    stop.abort();
    expect(await settled(waiting)).toMatchObject({ ok: false, failure: { cause: 'stopped' }, attempts: 0 });
    for (const answer of failed) {
      expect(await settled(answer)).toMatchObject({ ok: false, failure: { cause: 'stopped' }, attempts: 1 });
    }
    expect(await settled(commit('later'))).toMatchObject({ ok: false, failure: { cause: 'stopped' }, attempts: 0 });
    await vi.advanceTimersByTimeAsync(10 * MINUTES);
    expect(count('health')).toBe(looks);
    expect(told).toHaveLength(1); // That it began: it did not end.
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves nothing behind where health is good and nobody waits', async () => {
    const { plays, stop, commit } = scene();
    plays.row = () => ({ ...RESET, retryAfterMs: 60_000 });
    for (const id of ['a', 'b', 'c']) void commit(id);
    await vi.advanceTimersByTimeAsync(1_000);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('in an outage does not lay that at the door of a row that pauses between its attempts', async () => {
    const { failed, stop } = await opened({ initialDelayMs: 1_000_000 });
    stop.abort();
    for (const answer of failed) expect(await settled(answer)).toMatchObject({ failure: { cause: 'stopped' } });
  });
});

test('a plugin that is let go of in an outage is looked at no more', async () => {
  const { plugin, commit, count } = await opened();
  const waiting = commit('waiting');
  await plugin.close();
  await vi.advanceTimersByTimeAsync(10 * MINUTES);
  expect(await waiting).toMatchObject({ ok: false, attempts: 0 });
  expect(count('health')).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a fault on the way out of an outage reaches whoever waits and whoever comes', async () => {
  const { commit, plays, failed } = await opened();
  const waiting = [...failed, commit('waiting')].map((answer) => expect(answer).rejects.toThrow('a fault'));
  plays.health = () => Promise.reject(new Error('a fault'));
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(waiting);
  await expect(commit('later')).rejects.toThrow('a fault');
});

test('the looks at its health are in the traffic', async () => {
  const { plugin, plays } = await opened({ initialDelayMs: 100 });
  await vi.advanceTimersByTimeAsync(300);
  plays.health = () => null;
  await vi.advanceTimersByTimeAsync(400);
  expect(plugin.traffic.getHealth).toEqual({ attempts: 4, successes: 1, retries: 0, failures: { '503 unhealthy': 3 } });
});

describe('the law: whatever the rows and the lanes, and whenever and for however long the plugin is down', () => {
  type Kind = 'good' | 'poison' | 'rejected';
  const kinds = fc.constantFrom<Kind[]>('good', 'good', 'good', 'poison', 'rejected');
  const lanes = fc.array(fc.array(kinds, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
  const manners = fc.constantFrom(RESET, LATE, refused(502, true), refused(503, true), refused(504, true));
  const outages = fc.record({
    after: fc.integer({ min: 0, max: 400 }),
    lasts: fc.integer({ min: 0, max: 60_000 }),
    manner: manners,
  });

  test('every good row is written, no other row is held against the outage alone, and the run ends', async () => {
    await fc.assert(
      fc.asyncProperty(lanes, outages, fc.integer({ min: 0, max: 50 }), async (laid, outage, latency) => {
        const { plugin, plays } = scene({ initialDelayMs: 20 });
        const from = performance.now() + outage.after;
        const answered = async (verdict: Verdict) => {
          await new Promise((resolve) => setTimeout(resolve, latency));
          const now = performance.now();
          return now >= from && now < from + outage.lasts ? outage.manner : verdict;
        };
        plays.health = () => answered(null);
        plays.row = (id) => answered(verdictOn(id));

        const idsOf = (kinds: Kind[], lane: number) => kinds.map((kind, place) => `${kind} ${lane} ${place}`);
        const ended = Promise.all(laid.map((rows, number) => lane(plugin, idsOf(rows, number))));
        const answers = await settled(ended, outage.after + outage.lasts + 4 * MINUTES);

        if (answers === 'still waiting') throw new Error('The run does not end.');
        for (const [id, answer] of answers.flatMap((each) => [...each])) {
          expect([id, answer.ok]).toEqual([id, id.startsWith('good')]);
          if (!answer.ok) expect(['outage', 'stopped']).not.toContain(answer.failure.cause);
        }
      }),
      { numRuns: 200 },
    );
  });

  function verdictOn(id: string): Verdict {
    if (id.startsWith('poison')) return POISONED;
    return id.startsWith('rejected') ? refused(400) : null;
  }
});

/** An outage of at most so many milliseconds, of which nobody is told. */
function quiet(maxMs: number) {
  return { maxMs, began: () => {}, ended: () => {} };
}
