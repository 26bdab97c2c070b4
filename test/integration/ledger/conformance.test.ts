/** What both forms of the ledger keep to: the one in Postgres and the one in memory. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { memoryLedger } from '../../../src/ledger/memory-ledger.ts';
import { ENTRY_OUTCOMES, type LedgerEntry, type Recollection } from '../../../src/model/ledger.ts';
import type { Position } from '../../../src/model/memory.ts';
import { collected, DIGEST, entry, type LedgerDatabase, ledgerDatabase, PAIR, refusal, runStart } from './ledgers.ts';

let database: LedgerDatabase;
beforeAll(async () => {
  database = await ledgerDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** Each for a pair of its own, of which nothing is known. */
const forms: Record<string, () => Promise<Ledger>> = {
  'in Postgres': () => database.open({ pair: { ...PAIR, source: randomUUID() } }),
  'in memory': async () => memoryLedger({ ...PAIR, source: randomUUID() }),
};

const EARLY: Position = { createdAt: null, id: 'ffffffff-ffff-4fff-8fff-ffffffffffff' };
const MIDDLE: Position = { createdAt: '2025-01-31 08:09:10.000123+00', id: '11111111-1111-4111-8111-111111111111' };
const LATE: Position = { createdAt: '2025-01-31 08:09:10.000123+00', id: '22222222-2222-4222-8222-222222222222' };

describe.each(Object.entries(forms))('the ledger %s', (_, fresh) => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await fresh();
  });

  /** Begins a run and leaves it open, as a run does that died. */
  async function abandoned(
    announced: Array<Position | null>,
    checkpoint: Position | null,
    mode: 'apply' | 'rollback' = 'apply',
  ) {
    const start = runStart({ mode });
    const log = await ledger.begin(start);
    for (const horizon of announced) await log.announce(horizon, []);
    if (checkpoint) await log.record([], checkpoint, {});
    return start;
  }

  test('knows nothing before the first run', async () => {
    expect(await ledger.recall([randomUUID()])).toEqual(new Map());
    expect(await ledger.seenClean(['workspace:acme'])).toEqual(new Set());
    expect(await ledger.outstanding([{ id: MIDDLE.id, updatedAt: null }])).toEqual([MIDDLE.id]);
    expect(await ledger.copies(10)).toEqual([]);
    expect(await ledger.failures(null)).toEqual([]);
    expect(await ledger.unfinished()).toBeNull();
    expect(await ledger.run(randomUUID())).toBeNull();
    expect(await collected(ledger.entries(randomUUID(), ENTRY_OUTCOMES))).toEqual([]);
  });

  test('is asked about no rows without ado', async () => {
    expect(await ledger.recall([])).toEqual(new Map());
    expect(await ledger.outstanding([])).toEqual([]);
    expect(await ledger.seenClean([])).toEqual(new Set());
    expect(await ledger.copies(0)).toEqual([]);
  });

  test('gives back an entry as it was written, with its run and its time', async () => {
    const start = runStart();
    const log = await ledger.begin(start);
    const written = entry({ reason: 'a "quoted", \u2028 odd {word}', created: true, attempts: 3, durationMs: 0.25 });
    const skipped = entry({
      outcome: 'skipped',
      namespace: null,
      reason: 'unknown-scope',
      sourceUpdatedAt: null,
      attempts: 0,
    });
    await log.record([written, skipped], null, {});
    const [first, second, ...others] = await collected(ledger.entries(start.id, ENTRY_OUTCOMES));
    expect(first).toEqual({ ...written, runId: start.id, recordedAt: expect.stringMatching(/^\d{4}-.* .*\+00$/) });
    expect(second).toMatchObject(skipped);
    expect(others).toEqual([]);
  });

  test('lists the entries of one run, of the outcomes asked for, in the order of recording', async () => {
    const one = runStart();
    const log = await ledger.begin(one);
    const entries = Array.from({ length: 2_500 }, (_, n) =>
      entry({ outcome: ENTRY_OUTCOMES[n % 5] ?? 'kept', digest: DIGEST }),
    );
    await log.record(entries.slice(0, 1_200), null, {});
    await log.record(entries.slice(1_200), null, {});
    await log.end('done', {}, { code: 0, interruptedBy: null });
    const other = await ledger.begin(runStart());
    await other.record([entry()], null, {});
    const listed = await collected(ledger.entries(one.id, ['written', 'drift']));
    const expected = entries.filter(({ outcome }) => outcome === 'written' || outcome === 'drift');
    expect(listed.map(({ memoryId }) => memoryId)).toEqual(expected.map(({ memoryId }) => memoryId));
  });

  test('keeps of a run what it began with, how far it came, and how it ended', async () => {
    const start = runStart({ watermark: LATE, total: 3_000_000_000, actor: { userId: null, serviceId: 'nightly' } });
    const log = await ledger.begin(start);
    const open = { endedAt: null, ended: null, exitCode: null, interruptedBy: null };
    expect(await ledger.run(start.id)).toMatchObject({
      ...start,
      pair: ledger.pair,
      checkpoint: null,
      horizon: null,
      counts: {},
      ...open,
    });
    await log.announce(LATE, []);
    await log.record([], MIDDLE, { written: 7, recorded: 2 });
    expect(await ledger.run(start.id)).toMatchObject({
      checkpoint: MIDDLE,
      horizon: LATE,
      counts: { written: 7, recorded: 2 },
    });
    await log.end('interrupted', { written: 8 }, { code: 130, interruptedBy: 'SIGINT' });
    const ended = { ended: 'interrupted', exitCode: 130, interruptedBy: 'SIGINT', counts: { written: 8 } };
    expect(await ledger.run(start.id)).toMatchObject({ ...ended, endedAt: expect.stringMatching(/\+00$/) });
  });

  test('moves a checkpoint and a horizon forwards only', async () => {
    const start = runStart();
    const log = await ledger.begin(start);
    for (const [at, expected] of [
      [EARLY, EARLY],
      [LATE, LATE],
      [MIDDLE, LATE],
      [EARLY, LATE],
    ] as const) {
      await log.announce(at, []);
      await log.record([], at, {});
      expect(await ledger.run(start.id)).toMatchObject({ horizon: expected, checkpoint: expected });
    }
    await log.record([], null, {});
    expect(await ledger.run(start.id)).toMatchObject({ checkpoint: LATE });
  });

  test('remembers namespaces that were seen to be empty, from every run', async () => {
    await (await ledger.begin(runStart())).announce(EARLY, ['team:a,"b"', 'team:c']);
    const log = await ledger.begin(runStart());
    await log.announce(MIDDLE, ['team:c', 'org:d']);
    expect(await ledger.seenClean(['team:a,"b"', 'team:c', 'org:d', 'org:e'])).toEqual(
      new Set(['team:a,"b"', 'team:c', 'org:d']),
    );
  });

  test.each([
    ['done', false],
    ['findings', false],
    ['incomplete', true],
    ['interrupted', true],
  ] as const)('takes a newest apply run that is %s for unfinished: %s', async (how, expected) => {
    const start = runStart();
    const log = await ledger.begin(start);
    await log.end(how, {}, { code: 3, interruptedBy: null });
    await ledger.begin(runStart({ mode: 'rollback' }));
    expect((await ledger.unfinished())?.id ?? null).toBe(expected ? start.id : null);
  });

  test('takes an apply run that died for unfinished, past rollbacks and past runs that were refused', async () => {
    const died = await abandoned([LATE], MIDDLE);
    const refused = await ledger.begin(runStart());
    await refused.end('refused', {}, { code: 1, interruptedBy: null });
    const rollback = await ledger.begin(runStart({ mode: 'rollback' }));
    await rollback.end('done', {}, { code: 0, interruptedBy: null });
    await ledger.begin(runStart());
    expect(await ledger.unfinished()).toMatchObject({ id: died.id, checkpoint: MIDDLE, ended: null });
  });

  test('takes no batch of a run that has ended, or that another one has followed', async () => {
    const ended = await ledger.begin(runStart());
    await ended.end('done', {}, { code: 0, interruptedBy: null });
    const followed = await ledger.begin(runStart());
    const last = await ledger.begin(runStart());
    for (const log of [ended, followed]) {
      const late = entry();
      for (const attempt of [
        () => log.record([late], LATE, {}),
        () => log.announce(LATE, ['team:late']),
        () => log.end('done', {}, { code: 0, interruptedBy: null }),
      ]) {
        const error = await refusal(attempt());
        expect(error).toMatchObject({ name: 'RunError', code: 'ledger' });
        expect(error.message).toContain('may write to the ledger no longer, since');
      }
      expect(await ledger.recall([late.memoryId])).toEqual(new Map());
    }
    expect(await ledger.seenClean(['team:late'])).toEqual(new Set());
    await last.record([entry()], null, {});
  });

  test('stores what Postgres has no place for as close as can be', async () => {
    const log = await ledger.begin(runStart());
    const odd = entry({ outcome: 'accepted', reason: 'nul \0, half \ud83d' });
    await log.record([odd], null, {});
    expect((await ledger.recall([odd.memoryId])).get(odd.memoryId)?.latest.reason).toMatch(/^nul ., half .$/u);
  });

  test('recalls, lists and judges as a plain list of entries does', async () => {
    const ids = Array.from({ length: 4 }, () => randomUUID());
    const times = [null, '2025-01-31 08:09:10.000123+00', '2025-01-31 08:09:10.000124+00'];
    const anEntry: fc.Arbitrary<LedgerEntry> = fc.record({
      memoryId: fc.constantFrom(...ids),
      outcome: fc.constantFrom(...ENTRY_OUTCOMES),
      sourceUpdatedAt: fc.constantFrom(...times),
      namespace: fc.constantFrom('team:a', 'org:b'),
      digest: fc.constantFrom('00'.repeat(32), 'ff'.repeat(32)),
      reason: fc.constantFrom(null, 'why'),
      created: fc.boolean(),
      attempts: fc.nat(4),
      durationMs: fc.constantFrom(0, 1.5),
    });
    const aRun = fc.array(fc.array(anEntry, { maxLength: 6 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(aRun, { maxLength: 3 }), async (runs) => {
        const tried = await fresh();
        const model: Array<LedgerEntry & { runId: string }> = [];
        for (const batches of runs) {
          const start = runStart();
          const log = await tried.begin(start);
          for (const batch of batches) {
            await log.record(batch, null, {});
            model.push(...batch.map((each) => ({ ...each, runId: start.id })));
          }
        }
        const settling = model.filter(({ outcome }) => ['written', 'adopted', 'forgotten'].includes(outcome));
        const held = settling.filter(
          (each, place) =>
            each.outcome !== 'forgotten' &&
            !settling.slice(place + 1).some(({ memoryId }) => memoryId === each.memoryId),
        );
        const newest = (id: string) => model.findLast(({ memoryId }) => memoryId === id);
        const expected = new Map<string, Recollection>();
        for (const id of ids) {
          const latest = newest(id);
          if (!latest) continue;
          const copy = held.find(({ memoryId }) => memoryId === id);
          expected.set(id, {
            latest: pick(latest, ['outcome', 'reason', 'namespace', 'sourceUpdatedAt', 'runId']),
            copy: copy
              ? {
                  namespace: copy.namespace ?? '',
                  digest: copy.digest ?? '',
                  ...pick(copy, ['sourceUpdatedAt', 'runId']),
                }
              : null,
          });
        }
        expect(await tried.recall(ids)).toEqual(expected);
        const listed = ids.flatMap((id) => times.map((updatedAt) => ({ id, updatedAt })));
        expect(await tried.outstanding(listed)).toEqual(
          listed.filter(({ id, updatedAt }) => newest(id)?.sourceUpdatedAt !== updatedAt).map(({ id }) => id),
        );
        const copies = held
          .toReversed()
          .map(({ memoryId, namespace, digest }) => ({ id: memoryId, namespace, digest }));
        expect(await tried.copies(10)).toEqual(copies);
        expect(await tried.copies(2)).toEqual(copies.slice(0, 2));
        // What a rollback keeps says nothing of whether the memory is still to be copied.
        const lasting = model.filter(({ outcome }) => outcome !== 'kept');
        const failed = lasting.filter(
          (each) =>
            each.outcome === 'failed' && lasting.findLast(({ memoryId }) => memoryId === each.memoryId) === each,
        );
        expect(await tried.failures(null)).toEqual(failed.map(({ memoryId }) => memoryId));
        const run = model.at(-1)?.runId ?? randomUUID();
        expect(await tried.failures(run)).toEqual(
          failed
            .filter(({ memoryId }) =>
              model.some((each) => each.memoryId === memoryId && each.outcome === 'failed' && each.runId === run),
            )
            .map(({ memoryId }) => memoryId),
        );
        await tried.close();
      }),
      { numRuns: 40 },
    );
  });
});

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K>;
function pick(from: Record<string, unknown>, keys: readonly string[]) {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}
