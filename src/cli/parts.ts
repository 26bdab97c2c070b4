/**
 * The parts that runs are put together from: each is opened as the options say, noted for the report, and registered for its release
 * in the moment in which it is there.
 *
 * What is held here for as long as a run lasts: the releases, in the order in which the parts were opened; what has been found out
 * about the ends, for a report that has to be written however the run ends; the count of what was sent; and the hold on the ledger's
 * lock, which every write asks. A crash releases nothing: the connections end with the process, and the lock with its
 * connection.
 */
import { randomUUID } from 'node:crypto';
import { pluginClient } from '../client/plugin-client.ts';
import { type AttemptMade, resilientPlugin } from '../client/resilience.ts';
import { pooledTransport } from '../client/transport.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EventLog } from '../model/events.ts';
import type { Traffic } from '../model/failure.ts';
import type { Pair } from '../model/ledger.ts';
import type { PluginFacts, Report, SourceFacts } from '../model/run.ts';
import { MOST_CONCURRENCY } from '../model/settings.ts';
import { checkEnds, type Ends, type Observer, type RunContext } from '../run/context.ts';
import { type Hold, hold } from '../run/hold.ts';
import { brakes } from '../run/sending/brakes.ts';
import { senders } from '../run/sending/senders.ts';
import { timings } from '../run/timings.ts';
import { legacySource } from '../source/legacy-source.ts';
import { readAcceptFile } from './accept-file.ts';
import { exists } from './files.ts';
import { logFile } from './log-file.ts';
import type { EndOptions, LedgerOptions, Options } from './options.ts';

/** Requests under way at a time where a run looks and does not write, unless the operator says how many. */
const LOOKING = 4;

export interface RunInput {
  options: Options;
  runId: string;
  tool: Report['tool'];
  observer: Observer;
  stop: AbortSignal;
}

/** What is left of a run when its mode is over, however it ended. */
export interface Account {
  /** What has been found out about the ends so far. */
  facts: { source: SourceFacts | null; plugin: PluginFacts | null; ledger: string | null };
  traffic(): Traffic;
  /** To be called in reverse order, whatever happened. */
  releases: Array<() => Promise<void>>;
}

/** The ledger, in whichever form a mode needs it. */
interface LedgerForm {
  /** Where it is; null for one that is in memory alone. */
  readonly place: string | null;
  close(): Promise<void>;
}

/** Nothing is opened before it is asked for. */
export function parts({ options, runId, tool, observer, stop }: RunInput) {
  const { settings } = options;
  const concurrency = options.concurrency === 'auto' ? LOOKING : options.concurrency;
  const sending = senders({ concurrency: options.concurrency, most: MOST_CONCURRENCY });
  const releases: Account['releases'] = [];
  const facts: Account['facts'] = { source: null, plugin: null, ledger: null };
  const times = timings();
  let holding: Hold | null = null;
  let traffic: Account['traffic'] = () => ({});
  const account: Account = { facts, traffic: () => traffic(), releases };

  function openSource({ databaseUrl }: Pick<EndOptions, 'databaseUrl'>) {
    const source = legacySource(databaseUrl, stop);
    releases.push(() => source.close());
    return source;
  }

  function openPlugin({ pluginUrl, authorization }: EndOptions, told: Observer, events?: EventLog) {
    const transport = pooledTransport(pluginUrl.origin);
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
        events?.log({ event: 'outage-began', sentence })?.catch(() => {}); // The next row's event meets the same error.
      },
      ended(ms: number) {
        told.waiting(null);
        told.notice(`The plugin serves again after ${Math.round(ms / 1000)} s.`);
        events?.log({ event: 'outage-ended', durationMs: Math.round(ms) })?.catch(() => {});
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

  /** Notes a ledger that was opened, and registers it for its release. */
  function kept<Kept extends LedgerForm>(ledger: Kept): Kept {
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
      maySend() {
        const mine = turn();
        return mine ? mine.then(held.maySend) : held.maySend();
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
    if (options.logFile === null) return { log: () => undefined };
    const file = await logFile(options.logFile, runId);
    releases.push(() => file.close());
    return file;
  }

  return { account, sending, times, openSource, openEnds, openEvents, access, kept, lock };
}

/** Notices go into the log as well; a line that cannot be written is met again by the row that comes next. */
function loggedTo(events: EventLog, observer: Observer): Observer {
  return {
    ...observer,
    notice(sentence) {
      observer.notice(sentence);
      events.log({ event: 'notice', sentence })?.catch(() => {});
    },
  };
}

function pairOf({ source, plugin }: Ends): Pair {
  return { source: `${source.address}/${source.schema}`, plugin: plugin.url };
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** For reports: without credentials, and without the slash that nobody typed. */
export function redacted(url: URL): string {
  return withoutCredentials(url).href.replace(/\/$/, '');
}

/** What options.ts has made sure of for the mode at hand. */
export function required<T>(part: T | null): T {
  if (part === null) throw new Error('A part that this mode needs was not compiled.');
  return part;
}
