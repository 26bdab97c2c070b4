/**
 * Memories that a namespace shows and that are none of the rows expected there: what are they?
 *
 * The source is asked, by id first: the id of a row that belongs elsewhere makes a leak, or a misplaced row. A memory under an id
 * that no row has may be the copy of one: its provenance tells (evidence `id`), or its text alone does (evidence `text`).
 * Copies in the namespace where the text belongs are counted as a multiset: as many of them as there are more memories than
 * rows of this text are duplicates. What is left belongs to the plugin's users.
 *
 * They are gathered and settled many at a time, since matching texts costs a pass over the whole table.
 */
import { createHash } from 'node:crypto';
import { RunError } from '../../model/errors.ts';
import type { LegacyRow, ObservedMemory, Planned, PlannedWrite } from '../../model/memory.ts';
import { compareText } from '../../model/position.ts';
import type { Finding } from '../../model/verify.ts';
import type { Resolver } from '../../plan/resolver.ts';
import type { LegacySource } from '../../source/legacy-source.ts';
import type { Findings } from '../../verify/findings.ts';
import { sameProvenance } from '../../verify/parity.ts';
import { originOf, placement } from '../../verify/placement.ts';
import { CouldNotAsk } from '../could-not-ask.ts';

export interface StrangerContext {
  source: LegacySource;
  resolver: Resolver;
  plan(row: LegacyRow, resolver: Resolver): Planned;
  /** As if the operator had given nothing up: what he gave up may be said again where it belonged. */
  planAnyway(row: LegacyRow, resolver: Resolver): Planned;
  findings: Findings;
  /** Whether the plugin shows a row in its place now, with its content. Throws CouldNotAsk. */
  isInPlace(row: PlannedWrite): Promise<boolean>;
}

export interface Settled {
  findings: Finding[];
  /** The memories that the findings are about, each with all that the finding was drawn from. */
  suspects: ObservedMemory[];
  /** Memories that are nothing of the source's, or that there may rightly be as many of as there are; suspects among them. */
  extra: ObservedMemory[];
  /** Namespaces in which rows could not be asked for, so that nobody knows whether a copy of them is one too many. */
  unasked: Map<string, CouldNotAsk>;
}

/** @throws RunError `source` */
export async function settleStrangers(seen: readonly ObservedMemory[], context: StrangerContext): Promise<Settled> {
  const { source, resolver, plan, findings } = context;
  const settled: Settled = { findings: [], suspects: [], extra: [], unasked: new Map() };
  const rows = new Map((await source.find(seen.map(({ id }) => id))).map((row) => [row.id, row]));
  const unknown: ObservedMemory[] = [];
  for (const memory of seen) {
    const row = rows.get(memory.id.toLowerCase());
    if (row) settleKnown(plan(row, resolver), memory);
    else unknown.push(memory);
  }
  await settleUnknown();
  return settled;

  /** In its own namespace it is judged in its own turn. */
  function settleKnown(row: Planned, memory: ObservedMemory): void {
    if (row.verdict === 'write' && row.namespace.name === memory.namespace) {
      return;
    }
    accuse(memory, findings.ofFound(row, { memory, evidence: 'id' }, resolver.readers));
  }

  async function settleUnknown(): Promise<void> {
    if (unknown.length === 0) return;
    const digests = new Map(unknown.map((memory) => [memory, sha256(memory.content)]));
    const { matches, cut } = await source.withContents([...new Set(digests.values())]);
    const byDigest = Map.groupBy(matches, ({ digest }) => digest);
    // Of a copy with a provenance its original is to be named, and not just any row of its text.
    const copied = new Set(unknown.filter(isCopy).map((memory) => digests.get(memory)));
    const originals = await source.find(matches.filter(({ digest }) => copied.has(digest)).map(({ id }) => id));
    const whole = new Map(originals.map((row) => [row.id, row]));
    for (const alike of Map.groupBy(unknown, (memory) => `${memory.namespace} ${digests.get(memory)}`).values()) {
      const [first] = alike;
      if (!first) continue;
      const digest = digests.get(first) ?? '';
      const rows = (byDigest.get(digest) ?? []).map((match) => planned(whole.get(match.id) ?? match, first.content));
      await settleAlike(alike, rows, cut.has(digest));
    }
  }

  /** Memories of one namespace and one text, under ids that the source does not know, against the rows of that text. */
  async function settleAlike(alike: readonly ObservedMemory[], rows: readonly Planned[], cut: boolean): Promise<void> {
    const here = rows.filter((row) => row.verdict === 'write' && row.namespace.name === alike[0]?.namespace);
    const doubles: ObservedMemory[] = [];
    for (const memory of alike) {
      const accusations = accusedByOrigin(memory, rows) ?? accusedByText(memory, rows, here, cut);
      if (accusations.length > 0) accuse(memory, accusations);
      else if (here.length > 0) doubles.push(memory);
      else settled.extra.push(memory);
    }
    await settleDoubles(
      doubles,
      here.filter((row) => row.verdict === 'write'),
      cut,
    );
  }

  /** @returns undefined where the memory says nothing of an origin, or one from which it may stand where it does */
  function accusedByOrigin(memory: ObservedMemory, rows: readonly Planned[]): Finding[] | undefined {
    const origin = originOf(memory.provenance);
    if (!origin) return undefined;
    const ofOrigin = rows.filter((row) => row.workspaceId === origin.workspaceId && row.scope === origin.scope);
    const row = ofOrigin.find(isOriginalOf(memory)) ?? ofOrigin[0];
    if (row) return findings.ofFound(row, { memory, evidence: 'id' }, resolver.readers);
    const { workspaceId, scope } = origin;
    const gone = planWhereDecided({ ...BARE, id: memory.id, workspaceId, scope, content: memory.content });
    if (
      gone === null ||
      gone.verdict === 'skip' ||
      placement(gone.namespace, memory.namespace, resolver.readers) !== 'leak'
    )
      return undefined;
    return [findings.strayCopy(memory, workspaceId, gone.namespace.name, 'leak')];
  }

  /** The same text may rightly stand wherever a row of it belongs. */
  function accusedByText(
    memory: ObservedMemory,
    rows: readonly Planned[],
    here: readonly Planned[],
    cut: boolean,
  ): Finding[] {
    if (here.length > 0 || rows.length === 0) return [];
    if (cut) return [findings.untold(memory, 'more rows of the source have its text than could be looked at')];
    const leaks = rows.map((row) => findings.ofFound(row, { memory, evidence: 'text' }, resolver.readers));
    // Where it may be the copy of a row that everybody there can read, nothing is leaked.
    if (leaks.some((found) => !found.some(({ kind }) => kind === 'leak'))) return [];
    return leaks[0] ?? [];
  }

  async function settleDoubles(
    doubles: readonly ObservedMemory[],
    here: readonly PlannedWrite[],
    cut: boolean,
  ): Promise<void> {
    if (doubles.length === 0) return;
    if (cut) {
      const why = 'more rows of the source have its text than could be counted, so that it may be one too many';
      for (const memory of doubles) accuse(memory, [findings.untold(memory, why)]);
      return;
    }
    const places = await placesOf(here);
    if (places === null) return;
    const inPlace = places.filter((isInPlace) => isInPlace).length;
    const tooMany = Math.max(0, inPlace + doubles.length - here.length);
    // Those with a provenance are surely copies; the others may be somebody's own words.
    const surest = [...doubles].sort((a, b) => Number(isCopy(b)) - Number(isCopy(a)) || compareText(a.id, b.id));
    for (const [index, memory] of surest.entries()) {
      const row = here.find(isOriginalOf(memory)) ?? here[index % here.length];
      if (row && index < tooMany) {
        const evidence = isCopy(memory) ? 'id' : 'text';
        const counts = `${inPlace + doubles.length} times in ${memory.namespace}, and ${here.length} times in the source`;
        const sentence = `is there again as ${memory.id}: its text is ${counts}`;
        settled.findings.push(findings.duplicate(row, { memory, evidence }, sentence));
      } else settled.extra.push(memory);
    }
    if (tooMany > 0) settled.suspects.push(...doubles);
  }

  /** @returns null where one of the rows could not be asked for */
  async function placesOf(rows: readonly PlannedWrite[]): Promise<boolean[] | null> {
    try {
      return await Promise.all(rows.map(context.isInPlace));
    } catch (error) {
      if (!(error instanceof CouldNotAsk)) throw error;
      for (const { namespace } of rows) settled.unasked.set(namespace.name, error);
      return null;
    }
  }

  function accuse(memory: ObservedMemory, accusations: readonly Finding[]): void {
    settled.findings.push(...accusations);
    settled.suspects.push(memory);
  }

  /** @returns null where only the operator could say which team it was, and no row asks him to */
  function planWhereDecided(row: LegacyRow): Planned | null {
    try {
      return plan(row, resolver);
    } catch (error) {
      if (error instanceof RunError && error.code === 'configuration') return null;
      throw error;
    }
  }

  function planned(row: Pick<LegacyRow, 'id' | 'workspaceId' | 'scope'>, content: string): Planned {
    return context.planAnyway({ ...BARE, ...row, content }, resolver);
  }
}

/** What decides nothing about where a row belongs. */
const BARE = { createdAt: null, updatedAt: null, tag: null, embedding: null } as const;

function isCopy({ provenance }: ObservedMemory): boolean {
  return originOf(provenance) !== null;
}

function isOriginalOf({ provenance }: ObservedMemory): (row: Planned) => boolean {
  return (row) => row.verdict === 'write' && row.provenance !== undefined && sameProvenance(row.provenance, provenance);
}

/** @returns 64 hexadecimal digits, as the source is asked for contents */
export function sha256(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
}
