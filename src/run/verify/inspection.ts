/**
 * The course of a verify, from the first row to the end of the hunt, and what it has found by then.
 *
 * It passes through these stages, each of which may be the last one (a signal, the end of its time, an error):
 *
 *   judging    the rows come namespace by namespace, and are judged a batch at a time (once more where vectors turn up, vectors.ts). After
 *              each batch the namespaces up to there are done, those that no row is planned into as well, and with them the
 *              workspaces that read no other ones
 *   settling   the strangers that were shown on the way are traced back to the source; only now is it known which rows are away from
 *              their places, and so whether a copy of one stands there for it or beside it
 *   hunting    the rows are looked for where they do not belong; whatever turns up is a stranger and settled in its turn
 *
 * Ended in the first stage, what was judged stays judged, and the rest is unchecked. Ended later, all workspaces are judged, and
 * the hunt is unfinished, which the result says: it is no proof then.
 */
import type { LegacyRow, Planned } from '../../model/memory.ts';
import type { Hunt, VerifyResult } from '../../model/verify.ts';
import type { Carried } from '../../plan/planner.ts';
import { type DigestOf, findings as findingsWith } from '../../verify/findings.ts';
import { wordCounts } from '../../verify/words.ts';
import type { RunContext } from '../context.ts';
import { type Observations, observe } from '../observations.ts';
import { type PlannedRows, planRows, planWith, readTree, type Tree } from '../planning.ts';
import { type Batch, batches } from './batches.ts';
import { type Book, book as openBook } from './book.ts';
import { counting } from './counting.ts';
import { coverage as startCoverage } from './coverage.ts';
import type { Extent } from './extent.ts';
import { gathering } from './gathering.ts';
import { type Hunter, listNamespaces, probeRows } from './hunt.ts';
import { judgeRows, type Look, type RowVerdict } from './judging.ts';
import { lookAgain } from './second-look.ts';
import { tracing } from './tracing.ts';
import { lateVectors } from './vectors.ts';

export interface Subject {
  extent: Extent;
  tree: Tree;
  /** Every row of the source counts, those too that belong to no workspace. */
  everything: boolean;
  carried: Carried;
  /** Whether the plugin was sent the vectors of the source, so that those which it shows are to be the same. */
  embeds: boolean;
  hasTextSearch: boolean;
  /** The plugin is known to leave memories out of listings that look whole. */
  leavesOut: boolean;
  digestOf: DigestOf;
}

export interface Inspection {
  judge(): Promise<void>;
  /** A listing that looked whole was found to be none. Judging has ended there: it is to begin anew, with no faith in listings. */
  foundLeftOut(): boolean;
  hunt(): Promise<void>;
  book: Book;
  counts: VerifyResult['rows'];
  coverage(): Hunt;
  /** Findings that the operator's file lets pass. */
  accepted(): number;
}

/**
 * Batches after which strangers are first traced, so that a run which is cut off has something to show; then after twice as many
 * each time, since each tracing may read the whole table.
 */
const FIRST_TRACING = 10;

export function inspect(context: RunContext, subject: Subject): Inspection {
  const { source, stop, observer } = context;
  const { extent, everything, carried } = subject;
  const findings = findingsWith(subject.digestOf);
  const plan = planWith(context, carried);
  const words = wordCounts();
  const vectors = { listed: false, found: false };
  const plugin = look();
  const ranks = new Map(extent.namespaces.map((name, rank) => [name, rank]));
  let { resolver } = subject.tree;
  const readersOf = (namespace: string) => resolver.readers(namespace);
  const book = openBook(extent.sampled, readersOf);
  const counted = counting({
    book,
    findings,
    readersOf,
    sampled: extent.sampled,
    everything,
    named: context.settings.workspace,
    accepted: context.accepted,
    stop,
  });
  const { counts } = counted;
  const gathered = gathering();
  const coverage = startCoverage(extent.known);
  const tracer = tracing({ context, carried, findings, look });
  let leftOut = false;
  /** The rank up to which namespaces have been judged. */
  let judged = 0;
  let unsettledBatches = 0;
  let tracedAfter = FIRST_TRACING;

  /** The plugin as it is from now on: what was listed before is not looked at again. */
  function look(): Observations {
    return observe(context.plugin, {
      hasTextSearch: subject.hasTextSearch,
      concurrency: context.concurrency,
      manyNamespaces: extent.namespaces,
      rarity: words.rarity,
      vectors,
      leavesOut: subject.leavesOut,
    });
  }

  // --- Judging --------------------------------------------------------------------------------------------------------

  async function judge(): Promise<void> {
    const rows = await rowsOf();
    const withRows = new Set<string>();
    for await (const batch of batches(rows.pages())) {
      if (stop.aborted) return;
      resolver = rows.resolver();
      for (const name of namespacesOf(batch.rows)) withRows.add(name);
      await judgeBatch(batch);
      if (leftOut) return;
      await closeUpTo(reached(batch), withRows);
      await settleNowAndThen(batch);
      if (stop.aborted) return;
      plugin.trim();
      observer.progress(workspacesDone(), extent.sampled.length, 'workspaces');
    }
    await judgeLateVectors();
    if (stop.aborted) return;
    await closeUpTo(extent.namespaces.length, withRows);
    await settle();
  }

  function rowsOf(carrying = carried): Promise<PlannedRows> {
    const selection = { order: 'by-place', places: extent.places, rest: everything } as const;
    return planRows(context, selection, carrying, { ...subject.tree, resolver });
  }

  async function judgeLateVectors(): Promise<void> {
    if (stop.aborted || !plugin.showsVectors() || (carried.embedding && counted.vectorsUntold() === 0)) return;
    if (!carried.embedding && !subject.embeds) return;
    const carrying = { ...carried, embedding: true };
    const late = lateVectors(findings);
    const rows = await rowsOf(carrying);
    const lookingLate = (through: Observations, by: Tree['resolver']) => ({
      ...looking(through, by),
      findings: late.findings,
      stranger: () => {},
    });
    for await (const batch of batches(rows.pages())) {
      if (stop.aborted) return;
      const judged = await judgeRows(batch.rows, lookingLate(plugin, rows.resolver()));
      const verdicts = judged.map(vectorsAlone).filter(isAboutVectors);
      const { verdicts: again } = await lookAgain(verdicts, {
        find: (ids) => source.find(ids, true),
        async judgeAnew(stored) {
          const tree = await readTree(context);
          const planned = stored.map((row) => planWith(context, carrying)(row, tree.resolver));
          return (await judgeRows(planned, lookingLate(look(), tree.resolver))).map(vectorsAlone);
        },
      });
      if (stop.aborted) return;
      for (const { row, findings: found, error } of again) {
        if (error) counted.failRow(row, error);
        for (const finding of found) counted.record(finding);
        if (found.length > 0 && late.matchedBefore(row)) counts.matched--;
      }
      plugin.trim();
    }
  }

  async function judgeBatch({ rows, vanished }: Batch): Promise<void> {
    counts.vanished += vanished;
    for (const { content } of rows) words.add(content);
    const verdicts = await judgeRows(rows, looking(plugin, resolver));
    const doubtful = verdicts.filter(isDoubtful);
    for (const verdict of verdicts) if (!isDoubtful(verdict)) counted.enter(verdict);
    if (doubtful.length === 0 || stop.aborted) return;
    const find = (ids: readonly string[]) => source.find(ids, carried.embedding);
    const again = await lookAgain(doubtful, { find, judgeAnew });
    counts.vanished += again.vanished;
    leftOut = again.verdicts.some((verdict) => verdict.leftOut);
    for (const verdict of again.verdicts) counted.enter(verdict);
  }

  async function judgeAnew(rows: readonly LegacyRow[]): Promise<RowVerdict[]> {
    const tree = await readTree(context);
    const planned = rows.map((row) => plan(row, tree.resolver));
    return await judgeRows(planned, looking(look(), tree.resolver));
  }

  function looking(through: Observations, by: Tree['resolver']): Look {
    const { crowded, listed } = coverage;
    return { plugin: through, resolver: by, findings, stranger: gathered.add, crowded, listed };
  }

  /** Looks at the namespaces up to a rank that no row is planned into: they have to hold nothing of anybody's. */
  async function closeUpTo(rank: number, withRows: ReadonlySet<string>): Promise<void> {
    if (stop.aborted) return;
    const names = extent.namespaces.slice(judged, rank).filter((name) => !withRows.has(name));
    const unasked = await listAll(names);
    if (stop.aborted) return;
    counted.failNamespaces(unasked);
    judged = Math.max(judged, rank);
    // What a namespace has shown beside its rows may yet be a leak.
    if (gathered.isEmpty()) book.judgedUpTo(workspacesDone());
  }

  /** @returns the namespaces of which there was no answer */
  async function listAll(names: readonly string[]) {
    const { crowded, failed } = await listNamespaces(names, hunter());
    if (stop.aborted) return failed;
    for (const name of failed.keys()) coverage.failed(name);
    for (const name of names) if (!failed.has(name)) coverage.listed(name);
    for (const name of crowded) coverage.crowded(name);
    return failed;
  }

  /** The rank of the first namespace that a batch has not brought to its end. */
  function reached({ rows, cut }: Batch): number {
    const last = Math.max(judged - 1, ...namespacesOf(rows).map((name) => ranks.get(name) ?? -1));
    return cut ? last : last + 1;
  }

  function workspacesDone(): number {
    const first = extent.sampled.findIndex((id) => extent.rankOf(id) >= judged);
    return first < 0 ? extent.sampled.length : first;
  }

  // --- Settling -------------------------------------------------------------------------------------------------------

  async function settleNowAndThen({ rows, cut }: Batch): Promise<void> {
    unsettledBatches++;
    if (!gathered.isFull() && unsettledBatches < tracedAfter) return;
    tracedAfter *= 2;
    // Of a namespace that goes on in the next batch it is not known yet which rows are in their place.
    await settle(cut ? namespacesOf(rows).at(-1) : undefined);
  }

  /** @param except a namespace whose strangers stay for later */
  async function settle(except?: string): Promise<void> {
    const seen = gathered.take(except);
    unsettledBatches = 0;
    if (seen.length > 0 && !stop.aborted) {
      const { findings, extra, unasked } = await tracer.trace(seen);
      if (stop.aborted) return;
      counts.extra += extra;
      for (const finding of findings) counted.record(finding);
      counted.failNamespaces(unasked);
    }
    if (stop.aborted) return;
    if (gathered.isEmpty()) book.judgedUpTo(workspacesDone());
  }

  // --- Hunting --------------------------------------------------------------------------------------------------------

  async function hunt(): Promise<void> {
    const unasked = await listAll(extent.hunted);
    failHunt([...unasked.values()].map(({ message }) => message));
    if (coverage.crowd().length > 0 && !stop.aborted) await probe();
    await settle();
    if (!stop.aborted) coverage.finish();
  }

  async function probe(): Promise<void> {
    const rows = await rowsOf();
    const ofSampled = async function* () {
      for await (const { planned } of rows.pages()) yield planned.filter(counted.isSampled);
    };
    const progress = (done: number) => observer.progress(done, rows.total, 'rows');
    const probing = await probeRows(ofSampled(), coverage.crowd(), rows.resolver, hunter(progress));
    coverage.probed(probing.searchable.size, probing.rows);
    counts.absenceUnproven = probing.absenceUnproven;
    failHunt(probing.failed);
  }

  /** What could not be asked is nobody's mismatch, and no proof either. */
  function failHunt(messages: Iterable<string>): void {
    if (!stop.aborted) for (const message of new Set(messages)) book.fail([null], message);
  }

  function hunter(progress: Hunter['progress'] = () => {}): Hunter {
    const settleWhereFull = async () => void (gathered.isFull() && (await settle()));
    return { plugin, stop, stranger: gathered.add, settle: settleWhereFull, progress };
  }

  return {
    judge,
    foundLeftOut: () => leftOut,
    hunt,
    book,
    counts,
    accepted: counted.accepted,
    coverage: coverage.hunt,
  };
}

/** A single look that found something wrong. What search cannot settle, it cannot settle a minute later either. */
function isDoubtful({ findings, leftOut }: RowVerdict): boolean {
  return leftOut === true || findings.some(({ kind }) => kind !== 'unproven');
}

function namespacesOf(rows: readonly Planned[]): string[] {
  return rows.flatMap((row) => (row.verdict === 'write' ? [row.namespace.name] : []));
}

function isAboutVectors({ findings, error }: RowVerdict): boolean {
  return error !== null || findings.some(({ kind }) => kind === 'fields');
}

/** Whatever else is wrong was found when the row was first judged. */
function vectorsAlone(verdict: RowVerdict): RowVerdict {
  return { ...verdict, findings: verdict.findings.filter(({ kind }) => kind === 'fields') };
}
