/** A preflight run in the test's own process, against a real plugin and a real database, with short patience. */
import { randomUUID } from 'node:crypto';
import { pluginClient } from '../../../src/client/plugin-client.ts';
import { resilientPlugin } from '../../../src/client/resilience.ts';
import { pooledTransport } from '../../../src/client/transport.ts';
import type { PreflightCheck } from '../../../src/model/preflight.ts';
import type { RunSettings } from '../../../src/model/settings.ts';
import { checkEnds, type RunContext } from '../../../src/run/context.ts';
import { type PreflightTools, preflight, quickCheck } from '../../../src/run/preflight.ts';
import { legacySource } from '../../../src/source/legacy-source.ts';
import type { World } from '../../support/migration.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';

export interface Trying {
  /** Of the plugin, or of what stands before it; the world's own plugin where it is left out. */
  url?: string;
  /** What it is taken to announce, whatever it does announce. */
  announcing?: readonly string[];
  settings?: Partial<RunSettings>;
  tools?: Partial<PreflightTools>;
  stop?: AbortSignal;
  /** Milliseconds that one request may take; five seconds where it is left out. */
  deadlineMs?: number;
  /** Happens once both ends have been found to be there, before the first check. */
  between?: () => Promise<void>;
}

/** Quick to give up: what these plugins show at all, they show at once. */
const PATIENCE = { visibleWithinMs: 300, pace: { levels: [1, 4], levelMs: 100, levelRows: 70 } };

export async function tryPlugin(world: World, trying: Trying = {}): Promise<PreflightCheck[]> {
  await using ends = connected(world, trying);
  const { context, tools, url } = ends;
  const { source, plugin } = await checkEnds(context, url);
  await trying.between?.();
  const capabilities = [...(trying.announcing ?? plugin.capabilities)];
  const { result } = await preflight(context, { source, plugin: { ...plugin, capabilities } }, tools);
  return result.checks;
}

export async function tryQuickly(world: World, trying: Trying = {}): Promise<PreflightCheck[]> {
  await using ends = connected(world, trying);
  const { plugin } = await checkEnds(ends.context, ends.url);
  return await quickCheck(ends.tools, plugin, ends.context.stop);
}

function connected(world: World, trying: Trying) {
  const { url = world.plugin.url, stop = never(), deadlineMs = 5_000, settings, tools } = trying;
  const client = pluginClient({
    url: new URL(url),
    deadlineMs,
    transport: pooledTransport(new URL(url).origin),
    abortReads: stop,
  });
  const source = legacySource(world.databaseUrl, stop);
  const context: RunContext = {
    runId: randomUUID(),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    accepted: new Map(),
    source,
    plugin: resilientPlugin(client, stop),
    observer: { progress() {}, notice() {}, waiting() {} },
    stop,
    concurrency: 4,
  };
  const given: PreflightTools = {
    client,
    random: randomUUID,
    now: Date.now,
    databaseClock: () => source.clock(),
    checkLedger: async () => ({ ok: true }),
    ...PATIENCE,
    ...tools,
  };
  return {
    context,
    tools: given,
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all([source.close(), client.close()]);
    },
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** The checks that did not pass, each in a line: `content failed blocks: …`. */
export function troubles(checks: readonly PreflightCheck[]): string[] {
  return checks
    .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'not-announced')
    .map(({ name, outcome, grade, sentence }) => `${name} ${outcome} ${grade}: ${sentence}`);
}
