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
 *                 nothing, since somebody may have edited what is there: such a row is unsettled
 *   followed      full, but by the ledger it was seen clean before the first row went in; a listing, newest first, reaches back to
 *                 a memory that is just as the ledger has it; and nothing in the listing is the copy of a run that the ledger
 *                 does not know. Then whatever came in since is in the listing, what a crash left without a record included
 *                 (recorder.ts sees to that), and a new row that is not in it is nowhere in the namespace
 *
 * Clean is a namespace of which a listing showed everything, and nothing of it is a row of the source but what the ledger knows
 * as copied: what else is in there belongs to the plugin's users.
 *
 * A row that was copied and has changed since is looked for anew, whatever is known of its namespace: what matters is what the
 * plugin holds now. Between that look and the write lies a window in which version 1 cannot keep a user from editing; it is
 * two pages of rows at the most, since one is got ready while another goes out.
 *
 * A crash loses what is known here, and costs the next run the looks; that a namespace was clean is in the ledger before
 * the first row goes into it.
 */

import type { Plugin } from '../client/resilience.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ObservedMemory, PlannedWrite } from '../model/memory.ts';
import { isUuid } from '../model/memory.ts';
import type { Held } from '../plan/changes.ts';
import type { LegacySource } from '../source/legacy-source.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { type Look, type Observations, type ObserveOptions, observe, type Sighting } from './observations.ts';

/** A row that is to be looked for. */
export interface Wanted {
  planned: PlannedWrite;
  /** Names of the namespaces where it could be: its own, and what its workspace reads. */
  places: readonly string[];
  /**
   * - `new`: what is known of its namespaces is good enough
   * - `doubtful`: it was sent before, and its answer lost: however long ago, so that it need not be among the newest
   * - `changed`: it was copied to its own namespace, with another content
   */
  standing: 'new' | 'doubtful' | 'changed';
}

export interface Holdings {
  /** @returns what is held of each, in the order given; in the place of a row for which there was no answer, why not */
  lookFor(rows: readonly Wanted[]): Promise<Array<Held | CouldNotAsk>>;
  /** Namespaces that were seen clean since the last call, for the ledger. */
  takeSeenClean(): string[];
}

type Known = 'empty' | ReadonlyMap<string, Held> | { followed: ReadonlyMap<string, Held> | null };

const NOTHING: Held = { held: 'nothing' };

const OTHER_WORDS =
  'its namespace holds more than search lists, and its words would not find it where somebody has edited it';

/** Memories whose digests are kept of listed namespaces; beyond that, the namespaces listed first are asked for again. */
const KEPT = 200_000;

export function holdings(
  plugin: Plugin,
  source: LegacySource,
  ledger: Ledger,
  options: Omit<ObserveOptions, 'manyNamespaces'>,
): Holdings {
  const known = new Map<string, Known>();
  let seenClean: string[] = [];
  let kept = 0;

  async function lookFor(rows: readonly Wanted[]): Promise<Array<Held | CouldNotAsk>> {
    const names = [...new Set(rows.flatMap(({ places }) => places))];
    if (names.length === 0) return [];
    const now = observe(plugin, { ...options, manyNamespaces: names });
    const failed = await firstLooks(names, now);
    if (rows.every(isNowhere)) return rows.map(() => NOTHING);
    return await Promise.all(rows.map((row) => (isNowhere(row) ? NOTHING : held(row, now).catch(asValue))));

    /** As for most rows of a first run: nothing has to be asked, nor waited for. */
    function isNowhere({ standing, places }: Wanted): boolean {
      return standing !== 'changed' && places.every((name) => known.get(name) === 'empty' && !failed.has(name));
    }

    async function held(row: Wanted, now: Observations): Promise<Held> {
      if (row.standing === 'changed') return await lookForChanged(row, now);
      for (const name of row.places) {
        const there = await heldIn(name, row, now);
        if (there.held !== 'nothing') return there;
      }
      return NOTHING;
    }

    async function heldIn(name: string, { planned, standing }: Wanted, now: Observations): Promise<Held> {
      const error = failed.get(name);
      if (error) throw error;
      const what = known.get(name);
      if (what === 'empty') return NOTHING;
      if (what instanceof Map) return what.get(planned.id) ?? NOTHING;
      const followed = what && 'followed' in what ? what.followed : null;
      if (standing === 'new' && followed) return followed.get(planned.id) ?? NOTHING;
      const look = await now.look(name, planned);
      const provesNothing = look.result === 'absent' && name === planned.namespace.name;
      return asHeld(provesNothing ? { result: 'unsettled', why: OTHER_WORDS } : look);
    }
  }

  async function lookForChanged({ planned }: Wanted, now: Observations): Promise<Held> {
    return asHeld(await now.lookForEarlier(planned.namespace.name, planned));
  }

  /** @returns the namespaces of which the plugin gave no answer, each with why */
  async function firstLooks(names: readonly string[], now: Observations): Promise<ReadonlyMap<string, CouldNotAsk>> {
    const failed = new Map<string, CouldNotAsk>();
    const unseen = names.filter((name) => !known.has(name));
    if (unseen.length === 0) return failed;
    try {
      const found = await now.survey(unseen);
      const own = await ledger.seenClean(
        [...found].filter(([, sighting]) => 'first' in sighting).map(([name]) => name),
      );
      const foreign = await foreignRows([...found.values()]);
      for (const [name, sighting] of found) {
        if ('whole' in sighting) keep(name, sighting.whole, foreign);
        else known.set(name, { followed: own.has(name) ? await followUp(sighting.first) : null });
      }
    } catch (error) {
      if (!(error instanceof CouldNotAsk)) throw error;
      for (const name of unseen.filter((name) => !known.has(name))) failed.set(name, error);
    }
    return failed;
  }

  /** Ids of what is seen whole that are the source's rows, and that no entry has as copied. */
  async function foreignRows(sightings: readonly Sighting[]): Promise<ReadonlySet<string>> {
    const ids = sightings.flatMap((sighting) => ('whole' in sighting ? [...sighting.whole.keys()] : []));
    if (ids.length === 0) return new Set();
    const recorded = await ledger.recall(ids);
    return await source.existing(ids.filter((id) => isUuid(id) && !recorded.get(id)?.copy));
  }

  /** @returns what the listing shows, if whatever came in since this tool last wrote there must be in it; else null */
  async function followUp(first: readonly ObservedMemory[]): Promise<ReadonlyMap<string, Held> | null> {
    const recorded = await ledger.recall(first.map(({ id }) => id));
    const strangers = first.filter(({ id }) => !recorded.get(id)?.copy);
    if (await holdCopyOfAnother(strangers)) return null;
    const unpinned = first.filter(({ pinned }) => !pinned);
    // One that somebody has edited since may stand where the edit has put it.
    const isAsWritten = (memory: ObservedMemory) =>
      recorded.get(memory.id)?.copy?.digest === ledger.digester.ofObserved(memory);
    if (!isNewestFirst(unpinned) || !unpinned.some(isAsWritten)) return null;
    return withoutContents(new Map(first.map((memory) => [memory.id, memory])));
  }

  /** Whether a run that this ledger does not know has copied memories, as somebody's without a ledger would. */
  async function holdCopyOfAnother(memories: readonly ObservedMemory[]): Promise<boolean> {
    for (const id of new Set(memories.map(({ provenance }) => runOf(provenance)))) {
      if (id === undefined) continue;
      const run = isUuid(id) ? await ledger.run(id) : null;
      if (run?.pair.source !== ledger.pair.source || run.pair.plugin !== ledger.pair.plugin) return true;
    }
    return false;
  }

  function keep(name: string, whole: ReadonlyMap<string, ObservedMemory>, foreign: ReadonlySet<string>): void {
    if (![...whole.keys()].some((id) => foreign.has(id))) seenClean.push(name);
    if (whole.size === 0) {
      known.set(name, 'empty');
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
    takeSeenClean() {
      const taken = seenClean;
      seenClean = [];
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

  function asHeld(look: Look): Held {
    switch (look.result) {
      case 'found':
        return heldMemory(look.memory);
      case 'absent':
        return NOTHING;
      case 'unsettled':
        return { held: 'unsettled', why: look.why };
    }
  }
}

/** The run that a provenance names; undefined where it is none of a copy's. */
function runOf(provenance: unknown): string | undefined {
  if (typeof provenance !== 'object' || provenance === null || !('run_id' in provenance)) return undefined;
  return typeof provenance.run_id === 'string' ? provenance.run_id : undefined;
}

/** Plugins in the field list in any order; the contract's is newest first. */
function isNewestFirst(memories: readonly ObservedMemory[]): boolean {
  const times = memories.map(({ createdAt }) => Date.parse(createdAt));
  return times.every((time, index) => !Number.isNaN(time) && time <= (times[index - 1] ?? time));
}

function asValue(error: unknown): CouldNotAsk {
  if (error instanceof CouldNotAsk) return error;
  throw error;
}
