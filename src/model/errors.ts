/**
 * The errors that end a run. Failures that are expected (a row that the plugin refuses, a workspace that could not be
 * checked) are values and stand in the report; an error is thrown only where going on makes no sense.
 *
 * A message is one sentence for the operator, without credentials and without content of memories.
 */

export type RunErrorCode =
  /** A flag, a variable or the database's shape is not what the mode needs. */
  | 'configuration'
  /** The source could not be reached or read. */
  | 'source'
  /** The plugin could not be reached, or what answers is no memory plugin. */
  | 'plugin'
  /** The ledger could not be reached, read or written, or somebody else holds it. */
  | 'ledger'
  /** A guard stopped the run before it wrote. */
  | 'guard'
  /** A file that was asked for could not be written. */
  | 'output';

export class RunError extends Error {
  override readonly name = 'RunError';
  readonly code: RunErrorCode;

  constructor(code: RunErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
