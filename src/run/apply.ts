/**
 * `--apply`: copies into the plugin what it does not have yet.
 *
 * There is no mode for going on: a run sends whatever the ledger does not have as done, so that going on after a crash, repeating a
 * run, and the next `--limit` rows are the same thing. First every row up to the watermark, oldest first; then, of what was written
 * since they were listed, what was committed late or edited behind the run's back (the closing pass). The rows are sorted once, by the
 * source, whether or not they are counted first; the closing pass does without.
 *
 * This file keeps no state of its own: copying.ts tells what a crash leaves behind.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { RunError } from '../model/errors.ts';
import { comparePositions } from '../model/position.ts';
import type { ApplyResult } from '../model/run.ts';
import type { Bound } from '../model/settings.ts';
import type { ListedRow, Selection } from '../source/positions.ts';
import { openBooks } from './books.ts';
import { type Acting, carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { refuseOtherPlugin, refuseOtherSettings } from './continuation.ts';
import { type Copying, copying } from './copying.ts';
import { refuseUnfit } from './fitness.ts';
import { refuseTooManyChanges } from './guards.ts';
import { type PlannedRows, planRows, selected } from './planning.ts';
import type { Senders } from './sending/senders.ts';
import { type Stepper, stepper } from './steps.ts';
import type { Timings } from './timings.ts';

export interface ApplyRequest extends Acting {
  ledger: Ledger;
  /** The run that is to be gone on with; null for whatever the ledger says. */
  resume: string | null;
  /** Null for no bound. */
  maxChanges: Bound | null;
  senders: Senders;
  /** Rows of one namespace are acknowledged in the order of the source. */
  ordered: boolean;
  /** Takes the latency of each commit from where it is sent. */
  times: Timings;
}

export async function apply(context: RunContext, ends: Ends, request: ApplyRequest): Promise<Ended<ApplyResult>> {
  const { settings, stop, observer } = context;
  const { ledger } = request;
  await refuseOtherSettings(ledger, settings, request.resume);
  await refuseOtherPlugin(context, ledger, ends.plugin);

  const selection = await selected(settings, ledger);
  const open = (rows: Selection) => planRows(context, rows, carriedBy(ends.plugin));
  const steps = stepper(context, ledger, ends.plugin);
  const rows = await open(selection);
  if (request.maxChanges) await refuseTooMany(context, rows, steps, request.maxChanges);

  const { watermark, total } = rows;
  const books = await openBooks(context, request, { mode: 'apply', watermark, total });
  const copy = copying(context, {
    ...request,
    total,
    log: books.log,
    stepper: steps,
    beforeFirst: async () => refuseUnfit(await request.checkPlugin(), observer.notice),
  });

  const cut = await untilError(stop, async () => {
    await copyAll(rows);
    // What has been sent so far must be in the ledger, before it is asked what is still to be done.
    await copy.flush();
    if (!stop.aborted && !copy.limitReached() && settings.retryFailed === null) {
      await copyLate(await open({ ...selection, order: 'unsorted', since: rows.moment }));
    }
  });
  // Whatever else went wrong, that something could not be recorded is what has to be said.
  const error = (await untilError(new AbortController().signal, () => copy.flush())) ?? cut;

  return {
    result: resultOf(copy, request),
    error,
    close: (exit) => books.close(exit, error, copy.outcomes.counts()),
  };

  async function copyAll({ pages, resolver }: PlannedRows): Promise<void> {
    for await (const page of pages()) {
      if (copy.isEnding()) break;
      await copy.copyPage(page, resolver(), 'ordered');
      observer.progress(copy.outcomes.scanned(), total, 'rows');
      if (copy.limitReached()) break;
    }
    await copy.through();
  }

  /** What was committed behind the run's back, or edited after its turn, up to the watermark of the run. */
  async function copyLate({ pages, resolver }: PlannedRows): Promise<void> {
    if (watermark === null) return;
    const outstanding = async (listed: readonly ListedRow[]) => {
      const within = listed.filter((row) => comparePositions(row, watermark) <= 0);
      const ids = new Set(await ledger.outstanding(within));
      return within.filter((row) => ids.has(row.id));
    };
    for await (const page of pages(outstanding)) {
      if (copy.isEnding()) break;
      await copy.copyPage(page, resolver(), 'late');
    }
    await copy.through();
  }
}

/** Plans everything, and counts what would be sent. */
async function refuseTooMany(context: RunContext, rows: PlannedRows, steps: Stepper, most: Bound): Promise<void> {
  const count = { sends: 0, placed: 0 };
  for await (const { planned } of rows.pages(undefined, true)) {
    if (context.stop.aborted) return;
    for (const step of (await steps.steps(planned, rows.resolver())).steps) {
      if (step.step === 'unasked') throw uncounted(step.sentence);
      if (step.step === 'send') count.sends++;
      if (step.planned.verdict === 'write') count.placed++;
    }
  }
  const { limit } = context.settings;
  refuseTooManyChanges(Math.min(count.sends, limit ?? count.sends), count.placed, most);
}

function uncounted(sentence: string): RunError {
  return new RunError(
    'plugin',
    `What would be sent could not be counted for --max-changes: ${sentence} Nothing was sent.`,
  );
}

function resultOf({ outcomes, ...copy }: Copying, { times, senders }: ApplyRequest): ApplyResult {
  return {
    mode: 'apply',
    scanned: outcomes.scanned(),
    written: outcomes.count('written'),
    changes: outcomes.changes(),
    adopted: outcomes.count('adopted'),
    recorded: outcomes.count('recorded'),
    conflicts: outcomes.count('conflict'),
    drifts: outcomes.count('drift'),
    skipped: outcomes.skipped(),
    vanished: outcomes.count('vanished'),
    failed: outcomes.count('failed'),
    noted: outcomes.noted(),
    failures: outcomes.failures(),
    latency: times.latency(),
    slowest: times.slowest(),
    namespacesCreated: copy.namespacesCreated(),
    pace: {
      concurrency: senders.level,
      adaptive: senders.adaptive,
      waitedForSourceMs: copy.waitedForSourceMs(),
    },
    bytes: copy.bytes(),
    limitReached: copy.limitReached(),
    resumeWith: null,
  };
}
