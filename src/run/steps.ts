/**
 * From a page of planned rows to the step that each needs: what the ledger remembers of it, then, only where that does not
 * settle it, what the plugin holds. Dry run and apply both come through here; the dry run only withholds the sending.
 */
import type { Ledger } from '../ledger/ledger.ts';
import type { Recollection } from '../model/ledger.ts';
import type { Planned, PlannedWrite } from '../model/memory.ts';
import type { PluginFacts } from '../model/run.ts';
import { type ChangePolicy, type Held, type Standing, type Step, standingOf, stepFor } from '../plan/changes.ts';
import type { Resolver } from '../plan/resolver.ts';
import type { RunContext } from './context.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { holdings, type Wanted } from './holdings.ts';

/** What is to become of a page. */
export interface PageSteps {
  /** One for each row, in the order given. */
  steps: Step[];
  /** What the ledger knew of its rows, by their ids, when that was decided. */
  known: ReadonlyMap<string, Recollection>;
}

export interface Stepper {
  /**
   * @param resolver the one that planned the page
   * Throws RunError `ledger`.
   */
  steps(page: readonly Planned[], resolver: Resolver): Promise<PageSteps>;
  /** Namespaces that were seen clean since the last call; they belong into the ledger before anything is sent. */
  takeSeenClean(): string[];
}

/** A row whose step depends on what the plugin holds. */
type Open = Wanted & { open: Exclude<Standing, { standing: 'settled' }> };

export function stepper(context: RunContext, ledger: Ledger, plugin: PluginFacts): Stepper {
  const held = holdings(context.plugin, context.source, ledger, {
    hasTextSearch: plugin.capabilities.includes('fts'),
    concurrency: context.concurrency,
  });
  const policy: ChangePolicy = { digests: ledger.digester, onConflict: context.settings.onConflict };

  async function steps(page: readonly Planned[], resolver: Resolver): Promise<PageSteps> {
    const known = await ledger.recall(page.map(({ id }) => id));
    const open: Open[] = [];
    const decided = new Map<string, Step>();
    for (const planned of page) {
      const standing = standingOf(planned, known.get(planned.id), ledger.digester);
      if (standing.standing === 'settled')
        decided.set(planned.id, { step: 'settled', planned, outcome: standing.outcome });
      else if (planned.verdict === 'write') open.push(wanted(planned, standing, resolver));
    }
    const found = await held.lookFor(open);
    open.forEach((row, index) => {
      decided.set(row.planned.id, stepAfter(row, found[index]));
    });
    return { steps: page.flatMap(({ id }) => decided.get(id) ?? []), known };
  }

  function stepAfter({ planned, open }: Open, found: Held | CouldNotAsk | undefined): Step {
    if (found && !(found instanceof CouldNotAsk)) return stepFor(planned, open, found, policy);
    return {
      step: 'unasked',
      planned,
      failure: found?.failure,
      sentence: found?.message ?? 'The plugin was not asked.',
    };
  }

  return { steps, takeSeenClean: held.takeSeenClean };
}

/** A row could also be where its workspace reads: an earlier tool, or an earlier tree, may have put it there. */
function wanted(planned: PlannedWrite, open: Open['open'], resolver: Resolver): Open {
  const own = planned.namespace.name;
  const places = [own];
  for (const { name } of resolver.readable(planned.workspaceId)) if (name !== own) places.push(name);
  return { planned, places, standing: open.standing, open };
}
