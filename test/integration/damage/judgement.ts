/**
 * Holds what verify said against what was done: every damage is found, called by its name and told by its id, and nothing else is.
 *
 * Some things a search of version 1 cannot show, and only those are excused, each counted, so that a test can ask for them to
 * be rare. All of them lie in crowded namespaces, which hold more memories than a search lists:
 *
 *   changed, named missing    what a row has become does not have its words any more
 *   unproven                  a row is vague: it has no word to search for, or words that too many others have, too
 *   lost from sight           a vague row has moved there, and is only known not to be in its own place
 *   overlooked                a vague copy, beside what is right
 *
 * To a plugin whose search is blind, every row is vague.
 */
import type { Finding, VerifyResult } from '../../../src/model/verify.ts';
import type { Copy } from './copy.ts';
import type { Expected } from './expected.ts';
import { type Forest, isAudible } from './forest.ts';

export const EXCUSES = ['changed, named missing', 'unproven', 'lost from sight', 'overlooked'] as const;
export type Excuse = (typeof EXCUSES)[number];

export interface Case {
  forest: Forest;
  copy: Copy;
  expected: readonly Expected[];
  /** The most that a search of this plugin lists. */
  cap: number;
  /** The plugin's search does not go by words, or does not say that it does. */
  blind: boolean;
}

export interface Judgement {
  /** In words; empty where all is as it must be. */
  complaints: string[];
  excused: Record<Excuse, number>;
}

/** Of a verify of all workspaces, or of those alone that its result names as sampled. */
export function judge(given: Case, result: VerifyResult): Judgement {
  const { forest, expected } = given;
  const eyes = eyesight(given);
  const sampled = result.asked && 'sample' in result.asked && result.asked.sample !== 'all' ? sampleOf(result) : null;
  const complaints: string[] = [];
  const excused = { 'changed, named missing': 0, unproven: 0, 'lost from sight': 0, overlooked: 0 };
  const rows = new Map(forest.rows.map((row) => [row.id, row]));
  const open = new Set(expected);

  const rest = result.listed.filter((finding) => {
    const exact = [...open].find((candidate) => isJust(candidate, finding));
    if (exact) open.delete(exact);
    return !exact;
  });
  for (const finding of rest) {
    const row = rows.get(finding.id);
    const candidate = [...open].find((one) => excuseFor(one, finding) !== null);
    if (candidate) {
      excused[excuseFor(candidate, finding) ?? 'unproven']++;
      open.delete(candidate);
    } else if (finding.kind === 'unproven' && row && eyes.isUnprovable(forest.placeOf(row), row.content)) {
      excused.unproven++;
    } else complaints.push(`found, and not done: ${inWords(finding)} (${row?.scope} of ${row?.workspaceId})`);
  }
  for (const missed of open) {
    if (missed.sight === 'copy' && eyes.isUnprovable(missed.foundIn, missed.text)) excused.overlooked++;
    else if (!sampled || isDue(missed, sampled)) complaints.push(`done, and not found: ${inWords(missed)}`);
  }
  return { complaints: [...complaints, ...miscounted(result)], excused };

  function isJust({ ids, kind, foundIn, foundAs, evidence }: Expected, finding: Finding): boolean {
    const row = rows.get(finding.id);
    return (
      ids.includes(finding.id) &&
      row !== undefined &&
      kind === finding.kind &&
      foundIn === finding.foundIn &&
      foundAs === finding.foundAs &&
      evidence === finding.evidence &&
      finding.workspaceId === row.workspaceId &&
      finding.namespace === forest.placeOf(row)
    );
  }

  function excuseFor({ ids, kind, foundIn, sight, text }: Expected, finding: Finding): Excuse | null {
    const row = rows.get(finding.id);
    if (!row || !ids.includes(row.id) || sight === 'copy' || finding.foundAs !== null) return null;
    const place = forest.placeOf(row);
    const unprovable = eyes.isUnprovable(place, text);
    if (finding.kind === 'unproven') return unprovable ? 'unproven' : null;
    if (finding.kind !== 'missing' || finding.foundIn !== null) return null;
    if (unprovable) return null;
    if (kind === 'content') return eyes.isCrowded(place) ? 'changed, named missing' : null;
    if (sight !== 'moved') return null;
    const hunted = !sampled || sampled.namespaces.has(foundIn ?? '');
    return !hunted || eyes.isUnprovable(foundIn, text) ? 'lost from sight' : null;
  }

  interface Sample {
    workspaces: ReadonlySet<string>;
    /** What they read. */
    namespaces: ReadonlySet<string>;
  }

  function sampleOf({ judged }: VerifyResult): Sample {
    const workspaces = new Set(judged.map(({ id }) => id));
    const read = forest.namespaces.filter((name) => [...forest.readersOf(name)].some((id) => workspaces.has(id)));
    return { workspaces, namespaces: new Set(read) };
  }

  /** Whether a sample has to show it: it concerns its own rows, in or from the places that it reads. */
  function isDue({ ids, sight, foundIn }: Expected, { workspaces, namespaces }: Sample): boolean {
    const isOwn = ids.every((id) => workspaces.has(rows.get(id)?.workspaceId ?? ''));
    return isOwn && (sight !== 'copy' || namespaces.has(foundIn ?? ''));
  }
}

/** How many rows of a copy cannot be proven though they are there, each of which has to be let pass. */
export function unprovable(given: Case): number {
  const { isUnprovable } = eyesight(given);
  return given.forest.rows.filter((row) => isUnprovable(given.forest.placeOf(row), row.content)).length;
}

function eyesight({ copy, cap, blind }: Case) {
  const isCrowded = (place: string | null) => place !== null && copy.fullness(place) >= cap;
  const isVague = (place: string, text: string) =>
    blind || !isAudible(text) || copy.soundingLike(place, text) >= cap / 2;
  return {
    isCrowded,
    isUnprovable: (place: string | null, text: string) => place !== null && isCrowded(place) && isVague(place, text),
  };
}

/** Every finding is listed, and counted by its kind. */
function miscounted({ findings, listed }: VerifyResult): string[] {
  return Object.entries(findings).flatMap(([kind, count]) => {
    const shown = listed.filter((finding) => finding.kind === kind).length;
    return shown === count ? [] : [`${count} findings are counted as ${kind}, and ${shown} are listed`];
  });
}

function inWords(told: Expected | Finding): string {
  const [which, what] = 'damage' in told ? [told.ids.join(' or '), told.damage] : [told.id, told.sentence];
  const { kind, foundIn, foundAs, evidence } = told;
  return `${kind} ${which} in ${foundIn} as ${foundAs} by ${evidence}: ${what}`;
}
