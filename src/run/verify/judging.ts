/**
 * One look at a batch of rows: each is held against what the namespace shows that it is planned into. Namespaces are listed many to
 * a request; in one that holds more than a listing shows, every row is looked for by its own words, those too that the listing
 * shows, since a copy of it need not stand beside it.
 *
 * Whatever is shown and not expected is passed on as a stranger. A row that is to be skipped has no namespace to look into: where
 * one shows it, it is a stranger there.
 */
import type { ObservedMemory, Planned, PlannedWrite } from '../../model/memory.ts';
import type { Finding } from '../../model/verify.ts';
import type { Resolver } from '../../plan/resolver.ts';
import type { Findings } from '../../verify/findings.ts';
import { CouldNotAsk } from '../could-not-ask.ts';
import { type Sighting, shownIn } from '../listings.ts';
import type { Observations } from '../observations.ts';
import { lacksVector } from './vectors.ts';

export interface RowVerdict {
  row: Planned;
  /** Everything that is wrong with it; none for a row that is as planned. */
  findings: Finding[];
  /** Why it could not be judged; null where it was. */
  error: CouldNotAsk | null;
  /** Search does not show every copy that could stand beside it. */
  copiesUnseen: boolean;
  /** It has an embedding by the plan, the memory came without, and no other has come with one yet. */
  vectorUntold?: true;
  /** A search for its words shows it, and a listing that looked whole does not. */
  leftOut?: true;
}

export interface Look {
  plugin: Observations;
  resolver: Resolver;
  findings: Findings;
  /** Told of what a namespace shows beside the rows that were expected. */
  stranger(memory: ObservedMemory): void;
  /** Told of a namespace that holds more than a listing shows. */
  crowded(namespace: string): void;
  /** Told of a namespace that was listed whole. */
  listed(namespace: string): void;
}

/** @returns the verdicts in the order of the rows */
export async function judgeRows(rows: readonly Planned[], look: Look): Promise<RowVerdict[]> {
  const writes = rows.filter((row) => row.verdict === 'write');
  const byNamespace = Map.groupBy(writes, ({ namespace }) => namespace.name);
  const sightings = await look.plugin.surveyEach([...byNamespace.keys()], (name) => byNamespace.get(name)?.length ?? 0);
  const judged = await Promise.all(
    [...byNamespace].map(([name, expected]) => judgeNamespace(name, expected, sightings.get(name), look)),
  );
  const verdicts = new Map(judged.flat().map((verdict) => [verdict.row, verdict]));
  return rows.map((row) => verdicts.get(row) ?? { row, findings: [], error: null, copiesUnseen: false });
}

async function judgeNamespace(
  name: string,
  rows: readonly PlannedWrite[],
  sighting: Sighting | CouldNotAsk | undefined,
  look: Look,
): Promise<RowVerdict[]> {
  if (sighting instanceof CouldNotAsk)
    return rows.map((row) => ({ row, findings: [], error: sighting, copiesUnseen: false }));
  if (!sighting) throw new Error('A namespace was not surveyed.');
  passOnStrangers(sighting, new Set(rows.map(({ id }) => id)), look);
  const again = Map.groupBy(sighting.again, ({ id }) => id);
  if ('whole' in sighting) {
    look.listed(name);
    return await Promise.all(
      rows.map((row) => judgeListed(row, sighting.whole.get(row.id), again.get(row.id) ?? [], look)),
    );
  }
  look.crowded(name);
  return await Promise.all(rows.map((row) => sift(row, look)));
}

function passOnStrangers(sighting: Sighting, expected: ReadonlySet<string>, { stranger }: Look): void {
  for (const memory of shownIn(sighting)) if (!expected.has(memory.id)) stranger(memory);
}

/** @param twins other rows of the plugin under its id: the one that is right, or the first, is judged, and each but one is too many */
function judge(
  row: PlannedWrite,
  memory: ObservedMemory,
  twins: readonly ObservedMemory[],
  { findings, resolver, plugin }: Look,
): Pick<RowVerdict, 'findings' | 'vectorUntold'> {
  const judged = [memory, ...twins].map((each) => {
    const vectorsShown = plugin.showsVectors(each);
    return findings.ofFound(row, { memory: each, evidence: 'id', vectorsShown }, resolver.readers);
  });
  const own = judged.find(({ length }) => length === 0) ?? judged[0] ?? [];
  const [twin] = twins;
  const duplicate = twin ? [findings.duplicate(row, { memory: twin, evidence: 'id' }, shownTwice(twin))] : [];
  const isUntold = lacksVector(row, memory) && !plugin.showsVectors(memory);
  return { findings: [...own, ...duplicate], ...(isUntold && { vectorUntold: true }) };
}

function shownTwice({ namespace }: ObservedMemory): string {
  return `is shown more than once in ${namespace}, under its own id`;
}

/**
 * A row that a whole listing does not show is asked for by its words before it counts as missing: should they find it, the listing
 * only looked whole, as that of a plugin does which silently lists fewer than it holds, or the row was written in between.
 */
async function judgeListed(
  row: PlannedWrite,
  listed: ObservedMemory | undefined,
  twins: readonly ObservedMemory[],
  look: Look,
): Promise<RowVerdict> {
  const memory = listed ?? (await askFor(row, look));
  const judged = memory ? judge(row, memory, twins, look) : { findings: [look.findings.missing(row)] };
  return { row, ...judged, error: null, copiesUnseen: false, ...(memory && !listed && { leftOut: true }) };
}

/** @returns undefined, too, where there was no answer: the listing was one */
async function askFor(row: PlannedWrite, { plugin }: Look): Promise<ObservedMemory | undefined> {
  try {
    const { memories } = await plugin.probe([row.namespace.name], row);
    return memories.find(({ id }) => id === row.id);
  } catch (error) {
    if (error instanceof CouldNotAsk) return undefined;
    throw error;
  }
}

async function sift(row: PlannedWrite, look: Look): Promise<RowVerdict> {
  try {
    const { look: found, doubles, allDoubles, twins } = await look.plugin.sift(row.namespace.name, row);
    for (const double of doubles) look.stranger(double);
    switch (found.result) {
      case 'found':
        return { row, ...judge(row, found.memory, twins, look), error: null, copiesUnseen: !allDoubles };
      case 'absent':
        return { row, findings: [look.findings.missing(row)], error: null, copiesUnseen: false };
      case 'unsettled':
        return { row, findings: [look.findings.unproven(row, found.why)], error: null, copiesUnseen: false };
    }
  } catch (error) {
    if (error instanceof CouldNotAsk) return { row, findings: [], error, copiesUnseen: false };
    throw error;
  }
}
