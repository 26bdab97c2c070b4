/**
 * A made-up source for one seed: trees of workspaces, their memories, and where each memory belongs.
 *
 * Where it belongs, and who reads what, is worked out here from the platform's rules once more and in another way than in the
 * product: an ancestor at a time, over the whole forest, for each question. What product and test agree on has been said twice.
 */
import { type LegacyRow, SCOPES, type Scope } from '../../../src/model/memory.ts';
import type { Chance } from '../../support/chaos-chance.ts';
import { legacyWorld } from '../../support/corpus.ts';
import { type LegacyWorkspace, postgresTimestamp } from '../../support/legacy.ts';
import { ordinaryMemories } from '../../support/ordinary-memories.ts';

export type TeamLevel = 'parent' | 'root';

export interface Forest {
  workspaces: readonly LegacyWorkspace[];
  /** In the order in which they are copied. */
  rows: readonly LegacyRow[];
  /** Null where the trees are too flat for it to matter. */
  teamLevel: TeamLevel | null;
  /** The namespace that the row belongs into; null where it has no place. */
  placeOf(row: LegacyRow): string | null;
  /** The ids of the workspaces that see this namespace; none where nobody does. */
  readersOf(namespace: string): ReadonlySet<string>;
  /** Every namespace that some workspace sees. */
  namespaces: readonly string[];
}

export interface ForestSize {
  /** Rows, 1 or more. */
  rows: number;
  /** Whether there may be texts that no search finds, and so rows in a crowded namespace that nobody can prove. */
  silent: boolean;
}

/** How often a row, a workspace or a tree is out of the ordinary. */
const SHARE = {
  deepForest: 0.3,
  cycle: 0.25,
  removedChild: 0.12,
  removedRoot: 0.06,
  noWorkspace: 0.01,
  unknownScope: 0.008,
  blank: 0.006,
  silent: 0.03,
  terse: 0.03,
  sameAsNeighbour: 0.04,
  sameAsSomebody: 0.02,
  noCreationTime: 0.02,
} as const;

/** Where two memories are read by the same workspaces, nobody reads more. */
export function readsMore(forest: Forest, found: string, planned: string | null): boolean {
  const meant = planned === null ? new Set() : forest.readersOf(planned);
  return [...forest.readersOf(found)].some((reader) => !meant.has(reader));
}

/** Rows, such that each order of magnitude is as likely as any other, but for a third that is of a middling size. */
export function drawSize(chance: Chance, { least = 1, most = 5_000 }: { least?: number; most?: number } = {}): number {
  if (chance.happens(0.33)) return Math.min(most, chance.between(130, 600));
  return Math.round(least * (most / least) ** (chance.between(0, 1_000) / 1_000));
}

export function growForest(chance: Chance, { rows: count, silent }: ForestSize): Forest {
  const deep = chance.happens(SHARE.deepForest);
  const workspaces = plantTrees(chance, count, deep);
  const forest = forestOf(workspaces, [], deep ? chance.pick(['parent', 'root']) : null);
  const rows = writeRows(chance, forest, writeTexts(chance, count, silent));
  return { ...forest, rows: inOrder(rows) };
}

/** @param rows in any order */
export function forestOf(
  workspaces: readonly LegacyWorkspace[],
  rows: readonly LegacyRow[],
  teamLevel: TeamLevel | null,
): Forest {
  const byId = new Map(workspaces.map((workspace) => [workspace.id, workspace]));

  /** From the workspace up to its root; null where there is none, because the parents go round in a circle. */
  function lineage(id: string): string[] | null {
    const line: string[] = [];
    for (let at: string | null = id; at !== null; at = byId.get(at)?.parentId ?? null) {
      if (line.includes(at)) return null;
      line.push(at);
    }
    return line;
  }

  function teamOf(line: readonly string[]): string {
    const [self, parent = self] = line;
    return `team:${teamLevel === 'root' ? line.at(-1) : parent}`;
  }

  function placeOf({ workspaceId, scope, content }: LegacyRow): string | null {
    const workspace = workspaceId === null ? undefined : byId.get(workspaceId);
    if (!workspace || content.trim() === '') return null;
    if (scope === 'LOCAL') return `workspace:${workspace.id}`;
    const line = lineage(workspace.id);
    if (!line || workspace.status === 'removed') return null;
    if (scope === 'TEAM') return teamOf(line);
    return scope === 'GLOBAL' && line.length === 1 ? `org:${workspace.id}` : null;
  }

  const readers = new Map<string, Set<string>>();
  for (const { id } of workspaces) {
    const line = lineage(id);
    const seen = line ? [`workspace:${id}`, teamOf(line), `org:${line.at(-1)}`] : [`workspace:${id}`];
    for (const namespace of seen) readers.set(namespace, (readers.get(namespace) ?? new Set()).add(id));
  }
  return {
    workspaces,
    rows: inOrder(rows),
    teamLevel,
    placeOf,
    readersOf: (namespace) => readers.get(namespace) ?? new Set(),
    namespaces: [...readers.keys()],
  };
}

// --- Trees ------------------------------------------------------------------------------------------------------------

function plantTrees(chance: Chance, rows: number, deep: boolean): LegacyWorkspace[] {
  const trees = chance.between(1, 2 + Math.ceil(Math.log2(rows + 1) / 2));
  const planted = Array.from({ length: trees }, (_, tree) => plantTree(chance, `tree ${tree}`, deep)).flat();
  return chance.happens(SHARE.cycle) ? [...planted, ...plantCycle(chance)] : planted;
}

function plantTree(chance: Chance, name: string, deep: boolean): LegacyWorkspace[] {
  const root = workspace(chance, name, null, SHARE.removedRoot);
  const below = (parent: LegacyWorkspace, most: number) =>
    Array.from({ length: chance.between(0, most) }, (_, child) =>
      workspace(chance, `${parent.name}.${child}`, parent.id, SHARE.removedChild),
    );
  const children = below(root, 7);
  if (!deep) return [root, ...children];
  const grandchildren = children.flatMap((child) => below(child, 2));
  return [root, ...children, ...grandchildren, ...grandchildren.flatMap((child) => below(child, 1))];
}

/** Three that are each other's parents, and one below them. */
function plantCycle(chance: Chance): LegacyWorkspace[] {
  const ids = [chance.uuid(), chance.uuid(), chance.uuid()];
  return [
    ...ids.map((id, index) => ({ id, name: `ring ${index}`, parentId: ids.at(index - 1) ?? null, status: null })),
    { id: chance.uuid(), name: 'below the ring', parentId: ids[0] ?? null, status: null },
  ];
}

function workspace(chance: Chance, name: string, parentId: string | null, removed: number): LegacyWorkspace {
  const status = chance.happens(removed) ? 'removed' : chance.pick(['online', 'paused', 'failed', null] as const);
  return { id: chance.uuid(), name, parentId, status };
}

// --- Rows -------------------------------------------------------------------------------------------------------------

function writeRows(chance: Chance, forest: Forest, texts: readonly string[]): LegacyRow[] {
  const { workspaces } = forest;
  const busy = busyPlace(chance, forest);
  // A good part of all in one place, so that it is soon fuller than a search lists.
  const share = chance.between(30, 80) / 100;
  const rows: LegacyRow[] = [];
  for (const text of texts) {
    const before = rows.length > 0 ? chance.pick(rows) : undefined;
    const { home, scope } = chance.happens(share)
      ? busy
      : { home: chance.pick(workspaces), scope: chance.happens(0.55) ? 'LOCAL' : chance.pick(SCOPES) };
    const row: LegacyRow = {
      id: chance.uuid(),
      workspaceId: chance.happens(SHARE.noWorkspace) ? null : home.id,
      content: text,
      scope: chance.happens(SHARE.unknownScope) ? 'PRIVATE' : scope,
      ...times(chance),
      tag: chance.pick(['general', 'customers', 'incidents']),
      embedding: null,
    };
    if (before && chance.happens(SHARE.sameAsNeighbour)) {
      rows.push({ ...row, content: before.content, workspaceId: before.workspaceId, scope: before.scope });
    } else if (before && chance.happens(SHARE.sameAsSomebody)) rows.push({ ...row, content: before.content });
    else rows.push(row);
  }
  // Something has to be there that can be copied, however small the forest is.
  const [first, ...rest] = rows;
  const remembered = { workspaceId: busy.home.id, scope: busy.scope, content: 'The first thing to remember.' };
  return first ? [{ ...first, ...remembered }, ...rest] : [];
}

/** A workspace and a scope that lead to a namespace. */
function busyPlace(chance: Chance, { workspaces, placeOf }: Forest): { home: LegacyWorkspace; scope: Scope } {
  const candidates = workspaces.flatMap((home) => SCOPES.map((scope) => ({ home, scope })));
  return chance.pick(candidates.filter(({ home, scope }) => placeOf(rowOf(home, scope)) !== null));
}

function rowOf({ id: workspaceId }: LegacyWorkspace, scope: Scope): LegacyRow {
  const never = { createdAt: null, updatedAt: null };
  return { id: '', workspaceId, content: 'a text', scope, ...never, tag: null, embedding: null };
}

/** Half of them as agents write them, half with all that has ever made a copy go wrong. */
function writeTexts(chance: Chance, count: number, silent: boolean): string[] {
  const ordinary = ordinaryMemories(chance, count);
  const odd = legacyWorld(chance.between(1, 1_000_000), { memories: count })
    .memories.map(({ content }) => content)
    .filter((content) => content.trim() !== '' && isAudible(content));
  return ordinary.map((text) => {
    if (chance.happens(SHARE.blank)) return chance.pick(['', ' ', '\n\n', '\u00a0\u2003\t']);
    if (silent && chance.happens(SHARE.silent)) return chance.pick(SILENT);
    if (chance.happens(SHARE.terse)) return chance.pick(TERSE);
    return odd.length > 0 && chance.happens(0.5) ? chance.pick(odd) : text;
  });
}

function times(chance: Chance): Pick<LegacyRow, 'createdAt' | 'updatedAt'> {
  const created =
    Date.UTC(2024, 2, 1) * 1_000 + chance.between(0, 700 * 86_400) * 1_000_000 + chance.between(0, 999_999);
  const updatedAt = chance.happens(0.1) ? null : postgresTimestamp(created + chance.between(0, 3) * 3_600_000_000);
  return { createdAt: chance.happens(SHARE.noCreationTime) ? null : postgresTimestamp(created), updatedAt };
}

/** By creation, those without a time first, then by id. */
function inOrder(rows: readonly LegacyRow[]): LegacyRow[] {
  const key = ({ createdAt, id }: LegacyRow) => `${createdAt === null ? '0' : `1 ${createdAt}`} ${id}`;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

// --- What can be searched for -----------------------------------------------------------------------------------------

const SILENT = ['👍', '🚀🚀🚀', '✅ ✅ ❌', '🤷🏽‍♀️', 'it is what it is', 'and so it was', 'ok', '?!', '— …', 'no'];
const TERSE = [
  'Done.',
  'Call back',
  'TODO',
  'Never again!',
  'Tabs, not spaces',
  'Dark mode',
  '42',
  'Metric units only',
];

const COMMON = new Set(
  `about after again all and any are because been before but can did does for from had has have her him his how into its
  just more not now off once only other our out over own she should some such than that the their them then there these
  they this those too under until very was were what when where which while who why will with you your`.split(/\s+/),
);

/** The words that an English index knows of a text, by and large, in lower case. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]{3,}|[0-9]{2,}/g) ?? [];
  return [...new Set(words)].filter((word) => !COMMON.has(word));
}

/** Whether there is a word in it that a search could look for. */
export function isAudible(text: string): boolean {
  return wordsOf(text).length > 0;
}
