/**
 * What a verify has found, and what follows for each workspace.
 *
 * A finding concerns the workspace of its row and everybody who reads the namespaces it is about: a memory that is missing from an
 * org is missing for all who read that org. A workspace counts once, by the gravest thing that is known of it: a mismatch, else an
 * error, else something unproven, else unchecked (the run ended before all that it reads had been judged), else a match.
 *
 * A row that was moved is first seen to be missing from its place, and later to stand elsewhere: then that is what is wrong with it.
 */
import { compareText } from '../../model/position.ts';
import {
  FINDING_KINDS,
  type Finding,
  type FindingKind,
  type JudgedWorkspace,
  type VerifyResult,
  type WorkspaceError,
  type WorkspaceVerdict,
} from '../../model/verify.ts';

/** Listed at the most; counted they are all. */
const LISTED_FINDINGS = 1_000;
const LISTED_ERRORS = 100;
const LISTED_WORKSPACES = 10_000;

export interface Book {
  /** The source holds a row of this workspace. */
  see(workspaceId: string): void;
  find(finding: Finding): void;
  /** Something that these workspaces read could not be asked, or a row of theirs not be judged. */
  fail(workspaceIds: Iterable<string | null>, sentence: string): void;
  /** Everything that this many of the sampled workspaces read has been judged, in their order. */
  judgedUpTo(workspaces: number): void;
  /** What has not been judged never will be, for this reason. */
  failRest(sentence: string): void;
  close(): Pick<VerifyResult, 'workspaces' | 'findings' | 'listed' | 'errors' | 'judged'>;
}

/** What puts a row out of its place; each but `missing` says where it is, or what it has become. */
const AWAY: ReadonlySet<FindingKind> = new Set(['leak', 'missing', 'content', 'misplaced']);

/**
 * @param sampled ids of the workspaces whose verdict is asked, in the order in which they are judged to the end
 * @param readersOf the workspaces that read a namespace
 */
export function book(sampled: readonly string[], readersOf: (namespace: string) => ReadonlySet<string>): Book {
  const asked = new Set(sampled);
  const rowsOf = new Map<string, number>();
  const mismatched = new Set<string>();
  const unproven = new Set<string>();
  const failed = new Set<string>();
  const counts = { leak: 0, missing: 0, content: 0, misplaced: 0, duplicate: 0, fields: 0, vanishing: 0, unproven: 0 };
  const listed = new Map<FindingKind, Finding[]>(FINDING_KINDS.map((kind) => [kind, []]));
  const away = new Map<string, FindingKind>();
  const errors: WorkspaceError[] = [];
  let done = 0;

  function find(finding: Finding): void {
    const { kind, id, foundAs } = finding;
    if (foundAs === null && AWAY.has(kind)) {
      const before = away.get(id);
      if (kind === 'missing' && before !== undefined) return;
      if (before === 'missing') takeBack(id);
      away.set(id, kind);
    }
    counts[kind]++;
    const list = listed.get(kind);
    if (list && list.length < LISTED_FINDINGS) list.push(finding);
    for (const workspace of concerned(finding)) (kind === 'unproven' ? unproven : mismatched).add(workspace);
  }

  /** The workspaces that it concerned are concerned by what takes its place. */
  function takeBack(id: string): void {
    counts.missing--;
    const list = listed.get('missing');
    const index = list?.findIndex((finding) => finding.id === id) ?? -1;
    if (index >= 0) list?.splice(index, 1);
  }

  function concerned({ workspaceId, namespace, foundIn }: Finding): string[] {
    const readers = [namespace, foundIn].flatMap((name) => (name === null ? [] : [...readersOf(name)]));
    return [...new Set([...(workspaceId === null ? [] : [workspaceId]), ...readers])].filter((id) => asked.has(id));
  }

  function fail(workspaceIds: Iterable<string | null>, sentence: string): void {
    for (const workspaceId of workspaceIds) {
      if (workspaceId !== null && failed.has(workspaceId)) continue;
      if (workspaceId !== null) failed.add(workspaceId);
      if (errors.length < LISTED_ERRORS) errors.push({ workspaceId, sentence });
    }
  }

  function verdict(id: string, index: number): WorkspaceVerdict {
    if (mismatched.has(id)) return 'mismatches';
    if (failed.has(id)) return 'errors';
    if (unproven.has(id)) return 'unproven';
    return index < done ? 'matches' : 'unchecked';
  }

  return {
    see: (workspaceId) => void rowsOf.set(workspaceId, (rowsOf.get(workspaceId) ?? 0) + 1),
    find,
    fail,
    judgedUpTo(workspaces) {
      done = workspaces;
    },
    failRest: (sentence) => fail(sampled.slice(done), sentence),
    close() {
      const workspaces = {
        sampled: sampled.length,
        empty: 0,
        matches: 0,
        mismatches: 0,
        unproven: 0,
        errors: 0,
        unchecked: 0,
      };
      const judged: JudgedWorkspace[] = [];
      for (const [index, id] of sampled.entries()) {
        const given = verdict(id, index);
        const rows = rowsOf.get(id) ?? 0;
        workspaces[given]++;
        if (given === 'matches' && rows === 0) workspaces.empty++;
        judged.push({ id, verdict: given, rows });
      }
      return {
        workspaces,
        findings: { ...counts },
        listed: FINDING_KINDS.flatMap((kind) => (listed.get(kind) ?? []).sort(byPlace)).slice(0, LISTED_FINDINGS),
        errors,
        judged: judged.sort((a, b) => compareText(a.id, b.id)).slice(0, LISTED_WORKSPACES),
      };
    },
  };
}

/** By workspace, then by id: answers come in any order, and a report is to be the same each time. */
function byPlace(a: Finding, b: Finding): number {
  return (
    compareText(a.workspaceId ?? '', b.workspaceId ?? '') ||
    compareText(a.id, b.id) ||
    compareText(a.foundAs ?? '', b.foundAs ?? '')
  );
}
