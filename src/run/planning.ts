/**
 * The source's rows with the plan's word on each, page by page. Every mode reads through here.
 *
 * The tree of workspaces is read once, and again when a page names a workspace that is not in it, which is how one shows that
 * was made while the run is under way: at most once a page.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import type { LegacyRow, Planned, Position, Workspace } from '../model/memory.ts';
import type { RunSettings } from '../model/settings.ts';
import { type Carried, planRow } from '../plan/planner.ts';
import { type Resolver, teamLevelNeeded, treeResolver } from '../plan/resolver.ts';
import type { Moment } from '../source/moment.ts';
import type { OldestFirst, Selection } from '../source/positions.ts';
import type { Pick as RowPick } from '../source/rows.ts';
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
  /** When they were listed; null where the source cannot tell what was written since. */
  moment: Moment | null;
  /** The resolver of the page that was yielded last. */
  resolver(): Resolver;
  /**
   * Throws RunError `source` when the database fails on the way.
   *
   * @param pick leaves out rows before their contents are read; all are read without it
   * @param again whether they will be asked for once more, from the first one on
   */
  pages(pick?: RowPick, again?: boolean): AsyncGenerator<PlannedPage, void>;
}

/** What planning needs of a run. */
export type PlanningContext = Pick<RunContext, 'source' | 'settings' | 'observer' | 'accepted' | 'runId'>;

/** The workspaces as they were read at one time, and what follows from them. */
export interface Tree {
  workspaces: readonly Workspace[];
  resolver: Resolver;
}

/** @throws RunError `source` */
export async function readTree({ source, settings }: Pick<PlanningContext, 'source' | 'settings'>): Promise<Tree> {
  const workspaces = await source.workspaces();
  return { workspaces, resolver: treeResolver(workspaces, settings) };
}

/** @returns the plan of a single row, as every page of the run is planned; it throws as {@link planRow} does */
export function planWith(
  { accepted, runId }: Pick<PlanningContext, 'accepted' | 'runId'>,
  carried: Carried,
): (row: LegacyRow, resolver: Resolver) => Planned {
  const policy = { carried, accepted, runId };
  return (row, resolver) => planRow(row, resolver, policy);
}

/**
 * @param tree the tree to begin with, where the caller has made the selection from it; it is read now where it is left out
 * @throws RunError `configuration` where TEAM rows cannot be placed without `--team-level`; `source`
 */
export async function planRows(
  context: PlanningContext,
  selection: Selection,
  carried: Carried,
  tree?: Tree,
): Promise<PlannedRows> {
  const { source } = context;
  const plan = planWith(context, carried);
  const rows = await source.rows(selection, carried.embedding, context.observer.notice);
  let { resolver } = tree ?? (await readTree(context));
  await requireTeamLevel();

  async function requireTeamLevel(): Promise<void> {
    const undecided = resolver.undecided().filter(maySelectTeamRowsOf(selection));
    if (undecided.length === 0) return;
    const count = await source.countTeamRows(undecided);
    if (count > 0) throw teamLevelNeeded(count);
  }

  async function* pages(pick?: RowPick, again?: boolean): AsyncGenerator<PlannedPage, void> {
    for await (const { rows: page, vanished } of rows.pages(pick, again)) {
      const isNew = ({ workspaceId }: { workspaceId: string | null }) =>
        workspaceId !== null && !resolver.knows(workspaceId);
      if (page.some(isNew)) ({ resolver } = await readTree(context));
      yield { planned: page.map((row) => plan(row, resolver)), vanished };
    }
  }

  const { total, watermark, moment } = rows;
  return { total, watermark, moment, resolver: () => resolver, pages };
}

/** Tells of a workspace whether its TEAM rows, if it has any, are among those selected. */
function maySelectTeamRowsOf(selection: Selection): (workspaceId: string) => boolean {
  if (selection.order !== 'by-place') return (id) => selection.workspaces?.includes(id) ?? true;
  if (selection.rest) return () => true;
  const taking = selection.places.filter(({ scope }) => scope === null || scope === 'TEAM');
  const workspaces = new Set(taking.map(({ workspaceId }) => workspaceId));
  return (id) => workspaces.has(id);
}

/**
 * The rows that `--workspace` and `--retry-failed` leave, oldest first.
 *
 * @throws RunError `ledger`
 */
export async function selected({ workspace, retryFailed }: RunSettings, ledger: Ledger): Promise<OldestFirst> {
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
