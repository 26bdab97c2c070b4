/**
 * Whether an apply may go on from what the ledger holds: it must agree with the run that it continues about where rows go, and
 * the plugin must be the one that holds what was copied. The second is asked by a dry run as well.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import { isRepair, mappingOf, type RunRecord } from '../model/ledger.ts';
import type { PluginFacts } from '../model/run.ts';
import type { RunSettings } from '../model/settings.ts';
import type { RunContext } from './context.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { observe } from './observations.ts';
import { searchTexts } from './search-texts.ts';

/** Recorded memories that are looked for, of which one at least must be there. */
const SAMPLE = 20;

/**
 * @param resume the run that the operator named; null to go on from the newest, if that did not come to its end
 * @throws RunError `configuration` with what differs
 */
export async function refuseOtherSettings(ledger: Ledger, settings: RunSettings, resume: string | null): Promise<void> {
  const earlier = resume === null ? await ledger.unfinished() : await ledger.run(resume);
  if (resume !== null && !earlier) throw refusal(`The ledger has no run ${resume}.`, 'Look for it with --status.');
  if (resume !== null && earlier?.mode !== 'apply')
    throw refusal(`Run ${resume} was no apply.`, '--status lists the runs.');
  if (resume !== null && earlier && isRepair(earlier))
    throw refusal(`Run ${resume} was a repair.`, 'Go on with --apply --repair and the report that it was given.');
  const differences = earlier ? differencesFrom(earlier, ledger, settings) : [];
  if (!earlier || differences.length === 0) return;
  throw refusal(
    `Run ${earlier.id}, which this one would continue, had ${differences.join(', and ')}.`,
    'Use the same again, or --start-over to begin anew with what the plugin holds.',
  );
}

function refusal(what: string, remedy: string): RunError {
  return new RunError('configuration', `${what} Nothing was sent. ${remedy}`);
}

function differencesFrom(earlier: RunRecord, ledger: Ledger, settings: RunSettings): string[] {
  const then = { source: earlier.pair.source, plugin: earlier.pair.plugin, ...flags(earlier.settings) };
  const now = { source: ledger.pair.source, plugin: ledger.pair.plugin, ...flags(settings) };
  const before = new Map(Object.entries(then));
  return Object.entries(now)
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => `${name} ${before.get(name)} instead of ${value}`);
}

function flags(settings: RunSettings): Record<string, string> {
  const { teamLevel, removedWorkspaces } = mappingOf(settings);
  return { '--team-level': teamLevel ?? '(none)', '--removed-workspaces': removedWorkspaces };
}

/**
 * Looks for some of the memories that the plugin should hold.
 *
 * @throws RunError `guard` where none of them is there, `plugin` where it could not be asked
 */
export async function refuseOtherPlugin(context: RunContext, ledger: Ledger, plugin: PluginFacts): Promise<void> {
  const copies = await ledger.copies(SAMPLE);
  if (copies.length === 0) return;
  const texts = await searchTexts(
    context,
    copies.map(({ id }) => id),
  );
  const now = observe(context.plugin, {
    hasTextSearch: plugin.capabilities.includes('fts'),
    concurrency: context.concurrency,
    manyNamespaces: [...new Set(copies.map(({ namespace }) => namespace))],
  });
  const looks = await Promise.all(
    copies.map(({ id, namespace }) => now.look(namespace, { id, content: texts.get(id) ?? '' })),
  ).catch(asPluginError);
  if (looks.some(({ result }) => result === 'found')) return;
  if (looks.every(({ result }) => result === 'unsettled')) {
    context.observer.notice(
      'Whether the plugin is the one that holds what was copied earlier could not be told by search.',
    );
    return;
  }
  throw new RunError(
    'guard',
    `Of ${copies.length} memories that the ledger has as copied to ${ledger.pair.plugin}, the plugin there holds none: it is not the same plugin, or has lost its data. Nothing was sent. If that is as it should be, begin anew with --start-over.`,
  );
}

function asPluginError(error: unknown): never {
  if (!(error instanceof CouldNotAsk)) throw error;
  throw new RunError('plugin', `What was copied earlier could not be looked for: ${error.message}`, { cause: error });
}
