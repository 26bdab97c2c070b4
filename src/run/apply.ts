/**
 * `--apply`: copies the planned rows into the plugin.
 *
 * Rows go page by page, oldest first. Within a page, the rows of one namespace form a lane and are acknowledged one after the
 * other, since a plugin stamps its own clock and agents list newest first; lanes run side by side. A row that fails costs
 * that row alone: its outcome is recorded, and its lane goes on.
 *
 * This file keeps no state outside the plugin. A crash leaves some rows of the current page written and others not; the next
 * run writes the same rows under the same ids, so nothing is doubled and nothing is left out.
 */
import pLimit from 'p-limit';
import type { Planned, PlannedWrite } from '../model/memory.ts';
import type { ApplyResult, Outcome } from '../model/run.ts';
import { carriedBy, type Ended, type Ends, type RunContext, untilError } from './context.ts';
import { namespaceWriter } from './namespaces.ts';
import { limiter, oldestFirst, type PlannedPage, planRows } from './planning.ts';
import { tally } from './tally.ts';

export async function apply(context: RunContext, ends: Ends): Promise<Ended<ApplyResult>> {
  const { settings, observer, stop } = context;
  const rows = await planRows(context, oldestFirst(settings.workspace), carriedBy(ends.plugin));
  const limit = limiter(settings.limit);
  const inFlight = pLimit(context.concurrency);
  const namespaces = namespaceWriter(context.plugin, observer.notice);
  const outcomes = tally();
  let bytes = 0;

  function record(outcome: Outcome): void {
    outcomes.record(outcome);
    observer.progress(outcomes.scanned(), rows.total, 'rows');
  }

  async function sendLane(lane: readonly PlannedWrite[]): Promise<void> {
    for (const planned of lane) {
      if (stop.aborted) return;
      const outcome = await send(planned);
      if (outcome.status === 'written') bytes += Buffer.byteLength(planned.content);
      record(outcome);
    }
  }

  async function send(planned: PlannedWrite): Promise<Outcome> {
    const { id, namespace } = planned;
    const answer = await namespaces.commit(planned);
    const sent = { id, namespace: namespace.name, attempts: answer.attempts };
    if (answer.ok) return { status: 'written', ...sent };
    const { reason, sentence } = answer.failure;
    return { status: 'failed', ...sent, reason, sentence };
  }

  async function copyPage({ planned, vanished }: PlannedPage): Promise<void> {
    for (const id of vanished) record({ status: 'vanished', id });
    const taken = planned.filter((row) => limit.take(row));
    for (const row of taken) {
      if (row.verdict === 'skip') record({ status: 'skipped', id: row.id, reason: row.reason });
    }
    await Promise.all(lanesOf(taken).map((lane) => inFlight(sendLane, lane)));
  }

  const error = await untilError(stop, async () => {
    for await (const page of rows.pages()) {
      if (stop.aborted || limit.cut()) break;
      await copyPage(page);
    }
  });

  const result: ApplyResult = {
    mode: 'apply',
    scanned: outcomes.scanned(),
    written: outcomes.count('written'),
    skipped: outcomes.skipped(),
    vanished: outcomes.count('vanished'),
    failed: outcomes.count('failed'),
    failures: outcomes.failures(),
    namespacesCreated: namespaces.created(),
    bytes,
    limitReached: limit.cut(),
  };
  return { result, error };
}

/** The writes of a page by namespace, each lane in the order of the source. */
function lanesOf(page: readonly Planned[]): PlannedWrite[][] {
  const writes = page.filter((planned) => planned.verdict === 'write');
  return [...Map.groupBy(writes, ({ namespace }) => namespace.name).values()];
}
