/**
 * The source's rows with the plan's word on each, page by page. Every mode reads through here.
 *
 * The tree of workspaces is read once, and again when a page names a workspace that is not in it, which is how one shows that
 * was made while the run is under way: at most once a page.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import type { Planned, Position } from '../model/memory.ts';
import type { RunSettings } from '../model/settings.ts';
import { type Carried, planRow } from '../plan/planner.ts';
import { type Resolver, teamLevelNeeded, treeResolver } from '../plan/resolver.ts';
import type { Selection } from '../source/positions.ts';
import type { Pick } from '../source/rows.ts';
import type { RunContext } from './context.ts';

export interface PlannedPage {
  /** In the order of the source. */
  planned: Planned[];
  /** What was there at the start and is gone now. */
  vanished: Position[];
}

export interface PlannedRows {
  /** Rows of the source that were selected at the start. */
  total: number;
  /** The last of them; null where there was none. */
  watermark: Position | null;
  /** The resolver of the page that was yielded last. */
  resolver(): Resolver;
  /**
   * Throws RunError `source` when the database fails on the way.
   *
   * @param pick leaves out rows before their contents are read; all are read without it
   */
  pages(pick?: Pick): AsyncGenerator<PlannedPage, void>;
}

/** @throws RunError `configuration` where TEAM rows cannot be placed without `--team-level`; `source` */
export async function planRows(context: RunContext, selection: Selection, carried: Carried): Promise<PlannedRows> {
  const { source, settings, runId, accepted } = context;
  const policy = { carried, accepted, runId };
  const rows = await source.rows(selection, carried.embedding, context.observer.notice);
  let resolver = await readTree();
  await requireTeamLevel();

  async function readTree(): Promise<Resolver> {
    return treeResolver(await source.workspaces(), settings);
  }

  async function requireTeamLevel(): Promise<void> {
    const undecided = resolver.undecided().filter((id) => selection.workspaces?.includes(id) ?? true);
    if (undecided.length === 0) return;
    const count = await source.countTeamRows(undecided);
    if (count > 0) throw teamLevelNeeded(count);
  }

  async function* pages(pick?: Pick): AsyncGenerator<PlannedPage, void> {
    for await (const { rows: page, vanished } of rows.pages(pick)) {
      const isNew = ({ workspaceId }: { workspaceId: string | null }) =>
        workspaceId !== null && !resolver.knows(workspaceId);
      if (page.some(isNew)) resolver = await readTree();
      yield { planned: page.map((row) => planRow(row, resolver, policy)), vanished };
    }
  }

  return { total: rows.total, watermark: rows.watermark, resolver: () => resolver, pages };
}

/**
 * The rows that `--workspace` and `--retry-failed` leave, oldest first.
 *
 * @throws RunError `ledger`
 */
export async function selected({ workspace, retryFailed }: RunSettings, ledger: Ledger): Promise<Selection> {
  if (retryFailed !== null && retryFailed !== 'all') await refuseUnknownRun(retryFailed.run, ledger);
  return {
    order: 'oldest-first',
    ...(workspace === null ? {} : { workspaces: [workspace] }),
    ...(retryFailed === null ? {} : { ids: await ledger.failures(retryFailed === 'all' ? null : retryFailed.run) }),
  };
}

/** A run of another source or plugin has no failures here either, and "nothing failed" is not what was asked. */
async function refuseUnknownRun(id: string, ledger: Ledger): Promise<void> {
  const run = await ledger.run(id);
  if (run?.pair.source === ledger.pair.source && run.pair.plugin === ledger.pair.plugin) return;
  throw new RunError(
    'configuration',
    `The ledger has no run ${id} of this source and plugin. Nothing was sent. Look for it with --status.`,
  );
}
