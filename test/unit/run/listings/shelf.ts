/** A plugin that holds what a test says, the listings of it, and what it was asked for them. */
import type { PluginClient } from '../../../../src/client/plugin-client.ts';
import { resilientPlugin } from '../../../../src/client/resilience.ts';
import type { Schemas } from '../../../../src/contract/bodies.ts';
import type { Failure } from '../../../../src/model/failure.ts';
import { CouldNotAsk } from '../../../../src/run/could-not-ask.ts';
import { listings, type Survey } from '../../../../src/run/listings.ts';

export type Memory = Schemas['Memory'];
export type Reply = { ok: true; value: Memory[] } | { ok: false; failure: Failure };

/** What many namespaces show between them, where a test says nothing of it. */
export const MANY = 'team:many';

interface ShelfOptions {
  /** The most namespaces of a request that the plugin heeds: the first ones, or, where it is negative, the last. */
  heeds?: number;
  /** It picks kinds from what it would have listed without. */
  kindsLate?: boolean;
  /** The most that the plugin lists, whatever it is asked for. */
  cap?: number;
  /** Answers in the plugin's place. */
  instead?: (namespaces: readonly string[]) => Reply | undefined;
  manyNamespaces?: readonly string[];
  concurrency?: number;
}

export function facts(namespace: string, count: number, given: Partial<Memory> = {}): Memory[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${namespace}/${given.kind ?? 'fact'}/${index}`,
    namespace,
    content: 'hm',
    kind: 'fact',
    source: 'agent',
    created_at: '2026-01-01T00:00:00Z',
    ...given,
  }));
}

/** Listings of a plugin that holds these memories, and every question that it was asked but the one after its measure. */
export function shelf(memories: readonly Memory[], options: ShelfOptions = {}) {
  const { cap = 100, heeds = 1_000, kindsLate, instead, manyNamespaces = [MANY], concurrency = 8 } = options;
  const held = [...memories, ...facts(MANY, 200)];
  const asked: string[][] = [];
  let measured = 0;

  async function searchMemories({ namespaces, kinds, limit = 20 }: Schemas['SearchRequest']): Promise<Reply> {
    if (namespaces[0] === MANY) measured++;
    else asked.push([...namespaces, ...(kinds ?? [])]);
    const answer = instead?.(namespaces);
    if (answer) return answer;
    const most = Math.min(limit, cap);
    const heeded = heeds < 0 ? namespaces.slice(heeds) : namespaces.slice(0, heeds);
    const inside = held.filter(({ namespace }) => heeded.includes(namespace));
    const found = (kindsLate ? inside.slice(0, most) : inside).filter(({ kind }) => kinds?.includes(kind) ?? true);
    return { ok: true, value: found.slice(0, most) };
  }

  const client: PluginClient = {
    getHealth: unused,
    upsertNamespace: unused,
    patchNamespace: unused,
    deleteNamespace: unused,
    commitMemory: unused,
    forgetMemory: unused,
    searchMemories,
    close: () => Promise.resolve(),
  };
  const plugin = resilientPlugin(client, new AbortController().signal);
  return { ...listings(plugin, { concurrency, manyNamespaces }), asked, measured: () => measured };
}

const unused = () => Promise.reject(new Error('Nobody should ask for this.'));

export const failed = (cause: Failure['cause']): Reply => ({
  ok: false,
  failure: { cause, reason: cause, transient: false, sentence: `No, since ${cause}.` },
});

export const named = (count: number, prefix = 'team') =>
  Array.from({ length: count }, (_, index) => `${prefix}:${index}`);

/** How many memories each namespace was seen to hold; `first` for one that holds more than it shows, else why it is not known. */
export function seen(survey: Survey): Record<string, number | string> {
  return Object.fromEntries(
    [...survey].map(([name, sighting]) => {
      if (sighting instanceof CouldNotAsk) return [name, sighting.message];
      return [name, 'whole' in sighting ? sighting.whole.size : 'first'];
    }),
  );
}
