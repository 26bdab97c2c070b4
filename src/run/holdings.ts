/**
 * What the plugin holds of the rows that are about to be written: version 1 of the contract has no read by id, so it is asked by
 * namespace, before the first row goes into one.
 *
 * What is known of a namespace, for as long as the run lasts:
 *
 *   (not known)   this run has not looked
 *   empty         it was empty when this run first looked: whatever it holds under a row's id since then was written by this run.
 *                 Nothing has to be looked up before a new row is written
 *   listed        it held so few memories that one listing showed them all; their digests are kept, not their contents
 *   full          it held more than a listing shows: each row is looked for by itself. That its words do not find one proves
 *                 nothing, since somebody may have edited what is there; unless the namespace is this tool's own: by the ledger,
 *                 an earlier run saw it empty before the first row went in, what that left without a record is among the
 *                 newest that a listing shows (recorder.ts sees to that), and none of those is the copy of a run that the
 *                 ledger does not know
 *   followed      full and this tool's own, and a listing, newest first, reaches back to a memory that the ledger has: whatever
 *                 came in since then is in the listing, so that a new row that is not in it is nowhere in the namespace
 *
 * A row that may have been sent before, or that was copied and has changed since, is looked for anew each time, whatever is known
 * of its namespace: what matters is what the plugin holds now. Between that look and the write lies a window in which version
 * 1 cannot keep a user from editing; it is one page of rows at the most.
 *
 * A crash loses what is known here, and costs the next run the looks; that a namespace was empty is in the ledger before
 * the first row goes into it.
 */
import type { Plugin } from '../client/resilience.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ObservedMemory, PlannedWrite } from '../model/memory.ts';
import type { Held } from '../plan/changes.ts';
import { CouldNotAsk, type Look, type Observations, type ObserveOptions, observe } from './observations.ts';

/** A row that is to be looked for. */
export interface Wanted {
  planned: PlannedWrite;
  /** Names of the namespaces where it could be: its own, and what its workspace reads. */
  places: readonly string[];
  /**
   * - `new`: what is known of its namespaces is good enough
   * - `doubtful`: it may have been sent before
   * - `changed`: it was copied to its own namespace, with another content
   */
  standing: 'new' | 'doubtful' | 'changed';
}

export interface Holdings {
  /** @returns what is held of each, in the order given; in the place of a row for which there was no answer, why not */
  lookFor(rows: readonly Wanted[]): Promise<Array<Held | CouldNotAsk>>;
  /** Namespaces that were seen to be empty since the last call, for the ledger. */
  takeSeenEmpty(): string[];
}

type Known =
  | 'empty'
  | ReadonlyMap<string, Held>
  | { full: true; own: boolean; followed: ReadonlyMap<string, Held> | null };

const OTHER_WORDS =
  'its namespace held more than search lists before this tool first wrote into it, and its words would not find it where somebody has edited it';

/** Memories whose digests are kept of listed namespaces; beyond that, the namespaces listed first are asked for again. */
const KEPT = 200_000;

export function holdings(plugin: Plugin, ledger: Ledger, options: Omit<ObserveOptions, 'manyNamespaces'>): Holdings {
  const known = new Map<string, Known>();
  let seenEmpty: string[] = [];
  let kept = 0;

  async function lookFor(rows: readonly Wanted[]): Promise<Array<Held | CouldNotAsk>> {
    const names = [...new Set(rows.flatMap(({ places }) => places))];
    if (names.length === 0) return [];
    const now = observe(plugin, { ...options, manyNamespaces: names.slice(0, 100) });
    const failed = await firstLooks(names, now);
    return await Promise.all(rows.map((row) => held(row, now).catch(asValue)));

    async function held(row: Wanted, now: Observations): Promise<Held> {
      if (row.standing === 'changed') return await lookForChanged(row, now);
      for (const name of row.places) {
        const there = await heldIn(name, row, now);
        if (there.held !== 'nothing') return there;
      }
      return { held: 'nothing' };
    }

    async function heldIn(name: string, { planned, standing }: Wanted, now: Observations): Promise<Held> {
      const error = failed.get(name);
      if (error) throw error;
      const what = known.get(name);
      if (standing === 'new' && what === 'empty') return { held: 'nothing' };
      const listed = listedIn(what);
      if (standing === 'new' && listed) return listed.get(planned.id) ?? { held: 'nothing' };
      const look = await now.look(name, planned);
      const provesNothing = look.result === 'absent' && name === planned.namespace.name && isForeign(what);
      return asHeld(provesNothing ? { result: 'unsettled', why: OTHER_WORDS } : look, isOwn(what));
    }
  }

  async function lookForChanged({ planned }: Wanted, now: Observations): Promise<Held> {
    return asHeld(await now.lookForEarlier(planned.namespace.name, planned), false);
  }

  /** @returns the namespaces of which the plugin gave no answer, each with why */
  async function firstLooks(names: readonly string[], now: Observations): Promise<ReadonlyMap<string, CouldNotAsk>> {
    const failed = new Map<string, CouldNotAsk>();
    const unseen = names.filter((name) => !known.has(name));
    if (unseen.length === 0) return failed;
    try {
      const found = await now.survey(unseen);
      const own = await ledger.seenEmpty(
        [...found].filter(([, sighting]) => 'first' in sighting).map(([name]) => name),
      );
      for (const [name, sighting] of found) {
        if ('whole' in sighting) keep(name, sighting.whole);
        else known.set(name, { full: true, ...(await followUp(sighting.first, own.has(name))) });
      }
    } catch (error) {
      if (!(error instanceof CouldNotAsk)) throw error;
      for (const name of unseen.filter((name) => !known.has(name))) failed.set(name, error);
    }
    return failed;
  }

  /** Whether a namespace is still this tool's own, and whether a listing reaches back to what was written into it last. */
  async function followUp(first: readonly ObservedMemory[], wasOwn: boolean) {
    if (!wasOwn) return { own: false, followed: null };
    const recorded = await ledger.recall(first.map(({ id }) => id));
    const strangers = first.filter(({ id }) => !recorded.get(id)?.copy);
    if (await holdCopyOfAnother(strangers)) return { own: false, followed: null };
    const unpinned = first.filter(({ pinned }) => !pinned);
    const reaches = isNewestFirst(unpinned) && unpinned.some(({ id }) => recorded.get(id)?.copy);
    return {
      own: true,
      followed: reaches ? withoutContents(new Map(first.map((memory) => [memory.id, memory]))) : null,
    };
  }

  /** Whether a run that this ledger does not know has copied memories, as somebody's without a ledger would. */
  async function holdCopyOfAnother(memories: readonly ObservedMemory[]): Promise<boolean> {
    for (const id of new Set(memories.map(({ provenance }) => runOf(provenance)))) {
      if (id === undefined) continue;
      const run = UUID.test(id) ? await ledger.run(id) : null;
      if (run?.pair.source !== ledger.pair.source || run.pair.plugin !== ledger.pair.plugin) return true;
    }
    return false;
  }

  function keep(name: string, whole: ReadonlyMap<string, ObservedMemory>): void {
    if (whole.size === 0) {
      known.set(name, 'empty');
      seenEmpty.push(name);
      return;
    }
    known.set(name, withoutContents(whole));
    kept += whole.size;
    for (const [oldest, what] of known) {
      if (kept <= KEPT) break;
      if (!(what instanceof Map) || oldest === name) continue;
      kept -= what.size;
      known.delete(oldest);
    }
  }

  return {
    lookFor,
    takeSeenEmpty() {
      const taken = seenEmpty;
      seenEmpty = [];
      return taken;
    },
  };

  function withoutContents(whole: ReadonlyMap<string, ObservedMemory>): ReadonlyMap<string, Held> {
    return new Map([...whole].map(([id, memory]): [string, Held] => [id, heldMemory(memory)]));
  }

  function heldMemory(memory: ObservedMemory): Held {
    const { ofObserved, ofProvenance } = ledger.digester;
    const digests = { digest: ofObserved(memory), provenance: ofProvenance(memory.provenance) };
    return { held: 'memory', namespace: memory.namespace, ...digests };
  }

  function asHeld(look: Look, ownAlone: boolean): Held {
    switch (look.result) {
      case 'found':
        return heldMemory(look.memory);
      case 'absent':
        return { held: 'nothing' };
      case 'unsettled':
        return { held: 'unsettled', why: look.why, ownAlone };
    }
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The run that a provenance names; undefined where it is none of a copy's. */
function runOf(provenance: unknown): string | undefined {
  if (typeof provenance !== 'object' || provenance === null || !('run_id' in provenance)) return undefined;
  return typeof provenance.run_id === 'string' ? provenance.run_id : undefined;
}

/** What is known of a namespace's rows by id alone; undefined where that is not all that matters. */
function listedIn(known: Known | undefined): ReadonlyMap<string, Held> | undefined {
  if (known instanceof Map) return known;
  return known !== undefined && known !== 'empty' && 'full' in known ? (known.followed ?? undefined) : undefined;
}

/** Plugins in the field list in any order; the contract's is newest first. */
function isNewestFirst(memories: readonly ObservedMemory[]): boolean {
  const times = memories.map(({ createdAt }) => Date.parse(createdAt));
  return times.every((time, index) => !Number.isNaN(time) && time <= (times[index - 1] ?? time));
}

/** Whether nothing but this tool's own writes can be under a row's id. */
function isOwn(known: Known | undefined): boolean {
  return known === 'empty' || (known !== undefined && 'full' in known && known.own);
}

/** Whether somebody else has put more into it than search lists. */
function isForeign(known: Known | undefined): boolean {
  return known !== undefined && known !== 'empty' && 'full' in known && !known.own;
}

function asValue(error: unknown): CouldNotAsk {
  if (error instanceof CouldNotAsk) return error;
  throw error;
}
