/**
 * The source's rows with the plan's word on each, page by page. Every mode reads through here.
 *
 * The tree of workspaces is read once, and again when a page names a workspace that is not in it, which is how one shows that
 * was made while the run is under way: at most once a page.
 */
import type { Planned } from '../model/memory.ts';
import { type Carried, planRow } from '../plan/planner.ts';
import { type Resolver, teamLevelNeeded, treeResolver } from '../plan/resolver.ts';
import type { Selection } from '../source/positions.ts';
import type { RunContext } from './context.ts';

export interface PlannedPage {
  /** In the order of the source. */
  planned: Planned[];
  /** Ids that were there at the start and are gone now. */
  vanished: string[];
}

export interface PlannedRows {
  /** Rows of the source that were selected at the start. */
  total: number;
  /** The resolver of the page that was yielded last. */
  resolver(): Resolver;
  /** Throws RunError `source` when the database fails on the way. */
  pages(): AsyncGenerator<PlannedPage, void>;
}

/** @throws RunError `configuration` where TEAM rows cannot be placed without `--team-level`; `source` */
export async function planRows(context: RunContext, selection: Selection, carried: Carried): Promise<PlannedRows> {
  const { source, settings, runId } = context;
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

  async function* pages(): AsyncGenerator<PlannedPage, void> {
    for await (const { rows: page, vanished } of rows.pages()) {
      const isNew = ({ workspaceId }: { workspaceId: string | null }) =>
        workspaceId !== null && !resolver.knows(workspaceId);
      if (page.some(isNew)) resolver = await readTree();
      yield { planned: page.map((row) => planRow(row, resolver, carried, runId)), vanished };
    }
  }

  return { total: rows.total, resolver: () => resolver, pages };
}

/** The rows that `--workspace` leaves, oldest first. */
export function oldestFirst(workspace: string | null): Selection {
  return { order: 'oldest-first', ...(workspace === null ? {} : { workspaces: [workspace] }) };
}

export interface Limiter {
  /** False where the row is to be left for another run. */
  take(planned: Planned): boolean;
  /** A row was left for another run. */
  cut(): boolean;
}

/**
 * Takes up rows one after the other until a number of writes has been planned.
 *
 * @param limit the most writes; null for no bound
 */
export function limiter(limit: number | null): Limiter {
  let writes = 0;
  let cut = false;
  return {
    cut: () => cut,
    take(planned) {
      cut ||= limit !== null && writes >= limit;
      if (cut) return false;
      if (planned.verdict === 'write') writes++;
      return true;
    },
  };
}
