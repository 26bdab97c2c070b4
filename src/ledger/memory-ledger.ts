/** The ledger's form in memory: for `--no-ledger`, and for a dry run before the first apply. It keeps what it is told, and is gone with the run. */
import { randomBytes } from 'node:crypto';
import { type Digest, digester } from '../model/digest.ts';
import { RunError } from '../model/errors.ts';
import type { EntryOutcome, Pair, Recollection, RecordedEntry, RunRecord } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import { comparePositions } from '../model/position.ts';
import { BEING_FORGOTTEN } from '../model/rollback.ts';
import type { Ledger, RunLog } from './ledger.ts';

/** A ledger that ends with the tool. Its lock keeps nobody out: there is nobody else. */
export function memoryLedger(pair: Pair): Ledger {
  const runs: RunRecord[] = [];
  const entries: RecordedEntry[] = [];
  const byMemory = new Map<string, RecordedEntry[]>();
  const empty = new Set<string>();
  const newest = (id: string) => byMemory.get(id)?.at(-1);
  const hasFailedIn = (runId: string, id: string) =>
    byMemory.get(id)?.some((entry) => entry.outcome === 'failed' && entry.runId === runId);
  const newestButKept = (id: string) => byMemory.get(id)?.findLast(({ outcome }) => outcome !== 'kept');
  const isOwn = (run: RunRecord) => run === runs.at(-1);

  function copyOf(id: string): Recollection['copy'] {
    const settled = byMemory.get(id)?.findLast(({ outcome }) => SETTLING.has(outcome));
    if (!settled || settled.outcome === 'forgotten') return null;
    const { namespace, digest, sourceUpdatedAt, runId } = settled;
    return namespace !== null && digest !== null ? { namespace, digest, sourceUpdatedAt, runId } : null;
  }

  function logOf(run: RunRecord): RunLog {
    /** Every writing begins so. */
    function stand(): void {
      if (run.ended === null && isOwn(run)) run.seenAt = now();
      else throw new RunError('ledger', `Run ${run.id} may write to the ledger no longer, since it has ended.`);
    }

    return {
      async announce(horizon, seenClean) {
        stand();
        if (horizon) run.horizon = further(run.horizon, horizon);
        for (const name of seenClean) empty.add(name);
      },
      async record(batch, checkpoint, counts) {
        stand();
        if (checkpoint) run.checkpoint = further(run.checkpoint, checkpoint);
        run.counts = { ...counts };
        for (const entry of batch) {
          const recorded = { ...entry, runId: run.id, recordedAt: now() };
          entries.push(recorded);
          byMemory.set(entry.memoryId, [...(byMemory.get(entry.memoryId) ?? []), recorded]);
        }
      },
      async end(how, counts, { code, interruptedBy }) {
        stand();
        Object.assign(run, { ended: how, endedAt: run.seenAt, counts: { ...counts }, exitCode: code, interruptedBy });
      },
    };
  }

  return {
    pair,
    place: null,
    digester: digester(randomBytes(32)),
    async recall(ids) {
      const known = new Map<string, Recollection>();
      for (const id of ids) {
        const last = newest(id);
        if (!last) continue;
        const { outcome, reason, namespace, sourceUpdatedAt, runId } = last;
        known.set(id, { latest: { outcome, reason, namespace, sourceUpdatedAt, runId }, copy: copyOf(id) });
      }
      return known;
    },
    async outstanding(listed) {
      // Undefined, where there is no entry, differs from null too.
      return listed.filter(({ id, updatedAt }) => newest(id)?.sourceUpdatedAt !== updatedAt).map(({ id }) => id);
    },
    async seenClean(names) {
      return new Set(names.filter((name) => empty.has(name)));
    },
    async copies(most) {
      const found: Array<{ id: string; namespace: string; digest: Digest }> = [];
      for (const entry of entries.toReversed()) {
        if (found.length === most) break;
        const settled = byMemory.get(entry.memoryId)?.findLast(({ outcome }) => SETTLING.has(outcome));
        const isGoing = newest(entry.memoryId)?.reason === BEING_FORGOTTEN;
        const copy = settled === entry && !isGoing ? copyOf(entry.memoryId) : null;
        if (copy) found.push({ id: entry.memoryId, namespace: copy.namespace, digest: copy.digest });
      }
      return found;
    },
    async failures(runId) {
      return entries
        .filter((entry) => entry.outcome === 'failed' && entry === newestButKept(entry.memoryId))
        .filter(({ memoryId }) => runId === null || hasFailedIn(runId, memoryId))
        .map(({ memoryId }) => memoryId);
    },
    async unfinished() {
      const last = runs.findLast((run) => run.mode === 'apply' && run.ended !== 'refused' && !isOwn(run));
      return !last || last.ended === 'done' || last.ended === 'findings' ? null : { ...last };
    },
    async run(id) {
      const found = runs.find((run) => run.id === id);
      return found ? { ...found } : null;
    },
    async *entries(runId, outcomes) {
      const chosen = entries.filter((entry) => entry.runId === runId && outcomes.includes(entry.outcome));
      if (chosen.length > 0) yield chosen;
    },
    async lock() {
      return { release: () => Promise.resolve() };
    },
    async begin(start) {
      const startedAt = now();
      const run: RunRecord = {
        ...start,
        pair,
        checkpoint: null,
        horizon: null,
        counts: {},
        startedAt,
        seenAt: startedAt,
        endedAt: null,
        ended: null,
        exitCode: null,
        interruptedBy: null,
      };
      runs.push(run);
      return logOf(run);
    },
    async close() {},
  };
}

/** Outcomes that say what the plugin holds since then. */
const SETTLING: ReadonlySet<EntryOutcome> = new Set(['written', 'adopted', 'forgotten']);

function further(reached: Position | null, next: Position): Position {
  return reached && comparePositions(reached, next) > 0 ? reached : next;
}

/** As Postgres prints it in UTC. */
function now(): string {
  return new Date().toISOString().replace('T', ' ').replace('Z', '+00');
}
