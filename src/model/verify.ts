/**
 * What a verify has found: plain data, in the shape in which `--json` prints it.
 *
 * "Different" and "could not be told" are never one: the first kinds of finding say that the copy is wrong, `unproven` that search cannot
 * settle it, and an error that somebody could not be asked.
 */
import type { SkipReason } from './memory.ts';

/** How the plugin differs from what was planned, the gravest first. */
export const FINDING_KINDS = [
  /** Somebody can read it who was not to. */
  'leak',
  /** Planned, and not there. */
  'missing',
  /** There, with another content. */
  'content',
  /** In another namespace, and nobody can read it there who was not to. */
  'misplaced',
  /** One row of the source, and more copies of it in its namespace than the source holds. */
  'duplicate',
  /** Kind, source, pin, embedding or provenance are not as planned. */
  'fields',
  /** It will expire. */
  'vanishing',
  /** Search cannot settle it. */
  'unproven',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * How a memory was known to be the row's: by the id (its own, or what `propagation.backfill` says of it), or by its text alone, which
 * two tenants may rightly share.
 */
export type Evidence = 'id' | 'text';

export interface Finding {
  kind: FindingKind;
  /** The row's id in the source. */
  id: string;
  /** The memory's id in the plugin, where that is another. */
  foundAs: string | null;
  workspaceId: string | null;
  /** Where the row belongs; null where it belongs nowhere. */
  namespace: string | null;
  /** Where it was found; null where it was not. */
  foundIn: string | null;
  evidence: Evidence;
  /** The run that put it into the plugin, by the ledger; null where none is known. */
  writtenBy: string | null;
  /** What follows the id: "is not in the plugin". Without content. */
  sentence: string;
  /** What the operator can do about it. */
  next: string;
  /** Keyed digests of both contents, which tell whether two are the same and nothing else; null where there is none. */
  digests: { expected: string | null; found: string | null };
  /** Content, for the terminal alone unless the operator asks for more. */
  excerpts?: { expected?: string; found?: string };
}

export const WORKSPACE_VERDICTS = ['matches', 'mismatches', 'unproven', 'errors', 'unchecked'] as const;
export type WorkspaceVerdict = (typeof WORKSPACE_VERDICTS)[number];

/** One of the workspaces that were compared, for reports that list them. */
export interface JudgedWorkspace {
  id: string;
  verdict: WorkspaceVerdict;
  /** Rows of its own that the source holds, skipped ones too. */
  rows: number;
}

export interface WorkspaceError {
  workspaceId: string | null;
  sentence: string;
}

/** What a sample proves of all workspaces that it was drawn from: an exact bound of the hypergeometric distribution. */
export interface Confidence {
  /** 0.95: how sure the bound is. */
  level: number;
  /** With that confidence, fewer workspaces than this have a mismatch. */
  fewerThan: number;
  /** How many would have to be sampled, all of them clean, to prove fewer than this share; null where the sample did. */
  wouldProve: { sample: number; percent: number } | null;
}

/** Where copies were looked for that belong elsewhere, apart from the verdict on the rows. */
export interface Hunt {
  /** Namespaces of which a listing showed everything. */
  listed: number;
  /** Fuller ones, in which rows were looked for by their words. */
  probed: number;
  /** Fuller ones in which search proves nothing, or that could not be asked. */
  uncovered: number;
  /** Namespaces that the plugin could hold, by the tree of workspaces. */
  known: number;
  /** It came to its end. */
  finished: boolean;
  /** Rows that were looked for by their words in the fuller namespaces, and those that have none that could be. */
  rows: { probed: number; unsearchable: number };
}

/** How an earlier verify with the same seed came out, by the ledger. */
export type SeedMemory =
  /** The seed was drawn by this run, or the ledger knows of no failure. */
  | { seed: 'fresh' }
  | { seed: 'failed'; at: string }
  /** It was given, and there is no ledger that could tell. */
  | { seed: 'unknown' };

/** The source as it was when the verify began: equal for equal contents, in whatever order. */
export interface SourceSnapshot {
  /** When it was taken, by the database's clock, in ISO 8601 and UTC. */
  at: string;
  rows: number;
  workspaces: number;
  /** The sum of all rows' digests and that of the workspaces, 64 hexadecimal digits each. */
  digest: string;
}

export interface VerifyResult {
  mode: 'verify';
  /** The seed that draws the same sample again; null where nothing was drawn by lot. */
  seed: string | null;
  seedMemory: SeedMemory;
  asked: { workspace: string } | { sample: number | 'all' };
  /** Workspaces that the sample was drawn from. */
  population: number;
  /**
   * Every sampled workspace counts once: as a mismatch, else an error, else unproven, else unchecked (the run ended before
   * its turn), else a match. Matches include the empty ones.
   */
  workspaces: Record<WorkspaceVerdict, number> & { sampled: number; empty: number };
  /** Null where the sample proves nothing, or nothing was drawn by lot. */
  confidence: Confidence | null;
  rows: {
    compared: number;
    matched: number;
    skipped: Record<SkipReason, number>;
    /** Of the skipped rows, those that search could neither find nor show to be absent. */
    absenceUnproven: number;
    vanished: number;
    /** Memories of the plugin that are nothing of the source's. */
    extra: number;
    /** Of the rows that match in full namespaces, those beside which a copy could stand that search does not show. */
    copiesUnseen: number;
  };
  hunt: Hunt;
  findings: Record<FindingKind, number>;
  /** Ids of the operator's file, in its order. */
  accepted: string[];
  /** Findings of `text` that the operator's file accepts by the memory's id. */
  acceptedFindings: number;
  /** At most 1,000, the gravest first; `findings` counts them all. */
  listed: Finding[];
  /** At most 100; `workspaces.errors` counts them all. */
  errors: WorkspaceError[];
  /** Every sampled workspace, in the order of their ids; at most 10,000. */
  judged: JudgedWorkspace[];
  /** How many unproven rows are let pass; null where none is. */
  allowUnproven: number | null;
  failOnSkipped: boolean;
  /** True where an empty comparison was allowed to pass. */
  emptyAllowed: boolean;
  /** The source when the verify began, and whether it was another at its end; null where no receipt was asked for. */
  snapshot: (SourceSnapshot & { moved: boolean }) | null;
}
