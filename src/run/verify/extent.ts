/**
 * What a verify looks at: the workspaces whose verdict is asked, the namespaces that they read, and every row that is planned
 * into one of those, whichever workspace it is of: a team's namespace is judged against all that its team has written.
 *
 * The namespaces have an order, tree by tree, those that are shared before those of a single workspace: rows come in that order, so
 * that a namespace is judged as a whole, and a workspace is judged to the end once its own namespace is.
 */

import { SCOPES, type Scope } from '../../model/memory.ts';
import { compareText } from '../../model/position.ts';
import type { Resolver } from '../../plan/resolver.ts';
import type { Place } from '../../source/places.ts';
import type { Tree } from '../planning.ts';

export interface Extent {
  /** Ids of the workspaces whose verdict is asked, in the order in which they are judged to the end. */
  sampled: readonly string[];
  /** Names of the namespaces to judge; the rank of a place is the index in here. */
  namespaces: readonly string[];
  /** Where the rows stand that are read. */
  places: readonly Place[];
  /** The rank up to which everything has to be judged for the verdict on a workspace; -1 for one that reads nothing. */
  rankOf(workspaceId: string): number;
  /** Other namespaces, in which rows of these workspaces are hunted for. */
  hunted: readonly string[];
  /** How many namespaces there are by the tree. */
  known: number;
}

/** Namespaces of other workspaces of the same trees in which rows are hunted for, at the most. */
const RELATIVES = 200;

/**
 * @param sampled workspaces whose verdict is asked
 * @param strangers workspaces, of other trees by and large, in whose namespaces rows are hunted for
 */
export function extentOf(sampled: readonly string[], strangers: readonly string[], tree: Tree): Extent {
  const { resolver, workspaces } = tree;
  const byTree = (ids: readonly string[]) =>
    [...ids].sort((a, b) => compareText(treeOf(a, resolver), treeOf(b, resolver)) || compareText(a, b));
  const ordered = byTree(sampled);
  const ranks = new Map<string, number>();
  for (const id of ordered) {
    for (const name of sharedFirst(id, resolver)) if (!ranks.has(name)) ranks.set(name, ranks.size);
  }

  const targets = targetsOf(tree);
  const asked = new Set(sampled);
  const places: Place[] = [];
  for (const { id } of workspaces) {
    for (const [scope, name] of targets(id)) {
      const rank = ranks.get(name);
      if (rank !== undefined) places.push({ workspaceId: id, scope, rank });
    }
  }
  // The source says whether there are such rows: then only the operator can tell where they belong, and the run is refused.
  const trees = new Set(ordered.map((id) => treeOf(id, resolver)));
  for (const id of resolver.undecided()) {
    if (trees.has(treeOf(id, resolver))) places.push({ workspaceId: id, scope: 'TEAM', rank: 0 });
  }
  // What has no place of its own, rows that are to be skipped above all, comes with the workspace's own namespace.
  const rankOf = (id: string) => Math.max(-1, ...sharedFirst(id, resolver).map((name) => ranks.get(name) ?? -1));
  for (const id of asked) places.push({ workspaceId: id, scope: null, rank: Math.max(0, rankOf(id)) });

  const relatives = workspaces.map(({ id }) => id).filter((id) => !asked.has(id) && trees.has(treeOf(id, resolver)));
  const hunted = new Set([...relatives.slice(0, RELATIVES), ...strangers].flatMap((id) => sharedFirst(id, resolver)));
  for (const name of ranks.keys()) hunted.delete(name);

  const known = new Set(workspaces.flatMap(({ id }) => resolver.readable(id).map(({ name }) => name)));
  return { sampled: ordered, namespaces: [...ranks.keys()], places, rankOf, hunted: [...hunted], known: known.size };
}

/** The namespaces that each scope of a workspace's rows goes to; a scope that goes nowhere is left out. */
function targetsOf({ resolver }: Tree): (id: string) => Array<[Scope, string]> {
  const undecided = new Set(resolver.undecided());
  return (id) => {
    const targets: Array<[Scope, string]> = [];
    for (const scope of SCOPES) {
      if (scope === 'TEAM' && undecided.has(id)) continue;
      const target = resolver.writable(id, scope);
      if (typeof target !== 'string') targets.push([scope, target.name]);
    }
    return targets;
  };
}

function sharedFirst(id: string, resolver: Resolver): string[] {
  return resolver
    .readable(id)
    .map(({ name }) => name)
    .reverse();
}

/** The org that a workspace reads is its tree; one without stands alone. */
function treeOf(id: string, resolver: Resolver): string {
  return resolver.readable(id).find(({ kind }) => kind === 'org')?.name ?? id;
}
