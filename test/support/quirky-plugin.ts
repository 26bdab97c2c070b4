/**
 * Starts the quirky plugin in a process of its own, and controls it from there: its quirks, its counters, damage to what it
 * has stored, failures and delays. Nothing outlives the process: after `kill` or `stop` a new one starts empty.
 */
import { fileURLToPath } from 'node:url';
import { type PluginProcess, startPluginProcess } from './plugin-process.ts';
import type { Dump } from './quirky-plugin/control.ts';
import type { Asked, Counters } from './quirky-plugin/counters.ts';
import type { Failure } from './quirky-plugin/disturbances.ts';
import type { Quirk } from './quirky-plugin/quirks.ts';
import type { StoredMemory } from './quirky-plugin/store.ts';
import type { Operation } from './quirky-plugin/wire.ts';

export type { Asked, Counters, Dump, Failure, Operation, Quirk, StoredMemory };

export interface QuirkyPlugin extends PluginProcess {
  /** Replaces the quirks in force. */
  setQuirks(quirks: readonly Quirk[]): Promise<void>;
  counters(): Promise<Counters>;
  /** Everything stored, expired memories included, as it is and not as a search would show it. */
  dump(): Promise<Dump>;
  /** Changes a stored memory; with `namespace` it moves. */
  edit(id: string, changes: Partial<Omit<StoredMemory, 'id'>>): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** @returns the id of the copy, which stands in the same namespace. */
  duplicate(id: string): Promise<string>;
  /** Stores a memory without asking the contract; a namespace of that name need not exist. @returns its id. */
  insert(memory: Partial<StoredMemory> & Pick<StoredMemory, 'namespace' | 'content'>): Promise<string>;
  /** The next requests for an operation fail, without effect; those of a preflight's trial only where that is asked for. */
  failNext(failure: Failure): Promise<void>;
  /** Every request for an operation is acted on so much later; 0 withdraws that. */
  delay(operation: Operation, milliseconds: number): Promise<void>;
  /** @returns the headers of the last request for an operation, by lower-case name. */
  lastHeaders(operation: Asked): Promise<Record<string, unknown>>;
}

/** @throws where the plugin ends before it listens: a port that is taken, a quirk that it does not know. */
export async function startQuirkyPlugin(
  options: { quirks?: readonly Quirk[]; port?: number } = {},
): Promise<QuirkyPlugin> {
  const plugin = await startPluginProcess({
    file: fileURLToPath(new URL('quirky-plugin/main.ts', import.meta.url)),
    args: [`--port=${options.port ?? 0}`, `--quirks=${(options.quirks ?? []).join(',')}`],
    listening: /^quirky-plugin listening on (\S+)$/,
  });
  const command = commander(plugin.url);
  return {
    ...plugin,
    setQuirks: async (quirks) => void (await command('quirks', isRecord, { quirks })),
    counters: () => command('counters', isCounters),
    dump: () => command('dump', isDump),
    edit: async (id, changes) => void (await command('edit', isRecord, { id, changes })),
    remove: async (ids) => void (await command('remove', isRecord, { ids })),
    duplicate: async (id) => (await command('duplicate', isIdentified, { id })).id,
    insert: async (memory) => (await command('insert', isIdentified, { memory })).id,
    failNext: async (failure) => void (await command('fail-next', isRecord, { ...failure })),
    delay: async (operation, milliseconds) => void (await command('delay', isRecord, { operation, milliseconds })),
    lastHeaders: (operation) => command('last-headers', isRecord, { operation }),
  };
}

type Command = <T>(name: string, expected: (body: unknown) => body is T, args?: object) => Promise<T>;

function commander(url: string): Command {
  return async (name, expected, args = {}) => {
    const response = await fetch(`${url}/__control/${name}`, { method: 'POST', body: JSON.stringify(args) });
    const body: unknown = await response.json();
    if (!response.ok || !expected(body))
      throw new Error(`The quirky plugin did not obey "${name}": ${JSON.stringify(body)}`);
    return body;
  };
}

/** Both ends are built together: these tell a wrong answer from the right one, and do not look into its depths. */
const isRecord = (body: unknown): body is Record<string, unknown> => typeof body === 'object' && body !== null;
const isCounters = (body: unknown): body is Counters => isRecord(body) && 'requests' in body && 'writeLog' in body;
const isDump = (body: unknown): body is Dump => isRecord(body) && 'memories' in body && 'namespaces' in body;
const isIdentified = (body: unknown): body is { id: string } => isRecord(body) && typeof body.id === 'string';
