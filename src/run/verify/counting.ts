/**
 * From verdicts to the result: how each row counts, which findings are let pass, and whom in the book what is wrong concerns.
 *
 * Everything concerns the sampled workspaces that read it. A row that none of them reads concerns its own workspace, and a namespace
 * that none of them reads, nobody in particular.
 */
import type { Planned } from '../../model/memory.ts';
import type { Finding, VerifyResult } from '../../model/verify.ts';
import type { Findings } from '../../verify/findings.ts';
import type { CouldNotAsk } from '../could-not-ask.ts';
import { noSkips } from '../tally.ts';
import type { Book } from './book.ts';
import type { RowVerdict } from './judging.ts';

export interface Counting {
  /** Live; what is not about single verdicts is added to it from outside. */
  counts: VerifyResult['rows'];
  /** Findings that the operator's file lets pass. */
  accepted(): number;
  /** Rows whose vector could not be compared for want of any that the plugin had shown. */
  vectorsUntold(): number;
  /** Counts a row, and what is wrong with it. Called once for each row. */
  enter(verdict: RowVerdict): void;
  record(finding: Finding): void;
  /** The row could not be judged. */
  failRow(row: Planned, error: CouldNotAsk): void;
  /** What these namespaces hold could not be asked. */
  failNamespaces(unasked: ReadonlyMap<string, CouldNotAsk>): void;
  /** Whether a row's own workspace is one of those whose verdict is asked. */
  isSampled(row: Planned): boolean;
}

export interface CountingParts {
  book: Book;
  findings: Findings;
  /** The workspaces that read a namespace, by the tree as it is known now. */
  readersOf(namespace: string): ReadonlySet<string>;
  /** The workspaces whose verdict is asked. */
  sampled: readonly string[];
  /** Every row of the source counts, those too that belong to no workspace. */
  everything: boolean;
  /** The workspace that the operator named; null where he named none. */
  named: string | null;
  /** Ids that the operator gives up. */
  accepted: ReadonlyMap<string, string>;
  stop: AbortSignal;
}

export function counting(parts: CountingParts): Counting {
  const { book, findings, everything, named, stop } = parts;
  const asked = new Set(parts.sampled);
  const counts = {
    compared: 0,
    matched: 0,
    skipped: noSkips(),
    absenceUnproven: 0,
    vanished: 0,
    extra: 0,
    copiesUnseen: 0,
  };
  let accepted = 0;
  let vectorsUntold = 0;

  function enter({ row, findings: found, error, copiesUnseen, vectorUntold }: RowVerdict): void {
    const { workspaceId } = row;
    if (error) {
      // A question that was cut off by the operator's signal says nothing: its workspace is unchecked.
      if (!stop.aborted) failRow(row, error);
      return;
    }
    if (workspaceId !== null && asked.has(workspaceId)) book.see(workspaceId);
    for (const finding of found) record(finding);
    if (row.verdict === 'write') {
      counts.compared++;
      if (found.length === 0) counts.matched++;
      if (vectorUntold) vectorsUntold++;
      if (found.length === 0 && copiesUnseen) counts.copiesUnseen++;
    } else if (isSampled(row)) {
      counts.skipped[row.reason]++;
      if (row.reason === 'no-workspace' && workspaceId !== null && workspaceId === named) {
        record(findings.unreadable(row));
      }
    }
  }

  /** Two tenants may rightly hold the same sentence: what is known by its text alone can be accepted. */
  function record(finding: Finding): void {
    const found = finding.evidence === 'text' ? finding.foundAs : finding.kind === 'unproven' ? finding.id : null;
    if (found !== null && parts.accepted.has(found)) accepted++;
    else book.find(finding);
  }

  function failRow(row: Planned, error: CouldNotAsk): void {
    const readers = row.verdict === 'write' ? sampledReaders(row.namespace.name) : [];
    book.fail(readers.length > 0 ? readers : [row.workspaceId], error.message);
  }

  function failNamespaces(unasked: ReadonlyMap<string, CouldNotAsk>): void {
    for (const [name, error] of unasked) {
      const readers = sampledReaders(name);
      book.fail(readers.length > 0 ? readers : [null], error.message);
    }
  }

  function sampledReaders(namespace: string): string[] {
    return [...parts.readersOf(namespace)].filter((id) => asked.has(id));
  }

  function isSampled({ workspaceId }: Planned): boolean {
    return everything || (workspaceId !== null && asked.has(workspaceId));
  }

  return {
    counts,
    accepted: () => accepted,
    vectorsUntold: () => vectorsUntold,
    enter,
    record,
    failRow,
    failNamespaces,
    isSampled,
  };
}
