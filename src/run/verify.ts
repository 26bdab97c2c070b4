/**
 * `--verify`: whether what the plugin shows is what the source holds.
 *
 * A sample of workspaces is drawn by lot. Every row of theirs is planned as an apply would plan it, and then looked for where
 * it belongs: in its namespace, under its id, with its content. A row that is not there is looked for in the other namespaces
 * that its workspace reads. What the plugin holds beside that is nobody's mistake: a team's namespace shows the siblings' rows.
 *
 * "Different" and "could not check" never mix: the first is a finding, the second an error of its workspace, and a row that
 * search cannot settle is unproven, which is neither.
 */
import { RunError } from '../model/errors.ts';
import type { Namespace, ObservedMemory, Planned, PlannedWrite, Skip } from '../model/memory.ts';
import type { Finding, FindingKind, VerifyResult } from '../model/verify.ts';
import type { Resolver } from '../plan/resolver.ts';
import type { Selection } from '../source/positions.ts';
import { excerptAround } from '../verify/excerpts.ts';
import { difference } from '../verify/parity.ts';
import { carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { CouldNotAsk, type Look, observe } from './observations.ts';
import { planRows } from './planning.ts';
import { noSkips } from './tally.ts';
import { verdictBook } from './verdicts.ts';

export interface VerifyRequest {
  sample: number | 'all';
  seed: string;
  allowEmpty: boolean;
}

export async function verify(context: RunContext, ends: Ends, request: VerifyRequest): Promise<Ended<VerifyResult>> {
  const { settings, observer, stop } = context;
  const drawn = await drawSample(context, request);
  // Vectors are not compared, since a search of version 1 does not return them.
  const carried = { ...carriedBy(ends.plugin), embedding: false };
  const rows = await planRows(context, drawn.selection, carried);
  const plugin = observe(context.plugin, {
    hasTextSearch: ends.plugin.capabilities.includes('fts'),
    concurrency: context.concurrency,
    manyNamespaces: namespacesOf(drawn.ids, rows.resolver()),
  });
  const book = verdictBook(drawn.ids);
  const counts = { compared: 0, matched: 0, skipped: noSkips(), absenceUnproven: 0, vanished: 0, extra: 0 };

  async function judge(planned: Planned, resolver: Resolver): Promise<void> {
    const { workspaceId } = planned;
    book.see(workspaceId);
    try {
      const readable = workspaceId === null ? [] : resolver.readable(workspaceId);
      const found = await judgeRow(planned, readable);
      if (found) book.find(found);
      if (planned.verdict === 'skip') counts.skipped[planned.reason]++;
      else {
        counts.compared++;
        if (!found) counts.matched++;
      }
    } catch (error) {
      if (!(error instanceof CouldNotAsk || error instanceof RunError)) throw error;
      // A question that was cut off by the operator's signal says nothing: its workspace is unchecked.
      if (!stop.aborted) book.fail(workspaceId, error.message);
    }
  }

  async function judgeRow(planned: Planned, readable: readonly Namespace[]): Promise<Finding | null> {
    const { id, workspaceId } = planned;
    if (readable.length === 0 && workspaceId !== null && workspaceId === settings.workspace) {
      const sentence = 'belongs to a workspace that can read no namespace';
      return { ...UNKNOWN, kind: 'missing', id, workspaceId, namespace: null, foundIn: null, sentence };
    }
    return planned.verdict === 'write' ? judgeWrite(planned, readable) : judgeSkip(planned, readable);
  }

  async function judgeWrite(planned: PlannedWrite, readable: readonly Namespace[]): Promise<Finding | null> {
    const looked = await plugin.look(planned.namespace.name, planned);
    if (looked.result === 'found') return compare(planned, looked.memory);
    const elsewhere = await lookIn(otherThan(planned.namespace, readable), planned).catch(unlessAbsent(looked));
    if (elsewhere.result === 'found') return compare(planned, elsewhere.memory);
    if (looked.result === 'unsettled') return finding(planned, 'unproven', null, `could not be settled: ${looked.why}`);
    return finding(planned, 'missing', null, 'is not in the plugin');
  }

  /** A skipped row is expected to be absent; where one shows it all the same, somebody can read what nobody should. */
  async function judgeSkip(skip: Skip, readable: readonly Namespace[]): Promise<Finding | null> {
    const looked = await lookIn(readable, skip);
    if (looked.result === 'unsettled') counts.absenceUnproven++;
    return looked.result === 'found' ? unexpected(skip, looked.memory) : null;
  }

  async function lookIn(namespaces: readonly Namespace[], row: Planned): Promise<Look> {
    let result: Look = { result: 'absent' };
    for (const { name } of namespaces) {
      const looked = await plugin.look(name, row);
      if (looked.result === 'found') return looked;
      if (looked.result === 'unsettled') result = looked;
    }
    return result;
  }

  const error = await untilError(stop, async () => {
    for await (const page of rows.pages()) {
      if (stop.aborted) break;
      counts.vanished += page.vanished.length;
      await Promise.all(page.planned.map((planned) => judge(planned, rows.resolver())));
      if (stop.aborted) break;
      book.readUpTo(page.planned.at(-1)?.workspaceId ?? null);
      plugin.trim();
      observer.progress(book.done(), drawn.ids.length, 'workspaces');
    }
    if (!stop.aborted) book.readAll();
  });
  if (error) book.failRest(error.message);

  return {
    result: {
      mode: 'verify',
      seed: drawn.byLot ? request.seed : null,
      asked: settings.workspace === null ? { sample: request.sample } : { workspace: settings.workspace },
      population: drawn.population,
      rows: counts,
      ...book.close(),
      emptyAllowed: request.allowEmpty,
      seedMemory: { seed: 'fresh' },
      confidence: null,
      hunt: { listed: 0, probed: 0, uncovered: 0, known: 0, rows: { probed: 0, unsearchable: 0 } },
      acceptedFindings: 0,
      accepted: [...context.accepted.keys()],
      judged: [],
      allowUnproven: null,
      failOnSkipped: false,
      snapshot: null,
    },
    error,
  };
}

const UNKNOWN = {
  foundAs: null,
  evidence: 'id',
  writtenBy: null,
  next: '',
  digests: { expected: null, found: null },
} as const;

interface Sample {
  ids: string[];
  population: number;
  /** False where every workspace, or one that was named, is taken. */
  byLot: boolean;
  selection: Selection;
}

async function drawSample({ source, settings }: RunContext, { sample, seed }: VerifyRequest): Promise<Sample> {
  const order = 'by-workspace';
  if (settings.workspace !== null) {
    const ids = [settings.workspace];
    return { ids, population: 1, byLot: false, selection: { order, workspaces: ids } };
  }
  const { ids, population } = await source.draw(sample, seed);
  // Everything is not "the rows of all workspaces": rows without a workspace have to be counted too.
  return sample === 'all'
    ? { ids, population, byLot: false, selection: { order } }
    : { ids, population, byLot: true, selection: { order, workspaces: ids } };
}

/** Namespaces that are asked for in one request, at most. */
const MANY = 100;

function namespacesOf(workspaces: readonly string[], resolver: Resolver): string[] {
  const names = workspaces.slice(0, MANY).flatMap((id) => resolver.readable(id).map(({ name }) => name));
  return [...new Set(names)].slice(0, MANY);
}

/** A row that is proven absent from where it belongs is missing, even where nobody can say whether it is elsewhere. */
function unlessAbsent(looked: Look): (error: unknown) => Look {
  return (error) => {
    if (error instanceof CouldNotAsk && looked.result === 'absent') return looked;
    throw error;
  };
}

function otherThan(namespace: Namespace, namespaces: readonly Namespace[]): Namespace[] {
  return namespaces.filter(({ name }) => name !== namespace.name);
}

function compare(planned: PlannedWrite, observed: ObservedMemory): Finding | null {
  const differs = difference(planned, observed);
  if (!differs) return null;
  const found = finding(planned, differs.kind, observed.namespace, differs.sentence);
  if (differs.at === undefined) return found;
  const excerpts = {
    expected: excerptAround(planned.content, differs.at),
    found: excerptAround(observed.content, differs.at),
  };
  return { ...found, excerpts };
}

function finding(planned: PlannedWrite, kind: FindingKind, foundIn: string | null, sentence: string): Finding {
  const { id, workspaceId, namespace, content } = planned;
  const excerpts = { expected: excerptAround(content, 0) };
  return { ...UNKNOWN, kind, id, workspaceId, namespace: namespace.name, foundIn, sentence, excerpts };
}

function unexpected({ id, workspaceId, reason }: Skip, { namespace, content }: ObservedMemory): Finding {
  const sentence = `was to be skipped (${reason}), but ${namespace} shows it`;
  const excerpts = { found: excerptAround(content, 0) };
  return { ...UNKNOWN, kind: 'leak', id, workspaceId, namespace: null, foundIn: namespace, sentence, excerpts };
}
