/** What every mode is given, and the check of both ends with which every mode begins. */
import type { Plugin } from '../client/resilience.ts';
import { RunError } from '../model/errors.ts';
import type { EventLog } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { Actor } from '../model/ledger.ts';
import type { PreflightCheck } from '../model/preflight.ts';
import type { PluginFacts } from '../model/run.ts';
import type { Bound, Interruption, RunSettings } from '../model/settings.ts';
import type { Carried } from '../plan/planner.ts';
import type { LegacySource } from '../source/legacy-source.ts';
import type { SourceShape } from '../source/shape.ts';

/** Told what a run is doing; it must not throw. */
export interface Observer {
  /** @param total null where it is not known */
  progress(done: number, total: number | null, unit: 'rows' | 'workspaces'): void;
  /** Something that the operator should know and that is no failure. */
  notice(sentence: string): void;
  /** @param trouble why nothing is sent at the moment; null when it is over */
  waiting(trouble: string | null): void;
}

export interface RunContext {
  runId: string;
  settings: RunSettings;
  /** Ids of rows that the operator gives up on purpose, each with the reason that was given. */
  accepted: ReadonlyMap<string, string>;
  source: LegacySource;
  plugin: Plugin;
  observer: Observer;
  /** Fires when the operator asks to stop: finish what is under way, begin nothing new. */
  stop: AbortSignal;
  /** Requests that may be under way at a time. */
  concurrency: number;
}

/** What a run needs that writes to the plugin. */
export interface Acting {
  actor: Actor;
  toolVersion: string;
  events: EventLog;
  maxFailures: Bound;
  /**
   * Undefined while this run holds the ledger's lock, as a rule; else what resolves once it does, and rejects with RunError `ledger`
   * after too long.
   */
  maySend(): Promise<void> | undefined;
  /** The short form of the preflight. */
  checkPlugin(): Promise<PreflightCheck[]>;
}

export interface Ends {
  source: SourceShape;
  plugin: PluginFacts;
}

/**
 * Makes sure that both ends can be talked to.
 *
 * @param url the plugin's URL, without credentials
 * @throws RunError of the end that failed: `configuration` or `source`, or `plugin`
 */
export async function checkEnds({ source, plugin, observer }: RunContext, url: string): Promise<Ends> {
  const [shape, health] = await Promise.all([source.shape(), plugin.health()]);
  if (!health.ok) throw new RunError('plugin', unusable(url, health.failure));
  const { status, version, capabilities } = health.value;
  if (status === 'degraded') observer.notice('The plugin calls itself degraded: something about it is impaired.');
  return { source: shape, plugin: { url, status, version, capabilities } };
}

function unusable(url: string, { cause, status, sentence }: Failure): string {
  const isPlugin = cause === 'refused' && status === 503;
  const what = isPlugin || cause === 'transport' || cause === 'deadline' ? 'is not serving' : 'is no memory plugin';
  return `What MEMORY_PLUGIN_URL names (${url}) ${what}: ${sentence}`;
}

/** A mode's result, and the error that ended it early, if one did: what was done by then is still to be reported. */
export interface Ended<Result> {
  result: Result;
  error: RunError | null;
  /** Closes the run's books once its exit code is known. Throws RunError. */
  close?(exit: Exit): Promise<void>;
}

/** How the run ends for the operator. */
export interface Exit {
  code: number;
  interruptedBy: Interruption | null;
}

/** Runs to the end, to the operator's signal, or to the error that ends it. Anything but a RunError is a fault of this tool and is thrown on. */
export async function untilError(stop: AbortSignal, run: () => Promise<void>): Promise<RunError | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (error instanceof RunError) return stop.aborted ? null : error;
    throw error;
  }
}

/** What is sent beside the content: what the plugin announces, and no more. */
export function carriedBy({ capabilities }: PluginFacts): Carried {
  return { propagation: capabilities.includes('propagation'), embedding: capabilities.includes('embedding') };
}
