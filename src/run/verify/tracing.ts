/**
 * Strangers on their way back to the source. They are traced many at a time, and twice: a suspect is looked for again, and traced
 * with the source and the tree as they are by then, before what is wrong with it counts.
 *
 * Ids are looked up by primary key; only the texts of those that no row has take a pass over the table: half a second for 100,000 rows
 * of 400 bytes, with 5,000 strangers or with one. A verify makes one pass for every 20,000 strangers (gathering.ts) and one each time that
 * it traces what it has so far, which is after 10, 30, 70 … batches of 2,000 rows: three for 100,000 rows, seven for a million, and as many
 * again where there are suspects.
 */
import type { ObservedMemory, PlannedWrite } from '../../model/memory.ts';
import type { Finding } from '../../model/verify.ts';
import type { Carried } from '../../plan/planner.ts';
import type { Findings } from '../../verify/findings.ts';
import type { RunContext } from '../context.ts';
import { CouldNotAsk } from '../could-not-ask.ts';
import type { Observations } from '../observations.ts';
import { planWith, readTree } from '../planning.ts';
import { type Settled, settleStrangers } from './strangers.ts';

export interface Tracing {
  /** Traces strangers. Throws RunError `source` */
  trace(seen: readonly ObservedMemory[]): Promise<Traced>;
}

export interface Traced {
  /** What is wrong with them. */
  findings: Finding[];
  /** How many are nothing of the source's. */
  extra: number;
  /** The namespaces of those for which the plugin had to be asked and gave no answer. */
  unasked: ReadonlyMap<string, CouldNotAsk>;
}

export interface TracingParts {
  context: RunContext;
  carried: Carried;
  findings: Findings;
  /** The plugin as it is from now on. */
  look(): Observations;
}

export function tracing({ context, carried, findings, look }: TracingParts): Tracing {
  const plan = planWith(context, carried);
  const planAnyway = planWith({ ...context, accepted: new Map() }, carried);

  async function trace(seen: readonly ObservedMemory[]): Promise<Traced> {
    const first = await settle(seen);
    const suspects = new Set(first.suspects);
    const extra = first.extra.filter((memory) => !suspects.has(memory)).length;
    if (suspects.size === 0) return { findings: [], extra, unasked: first.unasked };
    const again = await settle(await stillThere([...suspects]));
    return {
      findings: again.findings,
      extra: extra + again.extra.length,
      unasked: new Map([...first.unasked, ...again.unasked]),
    };
  }

  async function settle(memories: readonly ObservedMemory[]): Promise<Settled> {
    const { resolver } = await readTree(context);
    const { source } = context;
    const now = look();
    const isInPlace = (row: PlannedWrite) => shows(now, row);
    return await settleStrangers(memories, { source, resolver, plan, planAnyway, findings, isInPlace });
  }

  /** Those of the memories that the plugin still shows where they were, with what they say now. */
  async function stillThere(suspects: readonly ObservedMemory[]): Promise<ObservedMemory[]> {
    const now = look();
    const byNamespace = Map.groupBy(suspects, ({ namespace }) => namespace);
    const sightings = await now.surveyEach([...byNamespace.keys()], (name) => byNamespace.get(name)?.length ?? 0);
    const found = suspects.map(async (memory) => {
      const sighting = sightings.get(memory.namespace);
      const twins = sighting instanceof CouldNotAsk ? [] : (sighting?.again ?? []);
      const twin = twins.find(({ id, content }) => id === memory.id && content === memory.content);
      if (twin) return twin;
      if (sighting && 'whole' in sighting) return sighting.whole.get(memory.id) ?? (await foundByWords(now, memory));
      const looked = await now.look(memory.namespace, memory).catch(asUnasked);
      // What cannot be asked again, or not be settled, was there when it was asked.
      if (looked === null || looked.result === 'unsettled') return memory;
      return looked.result === 'found' ? looked.memory : undefined;
    });
    return (await Promise.all(found)).filter((memory) => memory !== undefined);
  }

  return { trace };
}

/** For one that a listing does not show which looked whole, and need not have been. */
async function foundByWords(plugin: Observations, memory: ObservedMemory): Promise<ObservedMemory | undefined> {
  const probed = await plugin.probe([memory.namespace], memory).catch(asUnasked);
  return probed?.memories.find(({ id }) => id === memory.id);
}

/** One that search cannot settle does not count as shown: it is unproven by itself, and its copy with it. Throws CouldNotAsk. */
async function shows(plugin: Observations, row: PlannedWrite): Promise<boolean> {
  const looked = await plugin.look(row.namespace.name, row);
  return looked.result === 'found' && looked.memory.content === row.content;
}

function asUnasked(error: unknown): null {
  if (error instanceof CouldNotAsk) return null;
  throw error;
}
