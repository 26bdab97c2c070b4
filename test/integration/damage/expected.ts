/** What verify has to say of a damage. */
import type { Evidence, FindingKind } from '../../../src/model/verify.ts';

export interface Expected {
  /** What was done, in words. */
  damage: string;
  kind: FindingKind;
  /** The rows that it may be told of: one, or all that hold the same text. */
  ids: readonly string[];
  foundIn: string | null;
  foundAs: string | null;
  evidence: Evidence;
  /**
   * What search has to show for it: `row`, something in the place where the row belongs; `moved`, the row itself in another
   * place; `copy`, a memory that the source knows nothing of.
   */
  sight: 'row' | 'moved' | 'copy';
  /** By which a search can find it: the row's text, whatever the plugin holds. */
  text: string;
}
