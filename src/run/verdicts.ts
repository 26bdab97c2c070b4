/**
 * What a verify has found, workspace by workspace. Rows arrive ordered by workspace, so a workspace is judged to the end once
 * a row of a later one has been seen.
 *
 * A workspace counts once, by the gravest thing that is known of it: a mismatch, else an error, else something unproven, else
 * unchecked (the run ended before all of its rows had been judged), else a match.
 */
import type { Finding, FindingKind, VerifyResult, WorkspaceError, WorkspaceVerdict } from '../model/verify.ts';

/** Listed at the most; counted they are all. */
const LISTED_FINDINGS = 1_000;
const LISTED_ERRORS = 100;

export interface VerdictBook {
  /** The source holds a row of this workspace. */
  see(workspaceId: string | null): void;
  find(finding: Finding): void;
  /** A row of the workspace could not be checked. */
  fail(workspaceId: string | null, sentence: string): void;
  /** Every row up to and including some of this workspace's has been judged. */
  readUpTo(workspaceId: string | null): void;
  readAll(): void;
  /** What has not been read to its end never will be, for this reason. */
  failRest(sentence: string): void;
  /** Sampled workspaces that are judged to the end. */
  done(): number;
  close(): Pick<VerifyResult, 'workspaces' | 'findings' | 'listed' | 'errors'>;
}

/** @param sampled ids of the workspaces that are to be judged */
export function verdictBook(sampled: readonly string[]): VerdictBook {
  const order = [...sampled].sort();
  const seen = new Set<string>();
  const mismatched = new Set<string>();
  const unproven = new Set<string>();
  const failed = new Set<string>();
  const findings: Record<FindingKind, number> = {
    leak: 0,
    missing: 0,
    content: 0,
    misplaced: 0,
    duplicate: 0,
    fields: 0,
    vanishing: 0,
    unproven: 0,
  };
  const listed: Finding[] = [];
  const errors: WorkspaceError[] = [];
  let done = 0;

  function fail(workspaceId: string | null, sentence: string): void {
    if (workspaceId !== null && failed.has(workspaceId)) return;
    if (workspaceId !== null) failed.add(workspaceId);
    if (errors.length < LISTED_ERRORS) errors.push({ workspaceId, sentence });
  }

  function verdict(id: string, index: number): WorkspaceVerdict {
    if (mismatched.has(id)) return 'mismatches';
    if (failed.has(id)) return 'errors';
    if (unproven.has(id)) return 'unproven';
    return index < done ? 'matches' : 'unchecked';
  }

  return {
    see(workspaceId) {
      if (workspaceId !== null) seen.add(workspaceId);
    },
    find(finding) {
      findings[finding.kind]++;
      if (listed.length < LISTED_FINDINGS) listed.push(finding);
      if (finding.workspaceId === null) return;
      (finding.kind === 'unproven' ? unproven : mismatched).add(finding.workspaceId);
    },
    fail,
    readUpTo(workspaceId) {
      if (workspaceId === null) return;
      while (done < order.length && (order[done] ?? '') < workspaceId) done++;
    },
    readAll() {
      done = order.length;
    },
    failRest(sentence) {
      for (const id of order.slice(done)) fail(id, sentence);
    },
    done: () => done,
    close() {
      const counts = { matches: 0, mismatches: 0, unproven: 0, errors: 0, unchecked: 0 };
      let empty = 0;
      order.forEach((id, index) => {
        const given = verdict(id, index);
        counts[given]++;
        if (given === 'matches' && !seen.has(id)) empty++;
      });
      const workspaces = { sampled: order.length, empty, ...counts };
      return { workspaces, findings, listed, errors };
    },
  };
}
