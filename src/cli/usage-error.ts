/** A command line or an environment that cannot be run: one sentence for the operator, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was typed, for an error message; an address is not repeated, since it may hold a password. */
export function quoted(typed: string | boolean): string {
  return /:\/\/|@/.test(String(typed)) ? 'what was given' : `"${typed}"`;
}
