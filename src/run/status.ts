/** `--status`: what the ledger says of all runs, of one run, or of one memory over all runs. It only reads. */
import type { Archive } from '../ledger/archive.ts';
import { RunError } from '../model/errors.ts';
import type { StatusResult } from '../model/status.ts';

/** Runs that are listed. */
const LISTED = 50;

/** Ids that are named for a reason. */
const EXAMPLES = 10;

/**
 * @param subject the id of a run or of a memory; null for all runs
 * @throws RunError `configuration` where nothing is recorded under that id, `ledger`
 */
export async function status(archive: Archive, subject: string | null): Promise<StatusResult> {
  const asOf = await archive.now();
  const told =
    subject === null ? { about: 'runs' as const, ...(await archive.runs(LISTED)) } : await tell(archive, subject);
  return { mode: 'status', asOf, ...told };
}

async function tell(archive: Archive, id: string) {
  const run = await archive.run(id);
  if (run) {
    const groups = await archive.byReason(id, ['failed', 'conflict', 'kept'], EXAMPLES);
    return {
      about: 'run' as const,
      run,
      overtaken: await archive.isOvertaken(id),
      failures: groups.filter(({ outcome }) => outcome === 'failed'),
      left: groups.filter(({ outcome }) => outcome !== 'failed'),
    };
  }
  const entries = await archive.memory(id);
  if (entries.length > 0) return { about: 'memory' as const, id, entries };
  throw new RunError(
    'configuration',
    `Neither a run nor a memory is recorded under ${id} in the ledger in ${archive.place}: --status without an id lists the runs.`,
  );
}
