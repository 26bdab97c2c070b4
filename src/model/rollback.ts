/** What a rollback did, or would do: plain data. */

/** Why a memory that the run wrote stays in the plugin. */
export const KEPT_REASONS = [
  /** The run replaced or adopted what was there before it. */
  'not-created',
  /** A later run wrote it again, or found it there as planned. */
  'written-since',
  /** It is no longer what the run wrote, or where. */
  'edited',
  /** Its namespace does not hold it any more. */
  'absent',
  /** Search cannot tell what the plugin holds. */
  'unsettled',
  /** The plugin refused to forget it, or could not be asked. */
  'failed',
] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

/**
 * The reason of the `kept` entries that a rollback writes just before it has memories forgotten: with such an entry as its newest, a
 * memory may be gone although no entry says so.
 */
export const BEING_FORGOTTEN = 'being-forgotten';

export interface KeptMemory {
  id: string;
  namespace: string;
  reason: KeptReason;
  /** What follows the id: "was edited …", without content. */
  sentence: string;
}

export interface RollbackResult {
  mode: 'rollback';
  /** The run that is undone. */
  of: string;
  /** False for the dry form, which sends no request that changes anything. */
  acted: boolean;
  /** Memories that were forgotten, or would be. */
  forgotten: number;
  /** Memories that an earlier rollback forgot, whether or not it could record that. */
  already: number;
  kept: Record<KeptReason, number>;
  /** At most 1,000; `kept` counts them all. */
  listed: KeptMemory[];
}
