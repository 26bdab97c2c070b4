/** What a repair did, or would do, about what a verify had found: plain data. */
import type { FindingKind } from './verify.ts';

/** What becomes of a memory that a verify named, where something can. */
export const MENDINGS = [
  /** Its row was sent into its namespace, where it was missing or differed. */
  'sent',
  /** Its row was sent into its namespace, and is no longer in another one. */
  'moved',
  /** It was taken out of a namespace in which it must not be. */
  'forgotten',
  /** By now nothing is wrong with it. */
  'already',
  /** The operator has given it up by name (`--accept`), so that it was not touched. */
  'accepted',
] as const;
export type Mending = (typeof MENDINGS)[number];

/** Why it is left as the plugin holds it. */
export const LEFT_REASONS = [
  /** The ledger has it as written: a user may have edited or forgotten it since. */
  'acknowledged',
  /** The plugin, the tree or the ledger says something else than when the verify looked. */
  'changed',
  /** The source does not hold its row any more. */
  'gone',
  /** It is known to be the row's by its text alone, which two tenants may rightly share. */
  'text',
  /** It is a copy too many, and which one was meant cannot be told. */
  'copy',
  /** The verify could not settle it, so that there is nothing to mend. */
  'unproven',
  /** Search cannot tell what the plugin holds. */
  'unsettled',
] as const;
export type LeftReason = (typeof LEFT_REASONS)[number];

export interface RepairedMemory {
  /** The row's id in the source. */
  id: string;
  /** The memory's id in the plugin, where that is another. */
  foundAs: string | null;
  /** What the verify found of it, the gravest first. */
  kinds: FindingKind[];
  outcome: Mending | 'left' | 'failed';
  /** Why it is left; null where it is not. */
  reason: LeftReason | null;
  /** Where its row belongs now; null where that is nowhere, or not known. */
  namespace: string | null;
  /** Other namespaces in which the verify found it. */
  foundIn: string[];
  /** What follows the id, without content: "was sent to team:…". */
  sentence: string;
  /** What the operator can do; null where nothing is left to be done. */
  next: string | null;
}

export interface RepairResult {
  mode: 'repair';
  /** False for the dry form, which sends the plugin no write. */
  acted: boolean;
  /** The verify whose report is mended from, by the id of its run. */
  of: string;
  /** The seed of its sample: it proves nothing any more. Null where nothing was drawn by lot. */
  seed: string | null;
  /** Memories that the report names: several findings may be about one. */
  memories: number;
  /** Findings that the verify counted and its report does not list. */
  unlisted: number;
  mended: Record<Mending, number>;
  left: Record<LeftReason, number>;
  /** Memories that the plugin refused to take or to forget, or of which it could not be asked. */
  failed: number;
  /** At most 1,000, in the order in which they were taken up; the counts count them all. */
  listed: RepairedMemory[];
}
