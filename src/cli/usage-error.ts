/** A command line or an environment that cannot be run: one sentence for the operator, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was typed, for an error message; an address is not repeated, since it may hold a password. */
export function plain(typed: string): string {
  return /:\/\/|@/.test(typed) ? 'of that name' : typed;
}

/** As {@link plain}, in quotes. */
export function quoted(typed: string | boolean): string {
  return plain(String(typed)) === String(typed) ? `"${typed}"` : 'what was given';
}
