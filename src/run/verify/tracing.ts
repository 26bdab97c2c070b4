/**
 * Strangers on their way back to the source. They are traced many at a time, and twice: a suspect is looked for again, and traced
 * with the source and the tree as they are by then, before what is wrong with it counts.
 */
import type { ObservedMemory, PlannedWrite } from '../../model/memory.ts';
import type { Finding } from '../../model/verify.ts';
import type { Findings } from '../../verify/findings.ts';
import type { RunContext } from '../context.ts';
import { CouldNotAsk } from '../listings.ts';
import type { Observations } from '../observations.ts';
import { type planWith, readTree } from '../planning.ts';
import { type Settled, settleStrangers } from './strangers.ts';

export interface Tracing {
  /** Traces strangers. @returns what is wrong with them, and how many are nothing of the source's. Throws RunError `source` */
  trace(seen: readonly ObservedMemory[]): Promise<{ findings: Finding[]; extra: number }>;
}

export interface TracingParts {
  context: RunContext;
  plan: ReturnType<typeof planWith>;
  findings: Findings;
  /** The plugin as it is from now on. */
  look(): Observations;
  /** The rows that belong into this namespace are judged, and not only hunted for. */
  isJudged(namespace: string): boolean;
  /** A judged row is not known to be in its place. */
  mayBeAway(id: string): boolean;
}

export function tracing({ context, plan, findings, look, isJudged, mayBeAway }: TracingParts): Tracing {
  /** Rows that were shown where they belong, of namespaces that are not judged. */
  const homes = new Set<string>();

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
    return await settleStrangers(memories, { source, resolver, plan, findings, isInPlace, atHome });
  }

  function isInPlace({ id, namespace }: PlannedWrite): boolean {
    return isJudged(namespace.name) ? !mayBeAway(id) : homes.has(id);
  }

  function atHome(id: string): void {
    homes.add(id);
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

function asUnasked(error: unknown): null {
  if (error instanceof CouldNotAsk) return null;
  throw error;
}
