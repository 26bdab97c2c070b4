/**
 * One seed's course: a forest and its copy, which a verify finds clean; then damages of one class, then of all classes, each
 * held against what a verify of everything says of them; and now and then what a sample says.
 */
import { expect } from 'vitest';
import { type Chance, chanceOf } from '../../support/chaos-chance.ts';
import { insertMemories, insertWorkspaces } from '../../support/legacy.ts';
import type { World } from '../../support/migration.ts';
import { ALL, apply, type Verified, verify } from '../verify/verifying.ts';
import { copyOf, storeOf } from './copy.ts';
import { DAMAGE_CLASSES, type DamageClass, type Damager, damager } from './damages.ts';
import type { Expected } from './expected.ts';
import { drawSize, type Forest, growForest } from './forest.ts';
import { type Case, EXCUSES, type Excuse, judge, unprovable } from './judgement.ts';

export interface CourseOptions {
  seed: number;
  /** The class that is done alone before all are, in a forest that is not large; null for none. */
  alone: DamageClass | null;
  /** Rows: at the least, and at the most. */
  least?: number;
  most?: number;
  /** What is known of the plugin: all of it as the contract has it, where nothing is said. */
  plugin?: Partial<{ cap: number; blind: boolean; propagates: boolean }>;
  /** Copies with a real apply instead of behind the plugin's back. */
  applied?: boolean;
  /** Verifies a sample, too. */
  sampled?: boolean;
}

/** Rows: in larger forests all classes are done at once, and nothing before, for the sake of the time that it takes. */
const ALONE_UP_TO = 1_000;

/** What was seen on the way, to be added up over all seeds. */
export interface Tally {
  rows: number;
  crowdedRows: number;
  damages: number;
  /** In crowded namespaces. */
  crowdedDamages: number;
  excused: Record<Excuse, number>;
}

export function noTally(): Tally {
  return {
    rows: 0,
    crowdedRows: 0,
    damages: 0,
    crowdedDamages: 0,
    excused: { 'changed, named missing': 0, unproven: 0, 'lost from sight': 0, overlooked: 0 },
  };
}

export async function runCourse(world: World, options: CourseOptions, tally: Tally): Promise<void> {
  const { seed, alone, plugin: { cap = 100, blind = false, propagates = true } = {} } = options;
  const chance = chanceOf(seed);
  const forest = growForest(chance, { rows: drawSize(chance, options), silent: chance.happens(0.5) });
  const copy = copyOf(forest, propagates);
  const store = storeOf(world);
  const flags = forest.teamLevel ? ['--team-level', forest.teamLevel] : [];
  const expected: Expected[] = [];
  const judged: Case = { forest, copy, expected, cap, blind };
  const damages = damager({ chance, forest, copy, propagates });

  await store.clear();
  await plant(world, forest);
  if (options.applied) {
    copy.takeChanges();
    await apply(world, ...flags);
  }
  damages.addOwnMemories(chance.between(0, Math.ceil(forest.rows.length / 20)));
  await store.follow(copy.takeChanges());
  await findNothing();

  if (alone && forest.rows.length <= ALONE_UP_TO) {
    inflict(damages, alone, amount(chance, forest));
    await store.follow(copy.takeChanges());
    await findAll();
  }

  for (const name of DAMAGE_CLASSES) inflict(damages, name, chance.between(0, Math.min(4, amount(chance, forest))));
  await store.follow(copy.takeChanges());
  await findAll();
  if (options.sampled) await findSampled();
  count();

  function inflict({ inflict: doOne }: Damager, name: DamageClass, times: number): void {
    for (let done = 0; done < times; done++) expected.push(...[doOne(name) ?? []].flat());
  }

  async function findNothing(): Promise<void> {
    const letPass = unprovable(judged);
    const verified = await verify(world, ...ALL, ...flags, '--allow-unproven', String(letPass));
    expectCourse(verified, 'of a clean copy');
    expect(verified.result.findings.unproven, 'unproven rows of a clean copy').toBeLessThanOrEqual(letPass);
    expect(verified.code, `exit code of a clean copy: ${verified.stderr}`).toBe(0);
  }

  async function findAll(): Promise<void> {
    const verified = await verify(world, ...ALL, ...flags);
    const { excused } = expectCourse(verified, `${expected.length} damages`);
    for (const excuse of EXCUSES) tally.excused[excuse] += excused[excuse];
    expect(verified.result.rows.compared).toBe(forest.rows.filter((row) => forest.placeOf(row) !== null).length);
    expect(verified.code, 'exit code').toBe(verified.result.listed.length > 0 ? 1 : 0);
  }

  async function findSampled(): Promise<void> {
    const size = chance.between(1, Math.max(1, Math.floor(forest.workspaces.length / 2)));
    const verified = await verify(
      world,
      '--verify-sample',
      String(size),
      '--seed',
      `seed ${seed}`,
      '--allow-empty',
      ...flags,
    );
    expectCourse(verified, `a sample of ${size}`);
    expect(verified.code, 'exit code of a sample').toBe(verified.result.listed.length > 0 ? 1 : 0);
  }

  function expectCourse({ result, report }: Verified, what: string) {
    const judgement = judge(judged, result);
    expect(judgement.complaints, `seed ${seed}, ${what}`).toEqual([]);
    expect(result.errors, `seed ${seed}, ${what}`).toEqual([]);
    expect(report.error).toBeNull();
    return judgement;
  }

  function count(): void {
    const isCrowded = (place: string | null) => place !== null && copy.fullness(place) >= cap;
    tally.rows += forest.rows.length;
    tally.crowdedRows += forest.rows.filter((row) => isCrowded(forest.placeOf(row))).length;
    tally.damages += expected.length;
    tally.crowdedDamages += expected.filter(({ foundIn }) => isCrowded(foundIn)).length;
  }
}

/** For one class: few in a small forest, and now and then many. */
function amount(chance: Chance, { rows }: Forest): number {
  return chance.between(1, Math.max(1, Math.min(12, Math.floor(rows.length / 8))));
}

async function plant({ sql }: World, { workspaces, rows }: Forest): Promise<void> {
  await insertWorkspaces(sql, workspaces);
  await insertMemories(sql, rows);
  await sql`analyze agent_memories, workspaces`;
}
