/**
 * The course of a verify, from the first row to the end of the hunt, and what it has found by then.
 *
 * It passes through these stages, each of which may be the last one (a signal, the end of its time, an error):
 *
 *   judging    the rows come namespace by namespace, and are judged a batch at a time. After each batch the namespaces up to there are
 *              done, those that no row is planned into as well, and with them the workspaces that read no other ones
 *   settling   the strangers that were shown on the way are traced back to the source; only now is it known which rows are away from
 *              their places, and so whether a copy of one stands there for it or beside it
 *   hunting    the rows are looked for where they do not belong; whatever turns up is a stranger and settled in its turn
 *
 * Ended in the first stage, what was judged stays judged, and the rest is unchecked. Ended later, all workspaces are judged, and
 * the hunt is unfinished, which the result says: it is no proof then.
 */
import type { LegacyRow, ObservedMemory, Planned, PlannedWrite } from '../../model/memory.ts';
import type { Finding, Hunt, VerifyResult } from '../../model/verify.ts';
import type { Carried } from '../../plan/planner.ts';
import type { DigestOf } from '../../verify/findings.ts';
import { findings as findingsWith } from '../../verify/findings.ts';
import { wordCounts } from '../../verify/words.ts';
import type { RunContext } from '../context.ts';
import { CouldNotAsk } from '../listings.ts';
import { type Observations, observe } from '../observations.ts';
import { type PlannedRows, planRows, planWith, readTree, type Tree } from '../planning.ts';
import { noSkips } from '../tally.ts';
import { type Batch, batches } from './batches.ts';
import { type Book, book as openBook } from './book.ts';
import type { Extent } from './extent.ts';
import { gathering } from './gathering.ts';
import { type Hunter, listNamespaces, probeRows } from './hunt.ts';
import { judgeRows, type Look, type RowVerdict } from './judging.ts';
import { lookAgain } from './second-look.ts';
import { type Settled, settleStrangers } from './strangers.ts';

export interface Subject {
  extent: Extent;
  tree: Tree;
  /** Every row of the source counts, those too that belong to no workspace. */
  everything: boolean;
  carried: Carried;
  hasTextSearch: boolean;
  digestOf: DigestOf;
}

export interface Inspection {
  judge(): Promise<void>;
  hunt(): Promise<void>;
  book: Book;
  counts: VerifyResult['rows'];
  coverage(): Hunt;
  /** Findings that the operator's file lets pass. */
  accepted(): number;
}

/** Batches after which strangers are traced at the latest, so that a run which is cut off has something to show. */
const BATCHES_BETWEEN = 10;

/** Namespaces that the plugin is asked for to learn how many memories it lists. */
const MANY = 100;

export function inspect(context: RunContext, subject: Subject): Inspection {
  const { source, stop, observer } = context;
  const { extent, everything, carried } = subject;
  const findings = findingsWith(subject.digestOf);
  const plan = planWith(context, carried);
  const words = wordCounts();
  const plugin = look();
  const asked = new Set(extent.sampled);
  let { resolver } = subject.tree;
  const book = openBook(extent.sampled, (name) => resolver.readers(name));
  const gathered = gathering();
  const crowded = new Set<string>();
  const listed = new Set<string>();
  const failed = new Set<string>();
  const counts = {
    compared: 0,
    matched: 0,
    skipped: noSkips(),
    absenceUnproven: 0,
    vanished: 0,
    extra: 0,
    copiesUnseen: 0,
  };
  const hunted: Hunt = {
    listed: 0,
    probed: 0,
    uncovered: 0,
    known: extent.known,
    rows: { probed: 0, unsearchable: 0 },
    finished: false,
  };
  let accepted = 0;
  let judged = 0;
  let unsettledBatches = 0;
  /** Rows that were shown where they belong, of namespaces that are not judged. */
  const homes = new Set<string>();

  /** The plugin as it is from now on: what was listed before is not looked at again. */
  function look(): Observations {
    return observe(context.plugin, {
      hasTextSearch: subject.hasTextSearch,
      concurrency: context.concurrency,
      manyNamespaces: extent.namespaces.slice(0, MANY),
      rarity: words.rarity,
    });
  }

  // --- Judging --------------------------------------------------------------------------------------------------------

  async function judge(): Promise<void> {
    const rows = await rowsOf();
    const withRows = new Set<string>();
    for await (const batch of batches(rows.pages())) {
      if (stop.aborted) return;
      resolver = rows.resolver();
      for (const name of namespacesOf(batch)) withRows.add(name);
      await judgeBatch(batch, withRows);
      if (stop.aborted) return;
      plugin.trim();
      observer.progress(workspacesDone(), extent.sampled.length, 'workspaces');
    }
    await closeUpTo(extent.namespaces.length, withRows);
    await settle();
  }

  function rowsOf(): Promise<PlannedRows> {
    const selection = { order: 'by-place', places: extent.places, rest: everything } as const;
    return planRows(context, selection, carried, { ...subject.tree, resolver });
  }

  async function judgeBatch(batch: Batch, withRows: ReadonlySet<string>): Promise<void> {
    counts.vanished += batch.vanished;
    for (const { content } of batch.rows) words.add(content);
    const first = await judgeRows(batch.rows, looking(plugin, resolver));
    const doubtful = first.filter(isDoubtful);
    const again =
      doubtful.length === 0 || stop.aborted
        ? null
        : await lookAgain(doubtful, { find: (ids) => source.find(ids, carried.embedding), judgeAnew });
    counts.vanished += again?.vanished ?? 0;
    for (const verdict of [...first.filter((each) => !isDoubtful(each)), ...(again?.verdicts ?? [])]) enter(verdict);
    await closeUpTo(reached(batch), withRows);
    unsettledBatches++;
    if (gathered.isFull() || unsettledBatches >= BATCHES_BETWEEN) await settle();
  }

  async function judgeAnew(rows: readonly LegacyRow[]): Promise<RowVerdict[]> {
    const tree = await readTree(context);
    const planned = rows.map((row) => plan(row, tree.resolver));
    return await judgeRows(planned, looking(look(), tree.resolver));
  }

  function looking(through: Observations, by: Tree['resolver']): Look {
    return {
      plugin: through,
      resolver: by,
      findings,
      stranger: gathered.add,
      crowded: (name) => void crowded.add(name),
      listed: (name) => void listed.add(name),
    };
  }

  function enter({ row, findings: found, error, copiesUnseen }: RowVerdict): void {
    const { workspaceId } = row;
    if (error) {
      // A question that was cut off by the operator's signal says nothing: its workspace is unchecked.
      if (!stop.aborted) book.fail(concerned(row), error.message);
      return;
    }
    if (workspaceId !== null && asked.has(workspaceId)) book.see(workspaceId);
    for (const finding of found) record(finding);
    if (row.verdict === 'write') {
      counts.compared++;
      if (found.length === 0) counts.matched++;
      if (found.length === 0 && copiesUnseen) counts.copiesUnseen++;
    } else if (everything || (workspaceId !== null && asked.has(workspaceId))) {
      counts.skipped[row.reason]++;
      if (row.reason === 'no-workspace' && workspaceId !== null && workspaceId === context.settings.workspace) {
        record(findings.unreadable(row));
      }
    }
  }

  /** Two tenants may rightly hold the same sentence: what is known by its text alone can be accepted. */
  function record(finding: Finding): void {
    const found = finding.evidence === 'text' ? finding.foundAs : finding.kind === 'unproven' ? finding.id : null;
    if (found !== null && context.accepted.has(found)) accepted++;
    else book.find(finding);
  }

  /** The sampled workspaces that read a row, or its own where nobody else does. */
  function concerned(row: Planned): Array<string | null> {
    const readers =
      row.verdict === 'write' ? [...resolver.readers(row.namespace.name)].filter((id) => asked.has(id)) : [];
    return readers.length > 0 ? readers : [row.workspaceId];
  }

  /** Looks at the namespaces up to a rank that no row is planned into: they have to hold nothing of anybody's. */
  async function closeUpTo(rank: number, withRows: ReadonlySet<string>): Promise<void> {
    const names = extent.namespaces.slice(judged, rank).filter((name) => !withRows.has(name));
    if (names.length > 0) await listOthers(names);
    if (stop.aborted) return;
    judged = Math.max(judged, rank);
    // What a namespace has shown beside its rows may yet be a leak.
    if (gathered.isEmpty()) book.judgedUpTo(workspacesDone());
  }

  async function listOthers(names: readonly string[]): Promise<void> {
    const { crowded: full, failed: unasked } = await listNamespaces(
      names,
      hunter(() => {}),
    );
    for (const [name, error] of stop.aborted ? [] : unasked) {
      failed.add(name);
      book.fail(
        [...resolver.readers(name)].filter((id) => asked.has(id)),
        error.message,
      );
    }
    for (const name of names) if (!unasked.has(name)) listed.add(name);
    for (const name of full) crowded.add(name);
  }

  /** The rank of the first namespace that a batch has not brought to its end. */
  function reached({ rows, cut }: Batch): number {
    const ranks = rows.flatMap((row) => (row.verdict === 'write' ? [ranksOf.get(row.namespace.name) ?? -1] : []));
    const last = Math.max(judged - 1, ...ranks);
    return cut ? last : last + 1;
  }

  function workspacesDone(): number {
    const first = extent.sampled.findIndex((id) => extent.rankOf(id) >= judged);
    return first < 0 ? extent.sampled.length : first;
  }

  // --- Settling -------------------------------------------------------------------------------------------------------

  /** Traces strangers back to the source; whatever is wrong with one is looked at again before it counts. */
  async function settle(): Promise<void> {
    const seen = gathered.take();
    unsettledBatches = 0;
    if (seen.length > 0 && !stop.aborted) await trace(seen);
    if (!stop.aborted) book.judgedUpTo(workspacesDone());
  }

  async function trace(seen: readonly ObservedMemory[]): Promise<void> {
    const first = await traced(seen);
    const suspects = new Set(first.suspects);
    counts.extra += first.extra.filter((memory) => !suspects.has(memory)).length;
    if (suspects.size === 0) return;
    const again = await traced(await stillThere([...suspects]));
    if (stop.aborted) return;
    counts.extra += again.extra.length;
    for (const finding of again.findings) record(finding);
  }

  async function traced(memories: readonly ObservedMemory[]): Promise<Settled> {
    const tree = await readTree(context);
    return await settleStrangers(memories, {
      source,
      resolver: tree.resolver,
      plan,
      findings,
      isInPlace,
      atHome: (id) => homes.add(id),
    });
  }

  function isInPlace({ id, namespace }: PlannedWrite): boolean {
    return ranksOf.has(namespace.name) ? !book.mayBeAway(id) : homes.has(id);
  }

  /** Those of the memories that the plugin still shows where they were, and with what they said. */
  async function stillThere(suspects: readonly ObservedMemory[]): Promise<ObservedMemory[]> {
    const now = look();
    const names = [...new Set(suspects.map(({ namespace }) => namespace))];
    const sightings = await now.surveyEach(names);
    const found = suspects.map(async (memory) => {
      const sighting = sightings.get(memory.namespace);
      if (sighting && 'whole' in sighting) return sighting.whole.get(memory.id);
      const looked = await now.look(memory.namespace, memory).catch(asUnasked);
      // What cannot be asked again was there when it was asked.
      return looked === null || looked.result === 'unsettled'
        ? memory
        : looked.result === 'found'
          ? looked.memory
          : undefined;
    });
    return (await Promise.all(found)).filter((memory) => memory !== undefined);
  }

  // --- Hunting --------------------------------------------------------------------------------------------------------

  async function hunt(): Promise<void> {
    await listElsewhere();
    if (crowded.size > 0 && !stop.aborted) await probe();
    await settle();
    hunted.finished = !stop.aborted;
  }

  async function listElsewhere(): Promise<void> {
    const { crowded: full, failed: unasked } = await listNamespaces(
      extent.hunted,
      hunter(() => {}),
    );
    for (const name of unasked.keys()) failed.add(name);
    failHunt([...unasked.values()].map(({ message }) => message));
    if (!stop.aborted) for (const name of extent.hunted) if (!unasked.has(name)) listed.add(name);
    for (const name of full) crowded.add(name);
  }

  async function probe(): Promise<void> {
    const rows = await rowsOf();
    const rowsOfSampled = async function* () {
      for await (const { planned } of rows.pages()) {
        yield planned.filter(({ workspaceId }) => everything || (workspaceId !== null && asked.has(workspaceId)));
      }
    };
    const progress = (done: number) => observer.progress(done, rows.total, 'rows');
    const probing = await probeRows(rowsOfSampled(), [...crowded], rows.resolver, hunter(progress));
    hunted.rows = probing.rows;
    hunted.probed = probing.searchable.size;
    counts.absenceUnproven = probing.absenceUnproven;
    failHunt(probing.failed);
  }

  /** What could not be asked is nobody's mismatch, and no proof either. */
  function failHunt(messages: Iterable<string>): void {
    if (!stop.aborted) for (const message of new Set(messages)) book.fail([null], message);
  }

  function hunter(progress: Hunter['progress']): Hunter {
    return {
      plugin,
      stop,
      stranger: gathered.add,
      settle: async () => void (gathered.isFull() && (await settle())),
      progress,
    };
  }

  const ranksOf = new Map(extent.namespaces.map((name, rank) => [name, rank]));
  return {
    judge,
    hunt,
    book,
    counts,
    accepted: () => accepted,
    coverage() {
      const whole = [...listed].filter((name) => !crowded.has(name)).length;
      return { ...hunted, listed: whole, uncovered: crowded.size - hunted.probed + failed.size };
    },
  };
}

/** A single look that found something wrong. What search cannot settle, it cannot settle a minute later either. */
function isDoubtful({ findings }: RowVerdict): boolean {
  return findings.some(({ kind }) => kind !== 'unproven');
}

function asUnasked(error: unknown): null {
  if (error instanceof CouldNotAsk) return null;
  throw error;
}

function namespacesOf({ rows }: Batch): string[] {
  return rows.flatMap((row) => (row.verdict === 'write' ? [row.namespace.name] : []));
}
