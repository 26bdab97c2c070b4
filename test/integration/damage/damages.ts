/**
 * The ways in which a copy can be wrong, each done to rows that chance picks, and each with what verify has to say of it.
 *
 * No two damages touch the same text: what they have to be called would depend on each other. A class that finds no row to be
 * done to does nothing, and expects nothing.
 */
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { FindingKind } from '../../../src/model/verify.ts';
import type { Chance } from '../../support/chaos-chance.ts';
import { ordinaryMemories } from '../../support/ordinary-memories.ts';
import { type Copy, type Kept, kept } from './copy.ts';
import type { Expected } from './expected.ts';
import { type Forest, readsMore } from './forest.ts';

export interface Scene {
  chance: Chance;
  forest: Forest;
  copy: Copy;
  /** Whether the plugin keeps where a memory comes from. */
  propagates: boolean;
}

export interface Damager {
  /** Does one damage of the class. @returns null where there is no row for it. */
  inflict(name: DamageClass): Expected | null;
  /** What users themselves remember, in this many places, which is nobody's mistake. */
  addOwnMemories(count: number): void;
}

export const DAMAGE_CLASSES = [
  'leak',
  'leaked copy',
  'let in',
  'missing',
  'content',
  'misplaced',
  'duplicate',
  'too few of the same',
  'fields',
  'vanishing',
] as const;
export type DamageClass = (typeof DAMAGE_CLASSES)[number];

/** A row that has a place, and where that is. */
interface Placed {
  row: LegacyRow;
  place: string;
}

export function damager({ chance, forest, copy, propagates }: Scene): Damager {
  const untouched = new Map<string, LegacyRow[]>();
  for (const row of forest.rows) untouched.set(row.content, [...(untouched.get(row.content) ?? []), row]);
  const texts = new Set(untouched.keys());
  let added = forest.rows.length;

  const damages: Record<DamageClass, () => Expected | null> = {
    leak: () => {
      const victim = take(({ row, place }) => isAlone(row) && elsewhere(place, true).length > 0);
      return victim && moveTo(target(elsewhere(victim.place, true)), victim);
    },
    misplaced: () => {
      const victim = take(({ row, place }) => isAlone(row) && elsewhere(place, false).length > 0);
      return victim && moveTo(target(elsewhere(victim.place, false)), victim);
    },
    'leaked copy': () => {
      const victim = take(({ row, place }) => isAlone(row) && elsewhere(place, true).length > 0);
      return victim && copyTo('leak', target(elsewhere(victim.place, true)), [victim.row]);
    },
    'let in': letIn,
    missing: lose,
    content: change,
    duplicate: () => {
      const victim = take(({ row }) => places(row.content).size === 1);
      return victim && copyTo('duplicate', victim.place, [victim.row, ...victim.others]);
    },
    'too few of the same': () => {
      const victim = take(({ row, place }) => group(row).filter((other) => forest.placeOf(other) === place).length > 2);
      if (!victim) return null;
      copy.make({ remove: victim.row.id });
      return told('missing', 'one of several equal rows is gone', victim.row);
    },
    fields: alterFields,
    vanishing: () => {
      const victim = take(() => true);
      if (!victim) return null;
      const expires_at = chance.pick(['2031-05-01T10:00:00.000Z', '2099-12-30T12:00:00.000Z']);
      copy.make({ edit: victim.row.id, changes: { expires_at } });
      return told('vanishing', 'expires one day', victim.row, { foundIn: victim.place });
    },
  };

  // --- The damages ----------------------------------------------------------------------------------------------------

  function moveTo(foundIn: string, { row, place }: Placed): Expected {
    copy.make({ edit: row.id, changes: { namespace: foundIn } });
    const kind = readsMore(forest, foundIn, place) ? 'leak' : 'misplaced';
    return told(kind, 'moved', row, { foundIn, sight: 'moved' });
  }

  /** A further memory with the text of these rows, and of the first one's origin, or of none. */
  function copyTo(
    kind: FindingKind,
    foundIn: string,
    [row, ...others]: readonly [LegacyRow, ...LegacyRow[]],
  ): Expected {
    const provenance = propagates && chance.happens(0.5);
    const id = chance.uuid();
    put({ ...kept(row, foundIn, anyAge(), provenance), id });
    return told(kind, provenance ? 'copied with its origin' : 'copied without an origin', row, {
      ids: [row, ...(provenance ? [] : others)].map((known) => known.id),
      foundIn,
      foundAs: id,
      evidence: provenance ? 'id' : 'text',
      sight: 'copy',
    });
  }

  /** A row that had no place has one after all, where somebody sees it. */
  function letIn(): Expected | null {
    const skipped = forest.rows.filter(
      (row) => forest.placeOf(row) === null && row.content.trim() !== '' && isAlone(row) && untouched.has(row.content),
    );
    if (skipped.length === 0) return null;
    const row = chance.pick(skipped);
    untouched.delete(row.content);
    const foundIn = target(forest.namespaces);
    if (chance.happens(0.4)) return copyTo('leak', foundIn, [row]);
    put(kept(row, foundIn, anyAge(), propagates));
    return told('leak', 'let in', row, { foundIn, sight: 'copy' });
  }

  function lose(): Expected | null {
    const victim = take(({ row }) => places(row.content).size === 1);
    if (!victim) return null;
    const { id } = victim.row;
    const how = chance.pick([
      'removed',
      'expired',
      'moved to where nobody looks',
      'remembered anew by a user',
    ] as const);
    if (how === 'expired') copy.make({ edit: id, changes: { expires_at: '2020-01-01T00:00:00.000Z' } });
    else if (how === 'moved to where nobody looks') {
      const namespace = chance.pick(['custom:attic', `workspace:${chance.uuid()}`]);
      copy.make({ edit: id, changes: { namespace } });
    } else copy.make({ remove: id });
    if (how === 'remembered anew by a user') {
      put({ ...kept(victim.row, victim.place, anyAge(), false), id: chance.uuid(), source: 'user' });
    }
    return told('missing', how, victim.row);
  }

  function change(): Expected | null {
    const first = chance.between(0, CHANGES.length - 1);
    // Not every text can be changed in every way.
    for (const [how, changed] of [...CHANGES.slice(first), ...CHANGES.slice(0, first)]) {
      const victim = take(({ row }) => isOther(row.content, changed(row.content, chance)));
      if (!victim) continue;
      const content = changed(victim.row.content, chance);
      texts.add(content);
      copy.make({ edit: victim.row.id, changes: { content } });
      return told('content', how, victim.row, { foundIn: victim.place });
    }
    return null;
  }

  function alterFields(): Expected | null {
    const victim = take(() => true);
    if (!victim) return null;
    const { id, workspaceId } = victim.row;
    const elsewhere = {
      ...copy.memories.get(id)?.propagation,
      backfill: { source: 'agent_memories', workspace_id: null },
    };
    const alterations: ReadonlyArray<Partial<Omit<Kept, 'id'>>> = [
      { kind: 'summary' },
      { kind: 'checkpoint' },
      { source: 'user' },
      { source: 'runtime' },
      { pin: true },
      ...(propagates ? [{ propagation: { note: 'mine now', of: workspaceId } }, { propagation: elsewhere }] : []),
      ...(propagates ? [{ propagation: null }] : []),
    ];
    const changes = chance.pick(alterations);
    copy.make({ edit: id, changes });
    return told('fields', `altered ${Object.keys(changes)}`, victim.row, { foundIn: victim.place });
  }

  function addOwnMemories(count: number): void {
    const contents = ordinaryMemories(chance, count).map((content, index) => `${content} (A user said so, ${index}.)`);
    for (const content of contents) {
      const row = { ...blank, id: chance.uuid(), content };
      const memory = kept(row, chance.pick(forest.namespaces), anyAge(), false);
      put({ ...memory, source: chance.pick(['agent', 'user']), kind: chance.pick(['fact', 'fact', 'summary']) });
    }
  }

  // --- Details --------------------------------------------------------------------------------------------------------

  function told(kind: FindingKind, damage: string, row: LegacyRow, rest: Partial<Expected> = {}): Expected {
    return {
      damage,
      kind,
      ids: [row.id],
      foundIn: null,
      foundAs: null,
      evidence: 'id',
      sight: 'row',
      text: row.content,
      ...rest,
    };
  }

  /** A row that has a place, together with the others of its text, none of which will be taken again. */
  function take(suits: (candidate: Placed) => boolean): (Placed & { others: LegacyRow[] }) | null {
    const candidates = [...untouched.values()].flat().flatMap((row) => {
      const place = forest.placeOf(row);
      return place !== null && suits({ row, place }) ? [{ row, place }] : [];
    });
    if (candidates.length === 0) return null;
    const { row, place } = chance.pick(candidates);
    const others = group(row).filter(({ id }) => id !== row.id);
    untouched.delete(row.content);
    return { row, place, others };
  }

  /** Whether no other row has the same text. */
  function isAlone(row: LegacyRow): boolean {
    return group(row).length === 1;
  }

  function group({ content }: LegacyRow): LegacyRow[] {
    return untouched.get(content) ?? [];
  }

  function places(content: string): Set<string | null> {
    return new Set((untouched.get(content) ?? []).map(forest.placeOf));
  }

  /** One of these, and every other time one that is fuller than a search lists, where only a search for words can find it. */
  function target(among: readonly string[]): string {
    const crowded = among.filter((name) => copy.fullness(name) > 100);
    return chance.pick(crowded.length > 0 && chance.happens(0.5) ? crowded : among);
  }

  /** Namespaces that somebody sees, and by which more workspaces read it, or no more. */
  function elsewhere(place: string, more: boolean): string[] {
    return forest.namespaces.filter((other) => other !== place && readsMore(forest, other, place) === more);
  }

  function isOther(content: string, changed: string): boolean {
    return changed !== content && changed.trim() !== '' && !texts.has(changed);
  }

  function put(memory: Kept): void {
    copy.make({ put: memory });
  }

  /** Among the copied ones or after them, so that it is not always what a listing shows first. */
  function anyAge(): number {
    added++;
    return chance.happens(0.5) ? added : chance.between(0, added);
  }

  return { inflict: (name) => damages[name](), addOwnMemories };
}

const blank: Omit<LegacyRow, 'id' | 'content'> = {
  workspaceId: null,
  scope: 'LOCAL',
  createdAt: null,
  updatedAt: null,
  tag: null,
  embedding: null,
};

/** In words, and as done; what comes out the same has not changed. */
const CHANGES: ReadonlyArray<readonly [string, (content: string, chance: Chance) => string]> = [
  ['a sentence was added', (content) => `${content} Edited since.`],
  ['a space was added', (content) => `${content} `],
  ['a line was added before it', (content) => `\n${content}`],
  [
    'one character became another',
    (content) => content.replace(/[a-z](?=[^a-z]*$)/, (last) => (last === 'x' ? 'y' : 'x')),
  ],
  ['it is in capitals', (content) => content.toUpperCase()],
  ['it was decomposed', (content) => content.normalize('NFD')],
  ['it was composed', (content) => content.normalize('NFC')],
  ['it was cut off', firstHalf],
  [
    'it is another text',
    (_, chance) => `${ordinaryMemories(chance, 1)[0]} (Somebody wrote over it, ${chance.uuid()}.)`,
  ],
];

/** Without cutting a character in two, which no database would store. */
function firstHalf(content: string): string {
  const characters = [...content];
  return characters.slice(0, Math.ceil(characters.length / 2)).join('');
}
