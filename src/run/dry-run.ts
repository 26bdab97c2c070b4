/**
 * `--dry-run`: what an apply would do, row for row, as a difference from what the ledger has. It goes through the same planner and
 * the same steps as the apply, and only withholds the sending: the plugin is searched, and nothing else; the ledger is read.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import type { NamespaceKind, PlannedWrite, Scope } from '../model/memory.ts';
import type { DryRunResult, ScopeCount } from '../model/run.ts';
import type { Step } from '../plan/changes.ts';
import { carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { refuseOtherPlugin } from './continuation.ts';
import { limiter } from './limiter.ts';
import { planRows, selected } from './planning.ts';
import { stepper } from './steps.ts';
import { failureGroups, tally } from './tally.ts';

/** Takes the plan row by row, for `--plan FILE`. */
export interface PlanSink {
  path: string;
  /** Resolves when it can take more. Throws RunError `output`. */
  write(line: PlanLine): Promise<void>;
}

/** One line of the plan: a row with its namespace and what would become of it, or with the reason why it has none. */
export type PlanLine = { id: string; namespace: string; change: PlanChange } | { id: string; skip: string };
export type PlanChange = keyof DryRunResult['changes'];

/** Rows shown as samples. */
const SAMPLES = 10;

/**
 * @param ledger what earlier runs have left; it is only read
 * @throws RunError as the apply would before its first row: `guard` where the plugin holds nothing of what was copied
 */
export async function dryRun(
  context: RunContext,
  ends: Ends,
  ledger: Ledger,
  plan: PlanSink | null,
): Promise<Ended<DryRunResult>> {
  const { settings, observer, stop } = context;
  await refuseOtherPlugin(context, ledger, ends.plugin);
  // Where a row goes does not depend on its vector, so none is read.
  const carried = { ...carriedBy(ends.plugin), embedding: false };
  const rows = await planRows(context, await selected(settings, ledger), carried);
  const steps = stepper(context, ledger, ends.plugin);
  const limit = limiter(settings.limit);
  const scopes = scopeCounts();
  const outcomes = tally();
  const unasked = failureGroups();
  const sends = { new: 0, changed: 0, failed: 0 };
  const samples: DryRunResult['samples'] = [];
  let bytes = 0;

  function count(step: Step): void {
    if (step.step === 'settled') outcomes.record(step.outcome);
    if (step.step === 'unasked') {
      const { id, namespace } = step.planned;
      sends.failed++;
      unasked.add({ reason: step.failure?.reason ?? 'search', id, namespace: namespace.name, sentence: step.sentence });
    }
    if (step.step === 'send') {
      sends[step.change]++;
      bytes += scopes.add(step.planned);
      const { id, scope, namespace } = step.planned;
      if (samples.length < SAMPLES) samples.push({ id, scope, namespace: namespace.name });
    }
  }

  const scanned = () => outcomes.scanned() + sends.new + sends.changed + sends.failed;

  const error = await untilError(stop, async () => {
    for await (const { planned: page, vanished } of rows.pages()) {
      if (stop.aborted || limit.cut()) break;
      const { steps: taken } = await steps.steps(page, rows.resolver());
      refuseOutage(taken);
      if (stop.aborted) break;
      for (const { id } of vanished) outcomes.record({ status: 'vanished', id });
      for (const step of taken) {
        if (!limit.take(step)) break;
        count(step);
        if (plan) await plan.write(planLine(step));
      }
      observer.progress(scanned(), rows.total, 'rows');
    }
  });

  return {
    result: {
      mode: 'dry-run',
      scanned: scanned(),
      changes: {
        ...sends,
        recorded: outcomes.count('recorded'),
        adopted: outcomes.count('adopted'),
        conflict: outcomes.count('conflict'),
        drift: outcomes.count('drift'),
      },
      skipped: outcomes.skipped(),
      vanished: outcomes.count('vanished'),
      noted: outcomes.noted(),
      failures: unasked.sorted(),
      bytes,
      byScope: scopes.sorted(),
      samples,
      planFile: plan?.path ?? null,
    },
    error,
  };
}

/** A plugin that was waited for in vain would answer no later question either. */
function refuseOutage(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.step === 'unasked' && step.failure?.cause === 'outage') throw new RunError('plugin', step.sentence);
  }
}

export function planLine(step: Step): PlanLine {
  const { planned } = step;
  if (planned.verdict === 'skip') return { id: planned.id, skip: planned.reason };
  return { id: planned.id, namespace: planned.namespace.name, change: changeOf(step) };
}

function changeOf(step: Step): PlanChange {
  if (step.step === 'send') return step.change;
  if (step.step === 'unasked') return 'failed';
  // A row that is skipped has no place, and is none of these.
  return step.outcome.status === 'skipped' ? 'drift' : step.outcome.status;
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
