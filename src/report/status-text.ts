/** What `--status` says on the terminal: the runs as a table, one run in detail, or one memory as a timeline. Times are UTC. */
import { sum } from '../model/counts.ts';
import { type Actor, isRepair, type Pair, type RunRecord } from '../model/ledger.ts';
import type { OutcomeGroup, StatusResult, ToldEntry } from '../model/status.ts';
import { count, counted, duration, oneLine, type Style, table } from './format.ts';
import { flagsOf } from './settings-flags.ts';

export function renderStatus(result: StatusResult, style: Style): string[] {
  switch (result.about) {
    case 'runs':
      return renderRuns(result, style);
    case 'run':
      return renderRun(result, style);
    case 'memory':
      return renderMemory(result, style);
  }
}

// --- All runs -----------------------------------------------------------------------------------------------------------

function renderRuns({ runs, recorded, asOf }: About<'runs'>, style: Style): string[] {
  if (runs.length === 0) return ['No run is recorded: the first --apply will be.'];
  const tables = byPair(runs).map(([pair, ofPair]) => {
    const rows = ofPair.map((run, place) => [
      run.id,
      kindOf(run),
      who(run.actor),
      moment(run.startedAt),
      duration(lasted(run)),
      progress(run),
      // The newest first, and one run at a time: an open one with a run after it has died.
      ending(run, place > 0, asOf),
    ]);
    return `${pairHeading(pair, style)}\n${table(['run', 'mode', 'by', 'began', 'took', 'rows', 'ended'], rows, style)}`;
  });
  const more = recorded > runs.length ? `, of ${count(recorded)} that are recorded` : '';
  return [...tables, `${counted(runs.length, 'run')}, the newest first${more}. --status <run-id> tells more of one.`];
}

// --- One run ------------------------------------------------------------------------------------------------------------

function renderRun({ run, overtaken, failures, left, asOf }: About<'run'>, style: Style): string[] {
  const facts = [
    ['run', `${run.id}, ${kindOf(run)} by ${who(run.actor)}, memory-backfill ${run.toolVersion}`],
    ['source', run.pair.source],
    ['plugin', run.pair.plugin],
    ['flags', flagsOf(run.settings).join(' ') || 'none that differ from the defaults'],
    ['began', `${moment(run.startedAt)}, ${ago(run.startedAt, asOf)}`],
    ['took', `${duration(lasted(run))}, ${progress(run)}`],
  ];
  const counts = Object.entries(run.counts).filter(([, rows]) => rows > 0);
  return [
    facts.map(([name, value]) => `${style.dim((name ?? '').padEnd(6))}  ${value}`).join('\n'),
    counts.length === 0 ? '' : table(['outcome', 'rows'], counts, style),
    groups(failures, style.bad, style),
    groups(left, style.warn, style),
    `${style.bold(`Run ${run.id}: ${ending(run, overtaken, asOf)}.`)}${goingOn(run, overtaken)}`,
  ];
}

function groups(of: readonly OutcomeGroup[], tint: Style['bad'], style: Style): string {
  return of
    .map(({ outcome, reason, count: rows, ids }) => {
      const more = rows > ids.length ? [style.dim(`    and ${count(rows - ids.length)} more`)] : [];
      return [
        `  ${tint(outcome)}  ${counted(rows, 'row')}: ${oneLine(reason)}`,
        ...ids.map((id) => `    ${id}`),
        ...more,
      ].join('\n');
    })
    .join('\n\n');
}

/** What the operator can do about a run that did not come to its end. */
function goingOn(run: RunRecord, overtaken: boolean): string {
  if (overtaken || run.ended === 'done' || run.ended === 'findings' || run.ended === 'refused') return '';
  const condition = run.ended === null ? ' If it is not running any more, go on with' : ' Go on with';
  if (run.mode === 'rollback') return `${condition} the same --rollback again.`;
  const flags = flagsOf(run.settings);
  if (isRepair(run)) {
    const command = ['memory-backfill --apply --repair <report.json>', ...flags].join(' ');
    return `${condition}: ${command}, with the report that it was given; or verify again, and repair from the new report.`;
  }
  return `${condition}: ${['memory-backfill --apply --resume', run.id, ...flags].join(' ')}`;
}

function kindOf(run: RunRecord): string {
  return isRepair(run) ? 'repair' : run.mode;
}

// --- One memory ---------------------------------------------------------------------------------------------------------

function renderMemory({ id, entries }: About<'memory'>, style: Style): string[] {
  const tables = byPair(entries).map(([pair, ofPair]) => {
    const rows = ofPair.map(({ recordedAt, runId, mode, outcome, namespace, reason, actor }) => [
      moment(recordedAt),
      runId,
      mode,
      outcome,
      namespace ?? '–',
      who(actor),
      oneLine(reason ?? ''),
    ]);
    const heading = ['when', 'run', 'mode', 'outcome', 'namespace', 'by', 'reason'];
    return `${pairHeading(pair, style)}\n${table(heading, rows, style)}`;
  });
  return [...tables, style.bold(`Memory ${id}: ${counted(entries.length, 'entry', 'entries')}; ${newest(entries)}`)];
}

function newest(entries: readonly ToldEntry[]): string {
  const last = entries.at(-1);
  if (!last) return 'nothing is recorded.';
  const reason = last.reason ? ` (${oneLine(last.reason)})` : '';
  return `the newest says ${last.outcome}${reason}${last.namespace === null ? '' : `, in ${last.namespace}`}.`;
}

// --- Parts --------------------------------------------------------------------------------------------------------------

type About<What extends StatusResult['about']> = Extract<StatusResult, { about: What }>;

/** By source and plugin, in the order of the first of each. */
function byPair<T extends { pair: Pair }>(items: readonly T[]): Array<[Pair, T[]]> {
  const groups = Map.groupBy(items, ({ pair }) => `${pair.source}\n${pair.plugin}`);
  return [...groups.values()].flatMap((group): Array<[Pair, T[]]> => (group[0] ? [[group[0].pair, group]] : []));
}

function pairHeading({ source, plugin }: Pair, style: Style): string {
  return `${style.dim('from')} ${source} ${style.dim('to')} ${plugin}`;
}

function who({ userId, serviceId }: Actor): string {
  if (userId !== null) return `user:${userId}`;
  return serviceId === null ? 'nobody named' : `service:${serviceId}`;
}

function progress({ counts, total }: RunRecord): string {
  const done = sum(counts);
  return total === null ? counted(done, 'row') : `${count(done)} of ${counted(total, 'row')}`;
}

/** @param overtaken a later run has begun, so that this one cannot be under way */
function ending(run: RunRecord, overtaken: boolean, asOf: string): string {
  const { ended, exitCode, interruptedBy, seenAt } = run;
  const seen = `last seen ${ago(seenAt, asOf)}`;
  switch (ended) {
    case null:
      return overtaken ? `died; ${seen}` : `running or died; ${seen}`;
    case 'interrupted':
      return `interrupted${interruptedBy === null ? '' : ` by ${interruptedBy}`}`;
    case 'done':
      return 'done';
    case 'findings':
    case 'incomplete':
    case 'refused':
      return exitCode === null ? ended : `${ended}, exit code ${exitCode}`;
  }
}

/** Milliseconds from a run's start to its end, or to when it was last seen. */
function lasted({ startedAt, endedAt, seenAt }: RunRecord): number {
  return Math.max(0, milliseconds(endedAt ?? seenAt) - milliseconds(startedAt));
}

function ago(time: string, asOf: string): string {
  return `${duration(Math.max(0, milliseconds(asOf) - milliseconds(time)))} ago`;
}

/** A time as Postgres prints it in UTC, to the second. */
function moment(time: string): string {
  return time.slice(0, 19);
}

/** Of a time as Postgres prints it in UTC: `2026-11-21 08:09:10.000123+00`. */
function milliseconds(time: string): number {
  return Date.parse(`${time.slice(0, -3).replace(' ', 'T')}Z`);
}
