/**
 * Who may write where, and who may read what. This file alone knows that workspaces have parents.
 *
 * The platform's tree, by the table:
 *
 *   LOCAL    workspace:<own id>
 *   TEAM     team:<parent's id>, or team:<own id> for a root
 *   GLOBAL   org:<root's id>, written by the root alone
 *
 * In a tree of one level the parent is the root, and "the team" is one thing. Deeper down they differ, and whether a team is
 * "those with the same parent" or "the whole tree" is nothing that the data can tell: then the operator has to (team level).
 * A parent that is not in the table counts as a root that nobody sees; a circle of parents has no root at all.
 */
import { RunError } from '../model/errors.ts';
import type { Namespace, NamespaceKind, Scope, SkipReason, Workspace } from '../model/memory.ts';
import type { TeamLevel } from '../model/settings.ts';

/** Why a workspace may not write a scope anywhere. */
export type Refusal = Extract<
  SkipReason,
  'no-workspace' | 'workspace-cycle' | 'global-from-non-root' | 'workspace-removed'
>;

export interface Resolver {
  /** Whether the workspace exists, as far as this resolver knows. */
  knows(workspaceId: string): boolean;
  /**
   * The namespace that takes a workspace's rows of a scope, or why there is none.
   *
   * @throws RunError `configuration` for a TEAM row where only the operator can say which namespace it is
   */
  writable(workspaceId: string | null, scope: Scope): Namespace | Refusal;
  /** The namespaces whose memories the workspace sees; none for one that does not exist. */
  readable(workspaceId: string): readonly Namespace[];
  /**
   * The workspaces that see a namespace's memories, by their ids: what {@link readable} says, read the other way round. None for
   * a namespace that nobody reads.
   */
  readers(namespace: string): ReadonlySet<string>;
  /** The workspaces whose TEAM rows cannot be placed without a team level. */
  undecided(): readonly string[];
}

export interface TreePolicy {
  /** Null: not said. */
  teamLevel: TeamLevel | null;
  /** `skip` keeps the TEAM and GLOBAL rows of a removed workspace out of the plugin, as the old system hid them. */
  removedWorkspaces: 'skip' | 'copy';
}

/** Where a workspace stands in its tree: `parent` and `root` are its own id where it is a root. */
type Place = { cycle: true } | { cycle: false; parent: string; root: string; depth: number };

const CYCLE: Place = { cycle: true };

const NOBODY: ReadonlySet<string> = new Set();

export function treeResolver(workspaces: readonly Workspace[], policy: TreePolicy): Resolver {
  const byId = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
  const places = new Map<string, Place>();
  const readableOf = new Map<string, readonly Namespace[]>();
  let readersOf: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  /** Walks up to a root or to a place that is known, then down again: each workspace is walked over once, however deep. */
  function placeOf(workspace: Workspace): Place {
    const known = places.get(workspace.id);
    if (known) return known;
    const path = new Map<string, Workspace>();
    let above: Place | undefined;
    for (let at: Workspace | undefined = workspace; at && !above; at = parentOf(at)) {
      above = places.get(at.id) ?? (path.has(at.id) ? CYCLE : undefined);
      if (!above) path.set(at.id, at);
    }
    for (const step of [...path.values()].reverse()) {
      above = placeBelow(step, above);
      places.set(step.id, above);
    }
    return above ?? CYCLE;
  }

  function parentOf({ parentId }: Workspace): Workspace | undefined {
    return parentId === null ? undefined : byId.get(parentId);
  }

  function readable(workspaceId: string): readonly Namespace[] {
    const workspace = byId.get(workspaceId);
    if (!workspace) return [];
    const found = readableOf.get(workspaceId) ?? readableBy(workspace);
    readableOf.set(workspaceId, found);
    return found;
  }

  function readableBy(workspace: Workspace): readonly Namespace[] {
    const own = namespace('workspace', workspace.id);
    const place = placeOf(workspace);
    if (place.cycle) return [own];
    const team = policy.teamLevel === 'root' ? place.root : place.parent;
    return [own, namespace('team', team), namespace('org', place.root)];
  }

  function indexReaders(): ReadonlyMap<string, ReadonlySet<string>> {
    const index = new Map<string, Set<string>>();
    for (const id of byId.keys()) {
      for (const { name } of readable(id)) {
        const readers = index.get(name);
        if (readers) readers.add(id);
        else index.set(name, new Set([id]));
      }
    }
    return index;
  }

  function isUndecided(workspace: Workspace, place: Place): boolean {
    if (place.cycle || place.parent === place.root || policy.teamLevel !== null) return false;
    return !(workspace.removed && policy.removedWorkspaces === 'skip');
  }

  return {
    knows: (workspaceId) => byId.has(workspaceId),

    writable(workspaceId, scope) {
      const workspace = workspaceId === null ? undefined : byId.get(workspaceId);
      if (!workspace) return 'no-workspace';
      if (scope === 'LOCAL') return namespace('workspace', workspace.id);

      const place = placeOf(workspace);
      if (place.cycle) return 'workspace-cycle';
      if (scope === 'GLOBAL' && place.depth > 0) return 'global-from-non-root';
      if (workspace.removed && policy.removedWorkspaces === 'skip') return 'workspace-removed';
      if (scope === 'GLOBAL') return namespace('org', place.root);
      if (isUndecided(workspace, place)) throw teamLevelNeeded();
      return namespace('team', policy.teamLevel === 'root' ? place.root : place.parent);
    },

    readable,

    readers(name) {
      readersOf ??= indexReaders();
      return readersOf.get(name) ?? NOBODY;
    },

    undecided: () => workspaces.filter((workspace) => isUndecided(workspace, placeOf(workspace))).map(({ id }) => id),
  };
}

/** @param above the place of the workspace's parent; undefined where there is none, or none that is known */
function placeBelow(workspace: Workspace, above: Place | undefined): Place {
  if (above?.cycle) return above;
  if (workspace.parentId === null) return { cycle: false, parent: workspace.id, root: workspace.id, depth: 0 };
  const root = above ? above.root : workspace.parentId;
  return { cycle: false, parent: workspace.parentId, root, depth: above ? above.depth + 1 : 1 };
}

function namespace(kind: NamespaceKind, id: string): Namespace {
  return { name: `${kind}:${id}`, kind };
}

/** @param rows how many TEAM rows are concerned, where that is known */
export function teamLevelNeeded(rows?: number): RunError {
  const which =
    rows === undefined ? 'A TEAM row belongs' : rows === 1 ? '1 TEAM row belongs' : `${rows} TEAM rows belong`;
  return new RunError(
    'configuration',
    `${which} to a workspace two or more levels below its root, where "the team" may be its parent's or the root's: say which with --team-level parent or --team-level root.`,
  );
}
