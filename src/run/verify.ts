/**
 * `--verify`: whether what the plugin shows is what the source holds.
 *
 * A sample of workspaces is drawn by lot. Every row that is planned into a namespace that one of them reads is judged there, and
 * nothing counts that was seen only once (verify/second-look.ts). What the namespaces show beside those rows is traced back to the
 * source (verify/strangers.ts); and then the rows are hunted for where they do not belong (verify/hunt.ts).
 *
 * "Different" and "could not check" never mix: the first is a finding, the second an error of all who read what could not be
 * asked, and a row that search cannot settle is unproven, which is neither.
 *
 * It writes to neither end: a run that is killed leaves nothing behind, and the next one begins anew.
 */
import type { VerifyLedger } from '../ledger/verify-ledger.ts';
import { RunError } from '../model/errors.ts';
import type { Confidence, Finding, SeedMemory, SourceSnapshot, VerifyResult } from '../model/verify.ts';
import { confidenceOf } from '../verify/confidence.ts';
import type { DigestOf } from '../verify/findings.ts';
import { nextStep } from '../verify/next-steps.ts';
import { carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { PACKED } from './listings.ts';
import { readTree, type Tree } from './planning.ts';
import { extentOf } from './verify/extent.ts';
import { type Inspection, inspect } from './verify/inspection.ts';

export interface VerifyRequest {
  sample: number | 'all';
  seed: string;
  /** The seed came from the operator. */
  seedGiven: boolean;
  allowEmpty: boolean;
  allowUnproven: number | null;
  failOnSkipped: boolean;
  /** A receipt is wanted, so that the source has to be told apart from what it may become. */
  takeSnapshot: boolean;
  digestOf: DigestOf;
  /** Null where there is none that can be read. */
  ledger: VerifyLedger | null;
}

export async function verify(context: RunContext, ends: Ends, request: VerifyRequest): Promise<Ended<VerifyResult>> {
  const { settings, stop, source, observer } = context;
  const before = request.takeSnapshot ? await source.snapshot() : null;
  const first = await readTree(context);
  const drawn = await drawSample(context, request);
  const carried = carriedBy(ends.plugin);
  const embeds = ends.source.hasEmbedding && carried.embedding;
  let leavesOut = false;
  let inspection = await begin(first);

  async function begin(tree: Tree): Promise<Inspection> {
    const extent = extentOf(drawn.ids, drawn.others, tree);
    return inspect(context, {
      extent,
      tree,
      everything: drawn.everything,
      carried: { ...carried, embedding: embeds && (await showsVectors(context, extent.namespaces)) },
      embeds,
      hasTextSearch: ends.plugin.capabilities.includes('fts'),
      leavesOut,
      digestOf: request.digestOf,
    });
  }

  /** @returns the tree as it is at the end, and the sampled workspaces that are concerned by how it has changed since */
  async function take(tree: Tree): Promise<{ now: Tree; moved: string[] }> {
    await inspection.judge();
    if (inspection.foundLeftOut() && !stop.aborted) {
      observer.notice(LEFT_OUT);
      leavesOut = true;
      inspection = await begin(tree);
      await inspection.judge();
    }
    if (!stop.aborted) await inspection.hunt();
    if (stop.aborted) return { now: tree, moved: [] };
    const now = await readTree(context);
    return { now, moved: movedSince(drawn.ids, tree, now) };
  }

  let after: SourceSnapshot | null = null;
  const error = await untilError(stop, async () => {
    const { now, moved } = await take(first);
    if (moved.length > 0) {
      observer.notice(BEGUN_ANEW);
      inspection = await begin(now);
      inspection.book.fail((await take(now)).moved, MOVED);
    }
    if (before && !stop.aborted) after = await source.snapshot();
  });
  if (error) inspection.book.failRest(error.message);
  const closed = inspection.book.close();

  const result: VerifyResult = {
    mode: 'verify',
    seed: drawn.byLot ? request.seed : null,
    seedMemory: drawn.byLot ? await remembered(context, request) : { seed: 'fresh' },
    asked: settings.workspace === null ? { sample: request.sample } : { workspace: settings.workspace },
    population: drawn.population,
    ...closed,
    confidence: null,
    rows: inspection.counts,
    hunt: inspection.coverage(),
    listed: await withNextSteps(context, closed.listed, request.ledger),
    accepted: [...context.accepted.keys()],
    acceptedFindings: inspection.accepted(),
    allowUnproven: request.allowUnproven,
    failOnSkipped: request.failOnSkipped,
    emptyAllowed: request.allowEmpty,
    snapshot: before && { ...before, moved: !isSame(before, after) },
  };
  return {
    result: { ...result, confidence: confidenceIn(result) },
    error,
    async close({ code }) {
      const isFound = Object.values(result.findings).some((times) => times > 0);
      if (code !== 0 && isFound && drawn.byLot) await noteFailure(context, request);
    },
  };
}

/** @returns null where nothing was drawn by lot, or what was drawn did not come out clean, or the lot was not a fresh one */
function confidenceIn({
  seed,
  seedMemory,
  population,
  workspaces,
  findings,
  hunt,
  errors,
}: VerifyResult): Confidence | null {
  const { sampled, mismatches, unproven, unchecked } = workspaces;
  const isWhole = workspaces.errors === 0 && errors.length === 0 && unchecked === 0 && hunt.finished;
  const differs = mismatches > 0 || Object.entries(findings).some(([kind, times]) => kind !== 'unproven' && times > 0);
  if (seed === null || seedMemory.seed === 'failed' || !isWhole || differs) return null;
  return confidenceOf({ population, sampled, bad: unproven });
}

function isSame(before: SourceSnapshot, after: SourceSnapshot | null): boolean {
  return before.rows === after?.rows && before.workspaces === after.workspaces && before.digest === after.digest;
}

// --- What the ledger can add ------------------------------------------------------------------------------------------

/** A verify needs no ledger: where one fails, its part is left out. */
async function asked<T>({ observer }: RunContext, question: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    observer.notice(`${error.message} The verify does not depend on the ledger, and went on without.`);
    return otherwise;
  }
}

async function withNextSteps(
  context: RunContext,
  listed: readonly Finding[],
  ledger: VerifyLedger | null,
): Promise<Finding[]> {
  const ids = listed.map(({ id, foundAs }) => foundAs ?? id);
  const nobody: ReadonlyMap<string, string> = new Map();
  const runs = ledger && ids.length > 0 ? await asked(context, () => ledger.writtenBy(ids), nobody) : nobody;
  return listed.map((finding) => {
    const known = { ...finding, writtenBy: runs.get(finding.foundAs ?? finding.id) ?? null };
    return { ...known, next: nextStep(known) };
  });
}

/** Whether a sample is still drawn by lot: after a failure, and whatever was done about it, the same one proves nothing. */
async function remembered(context: RunContext, { seed, seedGiven, ledger }: VerifyRequest): Promise<SeedMemory> {
  if (!seedGiven) return { seed: 'fresh' };
  if (!ledger) return { seed: 'unknown' };
  const at = await asked<string | null | undefined>(context, () => ledger.seedFailed(seed), undefined);
  if (at === undefined) return { seed: 'unknown' };
  return at === null ? { seed: 'fresh' } : { seed: 'failed', at };
}

/** However the verify ended: where its failure cannot be written down, the operator is the only one to know of it. */
async function noteFailure({ observer, runId }: RunContext, { seed, ledger }: VerifyRequest): Promise<void> {
  const why = ledger ? await untilError(NEVER, () => ledger.noteFailedSeed(seed, runId)) : NO_LEDGER;
  if (why) observer.notice(`${why.message} ${SEED_FORGOTTEN}`);
}

const NEVER = new AbortController().signal;
const NO_LEDGER = { message: 'There is no ledger that can be asked.' };
const SEED_FORGOTTEN =
  'So no later verify will know that this seed has failed: after repairs its sample proves nothing, so take another seed, or all.';

/** Vectors are read, and compared, only where the plugin returns any: version 1 of the contract does not ask it to. */
async function showsVectors({ plugin }: RunContext, namespaces: readonly string[]): Promise<boolean> {
  if (namespaces.length === 0) return false;
  const shown = await plugin.search({ namespaces: namespaces.slice(0, PACKED) });
  // Without an answer nothing is known: then they are read for nothing at the worst.
  return !shown.ok || shown.value.some(({ embedding }) => embedding !== undefined);
}

const BEGUN_ANEW =
  'Workspaces were given other parents, or were removed, while the verify was under way: it begins anew, with the tree as it is now.';
const LEFT_OUT =
  'The plugin finds memories by their words that it leaves out where it lists their namespace: the verify begins anew, and takes no listing for complete.';
const MOVED =
  'reads a namespace of a workspace that was given another parent, or was removed, time and again while the verify was under way.';

/** The sampled workspaces that read, or read before, what a workspace reads that has moved in the tree since the verify began. */
function movedSince(sampled: readonly string[], before: Tree, now: Tree): string[] {
  const places = new Map(now.workspaces.map(({ id, parentId, removed }) => [id, `${parentId} ${removed}`]));
  const moved = before.workspaces.filter(({ id, parentId, removed }) => places.get(id) !== `${parentId} ${removed}`);
  const concerned = moved.flatMap(({ id }) =>
    [before, now].flatMap(({ resolver }) =>
      resolver.readable(id).flatMap(({ name }) => [...before.resolver.readers(name), ...resolver.readers(name)]),
    ),
  );
  const ids = new Set(concerned);
  return sampled.filter((id) => ids.has(id));
}

interface Sample {
  ids: string[];
  /** Workspaces that were not drawn, in whose namespaces leaks are looked for. */
  others: string[];
  population: number;
  /** False where every workspace, or one that was named, is taken. */
  byLot: boolean;
  /** Not "the rows of all workspaces": rows without a workspace have to be counted too. */
  everything: boolean;
}

async function drawSample({ source, settings }: RunContext, { sample, seed }: VerifyRequest): Promise<Sample> {
  if (settings.workspace !== null) {
    const { others } = await source.draw(0, seed);
    const elsewhere = others.filter((id) => id !== settings.workspace);
    return { ids: [settings.workspace], others: elsewhere, population: 1, byLot: false, everything: false };
  }
  const { ids, others, population } = await source.draw(sample, seed);
  const all = sample === 'all';
  return { ids, others, population, byLot: !all, everything: all };
}
