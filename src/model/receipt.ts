/**
 * The receipt of a verify: what was proven, of which source and which plugin, and when. `--check-receipt` holds it against the
 * source just before the old table is dropped.
 *
 * A digest over all that it says shows whether it is still as the verify wrote it: HMAC-SHA-256 (RFC 2104) under the operator's
 * key, or SHA-256 where there is none, which tells of accidents and not of forgers. What is digested is the canonical form by
 * RFC 8785 behind a label, so that no digest made for anything else fits; and it names the algorithm, so that a receipt made in
 * one way never passes for one made in the other.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SkipReason } from './memory.ts';
import type { TeamLevel } from './settings.ts';
import type { FindingKind, Hunt, SourceSnapshot, WorkspaceVerdict } from './verify.ts';

/** Without a key, and with one. */
export const ALGORITHMS = ['SHA-256', 'HMAC-SHA-256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface Receipt {
  /** The version of this shape. */
  receipt: 1;
  tool: { name: string; version: string };
  /** The version of the plugin's contract that the verify went by. */
  contract: string;
  runId: string;
  /** By the clock of the machine that verified; `snapshot.at` is by the database's, and the one that counts. */
  endedAt: string;
  source: { address: string; schema: string };
  /** The source before the verify read its first row, and whether it was another at the end. */
  snapshot: SourceSnapshot & { moved: boolean };
  plugin: { url: string; version: string };
  /** The flags that decide where rows go. */
  mapping: { teamLevel: TeamLevel | null; removedWorkspaces: 'skip' | 'copy' };
  /** What was to be compared: one workspace, or a sample, with the seed where it was drawn by lot. */
  asked: { workspace: string | null; sample: number | 'all' | null; seed: string | null };
  /** Workspaces that the sample was drawn from. */
  population: number;
  workspaces: Record<WorkspaceVerdict | 'sampled' | 'empty', number>;
  rows: {
    compared: number;
    matched: number;
    skipped: Record<SkipReason, number>;
    /** Of the skipped rows, those that search could neither find nor show to be absent. */
    absenceUnproven: number;
    vanished: number;
    extra: number;
    /** Of the rows that match, those beside which a copy could stand that search does not show. */
    copiesUnseen: number;
  };
  /** Where copies were looked for that belong elsewhere. */
  hunt: Pick<Hunt, 'known' | 'listed' | 'probed' | 'uncovered' | 'finished' | 'rows'>;
  findings: Record<FindingKind, number>;
  /** Ids of what search could not settle, rows and memories of the plugin: at most 1,000, and `findings` counts them all. */
  unproven: string[];
  /** How many of them may be; null where none may. */
  allowUnproven: number | null;
  /** Ids that the operator gave up on purpose. */
  accepted: string[];
  /** Findings of `text` that were accepted by the memory's id. */
  acceptedFindings: number;
  verdict: 'parity' | 'no parity';
  /** With which the verify ended. */
  exitCode: number;
  algorithm: Algorithm;
  /** 64 hexadecimal digits in small letters, over all of the above. */
  digest: string;
}

/** Ids of what is unproven: as many as a verify lists. */
export const MOST_UNPROVEN = 1_000;

/** A receipt as a file held it, or why what it held is none. */
export type ReadReceipt = { ok: true; receipt: Receipt } | { ok: false; reason: string };

export interface CheckReceiptResult {
  mode: 'check-receipt';
  /** The receipt's file. */
  file: string;
  /** Not checked: nothing speaks against the receipt so far, but the source could not be asked. */
  verdict: 'holds' | 'refused' | 'not-checked';
  /** Why it is refused, all that there is: a sentence each. */
  reasons: string[];
  /** What it says; null where the file holds none. */
  receipt: Omit<Receipt, 'accepted'> | null;
  /** The source as it is now; null where it was not asked, or could not be. */
  now: SourceSnapshot | null;
  /** The plugin that MEMORY_PLUGIN_URL names, without credentials; null where it names none, so that the receipt's was not held against any. */
  pluginUrl: string | null;
  /** Milliseconds since the verify began, by the database's clock; null where that was not asked, or could not be. */
  ageMs: number | null;
}

/** Says what it is told, with the digest of it. */
export function sealed(said: Omit<Receipt, 'algorithm' | 'digest'>, key: string | null): Receipt {
  const signed = { ...said, algorithm: algorithmWith(key) };
  return { ...signed, digest: digestOf(signed, key) };
}

/** With a key, a receipt has to be made with one; without, it has to be made without. */
export function algorithmWith(key: string | null): Algorithm {
  return key === null ? 'SHA-256' : 'HMAC-SHA-256';
}

/** Whether it is as it was made, with this key or with none. */
export function isWhole({ digest, ...signed }: Receipt, key: string | null): boolean {
  if (signed.algorithm !== algorithmWith(key)) return false;
  const [given, made] = [Buffer.from(digest), Buffer.from(digestOf(signed, key))];
  return given.length === made.length && timingSafeEqual(given, made);
}

const LABEL = 'memory-backfill receipt 1\n';

function digestOf(signed: Omit<Receipt, 'digest'>, key: string | null): string {
  const hash = key === null ? createHash('sha256') : createHmac('sha256', key);
  return hash.update(LABEL).update(canonical(signed), 'utf8').digest('hex');
}

/**
 * The canonical form of RFC 8785: no space, members sorted by the UTF-16 units of their names, text and numbers as ECMAScript
 * writes them. For objects, lists, text, finite numbers, truth values and null.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** The receipt as its file holds it. */
export function receiptText(receipt: Receipt): string {
  return `${JSON.stringify(receipt, null, 2)}\n`;
}
