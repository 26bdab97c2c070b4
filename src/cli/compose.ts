/**
 * Puts a run together: for each mode, the parts that it needs and no others, each with its release. This is the one place where
 * the source, the plugin and the ledger meet.
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { pluginClient } from '../client/plugin-client.ts';
import { type AttemptMade, resilientPlugin } from '../client/resilience.ts';
import { pooledTransport } from '../client/transport.ts';
import { openArchive } from '../ledger/archive.ts';
import { checkLedger } from '../ledger/check.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { memoryLedger } from '../ledger/memory-ledger.ts';
import { openLedger, readLedger } from '../ledger/postgres-ledger.ts';
import { openVerifyLedger, type VerifyLedger } from '../ledger/verify-ledger.ts';
import { RunError } from '../model/errors.ts';
import type { EventLog } from '../model/events.ts';
import type { Traffic } from '../model/failure.ts';
import type { Pair } from '../model/ledger.ts';
import type { PluginFacts, Report, Result, SourceFacts } from '../model/run.ts';
import { MOST_CONCURRENCY, type Mode } from '../model/settings.ts';
import { apply } from '../run/apply.ts';
import { checkReceipt } from '../run/check-receipt.ts';
import { checkEnds, type Ended, type Ends, type Observer, type RunContext } from '../run/context.ts';
import { dryRun } from '../run/dry-run.ts';
import { type Hold, hold } from '../run/hold.ts';
import { preflight, quickCheck } from '../run/preflight.ts';
import { repair } from '../run/repair.ts';
import { rollback } from '../run/rollback.ts';
import { brakes } from '../run/sending/brakes.ts';
import { senders } from '../run/sending/senders.ts';
import { status } from '../run/status.ts';
import { timings } from '../run/timings.ts';
import { verify } from '../run/verify.ts';
import { legacySource } from '../source/legacy-source.ts';
import { readAcceptFile } from './accept-file.ts';
import { exists } from './files.ts';
import { logFile } from './log-file.ts';
import type { EndOptions, LedgerOptions, Options } from './options.ts';
import { planFile } from './plan-file.ts';
import { readReport } from './read-report.ts';
import { readReceipt } from './receipt-file.ts';

const NEVER = new AbortController().signal;

/** Requests under way at a time where a run looks and does not write, unless the operator says how many. */
const LOOKING = 4;

export interface RunInput {
  options: Options;
  runId: string;
  tool: Report['tool'];
  observer: Observer;
  stop: AbortSignal;
}

export interface Run {
  mode(): Promise<Ended<Result>>;
  /** What has been found out about the ends so far. */
  facts: { source: SourceFacts | null; plugin: PluginFacts | null; ledger: string | null };
  traffic(): Traffic;
  /** To be called in reverse order, whatever happened. */
  releases: Array<() => Promise<void>>;
}

export function compose(input: RunInput): Run {
  const { options, runId, tool, observer, stop } = input;
  const { settings } = options;
  const concurrency = options.concurrency === 'auto' ? LOOKING : options.concurrency;
  const sending = senders({ concurrency: options.concurrency, most: MOST_CONCURRENCY });
  const releases: Run['releases'] = [];
  const facts: Run['facts'] = { source: null, plugin: null, ledger: null };
  const times = timings();
  let holding: Hold | null = null;
  let traffic: Run['traffic'] = () => ({});
  const modes: Record<Mode, () => Promise<Ended<Result>>> = {
    preflight: runPreflight,
    'dry-run': runDryRun,
    apply: runApply,
    verify: runVerify,
    status: runStatus,
    rollback: runRollback,
    'check-receipt': runCheckReceipt,
  };

  return { mode: () => modes[options.mode](), facts, traffic: () => traffic(), releases };

  // --- The parts ------------------------------------------------------------------------------------------------------

  function openSource({ databaseUrl }: Pick<EndOptions, 'databaseUrl'>) {
    const source = legacySource(databaseUrl, stop);
    releases.push(() => source.close());
    return source;
  }

  function openPlugin({ pluginUrl, authorization }: EndOptions, told: Observer, events?: EventLog) {
    const transport = pooledTransport(pluginUrl.origin, MOST_CONCURRENCY);
    const client = pluginClient({
      url: withoutCredentials(pluginUrl),
      authorization,
      deadlineMs: options.requestTimeoutMs,
      transport,
      abortReads: stop,
    });
    const outage = {
      maxMs: options.maxOutageMs,
      began(sentence: string) {
        told.waiting(sentence);
        told.notice(`The plugin is in trouble and is waited for: ${sentence}`);
        events?.log({ event: 'outage-began', sentence }).catch(() => {}); // The next row's event meets the same error.
      },
      ended(ms: number) {
        told.waiting(null);
        told.notice(`The plugin serves again after ${Math.round(ms / 1000)} s.`);
        events?.log({ event: 'outage-ended', durationMs: Math.round(ms) }).catch(() => {});
      },
    };
    const onAttempt = (made: AttemptMade) => {
      sending.attempted(made);
      if (made.operation === 'commitMemory') times.attempt(made.ms);
    };
    const mayWrite = () => holding?.isHeld() ?? true;
    const plugin = resilientPlugin(client, stop, { outage, onAttempt, mayWrite });
    traffic = () => plugin.traffic;
    releases.push(() => plugin.close());
    return plugin;
  }

  /** What the modes with two ends begin with. */
  async function openEnds(events?: EventLog) {
    const ends = required(options.ends);
    const accepted = options.acceptFile === null ? new Map<string, string>() : await readAcceptFile(options.acceptFile);
    const source = openSource(ends);
    const told = events ? loggedTo(events, observer) : observer;
    const plugin = openPlugin(ends, told, events);
    const context: RunContext = { runId, settings, accepted, source, plugin, observer: told, stop, concurrency };
    const checked = await checkEnds(context, redacted(ends.pluginUrl));
    const { address, schema, hasEmbedding, hasTag } = checked.source;
    facts.source = { address, schema, hasEmbedding, hasTag };
    facts.plugin = checked.plugin;
    const tools = { client: plugin.direct, random: () => randomUUID(), now: () => Date.now() };
    return { context, ends: checked, tools, pair: pairOf(checked) };
  }

  /** @param until ends the waits for the ledger: what a run has sent is to be recorded after the operator's signal, too */
  function access(ledger: LedgerOptions, pair: Pair, until: AbortSignal) {
    return { ...ledger, pair, toolVersion: tool.version, stop: until };
  }

  function kept<Kept extends Ledger>(ledger: Kept): Kept {
    facts.ledger = ledger.place;
    releases.push(() => ledger.close());
    return ledger;
  }

  /** Takes the ledger's lock. What may be sent from then on waits for the operator's brakes, and for the lock last of all. */
  async function lock(ledger: Ledger, told: Observer) {
    const held = hold(options.maxOutageMs, stop, told.notice);
    holding = held;
    const lock = await ledger.lock(held);
    releases.push(() => lock.release());
    const { turn } = operatorsBrakes(told);
    return {
      async maySend() {
        await turn();
        await held.maySend();
      },
    };
  }

  function operatorsBrakes({ notice, waiting }: Observer) {
    const { maxRate, pauseFile } = options;
    return brakes({
      maxRate,
      pauseFile: pauseFile === null ? null : () => exists(pauseFile),
      stop,
      paused(isPaused, trouble) {
        const why = trouble ?? `${pauseFile} is there`;
        waiting(isPaused ? `${why}: no row is sent until it is gone` : null);
        notice(isPaused ? `Paused, since ${why}.` : 'Going on: the pause file is gone.');
      },
    });
  }

  async function openEvents(): Promise<EventLog> {
    if (options.logFile === null) return { log: async () => {} };
    const file = await logFile(options.logFile, runId);
    releases.push(() => file.close());
    return file;
  }

  // --- The modes ------------------------------------------------------------------------------------------------------

  async function runPreflight() {
    const { context, ends, tools } = await openEnds();
    const { ledger } = options;
    return await preflight(context, ends, {
      ...tools,
      databaseClock: () => context.source.clock(),
      checkLedger: async () => (ledger ? await checkLedger({ ...ledger, stop }) : { ok: true }),
    });
  }

  async function runDryRun() {
    const mending = await readMending();
    const { context, ends, pair } = await openEnds();
    const found = options.ledger ? await readLedger(access(options.ledger, pair, stop)) : null;
    const ledger = kept(found ?? memoryLedger(pair));
    if (mending) return await repair(context, ends, { ...mending, ledger, acting: null });
    const plan = options.planFile === null ? null : await planFile(options.planFile);
    const ended = await dryRun(context, ends, ledger, plan);
    if (ended.error || stop.aborted) {
      plan?.abandon();
      return { ...ended, result: { ...ended.result, planFile: null } };
    }
    await plan?.finish();
    return ended;
  }

  async function runApply() {
    const mending = await readMending();
    const events = await openEvents();
    const { context, ends, tools, pair } = await openEnds(events);
    const ledger = kept(options.ledger ? await openLedger(access(options.ledger, pair, NEVER)) : memoryLedger(pair));
    const { maySend } = await lock(ledger, context.observer);
    const { actor, resume, maxChanges, maxFailures } = options;
    const checkPlugin = () => quickCheck(tools, ends.plugin, stop);
    const acting = { actor, toolVersion: tool.version, events, maxFailures, maySend, checkPlugin };
    if (mending) return await repair(context, ends, { ...mending, ledger, acting });
    const ordered = !options.unordered;
    return await apply(context, ends, { ...acting, ledger, resume, maxChanges, times, senders: sending, ordered });
  }

  /** What `--repair` is to mend from; null where it was not given. */
  async function readMending() {
    if (!options.repair) return null;
    const { file, includeAcknowledged } = options.repair;
    return { report: await readReport(file), includeAcknowledged };
  }

  async function runVerify() {
    const { context, ends, pair } = await openEnds();
    const key = randomBytes(32);
    const digestOf = (content: string) => createHmac('sha256', key).update(content, 'utf8').digest('hex');
    return await verify(context, ends, {
      ...options,
      takeSnapshot: options.files.receipt !== null,
      digestOf,
      ledger: await ledgerToAsk(pair, context.observer),
    });
  }

  /** A verify does without a ledger that there is not, or that it cannot read. After the operator's signal it has still to be told of a failed seed. */
  async function ledgerToAsk(pair: Pair, { notice }: Observer): Promise<VerifyLedger | null> {
    if (!options.ledger) return null;
    try {
      const ledger = await openVerifyLedger(access(options.ledger, pair, NEVER));
      if (!ledger) return null;
      facts.ledger = ledger.place;
      releases.push(() => ledger.close());
      return ledger;
    } catch (error) {
      if (!(error instanceof RunError) || stop.aborted) throw error;
      notice(`${error.message} The verify does not depend on the ledger, and goes on without.`);
      return null;
    }
  }

  async function runStatus() {
    const ledger = required(options.ledger);
    const archive = await openArchive({ ...ledger, stop });
    facts.ledger = archive.place;
    releases.push(() => archive.close());
    return { result: await status(archive, options.subject), error: null };
  }

  async function runRollback() {
    const events = await openEvents();
    const { context, ends, pair } = await openEnds(events);
    const { actor, yes: act } = options;
    const request = { of: required(options.subject), act, actor, toolVersion: tool.version, events };
    const ledger = kept(await ledgerToUndo(pair, act));
    const { maySend } = act ? await lock(ledger, context.observer) : { maySend: () => Promise.resolve() };
    return await rollback(context, ends, { ...request, ledger, maySend });
  }

  async function runCheckReceipt() {
    const { databaseUrl, pluginUrl, ...asked } = required(options.receiptCheck);
    const { receiptKey: key } = options;
    const receipt = await readReceipt(asked.file, key !== null);
    const found = (source: SourceFacts) => {
      facts.source = source;
    };
    const allowUnproven = options.allowUnproven ?? 0;
    return await checkReceipt({
      ...asked,
      source: openSource({ databaseUrl }),
      pluginUrl: pluginUrl && redacted(pluginUrl),
      stop,
      receipt,
      key,
      allowUnproven,
      found,
    });
  }

  /** The dry form leaves the ledger as it is, be it of an earlier version. */
  async function ledgerToUndo(pair: Pair, act: boolean): Promise<Ledger> {
    const ledger = required(options.ledger);
    if (act) return await openLedger(access(ledger, pair, NEVER));
    const found = await readLedger(access(ledger, pair, stop));
    if (found) return found;
    throw new RunError(
      'configuration',
      `${ledger.variable} leads to a database without a ledger: there is no run to undo.`,
    );
  }
}

/** Notices go into the log as well; a line that cannot be written is met again by the row that comes next. */
function loggedTo(events: EventLog, observer: Observer): Observer {
  return {
    ...observer,
    notice(sentence) {
      observer.notice(sentence);
      events.log({ event: 'notice', sentence }).catch(() => {});
    },
  };
}

function pairOf({ source, plugin }: Ends): Pair {
  return { source: `${source.address}/${source.schema}`, plugin: plugin.url };
}

/** What options.ts has made sure of for the mode at hand. */
function required<T>(part: T | null): T {
  if (part === null) throw new Error('A part that this mode needs was not compiled.');
  return part;
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** For reports: without credentials, and without the slash that nobody typed. */
function redacted(url: URL): string {
  return withoutCredentials(url).href.replace(/\/$/, '');
}
