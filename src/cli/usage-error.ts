/** A command line or an environment that cannot be run: one sentence for the operator, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
