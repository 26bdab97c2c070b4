/**
 * `--preflight`: whether a plugin can take the copy and have it proven, found out by doing in a namespace of its own what an
 * apply and a verify will do. Nothing is thrown for what does not work: each check is in the result, with what was seen.
 *
 * What a crash leaves behind stands in preflight/trial.ts.
 */
import type { PreflightCheck, PreflightResult } from '../model/preflight.ts';
import type { PluginFacts } from '../model/run.ts';
import type { Ended, Ends, RunContext } from './context.ts';
import { capabilityChecks } from './preflight/capabilities.ts';
import { type Check, findOut } from './preflight/check.ts';
import { PACE, type PaceOptions, paceChecks } from './preflight/pace.ts';
import { refusalChecks } from './preflight/refusals.ts';
import {
  type CheckLedger,
  clockChecks,
  ledgerChecks,
  type RowCounts,
  serviceChecks,
  sourceChecks,
} from './preflight/surroundings.ts';
import { openTrial, type Trial, type TrialTools } from './preflight/trial.ts';
import { writeChecks } from './preflight/writes.ts';

export type { TrialTools } from './preflight/trial.ts';

export interface PreflightTools extends TrialTools {
  checkLedger: CheckLedger;
  /** Milliseconds since 1970, by the database's clock. It may throw RunError `source`. */
  databaseClock(): Promise<number>;
  /** {@link PACE} where it is left out. The client must have as many connections as the highest level has requests. */
  pace?: PaceOptions;
}

export async function preflight(
  context: RunContext,
  ends: Ends,
  tools: PreflightTools,
): Promise<Ended<PreflightResult>> {
  const { stop, concurrency } = context;
  let counts: RowCounts | undefined;
  const load = () => counts && { ...counts, concurrency };

  const checks = await inTrial(tools, ends.plugin, stop, (trial) => [
    ...sourceChecks(context, ends.source, (counted) => {
      counts = counted;
    }),
    ...ledgerChecks(tools.checkLedger),
    ...serviceChecks(ends.plugin),
    ...writeChecks(trial),
    ...capabilityChecks(trial),
    ...refusalChecks(trial),
    ...clockChecks(trial, tools.databaseClock),
    ...paceChecks(trial, tools.pace ?? PACE, load),
  ]);
  return { result: { mode: 'preflight', checks }, error: null };
}

/** What an apply would notice only after it has written the wrong thing many times. */
const QUICK = ['version', 'namespace', 'commit', 'read-after-write', 'upsert', 'propagation'];

/**
 * The short form, for an apply that is about to send its first write. Its writes are let finish when the run is told to stop,
 * and what it has made is removed.
 *
 * @returns the checks; the apply must not begin where one that `blocks` has `failed`
 */
export function quickCheck(tools: TrialTools, plugin: PluginFacts, stop: AbortSignal): Promise<PreflightCheck[]> {
  return inTrial(tools, plugin, stop, (trial) =>
    [...serviceChecks(plugin), ...writeChecks(trial), ...capabilityChecks(trial)].filter(({ name }) =>
      QUICK.includes(name),
    ),
  );
}

/** Makes the checks in a namespace of their own, and removes that, whatever happens. */
async function inTrial(
  tools: TrialTools,
  { capabilities }: PluginFacts,
  stop: AbortSignal,
  checksOf: (trial: Trial) => Check[],
): Promise<PreflightCheck[]> {
  const trial = openTrial(tools, stop);
  let checks: PreflightCheck[] = [];
  let removal: PreflightCheck;
  try {
    checks = await findOut(checksOf(trial), capabilities, stop);
  } finally {
    removal = { name: 'removal', grade: 'warns', ...(await trial.remove()) };
  }
  return [...checks, removal];
}
