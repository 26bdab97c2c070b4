/**
 * Strangers on their way back to the source. They are traced many at a time, and twice: a suspect is looked for again, and traced
 * with the source and the tree as they are by then, before what is wrong with it counts.
 */
import type { ObservedMemory, PlannedWrite } from '../../model/memory.ts';
import type { Finding } from '../../model/verify.ts';
import type { Carried } from '../../plan/planner.ts';
import type { Findings } from '../../verify/findings.ts';
import type { RunContext } from '../context.ts';
import { CouldNotAsk } from '../listings.ts';
import type { Observations } from '../observations.ts';
import { planWith, readTree } from '../planning.ts';
import { type Settled, settleStrangers } from './strangers.ts';

export interface Tracing {
  /** Traces strangers. @returns what is wrong with them, and how many are nothing of the source's. Throws RunError `source` */
  trace(seen: readonly ObservedMemory[]): Promise<{ findings: Finding[]; extra: number }>;
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

  async function trace(seen: readonly ObservedMemory[]) {
    const first = await settle(seen);
    const suspects = new Set(first.suspects);
    const extra = first.extra.filter((memory) => !suspects.has(memory)).length;
    if (suspects.size === 0) return { findings: [], extra };
    const again = await settle(await stillThere([...suspects]));
    return { findings: again.findings, extra: extra + again.extra.length };
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
    const sightings = await now.surveyEach([...new Set(suspects.map(({ namespace }) => namespace))]);
    const found = suspects.map(async (memory) => {
      const sighting = sightings.get(memory.namespace);
      if (sighting && 'whole' in sighting) return sighting.whole.get(memory.id);
      const looked = await now.look(memory.namespace, memory).catch(asUnasked);
      // What cannot be asked again, or not be settled, was there when it was asked.
      if (looked === null || looked.result === 'unsettled') return memory;
      return looked.result === 'found' ? looked.memory : undefined;
    });
    return (await Promise.all(found)).filter((memory) => memory !== undefined);
  }

  return { trace };
}

async function shows(plugin: Observations, row: PlannedWrite): Promise<boolean> {
  const looked = await plugin.look(row.namespace.name, row).catch(asUnasked);
  return looked?.result === 'found' && looked.memory.content === row.content;
}

function asUnasked(error: unknown): null {
  if (error instanceof CouldNotAsk) return null;
  throw error;
}
