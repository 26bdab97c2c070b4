/** Options as the command line gives them, between two ends that are in order, and the sentence where there are none. */
import { compile, type Environment, type GivenFlags, type Options } from '../../../src/cli/options.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { Mode } from '../../../src/model/settings.ts';

export const DATABASE_URL = 'postgres://app@db.test/platform';
export const MEMORY_PLUGIN_URL = 'http://plugin.test';
export const ENDS = { DATABASE_URL, MEMORY_PLUGIN_URL };
export const UUID = '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b';

export const dryRun = (given: GivenFlags, environment: Environment = {}) => compiled('dry-run', given, environment);
export const apply = (given: GivenFlags, environment: Environment = {}) => compiled('apply', given, environment);
export const verify = (given: GivenFlags, environment: Environment = {}) => compiled('verify', given, environment);

export function compiled(mode: Mode, given: GivenFlags, environment: Environment): Options {
  return compile({ ...asked(mode), ...given }, { ...ENDS, ...environment });
}

/** A mode as the command line gives it. */
function asked(mode: Mode): GivenFlags {
  if (mode === 'rollback') return { rollback: UUID };
  if (mode === 'check-receipt') return { 'check-receipt': 'receipt.json' };
  return { [mode]: mode === 'status' ? '' : true };
}

/** What the operator reads. */
export function complaint(compiling: () => Options): string {
  try {
    compiling();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('There was nothing to complain about.');
}
