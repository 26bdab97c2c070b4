/**
 * `--dry-run`: what an apply would do, row for row. It goes through the same planner as the apply, and only withholds the
 * calls: the plugin is asked how it is, and nothing else.
 */
import type { NamespaceKind, Planned, PlannedWrite, Scope } from '../model/memory.ts';
import type { DryRunResult, ScopeCount } from '../model/run.ts';
import { carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { limiter, oldestFirst, planRows } from './planning.ts';
import { noSkips } from './tally.ts';

/** Takes the plan row by row, for `--plan FILE`. */
export interface PlanSink {
  path: string;
  /** Resolves when it can take more. Throws RunError `output`. */
  write(line: PlanLine): Promise<void>;
}

/** One line of the plan: a row with its namespace, or with the reason why it has none. */
export type PlanLine = { id: string; namespace: string } | { id: string; skip: string };

/** Rows shown as samples. */
const SAMPLES = 10;

export async function dryRun(context: RunContext, ends: Ends, plan: PlanSink | null): Promise<Ended<DryRunResult>> {
  const { settings, observer, stop } = context;
  // Where a row goes does not depend on its vector, so none is read.
  const carried = { ...carriedBy(ends.plugin), embedding: false };
  const rows = await planRows(context, oldestFirst(settings.workspace), carried);
  const limit = limiter(settings.limit);
  const counts = scopeCounts();
  const result: DryRunResult = {
    mode: 'dry-run',
    scanned: 0,
    planned: 0,
    skipped: noSkips(),
    vanished: 0,
    bytes: 0,
    byScope: [],
    samples: [],
    planFile: plan?.path ?? null,
  };

  function count(planned: Planned): void {
    result.scanned++;
    if (planned.verdict === 'skip') {
      result.skipped[planned.reason]++;
      return;
    }
    result.planned++;
    result.bytes += counts.add(planned);
    const { id, scope, namespace } = planned;
    if (result.samples.length < SAMPLES) result.samples.push({ id, scope, namespace: namespace.name });
  }

  const error = await untilError(stop, async () => {
    for await (const { planned: page, vanished } of rows.pages()) {
      if (stop.aborted || limit.cut()) break;
      result.scanned += vanished.length;
      result.vanished += vanished.length;
      for (const planned of page) {
        if (!limit.take(planned)) break;
        count(planned);
        await plan?.write(planLine(planned));
      }
      observer.progress(result.scanned, rows.total, 'rows');
    }
  });

  return { result: { ...result, byScope: counts.sorted() }, error };
}

export function planLine(planned: Planned): PlanLine {
  return planned.verdict === 'write'
    ? { id: planned.id, namespace: planned.namespace.name }
    : { id: planned.id, skip: planned.reason };
}

/** Rows, namespaces and bytes by scope and kind of namespace. */
function scopeCounts() {
  const groups = new Map<string, ScopeCount & { names: Set<string> }>();

  function group(scope: Scope, kind: NamespaceKind) {
    const key = `${scope} ${kind}`;
    const known = groups.get(key) ?? { scope, kind, rows: 0, namespaces: 0, bytes: 0, names: new Set<string>() };
    groups.set(key, known);
    return known;
  }

  return {
    /** @returns the bytes of the row's content */
    add({ scope, namespace, content }: PlannedWrite): number {
      const counts = group(scope, namespace.kind);
      const bytes = Buffer.byteLength(content);
      counts.rows++;
      counts.bytes += bytes;
      counts.names.add(namespace.name);
      return bytes;
    },
    sorted: (): ScopeCount[] =>
      [...groups.values()]
        .map(({ names, ...counts }) => ({ ...counts, namespaces: names.size }))
        .sort((a, b) => b.rows - a.rows),
  };
}
