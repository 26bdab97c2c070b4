/**
 * One run from its options to its report: acquires what the mode needs, runs the mode, releases everything in reverse order,
 * and says in the report whatever went wrong on the way.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { pluginClient } from '../client/plugin-client.ts';
import { resilientPlugin } from '../client/resilience.ts';
import { pooledTransport } from '../client/transport.ts';
import { RunError } from '../model/errors.ts';
import type { PluginFacts, Report, Result, SourceFacts } from '../model/run.ts';
import { apply } from '../run/apply.ts';
import { checkEnds, type Ended, type Ends, type Observer, type RunContext } from '../run/context.ts';
import { dryRun } from '../run/dry-run.ts';
import { verify } from '../run/verify.ts';
import { legacySource } from '../source/legacy-source.ts';
import { exitCode } from './exit-code.ts';
import type { Options } from './options.ts';
import { planFile } from './plan-file.ts';
import type { Signals } from './signals.ts';

export interface SessionInput {
  options: Options;
  tool: Report['tool'];
  observer: Observer & { notices: string[] };
  signals: Signals;
}

export interface Session {
  report: Report;
  /** What `--debug` prints. */
  cause: unknown;
}

export async function runSession({ options, tool, observer, signals }: SessionInput): Promise<Session> {
  const runId = randomUUID();
  const started = new Date();
  const releases: Array<() => Promise<void>> = [];
  setMaxListeners(0, signals.stop);

  let ends: Ends | null = null;
  let ended: Ended<Result> | null = null;
  let thrown: unknown = null;
  let context: RunContext | null = null;
  try {
    context = connectEnds();
    ends = await checkEnds(context, redacted(options.pluginUrl));
    ended = await runMode(context, ends, options);
    thrown = ended.error;
  } catch (error) {
    // What a signal cut off is no fault of either end.
    thrown = signals.stop.aborted && error instanceof RunError ? null : error;
  }
  for (const release of releases.reverse()) await release().catch((error: unknown) => (thrown ??= error));

  const now = new Date();
  const unfinished: Omit<Report, 'exitCode'> = {
    report: 1,
    tool,
    mode: options.mode,
    runId,
    startedAt: started.toISOString(),
    endedAt: now.toISOString(),
    durationMs: now.getTime() - started.getTime(),
    source: ends && sourceFacts(ends.source),
    plugin: ends && pluginFacts(ends.plugin),
    settings: options.settings,
    result: ended?.result ?? null,
    traffic: context?.plugin.traffic ?? {},
    notices: observer.notices,
    interruptedBy: signals.received(),
    error: thrown === null ? null : reported(thrown),
  };
  return { report: { ...unfinished, exitCode: exitCode(unfinished) }, cause: thrown };

  function connectEnds(): RunContext {
    const { pluginUrl, authorization, concurrency, requestTimeoutMs, settings } = options;
    const source = legacySource(options.databaseUrl, signals.stop);
    releases.push(() => source.close());
    const transport = pooledTransport(pluginUrl.origin, concurrency);
    const client = pluginClient({
      url: withoutCredentials(pluginUrl),
      authorization,
      deadlineMs: requestTimeoutMs,
      transport,
      abortReads: signals.stop,
    });
    const plugin = resilientPlugin(client, signals.stop);
    releases.push(() => plugin.close());
    return { runId, settings, source, plugin, observer, stop: signals.stop, concurrency };
  }
}

async function runMode(context: RunContext, ends: Ends, options: Options): Promise<Ended<Result>> {
  switch (options.mode) {
    case 'dry-run':
      return await dryRunWithPlan(context, ends, options.planFile);
    case 'apply':
      return await apply(context, ends);
    case 'verify':
      return await verify(context, ends, options);
  }
}

async function dryRunWithPlan(context: RunContext, ends: Ends, path: string | null): Promise<Ended<Result>> {
  const plan = path === null ? null : await planFile(path);
  const ended = await dryRun(context, ends, plan);
  if (ended.error || context.stop.aborted) {
    plan?.abandon();
    return { ...ended, result: { ...ended.result, planFile: null } };
  }
  await plan?.finish();
  return ended;
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

function sourceFacts({ address, schema, hasEmbedding, hasTag }: SourceFacts): SourceFacts {
  return { address, schema, hasEmbedding, hasTag };
}

function pluginFacts({ url, status, version, capabilities }: PluginFacts): PluginFacts {
  return { url, status, version, capabilities };
}

function reported(error: unknown): Report['error'] {
  if (error instanceof RunError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `This is a fault of memory-backfill itself: ${message}. Run again with --debug for its stack.`,
  };
}
