/** Gathers what the source, the ledger and the plugin hold of a memory at this moment, for repair/decision.ts. */
import type { Ledger } from '../../ledger/ledger.ts';
import type { Recollection } from '../../model/ledger.ts';
import type { LegacyRow, ObservedMemory, Planned } from '../../model/memory.ts';
import type { Report } from '../../model/run.ts';
import { placeOf } from '../../plan/planner.ts';
import type { Resolver } from '../../plan/resolver.ts';
import { originOf, placement } from '../../verify/placement.ts';
import { carriedBy, type Ends, type RunContext } from '../context.ts';
import { planWith, readTree } from '../planning.ts';
import type { Complaint } from './complaints.ts';
import type { Case, Elsewhere } from './decision.ts';
import type { Look } from './sights.ts';

export interface Investigated {
  found: Case;
  /** Whether it is certain that a memory is what the verify took it for, and can be read where it is by whom it must not. */
  isProvenLeak(memory: ObservedMemory): boolean;
}

/** Milliseconds: a tree of workspaces that was read so long ago is read anew. */
const FRESH = 5_000;

/** @returns what looks into a complaint. It throws CouldNotAsk, and RunError `source`, `ledger`, or `configuration` as planRow does */
export function investigation(
  context: RunContext,
  ends: Ends,
  { ledger, report, look }: { ledger: Ledger; report: Report; look: Look },
): (complaint: Complaint) => Promise<Investigated> {
  const { source, accepted } = context;
  const carried = carriedBy(ends.plugin);
  const plan = planWith(context, carried);
  let tree: { resolver: Resolver; readAt: number } | null = null;

  async function investigate(complaint: Complaint): Promise<Investigated> {
    const [row = null] = await source.find([complaint.id], carried.embedding);
    const resolver = await resolverFor(row);
    const planned = row && plan(row, resolver);
    const memoryId = complaint.foundAs ?? complaint.id;
    const known = (await ledger.recall([memoryId])).get(memoryId);
    const writtenSince = await wasWrittenSince(complaint, known?.copy);
    const isOtherRow = complaint.foundAs !== null && (await source.find([complaint.foundAs])).length > 0;
    const places = placesOf(complaint, planned, resolver);
    const sights = await look([...places.home, ...places.strays, ...places.readable], {
      id: memoryId,
      content: row?.content ?? '',
    });
    const elsewhere = (names: readonly string[]) =>
      names.flatMap((namespace): Elsewhere | [] => {
        const sight = sights.get(namespace);
        return sight ? { namespace, sight } : [];
      });
    const [home] = elsewhere(places.home);
    return {
      found: {
        complaint,
        planned,
        known,
        writtenSince,
        home: home?.sight ?? null,
        strays: elsewhere(places.strays),
        readable: elsewhere(places.readable),
      },
      isProvenLeak: (memory) => !isOtherRow && isLeakOf(complaint, planned, memory, resolver),
    };
  }

  /** A verify that had the ledger says which run had written a memory; of one that had none, the time has to do. */
  async function wasWrittenSince({ writtenBy }: Complaint, copy: Recollection['copy'] | undefined): Promise<boolean> {
    if (!copy) return false;
    if (report.ledger !== null) return copy.runId !== writtenBy;
    const run = await ledger.run(copy.runId);
    return run !== null && milliseconds(run.startedAt) > Date.parse(report.startedAt);
  }

  async function resolverFor(row: LegacyRow | null): Promise<Resolver> {
    const isKnown = (resolver: Resolver) => !row || row.workspaceId === null || resolver.knows(row.workspaceId);
    if (tree && performance.now() - tree.readAt < FRESH && isKnown(tree.resolver)) return tree.resolver;
    const readAt = performance.now();
    tree = { resolver: (await readTree(context)).resolver, readAt };
    return tree.resolver;
  }

  function isLeakOf(
    complaint: Complaint,
    planned: Planned | null,
    memory: ObservedMemory,
    resolver: Resolver,
  ): boolean {
    const { namespace, id } = memory;
    if (planned && id === planned.id) return placement(homeOf(planned), namespace, resolver.readers) === 'leak';
    const origin = originOf(memory.provenance);
    if (origin?.workspaceId !== complaint.workspaceId || (planned && origin.scope !== planned.scope)) return false;
    const home = placeOf({ id: complaint.id, ...origin }, resolver, accepted);
    // Of a row that is gone, nothing else says that it was to be read by nobody.
    if (typeof home === 'string') return planned !== null;
    return placement(home, namespace, resolver.readers) === 'leak';
  }

  return investigate;
}

/** The namespaces that are looked into, each once. */
function placesOf({ foundAs, foundIn, kinds, namespace }: Complaint, planned: Planned | null, resolver: Resolver) {
  if (foundAs !== null) return { home: [], strays: foundIn, readable: [] };
  const home = planned && homeOf(planned)?.name;
  const strays = foundIn.filter((name) => name !== home);
  if (!home || planned.workspaceId === null) {
    // A row that is to be skipped now may still be where it belonged when the verify looked.
    return {
      home: [],
      strays: [...new Set([...strays, ...(namespace === null || !planned ? [] : [namespace])])],
      readable: [],
    };
  }
  const others = kinds.includes('missing') ? resolver.readable(planned.workspaceId).map(({ name }) => name) : [];
  return { home: [home], strays, readable: others.filter((name) => name !== home && !strays.includes(name)) };
}

/** @param time as Postgres prints it in UTC */
function milliseconds(time: string): number {
  return Date.parse(time.replace(' ', 'T').replace(/\+00$/, 'Z'));
}

function homeOf(planned: Planned) {
  return planned.verdict === 'write' ? planned.namespace : null;
}
