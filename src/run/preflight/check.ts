/** One thing that a preflight finds out, and how such things depend on each other. */
import { RunError } from '../../model/errors.ts';
import type { Failure } from '../../model/failure.ts';
import type { Grade, PreflightCheck } from '../../model/preflight.ts';

export interface Finding extends Pick<PreflightCheck, 'outcome' | 'sentence'> {
  /** Where what was seen weighs otherwise than the check does in general. */
  grade?: Grade;
}

export interface Check {
  name: string;
  grade: Grade;
  /** Names of earlier checks without which this one would show nothing. */
  needs?: readonly string[];
  /** The capability without whose announcement there is nothing to check. */
  capability?: string;
  find(): Promise<Finding>;
}

/** Makes the checks one after the other. Each is in the answer, whatever became of those before it. */
export async function findOut(
  checks: readonly Check[],
  capabilities: readonly string[],
  stop: AbortSignal,
): Promise<PreflightCheck[]> {
  const found = new Map<string, PreflightCheck>();

  async function findingOf({ needs = [], capability, find }: Check): Promise<Finding> {
    if (stop.aborted) return unasked('This run was told to stop before it came to that.');
    const lacking = needs.find((name) => !carries(found.get(name)));
    if (lacking !== undefined) return unasked(`It cannot be told while "${lacking}" has not passed.`);
    if (capability !== undefined && !capabilities.includes(capability)) {
      return { outcome: 'not-announced', sentence: `The plugin does not announce "${capability}".` };
    }
    return await find();
  }

  for (const check of checks) {
    const { name, grade } = check;
    found.set(name, { name, grade, ...(await findingOf(check)) });
  }
  return [...found.values()];
}

/** What failed without blocking still bears what comes after it. */
function carries(earlier: PreflightCheck | undefined): boolean {
  if (!earlier || earlier.outcome === 'unasked') return false;
  return earlier.outcome !== 'failed' || earlier.grade === 'warns';
}

export function passed(sentence: string): Finding {
  return { outcome: 'passed', sentence };
}

export function failed(sentence: string): Finding {
  return { outcome: 'failed', sentence };
}

/** As {@link failed}, of a check that otherwise blocks. */
export function warned(sentence: string): Finding {
  return { outcome: 'failed', grade: 'warns', sentence };
}

export function unasked(sentence: string): Finding {
  return { outcome: 'unasked', sentence };
}

/**
 * Of a request that did not succeed: `failed` where the plugin has said no, `unasked` where nobody answered it, or only that
 * this is not the moment.
 *
 * @param what what did not succeed, as the beginning of a sentence
 */
export function unanswered(what: string, failure: Failure): Finding {
  return (saidNothing(failure) ? unasked : failed)(`${what}: ${failure.sentence}`);
}

/** Nobody has answered, or only that this is not the moment. A 500 is an answer: such a request has come in. */
export function saidNothing({ cause, transient, status }: Failure): boolean {
  return cause === 'stopped' || (transient && status !== 500);
}

/** Finds out about the source or the ledger: the error that would end another mode is a finding here. */
export async function orError(find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return (error.code === 'configuration' ? failed : unasked)(error.message);
  }
}
