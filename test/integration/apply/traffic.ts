/** What a run has sent for its rows, by its own report. */
import type { OperationTraffic } from '../../../src/model/failure.ts';
import type { Report } from '../../../src/model/run.ts';

/** What the trial sends to a plugin in order, before a run's first write: a namespace twice; a memory, again, and one more. */
const TRIAL = { upsertNamespace: 2, commitMemory: 3 } as const;

/** @returns the traffic of an operation without the trial's; the run must have written something, or tried to. */
export function rowTraffic({ traffic }: Report, operation: keyof typeof TRIAL): OperationTraffic {
  const counted = traffic[operation] ?? { attempts: 0, successes: 0, retries: 0, failures: {} };
  const { attempts, successes } = counted;
  return { ...counted, attempts: attempts - TRIAL[operation], successes: successes - TRIAL[operation] };
}
