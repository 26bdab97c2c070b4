/**
 * The hunt for leaks: the rows of the sampled workspaces must not be found where they do not belong.
 *
 * A namespace that a listing shows whole needs no more than that: whatever it holds is seen, and that it holds nothing counts only
 * where the same answer shows what another is known to hold. In a fuller one every row is looked for by
 * its own words, many such namespaces in one request. How far the hunt came is told apart from the verdict on the rows: a
 * namespace in which search proves nothing makes no row unproven that was found in its own place.
 */
import type { ObservedMemory, Planned } from '../../model/memory.ts';
import type { Hunt } from '../../model/verify.ts';
import type { Resolver } from '../../plan/resolver.ts';
import { chunks } from '../chunks.ts';
import { CouldNotAsk } from '../could-not-ask.ts';
import { shownIn } from '../listings.ts';
import type { Observations } from '../observations.ts';

export interface Hunter {
  plugin: Observations;
  stop: AbortSignal;
  /** Told of every memory that may be a row's where it does not belong. */
  stranger(memory: ObservedMemory): void;
  /** Called from time to time, so that strangers do not pile up. */
  settle(): Promise<void>;
  progress(done: number): void;
}

/** Namespaces that are looked at before strangers are settled. */
const AT_A_TIME = 200;

/**
 * Looks at namespaces that no row was expected in.
 *
 * @returns those that hold more than a listing shows, and those of which there was no answer
 */
export async function listNamespaces(
  names: readonly string[],
  { plugin, stop, stranger, settle }: Hunter,
): Promise<{ crowded: string[]; failed: Map<string, CouldNotAsk> }> {
  const crowded: string[] = [];
  const failed = new Map<string, CouldNotAsk>();
  for (const some of chunks(names, AT_A_TIME)) {
    if (stop.aborted) break;
    for (const [name, sighting] of await plugin.surveyStrictly(some)) {
      if (sighting instanceof CouldNotAsk) {
        failed.set(name, sighting);
        continue;
      }
      if ('shown' in sighting) crowded.push(name);
      for (const memory of shownIn(sighting)) stranger(memory);
    }
    await settle();
    plugin.trim();
  }
  return { crowded, failed };
}

export interface Probing {
  rows: Hunt['rows'];
  /** Namespaces in which a search for words finds what is known to be there. */
  searchable: ReadonlySet<string>;
  /** Skipped rows that may be readable by their own workspace, for all that search can tell. */
  absenceUnproven: number;
  /** Why something could not be asked. */
  failed: ReadonlySet<string>;
}

/**
 * Looks for rows by their words in namespaces that hold more than a listing shows.
 *
 * @param pages the rows of the sampled workspaces
 */
export async function probeRows(
  pages: AsyncIterable<readonly Planned[]>,
  crowded: readonly string[],
  resolver: () => Resolver,
  { plugin, stop, stranger, settle, progress }: Hunter,
): Promise<Probing> {
  const searchable = new Set<string>();
  const failed = new Set<string>();
  await Promise.all(crowded.map(async (name) => (await isSearchable(name)) && searchable.add(name)));
  await plugin.measureProbes([...searchable]).catch(toldOf);
  const crowd = new Set(crowded);
  const probing = { rows: { probed: 0, unsearchable: 0 }, searchable, absenceUnproven: 0, failed };
  let done = 0;
  for await (const rows of pages) {
    if (stop.aborted) break;
    await Promise.all(rows.map(probe));
    await settle();
    plugin.trim();
    done += rows.length;
    progress(done);
  }
  return probing;

  async function probe(row: Planned): Promise<void> {
    const home = row.verdict === 'write' ? row.namespace.name : null;
    const where = [...searchable].filter((name) => name !== home);
    const unsettled = where.length === 0 ? new Set<string>() : await probeIn(where, row);
    if (where.length > 0) {
      if (unsettled.size > 0) probing.rows.unsearchable++;
      else probing.rows.probed++;
    }
    if (row.verdict === 'skip' && row.workspaceId !== null) {
      const read = resolver().readable(row.workspaceId);
      const untold = read.some(({ name }) => crowd.has(name) && (!searchable.has(name) || unsettled.has(name)));
      if (untold) probing.absenceUnproven++;
    }
  }

  /** @returns the namespaces in which nothing is proven */
  async function probeIn(where: readonly string[], row: Planned): Promise<ReadonlySet<string>> {
    try {
      const { memories, unsettled } = await plugin.probe(where, row);
      for (const memory of memories) stranger(memory);
      return unsettled;
    } catch (error) {
      toldOf(error);
      return new Set(where);
    }
  }

  function toldOf(error: unknown): void {
    if (!(error instanceof CouldNotAsk)) throw error;
    failed.add(error.message);
  }

  async function isSearchable(name: string): Promise<boolean> {
    try {
      return await plugin.isSearchable(name);
    } catch (error) {
      toldOf(error);
      return false;
    }
  }
}
