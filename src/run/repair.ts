/**
 * `--apply --repair report.json`: mends what a verify has found, one memory at a time, the leaks first, each against what is there now;
 * `--dry-run --repair report.json` shows what that would be, and sends the plugin no write.
 *
 * The report only says where to look. The row is read anew, and planned anew with the tree as it is now; the plugin is looked at
 * anew directly before it is written to; and only what is still wrong, in the way in which the verify saw it, is mended
 * (repair/decision.ts has the table). Whatever else is left, named, and told what to do about.
 *
 * It is a run as an apply is one: under the ledger's lock, with an entry for everything that it does. What a crash leaves of a memory:
 *
 *   looked at     nothing was sent. The next repair looks again
 *   sent          the plugin has the row where it belongs, and no entry says so. The next repair, or the next apply, finds it there as
 *                 planned; a plugin that keeps it in the other namespace as well shows it there to the next repair from the same
 *                 report, which forgets it there
 *   announced     the ledger says that it is being forgotten: it may be, or not. It counts as copied no longer, so that an apply
 *                 takes nothing for granted; the next repair looks it up, and finds it gone, or forgets it
 *   forgotten     the plugin has acknowledged, the entry is in memory alone: as announced
 *   recorded      done. A repair from the same report finds nothing to do
 *
 * A row that the ledger has as written may have been edited or forgotten by a user since, and is left, unless the operator says
 * otherwise. A proven leak is taken away all the same, unless it was edited: then it is left, and named. Between the look and the write
 * lies a window in which version 1 of the contract cannot keep a user from editing: that of one memory.
 *
 * There is no hurry and no concurrency: a report lists a thousand findings at the most.
 */

import type { Ledger } from '../ledger/ledger.ts';
import { sum } from '../model/counts.ts';
import type { RunError } from '../model/errors.ts';
import { rowEvent } from '../model/events.ts';
import type { LedgerEntry, Recollection } from '../model/ledger.ts';
import { isUuid, type Position } from '../model/memory.ts';
import { comparePositions } from '../model/position.ts';
import type { RepairResult } from '../model/repair.ts';
import type { Report } from '../model/run.ts';
import type { VerifyResult } from '../model/verify.ts';
import { type Books, openBooks } from './books.ts';
import { chunks } from './chunks.ts';
import { type Acting, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { refuseOtherSettings } from './continuation.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { cutOff } from './cut-off.ts';
import { refuseUnfit } from './fitness.ts';
import { tooManyFailures } from './guards.ts';
import { actor } from './repair/acting.ts';
import { type Complaint, complaintsOf, isLeak } from './repair/complaints.ts';
import { type Decision, decide } from './repair/decision.ts';
import { investigation } from './repair/investigation.ts';
import { verifyToMend } from './repair/refusals.ts';
import { looker } from './repair/sights.ts';
import { repairTally } from './repair/tally.ts';
import { type Deed, deedIntended, told } from './repair/told.ts';

export interface RepairRequest {
  ledger: Ledger;
  /** Of the verify whose findings are to be mended. */
  report: Report;
  /** Rows are mended too that the ledger has as written. */
  includeAcknowledged: boolean;
  /** Null for the dry form. */
  acting: Acting | null;
}

/**
 * @throws RunError `configuration` where the report is not of a verify between these ends and under these mapping flags, or a run
 *   that did not come to its end had others; `source`, `ledger`, `output`
 */
export async function repair(context: RunContext, ends: Ends, request: RepairRequest): Promise<Ended<RepairResult>> {
  const { settings, observer, plugin, stop, accepted, concurrency } = context;
  const { ledger, report, includeAcknowledged, acting } = request;
  const verified = verifyToMend(report, ends, settings);
  if (acting) await refuseOtherSettings(ledger, settings, null);
  if (ledger.place === null) observer.notice(NOTHING_REMEMBERED);
  const complaints = await inOrder(context, complaintsOf(verified.listed));
  const total = complaints.length;
  const books = acting && (await openBooks(context, { ...acting, ledger }, { mode: 'apply', watermark: null, total }));
  const tally = repairTally();
  const looking = { hasTextSearch: ends.plugin.capabilities.includes('fts'), concurrency };
  const look = looker(plugin, looking, namespacesOf(complaints));
  const investigate = investigation(context, ends, { ledger, report, look });
  const act = books && acting && actor(context, { ...writingOf(books, acting), digester: ledger.digester, look });
  let unwritten: RunError | null = null;

  /** @returns null where the operator's signal came first */
  async function deedFor(complaint: Complaint): Promise<{ deed: Deed; namespace: string | null } | null> {
    const { id, foundAs } = complaint;
    if (accepted.has(id) || accepted.has(foundAs ?? id)) return { deed: GIVEN_UP, namespace: null };
    if (![id, foundAs ?? id].every(isId)) return { deed: NO_ID, namespace: null };
    let namespace: string | null = null;
    try {
      const { found, isProvenLeak } = await investigate(complaint);
      namespace = found.planned?.verdict === 'write' ? found.planned.namespace.name : null;
      const decision = decide(found, { includeAcknowledged, isProvenLeak });
      const deed = await carryOut(decision, found.known);
      return deed && { deed, namespace };
    } catch (error) {
      const deed = couldNotAsk(error, stop.aborted);
      return deed && { deed, namespace };
    }
  }

  async function carryOut(decision: Decision, known: Recollection | undefined): Promise<Deed | null> {
    if (!act) return deedIntended(decision);
    switch (decision.do) {
      case 'send':
        return await act.send(decision);
      case 'clear':
        return await act.clear(decision);
      case 'forget':
        return await act.forget(decision, known);
      case 'nothing':
      case 'leave':
        return deedIntended(decision);
    }
  }

  function writingOf({ log }: Books, { events, maySend, checkPlugin }: Acting) {
    return {
      maySend,
      async beforeFirst() {
        refuseUnfit(await checkPlugin(), observer.notice);
        await log.announce(null, []);
      },
      async record(entry: LedgerEntry) {
        // What was done has to be written down even when the run is told to stop, and that it could not be, told.
        unwritten = await untilError(new AbortController().signal, async () => {
          await events.log(rowEvent(entry));
          await log.record([entry], null, tally.counts());
        });
        if (unwritten) throw unwritten;
      },
    };
  }

  const error = await untilError(stop, async () => {
    for (const complaint of complaints) {
      if (stop.aborted) return;
      const settled = await deedFor(complaint);
      if (!settled) return;
      tally.record(told(complaint, settled.namespace, settled.deed));
      observer.progress(tally.done(), total, 'rows');
      const tooMany = acting && tooManyFailures(tally.failed(), tally.tried(), acting.maxFailures);
      if (tooMany) throw tooMany;
    }
  });

  return {
    result: {
      mode: 'repair',
      acted: acting !== null,
      of: report.runId,
      seed: verified.seed,
      memories: total,
      unlisted: unlistedIn(verified),
      ...tally.result(),
    },
    error: unwritten ?? error,
    close: async (exit) => await books?.close(exit, unwritten ?? error, tally.counts()),
  };
}

const NOTHING_REMEMBERED =
  'There is no ledger to tell which rows were copied, and may have been edited since: every row of the report is mended as one that was not.';

const GIVEN_UP: Deed = { deed: 'mended', how: 'accepted', sentence: 'was given up by --accept, and not touched' };

/** Of a row, or of a memory as a look shows it. */
function isId(name: string): boolean {
  return isUuid(name) && name === name.toLowerCase();
}

const NO_ID: Deed = { deed: 'left', reason: 'unsettled', sentence: 'is no id that a memory could have' };

/** The leaks first, as the report has them; then rows oldest first, since agents list what was written last before all else. */
async function inOrder({ source }: RunContext, complaints: readonly Complaint[]): Promise<Complaint[]> {
  const positions = new Map<string, Position>();
  // In small batches, since they are read with their contents.
  for (const some of chunks(complaints, AT_ONCE)) {
    for (const { id, createdAt } of await source.find(some.map(({ id }) => id))) positions.set(id, { id, createdAt });
  }
  const byAge = ({ id: one }: Complaint, { id: other }: Complaint): number => {
    const [a, b] = [positions.get(one), positions.get(other)];
    return a && b ? comparePositions(a, b) : Number(!a) - Number(!b);
  };
  return [...complaints.filter(isLeak), ...complaints.filter((complaint) => !isLeak(complaint)).sort(byAge)];
}

const AT_ONCE = 50;

function namespacesOf(complaints: readonly Complaint[]): string[] {
  return [...new Set(complaints.flatMap(({ namespace, foundIn }) => [namespace ?? [], foundIn].flat()))];
}

/** Its list may have been cut. */
function unlistedIn({ findings, listed }: VerifyResult): number {
  return sum(findings) - listed.length;
}

/** @returns null where the operator's signal cut the question off. Throws RunError where something else did */
function couldNotAsk(error: unknown, stopping: boolean): Deed | null {
  if (!(error instanceof CouldNotAsk)) throw error;
  const cut = cutOff(error.failure, stopping);
  if (cut?.error) throw cut.error;
  return cut ? null : { deed: 'failed', sentence: `could not be looked up: ${error.message}` };
}
