/**
 * One migration with as many blows as are asked for: the same command over and over, until it has been let come to its end.
 *
 * What is struck when follows from the seed; that the machine's load moves it a little is in the nature of the thing, so a
 * seed repeats a course of blows and not their exact effect.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import type { Report } from '../../../src/model/run.ts';
import type { Finding } from '../../../src/model/verify.ts';
import { MOST_UNRECORDED } from '../../../src/run/recorder.ts';
import {
  type Battlefield,
  type Blow,
  drawBlow,
  type Moment,
  momentOfCommit,
  UNDER_WAY,
} from '../../support/chaos-blows.ts';
import { chanceOf } from '../../support/chaos-chance.ts';
import { complaintsInTheEnd, complaintsMeanwhile } from '../../support/chaos-judgement.ts';
import { type Sight, startPlatform } from '../../support/chaos-platform.ts';
import { type CliResult, type RunningCli, startCli } from '../../support/cli.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { type PluginProcess, startReferencePlugin } from '../../support/reference-plugin.ts';

export interface CrashOptions {
  plugin: 'reference' | 'quirky';
  seed: number;
  /** Blows that fall. */
  points: number;
  /** Rows in the source at the start. */
  rows: number;
  /** Whether users edit and forget what was copied. */
  users: boolean;
}

export interface Migration {
  /** What is wrong, in sentences that begin with the blow after which it was seen. */
  complaints: string[];
  /** What fell, in order. */
  blows: string[];
  /** What a verify of all rows found in the end that nobody but the tool can have done. */
  unexplained: Finding[];
  /** What it could not check. */
  unchecked: string[];
}

/** Milliseconds in which a run must end once it was struck; a query that is cut off may take a minute to be given up. */
const ENDS_WITHIN = 120_000;

/** Rows that a run finds to be sent, at the least. */
const ENOUGH_LEFT = 40;

export async function crashMigration(options: CrashOptions): Promise<Migration> {
  const { points } = options;
  const chance = chanceOf(options.seed);
  const { world, stores } = await (options.plugin === 'quirky' ? quirkyWorld() : referenceWorld());
  await using releases = new AsyncDisposableStack();
  releases.defer(world.release);
  const proxy = await world.faultProxy();
  let plugin: PluginProcess = world.plugin;
  const platform = await startPlatform(world, { ...options, chance, pluginUrl: () => world.plugin.url });
  const folder = await mkdtemp(path.join(tmpdir(), 'memory-backfill-crash-'));
  releases.defer(() => rm(folder, { recursive: true }));
  const restartPlugin =
    options.plugin === 'quirky'
      ? undefined
      : async () => {
          await plugin.kill();
          plugin = await startReferencePlugin({
            databaseUrl: world.databaseUrl,
            port: Number(new URL(plugin.url).port),
          });
        };
  releases.defer(() => plugin.kill());
  const field: Battlefield = { world, proxy, chance, restartPlugin, plugin: () => plugin };

  const complaints: string[] = [];
  const blows: string[] = [];
  let runs = 0;
  let lostEnds = 0;
  /** Rows that the plugin may have been sent once more than there were reasons to. */
  let mayRepeat = 0;

  let sight = await platform.see();
  const stride = Math.max(10, Math.ceil((1.3 * options.rows) / points));
  while (blows.length < points) {
    sight = await rest(await runUnderBlows());
    if (blows.length === points) break;
    await platform.happenings(sight);
    if (chance.happens(0.3)) await platform.quarrel(await platform.see());
    const due = dueOf(sight);
    // A migration that has come to its end early goes on with more rows.
    if (due < ENOUGH_LEFT) await platform.addRows(ENOUGH_LEFT);
  }
  await platform.quarrel(sight);
  await endInPeace();
  return { complaints, blows, ...(await verify()) };

  // --- A run ----------------------------------------------------------------------------------------------------------

  function start(args: readonly string[]): RunningCli {
    return startCli([...args, '--json', '--request-timeout', '1'], {
      DATABASE_URL: world.databaseUrl,
      MEMORY_PLUGIN_URL: proxy.url,
    });
  }

  function apply(): RunningCli {
    runs++;
    const logging = chance.happens(0.5) ? ['--log-file', path.join(folder, 'log.jsonl')] : [];
    return start(['--apply', '--concurrency', String(UNDER_WAY), ...logging]);
  }

  /** Starts the command, and strikes until it ends. @returns what fell */
  async function runUnderBlows(): Promise<Blow[]> {
    const run = apply();
    const fallen: Blow[] = [];
    let ended = false;
    const finished = run.finished.finally(() => {
      ended = true;
    });
    while (!ended && blows.length < points) {
      const moment = momentOfCommit(field, chance.between(1, Math.min(stride, dueOf(sight))));
      await Promise.race([moment.came, finished]);
      if (!ended) {
        const blow = drawBlow(field);
        fallen.push(blow);
        blows.push(blow.name);
        if (chance.happens(0.3)) await platform.addRows(chance.between(1, 3));
        await blow.strike(run);
      }
      moment.withdraw();
      settleMoment(moment);
      if (fallen.at(-1)?.ends) break;
    }
    const result = await within(finished, fallen);
    judgeRun(result, fallen);
    return fallen;
  }

  /** Rows that have a place in the plugin, and no entry that says that they are there. */
  function dueOf({ ledger }: Sight): number {
    const due = [...platform.rows.values()].filter(
      ({ id, place, deleted }) => place && !deleted && !ledger.get(id)?.copy,
    );
    return Math.max(1, due.length - [...ledger.values()].filter(({ outcome }) => outcome === 'conflict').length);
  }

  function settleMoment(moment: Moment): void {
    mayRepeat += moment.repeats();
  }

  async function within(finished: Promise<CliResult>, fallen: readonly Blow[]): Promise<CliResult> {
    const late = new AbortController();
    const tooLate = pass(ENDS_WITHIN, null, { signal: late.signal }).catch(() => null);
    const result = await Promise.race([finished, tooLate]);
    late.abort();
    if (!result) throw new Error(`After ${names(fallen)}, the run has not ended within ${ENDS_WITHIN / 1_000} s.`);
    return result;
  }

  function judgeRun(result: CliResult, fallen: readonly Blow[]): void {
    const { code, signal } = result;
    const last = fallen.at(-1);
    const report = reportOf(result);
    const wrong = (sentence: string) =>
      complaints.push(
        `After ${names(fallen)}: ${sentence} (${code ?? signal}; ${report?.error?.message ?? result.stderr.slice(-300)})`,
      );
    if (last?.ends === 'killed' && signal === 'SIGKILL') lostEnds++;
    else if (last?.ends === 130 && code === 130 && !report) lostEnds++;
    else if (!report) wrong('it printed no report');
    else {
      if (fallen.some(({ mayLoseEnd }) => mayLoseEnd)) lostEnds++;
      const apply = report.result?.mode === 'apply' ? report.result : null;
      if (report.exitCode !== code) wrong('the report names another exit code');
      if (report.interruptedBy && code !== last?.ends) wrong('it was interrupted, and ends otherwise');
      if (!report.interruptedBy && ![0, 1, 3].includes(code ?? -1)) wrong('it ends as no run should');
      if (code === 0 && (!apply || apply.failed + apply.conflicts > 0 || report.error))
        wrong('it ends with 0, and is not done');
      if (code === 1 && !(apply && apply.conflicts > 0)) wrong('it ends with 1 without a finding');
      if (code === 3 && fallen.length === 0) wrong('it ends with 3, and nothing had fallen');
      const isLeft = code !== 0 && code !== 1;
      if (isLeft && apply && !apply.resumeWith?.includes(`--resume ${report.runId}`))
        wrong('it does not say how to go on');
      if (report.error?.code === 'internal') wrong('a fault of its own');
    }
  }

  // --- The moments of rest --------------------------------------------------------------------------------------------

  async function rest(fallen: readonly Blow[]): Promise<Sight> {
    const now = await platform.see();
    for (const complaint of complaintsMeanwhile(platform, now)) complaints.push(`After ${names(fallen)}: ${complaint}`);
    const fresh = [...now.unrecorded].filter((id) => !sight.unrecorded.has(id));
    if (fresh.length > MOST_UNRECORDED + UNDER_WAY)
      complaints.push(`After ${names(fallen)}: ${fresh.length} rows are not recorded`);
    const isGentle = fallen.every(({ ends, mayLoseEnd }) => ends && !mayLoseEnd);
    if (isGentle && fresh.length > UNDER_WAY) {
      complaints.push(`After ${names(fallen)}: ${fresh.length} rows that were acknowledged are not recorded`);
    }
    mayRepeat += now.unrecorded.size + fallen.reduce((sum, { repeats }) => sum + repeats(), 0);
    return now;
  }

  /** Nothing falls any more: the command comes to its end, and has nothing left to do then. */
  async function endInPeace(): Promise<void> {
    const first = await peacefulRun();
    sight = await rest([]);
    complaints.push(
      ...complaintsInTheEnd(platform, sight),
      ...(await complaintsOfBooks()),
      ...(await complaintsOfStores()),
    );
    const conflicts = [...sight.ledger].filter(
      ([id, { outcome }]) => outcome === 'conflict' && !platform.rows.get(id)?.deleted,
    );
    if (first && first.conflicts !== conflicts.length) {
      complaints.push(`The last run reports ${first.conflicts} conflicts, and the ledger has ${conflicts.length}`);
    }
    const second = await peacefulRun();
    if (second && second.written > 0) complaints.push(`A run after the last one sends ${second.written} rows again`);
  }

  async function peacefulRun() {
    const result = await within(apply().finished, []);
    const report = reportOf(result);
    judgeRun(result, []);
    return report?.result?.mode === 'apply' ? report.result : null;
  }

  async function verify(): Promise<Pick<Migration, 'unexplained' | 'unchecked'>> {
    const result = reportOf(await start(['--verify', '--verify-sample', 'all']).finished)?.result;
    if (result?.mode !== 'verify') throw new Error('The verify has no result.');
    const unexplained = result.listed.filter(({ kind, id, evidence, foundAs, foundIn }) => {
      const isUsers = platform.users.has(id) || sight.ledger.get(id)?.outcome === 'conflict';
      // Touched in the source before it was recorded: it is taken for what it is, with the times of before.
      const isOld = kind === 'fields' && platform.rows.get(id)?.mayConflict;
      // Its text is that of a row of somebody else's, which was deleted after it was copied: some rows read the same.
      const other = platform.rows.get(foundAs ?? '');
      const isNamesake = evidence === 'text' && other?.deleted && other.place === foundIn;
      return kind !== 'unproven' && !isUsers && !isOld && !isNamesake;
    });
    return { unexplained, unchecked: result.errors.map(({ sentence }) => sentence) };
  }

  async function complaintsOfBooks(): Promise<string[]> {
    const [open] = await world.sql<{ runs: number }[]>`
      select count(*)::int as runs from memory_backfill.runs where ended is null`;
    const trials = sight.namespaces.filter((name) => name.startsWith('custom:')).length;
    return [
      ...(open && open.runs > lostEnds ? [`${open.runs} runs have no end, and ${lostEnds} were kept from it`] : []),
      ...(trials > runs ? [`${trials} trial namespaces are left of ${runs} runs`] : []),
    ];
  }

  async function complaintsOfStores(): Promise<string[]> {
    // The quirky plugin counts what it was sent: a commit that showed it a namespace to be missing comes again.
    const counted = await stores();
    let again = 0;
    for (const [id, count] of counted) {
      const row = platform.rows.get(id);
      if (row) again += Math.max(0, count - 1 - row.edits - (platform.users.get(id)?.edits ?? 0));
    }
    const allowed = mayRepeat + (options.plugin === 'quirky' ? 2 * sight.namespaces.length : 0);
    return again > allowed ? [`${again} rows were stored again, and there was reason for ${allowed}`] : [];
  }
}

function names(fallen: readonly Blow[]): string {
  return fallen.length === 0 ? 'nothing' : fallen.map(({ name }) => name).join(', ');
}

function reportOf({ stdout }: CliResult): Report | null {
  return stdout === '' ? null : JSON.parse(stdout);
}

/** What the plugin has stored, by its own account. */
type Stores = () => Promise<ReadonlyMap<string, number>>;

async function quirkyWorld(): Promise<{ world: World; stores: Stores }> {
  const world = await startWorld({
    plugin: 'quirky',
    quirks: ['missing-namespace-500', 'null-memories', 'forget-404'],
  });
  const stores = async () => {
    const { writeLog } = await world.plugin.counters();
    const commits = writeLog.filter(({ operation }) => operation === 'commitMemory');
    return new Map([...Map.groupBy(commits, ({ id }) => id ?? '')].map(([id, sent]) => [id, sent.length]));
  };
  return { world, stores };
}

async function referenceWorld(): Promise<{ world: World; stores: Stores }> {
  const world = await startWorld({ plugin: 'reference' });
  await world.sql.unsafe(`
    create table stores (id uuid);
    create function note_store() returns trigger language plpgsql as
      $$ begin insert into public.stores values (new.id); return null; end $$;
    create trigger note_store after insert or update on memory_plugin.memories for each row execute function note_store()`);
  const stores = async () => {
    const counted = await world.sql<{ id: string; count: number }[]>`
      select id, count(*)::int as count from stores group by id`;
    return new Map(counted.map(({ id, count }) => [id, count]));
  };
  return { world, stores };
}
