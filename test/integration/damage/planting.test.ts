/**
 * The damage suite itself: what it plants is what it says, where rows belong it knows as the product does, and its judgement lets
 * nothing pass that it should not. None of it needs a plugin.
 */
import { describe, expect, test } from 'vitest';
import type { Finding, FindingKind, VerifyResult } from '../../../src/model/verify.ts';
import { planRow } from '../../../src/plan/planner.ts';
import { treeResolver } from '../../../src/plan/resolver.ts';
import { chanceOf } from '../../support/chaos-chance.ts';
import { ordinaryMemories } from '../../support/ordinary-memories.ts';
import { type Copy, copyOf } from './copy.ts';
import { DAMAGE_CLASSES, damager } from './damages.ts';
import type { Expected } from './expected.ts';
import { drawSize, type Forest, growForest, readsMore } from './forest.ts';
import { type Case, judge, unprovable } from './judgement.ts';

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

interface Scene extends Case {
  expected: Expected[];
}

/** Scenes cost time, and no test here changes one. */
const scenes = new Map(SEEDS.map((seed) => [seed, sceneOf(seed)]));

function sceneFor(seed: number): Scene {
  const scene = scenes.get(seed);
  if (!scene) throw new Error(`There is no scene for ${seed}.`);
  return scene;
}

function sceneOf(seed: number, silent = true): Scene {
  const chance = chanceOf(seed);
  const forest = growForest(chance, { rows: drawSize(chance, { most: 1_500 }), silent });
  const copy = copyOf(forest, true);
  const { inflict, addOwnMemories } = damager({ chance, forest, copy, propagates: true });
  addOwnMemories(chance.between(0, 5));
  const expected = DAMAGE_CLASSES.flatMap((name) => [inflict(name), inflict(name)]).filter((one) => one !== null);
  return { forest, copy, expected, cap: 100, blind: false };
}

describe('a forest', () => {
  test('is the same for the same seed', () => {
    const [one, other] = [sceneFor(7), sceneOf(7)];

    expect(other.forest.rows).toEqual(one.forest.rows);
    expect(other.expected).toEqual(one.expected);
    expect([...other.copy.memories.values()]).toEqual([...one.copy.memories.values()]);
  });

  test.each(SEEDS)('has its rows where the planner has them, read by whom the resolver says (seed %i)', (seed) => {
    const { forest } = sceneFor(seed);
    const workspaces = forest.workspaces.map(({ id, parentId, status }) => ({
      id,
      parentId,
      removed: status === 'removed',
    }));
    const resolver = treeResolver(workspaces, { teamLevel: forest.teamLevel, removedWorkspaces: 'skip' });
    const policy = { carried: { propagation: true, embedding: false }, accepted: new Map(), runId: 'a run' };
    const planned = forest.rows.map((row) => {
      const plan = planRow(row, resolver, policy);
      return plan.verdict === 'write' ? plan.namespace.name : null;
    });

    expect(forest.rows.map(forest.placeOf)).toEqual(planned);
    for (const { id } of workspaces) {
      const read = forest.namespaces.filter((name) => forest.readersOf(name).has(id));
      expect(read.toSorted()).toEqual([...new Set(resolver.readable(id).map(({ name }) => name))].sort());
    }
  });

  test('holds everything that makes a forest hard, by and large', () => {
    const forests = SEEDS.map((seed) => sceneFor(seed).forest);
    const having = (holds: (forest: Forest) => boolean) => forests.filter(holds).length;

    expect(having(({ teamLevel }) => teamLevel !== null)).toBeGreaterThan(5);
    expect(having(({ workspaces }) => workspaces.some(({ name }) => name === 'below the ring'))).toBeGreaterThan(5);
    expect(having(({ workspaces }) => workspaces.some(({ status }) => status === 'removed'))).toBeGreaterThan(10);
    expect(having(({ rows }) => rows.some(({ workspaceId }) => workspaceId === null))).toBeGreaterThan(5);
    expect(having(({ rows, placeOf }) => rows.some((row) => placeOf(row) === null))).toBeGreaterThan(15);
    expect(having(({ rows, placeOf }) => isTwin(rows.map((row) => `${placeOf(row)} ${row.content}`)))).toBeGreaterThan(
      15,
    );
    const crowded = SEEDS.map((seed) => sceneFor(seed)).filter(({ forest, copy }) =>
      forest.namespaces.some((name) => copy.fullness(name) > 100),
    );
    expect(crowded.length).toBeGreaterThan(10);
  });
});

describe('a damage', () => {
  test.each(SEEDS)('is what it is said to be (seed %i)', (seed) => {
    const { forest, copy, expected } = sceneFor(seed);

    for (const one of expected) expect(isDone(one, forest, copy), `${one.kind}: ${one.damage}`).toBe(true);
    const texts = expected.map(({ text }) => text);
    expect(isTwin(texts)).toBe(false);
  });

  test('of every class is done somewhere, and by every kind of evidence', () => {
    const all = SEEDS.flatMap((seed) => sceneFor(seed).expected);
    const kinds = new Set(all.map(({ kind, evidence, sight }) => `${kind} by ${evidence} (${sight})`));

    expect([...kinds].sort()).toEqual([
      'content by id (row)',
      'duplicate by id (copy)',
      'duplicate by text (copy)',
      'fields by id (row)',
      'leak by id (copy)',
      'leak by id (moved)',
      'leak by text (copy)',
      'misplaced by id (moved)',
      'missing by id (row)',
      'vanishing by id (row)',
    ]);
  });

  test('is not the only thing that is new: users remember things of their own', () => {
    const { forest, copy } = sceneFor(9);
    const ids = new Set(forest.rows.map(({ id }) => id));

    expect([...copy.memories.values()].filter(({ id, source }) => !ids.has(id) && source === 'user')).not.toEqual([]);
  });
});

describe('the judgement', () => {
  const scene = sceneOf(5, false);
  const whole = scene.expected.map((one) => findingOf(one, scene.forest));

  test('has nothing to complain of where all is found that was done', () => {
    expect(judge(scene, resultOf(whole)).complaints).toEqual([]);
  });

  test('complains of each that is not found', () => {
    for (const [index] of whole.entries()) {
      expect(judge(scene, resultOf(whole.toSpliced(index, 1))).complaints).toHaveLength(1);
    }
  });

  test('complains of each that is told otherwise than it is', () => {
    for (const [index, finding] of whole.entries()) {
      for (const wrong of [
        { kind: finding.kind === 'leak' ? 'misplaced' : 'leak' },
        { id: '0000000a-0000-4000-8000-000000000000' },
        { foundIn: 'org:elsewhere' },
        { foundAs: '0000000a-0000-4000-8000-000000000001' },
        { evidence: finding.evidence === 'id' ? 'text' : 'id' },
        { namespace: 'org:elsewhere' },
        { workspaceId: '0000000a-0000-4000-8000-000000000002' },
      ] as const) {
        const told = whole.with(index, { ...finding, ...wrong });
        expect(judge(scene, resultOf(told)).complaints.length, JSON.stringify(wrong)).toBeGreaterThan(0);
      }
    }
  });

  test('complains of what is found and was not done, and of a row that is unproven without a reason', () => {
    const sound = scene.forest.rows.find(
      (row) => scene.forest.placeOf(row) !== null && !scene.expected.some(({ ids }) => ids.includes(row.id)),
    );
    if (!sound) throw new Error('Every row is damaged.');
    const invented = { ...findingOf(whole[0] ? scene.expected[0] : undefined, scene.forest), id: sound.id };

    for (const kind of ['missing', 'unproven'] as const) {
      const { complaints } = judge(scene, resultOf([...whole, { ...invented, kind, foundIn: null, foundAs: null }]));
      expect(complaints).toHaveLength(1);
    }
  });

  test('complains of a count that is not what is listed', () => {
    const { findings, ...rest } = resultOf(whole);

    expect(judge(scene, { ...rest, findings: { ...findings, leak: findings.leak + 1 } }).complaints).toHaveLength(1);
  });

  test('excuses what is vague in a crowded namespace, and nothing in one that a listing shows', () => {
    const crowded = SEEDS.map((seed) => sceneFor(seed)).find(({ forest, copy }) =>
      forest.namespaces.some((name) => copy.fullness(name) > 100),
    );
    if (!crowded) throw new Error('No namespace is crowded.');

    expect(unprovable(crowded)).toBeGreaterThan(0);
    expect(unprovable({ ...crowded, cap: 1_000_000 })).toBe(0);
    expect(unprovable({ ...crowded, blind: true })).toBeGreaterThan(unprovable(crowded));
  });
});

test('ordinary memories are many, different, and some of them the same', () => {
  const contents = ordinaryMemories(chanceOf(1), 20_000);

  expect(contents).toHaveLength(20_000);
  expect(new Set(contents).size).toBeGreaterThan(19_000);
  expect(new Set(contents).size).toBeLessThan(20_000);
  expect(contents.filter((content) => /\{|undefined|^\s*$/.test(content))).toEqual([]);
});

/** Looked up in the test's own account of the plugin, and in nothing that the planting has kept. */
function isDone({ kind, ids, foundIn, foundAs, text, sight }: Expected, forest: Forest, copy: Copy): boolean {
  const rows = forest.rows.filter(({ id }) => ids.includes(id));
  const places = rows.map(forest.placeOf);
  const [place = null] = places;
  const memory = copy.memories.get(foundAs ?? ids[0] ?? '');
  const visible = memory && (memory.expires_at === null || memory.expires_at > new Date().toISOString());
  if (rows.length === 0 || rows.some(({ content }) => content !== text)) return false;
  const isThere = memory !== undefined && memory.namespace === foundIn && visible === true;
  switch (kind) {
    case 'missing':
      return !visible || forest.readersOf(memory.namespace).size === 0;
    case 'leak':
      return isThere && memory.content === text && readsMore(forest, memory.namespace, place);
    case 'misplaced':
      return isThere && sight === 'moved' && place !== foundIn && !readsMore(forest, memory.namespace, place);
    case 'duplicate':
      return isThere && memory.content === text && places.every((one) => one === foundIn);
    case 'content':
      return isThere && foundIn === place && memory.content !== text;
    case 'vanishing':
      return isThere && foundIn === place && memory.expires_at !== null;
    case 'fields':
      return isThere && foundIn === place && memory.content === text && memory.expires_at === null;
    case 'unproven':
      return false;
  }
}

function isTwin(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}

function findingOf(expected: Expected | undefined, forest: Forest): Finding {
  const row = forest.rows.find(({ id }) => id === expected?.ids[0]);
  if (!expected || !row) throw new Error('There is no such row.');
  const { kind, foundIn, foundAs, evidence, damage } = expected;
  return {
    kind,
    id: row.id,
    foundAs,
    workspaceId: row.workspaceId,
    namespace: forest.placeOf(row),
    foundIn,
    evidence,
    writtenBy: null,
    sentence: damage,
    next: '',
    digests: { expected: null, found: null },
  };
}

function resultOf(listed: readonly Finding[]): VerifyResult {
  const count = (kind: FindingKind) => listed.filter((finding) => finding.kind === kind).length;
  const none = { 'no-workspace': 0, 'unknown-scope': 0, 'workspace-cycle': 0, 'global-from-non-root': 0 };
  return {
    mode: 'verify',
    seed: null,
    seedMemory: { seed: 'fresh' },
    asked: { sample: 'all' },
    population: 1,
    workspaces: { sampled: 1, matches: 1, mismatches: 0, unproven: 0, errors: 0, unchecked: 0, empty: 0 },
    confidence: null,
    rows: {
      compared: 1,
      matched: 1,
      skipped: { ...none, accepted: 0, 'workspace-removed': 0, 'empty-content': 0 },
      absenceUnproven: 0,
      vanished: 0,
      extra: 0,
      copiesUnseen: 0,
    },
    hunt: { listed: 1, probed: 0, uncovered: 0, known: 1, rows: { probed: 0, unsearchable: 0 }, finished: true },
    findings: {
      leak: count('leak'),
      missing: count('missing'),
      content: count('content'),
      misplaced: count('misplaced'),
      duplicate: count('duplicate'),
      fields: count('fields'),
      vanishing: count('vanishing'),
      unproven: count('unproven'),
    },
    accepted: [],
    acceptedFindings: 0,
    listed: [...listed],
    errors: [],
    judged: [],
    allowUnproven: null,
    failOnSkipped: false,
    emptyAllowed: false,
    snapshot: null,
  };
}
