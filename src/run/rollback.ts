/**
 * `--rollback <run-id>`: takes out of the plugin what a run newly created there and nobody has touched since. All else stays, and is
 * listed with the reason.
 *
 * What the run wrote is read from its entries, batch by batch, in three sieves: what the ledger settles by itself (rows that were
 * there before the run, rows that a later run wrote), what the plugin settles (it is looked up now, and compared by its keyed digest),
 * and what is left, which is forgotten. The dry form ends before the forgetting, and records nothing.
 *
 * In namespaces that hold more than a search lists, some memories cannot be found at first: those without a word to search for, or
 * all of them where the plugin has no text search. But the newest are listed first, so that forgetting them brings older ones to
 * light: what is open after the last batch is looked at again, namespace by namespace, for as long as that settles anything. A
 * dry run cannot know how far that will go, and counts the open ones as unsettled.
 *
 * States of a memory, and what a crash in each leaves behind:
 *
 *   created     it has an entry of the run, and no later one that concerns it. The next rollback looks it up
 *   announced   the ledger says that it is being forgotten: it may be, or not. The next rollback looks it up; where it is absent,
 *               that was this one's doing, and is recorded then
 *   forgotten   the plugin has acknowledged, the entry is in memory alone. A crash loses it, which leaves the memory announced
 *   recorded    the ledger says forgotten: the next rollback counts it, an apply sends it again
 *
 * A memory that is absent without having been announced was forgotten by somebody else, and an apply must not bring it back.
 *
 * Between the look and the forgetting lies a window in which version 1 of the contract cannot keep a user from editing: one batch at
 * the most.
 */
import pLimit from 'p-limit';
import type { Ledger, RunLog } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import { type EventLog, rowEvent } from '../model/events.ts';
import type { Actor, LedgerEntry, RecordedEntry, RunRecord } from '../model/ledger.ts';
import type { ObservedMemory } from '../model/memory.ts';
import type { RollbackResult } from '../model/rollback.ts';
import { isBeingForgotten } from '../plan/changes.ts';
import { openBooks } from './books.ts';
import { chunks } from './chunks.ts';
import { type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { isRepetition } from './entries.ts';
import {
  announced,
  announcement,
  byLedger,
  entryOf,
  type Fate,
  kept,
  leftBy,
  type Settled,
  type Sought,
  unsettled,
} from './rollback-fates.ts';
import { lookAt, type Sight } from './rollback-looks.ts';
import { rollbackTally } from './rollback-tally.ts';
import { searchTexts } from './search-texts.ts';

export interface RollbackRequest {
  ledger: Ledger;
  /** The run that is to be undone. */
  of: string;
  /** False for the dry form. */
  act: boolean;
  actor: Actor;
  toolVersion: string;
  events: EventLog;
  /**
   * Undefined while this run holds the ledger's lock, as a rule; else what resolves once it does, and rejects with RunError `ledger`
   * after too long.
   */
  maySend(): Promise<void> | undefined;
}

const NOT_THERE = 'is not in its namespace any more';

/** Memories that are looked at, forgotten and recorded together. */
const BATCH = 200;

/**
 * @throws RunError `configuration` where there is no such run, or it cannot be undone between these ends; `ledger`
 */
export async function rollback(
  context: RunContext,
  ends: Ends,
  request: RollbackRequest,
): Promise<Ended<RollbackResult>> {
  const { plugin, observer, stop } = context;
  const { ledger, of, act } = request;
  const run = await runToUndo(ledger, of);
  const total = (run.counts.written ?? 0) + (run.counts.adopted ?? 0);
  const books = act ? await openBooks(context, request, { mode: 'rollback', watermark: null, total }) : null;
  const log = books?.log ?? null;
  const looking = { hasTextSearch: ends.plugin.capabilities.includes('fts'), concurrency: context.concurrency };
  const inFlight = pLimit(context.concurrency);
  const tally = rollbackTally();
  /** Every id of the run, some 75 bytes each: a memory may have several entries, and the first says who created it. */
  const seen = new Set<string>();
  const open: Array<[Sought, Extract<Sight, { sight: 'unsettled' }>]> = [];
  let unwritten: RunError | null = null;

  async function undoBatch(entries: readonly RecordedEntry[]): Promise<void> {
    const known = await ledger.recall(entries.map(({ memoryId }) => memoryId));
    const settled: Settled[] = [];
    const sought: Sought[] = [];
    for (const entry of entries) {
      const judged = byLedger(entry, known.get(entry.memoryId), of);
      if ('fate' in judged) settled.push(judged);
      else sought.push(judged);
    }
    await settle(settled);
    open.push(...(await undo(sought, (ids) => searchTexts(context, ids))));
  }

  /** Looks again at what is open, by listings alone, as long as what is forgotten brings more to light. */
  async function undoOpen(): Promise<void> {
    for (const group of Map.groupBy(open.splice(0), ([{ namespace }]) => namespace).values()) {
      let left = group;
      for (let before = Number.POSITIVE_INFINITY; act && left.length < before && !stop.aborted; ) {
        before = left.length;
        left = await undo(
          left.map(([sought]) => sought),
          async () => new Map(),
          left,
        );
      }
      if (stop.aborted) return;
      await settle(left.map(([sought, { why }]) => ({ ...sought, fate: unsettled(why) })));
    }
  }

  /**
   * Looks, forgets what is as the run wrote it, and records what became of each.
   *
   * @param before what an earlier look said; it knew more of why a memory could not be found
   * @returns what search could not settle
   */
  async function undo(
    sought: readonly Sought[],
    readTexts: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>,
    before: typeof open = [],
  ): Promise<typeof open> {
    if (sought.length === 0) return [];
    const left: typeof open = [];
    const seenNow: Array<[Sought, Exclude<Sight, { sight: 'unsettled' }>]> = [];
    for (const [index, [one, sight]] of (await lookAt(plugin, ledger.digester, looking, sought, readTexts)).entries()) {
      if (sight.sight === 'unsettled') left.push(before[index] ?? [one, sight]);
      else seenNow.push([one, sight]);
    }
    for (const batch of chunks(seenNow, BATCH)) {
      const ready = await announce(batch);
      await settle(
        await Promise.all(ready.map(async ([one, sight]) => ({ ...one, fate: await inFlight(carryOut, one, sight) }))),
      );
    }
    return left;
  }

  /** Has the ledger know which memories are about to be forgotten. */
  async function announce<S extends Sight>(batch: ReadonlyArray<[Sought, S]>): Promise<Array<[Sought, S]>> {
    if (!log || stop.aborted) return [...batch];
    const isDoomed = ([one, { sight }]: [Sought, S]) => sight === 'as-written' && !isBeingForgotten(one.known);
    await record(
      log,
      batch.filter(isDoomed).map(([one]) => announcement(one)),
    );
    return batch.map((pair) => (isDoomed(pair) ? [announced(pair[0], context.runId), pair[1]] : pair));
  }

  async function carryOut(sought: Sought, sight: Exclude<Sight, { sight: 'unsettled' }>): Promise<Fate> {
    switch (sight.sight) {
      case 'as-written':
        return act ? await forget(sought, sight.memory) : { fate: 'forgotten', attempts: 0, durationMs: 0 };
      case 'edited':
        return kept('edited', 'is no longer what the run wrote');
      case 'absent':
        return isBeingForgotten(sought.known) ? { fate: 'already', recorded: false } : kept('absent', NOT_THERE);
      case 'unasked':
        return (
          leftBy(sight.error.failure, stop.aborted) ?? kept('failed', `could not be looked up: ${sight.error.message}`)
        );
    }
  }

  async function forget({ id, namespace, digest }: Sought, memory: ObservedMemory): Promise<Fate> {
    try {
      await request.maySend();
    } catch (error) {
      if (error instanceof RunError) return { fate: 'left', error };
      throw error;
    }
    if (stop.aborted) return { fate: 'left', error: null };
    const begun = performance.now();
    const answer = await plugin.forget(id, namespace);
    const { attempts } = answer;
    const forgotten: Fate = { fate: 'forgotten', attempts, durationMs: Math.round(performance.now() - begun) };
    if (answer.ok) return forgotten;
    const { failure } = answer;
    const isElsewhere = failure.suggests === 'memory-elsewhere';
    if (!isElsewhere && failure.suggests !== 'memory-absent-or-elsewhere') {
      return leftBy(failure, stop.aborted) ?? kept('failed', `could not be forgotten: ${failure.sentence}`);
    }
    const again = { id, namespace, digest };
    const text = new Map([[id, memory.content]]);
    const [seenAgain] = await lookAt(plugin, ledger.digester, looking, [again], async () => text);
    if (seenAgain?.[1].sight !== 'absent') return kept('failed', `could not be forgotten: ${failure.sentence}`);
    if (isElsewhere) return kept('edited', 'was moved to another namespace');
    // An earlier attempt, whose answer was lost, may have done it; without one, it was somebody else.
    return attempts > 1 ? forgotten : kept('absent', NOT_THERE);
  }

  /** Counts what became of the memories, and writes it down: in a run that acts, before anything else is sent. */
  async function settle(memories: readonly Settled[]): Promise<void> {
    const entries: LedgerEntry[] = [];
    let ending: RunError | null = null;
    for (const memory of memories) {
      const { id, namespace, fate, known } = memory;
      if (fate.fate === 'left') ending ??= fate.error;
      if (fate.fate === 'already') tally.already();
      if (fate.fate === 'forgotten') tally.forgot();
      if (fate.fate === 'kept') tally.keep({ id, namespace, reason: fate.reason, sentence: fate.sentence });
      const entry = entryOf(memory, of);
      if (entry && !isRepetition(entry, known)) entries.push(entry);
    }
    observer.progress(tally.done(), total, 'rows');
    if (log) await record(log, entries);
    if (ending) throw ending;
  }

  async function record(log: RunLog, entries: readonly LedgerEntry[]): Promise<void> {
    // What was done has to be written down even when the run is told to stop, and that it could not be, told.
    unwritten = await untilError(new AbortController().signal, async () => {
      for (const batch of chunks(entries, BATCH)) await log.record(batch, null, tally.counts());
      await Promise.all(entries.map((entry) => request.events.log(rowEvent(entry))));
    });
    if (unwritten) throw unwritten;
  }

  const error = await untilError(stop, async () => {
    for await (const entries of ledger.entries(of, ['written', 'adopted'])) {
      const firsts = entries.filter(({ memoryId }) => isFirst(memoryId));
      for (const batch of chunks(firsts, BATCH)) {
        if (stop.aborted) return;
        await undoBatch(batch);
      }
    }
    if (!stop.aborted) await undoOpen();
  });

  function isFirst(id: string): boolean {
    return !seen.has(id) && seen.add(id).has(id);
  }

  return {
    result: { mode: 'rollback', of, acted: act, ...tally.result() },
    error: unwritten ?? error,
    close: async (exit) => await books?.close(exit, unwritten ?? error, tally.counts()),
  };
}

/** @throws RunError `configuration` with what stands in the way */
async function runToUndo(ledger: Ledger, of: string): Promise<RunRecord> {
  const refusal = (why: string, remedy: string) =>
    new RunError('configuration', `${why}: nothing was changed. ${remedy}`);
  const run = await ledger.run(of);
  if (!run) throw refusal(`The ledger has no run ${of}`, '--status lists the runs.');
  if (run.mode !== 'apply') throw refusal(`Run ${of} is a rollback`, 'An apply copies again what it took out.');
  const { source, plugin } = run.pair;
  if (plugin !== ledger.pair.plugin) {
    throw refusal(
      `Run ${of} wrote to ${plugin}, and MEMORY_PLUGIN_URL names ${ledger.pair.plugin}`,
      'Name the plugin of that run.',
    );
  }
  if (source !== ledger.pair.source) {
    throw refusal(
      `Run ${of} read from ${source}, and DATABASE_URL names ${ledger.pair.source}`,
      'Name the source of that run.',
    );
  }
  return run;
}
