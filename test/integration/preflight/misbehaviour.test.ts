/** What is wrong with a plugin is found out, with the grade that it has for a copy; and what cannot be found out is called that. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Readiness, readiness } from '../../../src/model/preflight.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { makeNamespace, remember } from '../apply/asking.ts';
import { type Call, isCommit, isSearch, type Json, memoriesOf, startTampering, type Twist } from './tampering.ts';
import { troubles, tryPlugin, tryQuickly } from './trying.ts';

let world: World<QuirkyPlugin>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await makeNamespace(world.plugin.url, 'custom:theirs', { kind: 'custom' });
  await remember(world.plugin.url, 'custom:theirs', 'kept as it is');
});
afterAll(() => world.release());

interface Misbehaviour {
  /** Completes "a plugin that …". */
  does: string;
  twist: () => Twist;
  /** The first check that does not pass, as {@link troubles} has it. */
  trouble: RegExp;
  /** Of the capabilities, those that matter here. */
  announcing?: string[];
  /** Something of the preflight stays in the plugin, since it cannot be removed. */
  leaves?: true;
}

const error = (status: number, code: string) => ({ status, body: { code, message: 'As it was ordered.' } });
const contentOf = ({ body }: Call) => String(body.content);
const isPut = ({ method }: Call) => method === 'PUT';
const isForget = ({ method, path }: Call) => method === 'DELETE' && path.startsWith('/v1/memories/');
const isDeletion = ({ method, path }: Call) => method === 'DELETE' && path.startsWith('/v1/namespaces/');

/** What a search has found goes through this. */
const finding = (change: (memories: Json[], call: Call) => Json[]): Twist => ({
  answer: (answer, call) => (isSearch(call) ? memoriesOf(answer, (memories) => change(memories, call)) : answer),
});
const eachFound = (change: (memory: Json) => Json): Twist => finding((memories) => memories.map(change));
const committing = (change: (memory: Json) => Json): Twist => ({
  request: (call) => (isCommit(call) ? change(call.body) : call.body),
});
const without = (field: string) => (body: Json) => {
  const { [field]: _left, ...rest } = body;
  return rest;
};

/** Found only from the third look on. */
function lagging(): Twist {
  let looks = 0;
  return finding((memories) => (++looks < 3 ? [] : memories));
}

/** Shows what it first found of each memory, for ever. */
function neverReplacing(): Twist {
  const first = new Map<unknown, Json>();
  return eachFound((memory) => {
    const known = first.get(memory.id) ?? memory;
    first.set(memory.id, known);
    return known;
  });
}

/** Shows two memories of an id that was written again. */
function doubling(): Twist {
  const versions = new Map<unknown, Map<unknown, Json>>();
  return finding((memories) =>
    memories.flatMap((memory) => {
      const known = versions.get(memory.id) ?? new Map<unknown, Json>();
      versions.set(memory.id, known.set(memory.content, memory));
      return [...known.values()];
    }),
  );
}

const BLOCKING: Misbehaviour[] = [
  {
    does: 'refuses namespaces',
    twist: () => ({ instead: (call) => (isPut(call) ? error(400, 'bad_request') : undefined) }),
    trouble:
      /^namespace failed blocks: The first PUT of a namespace did not succeed: The plugin answered 400 bad_request/,
  },
  {
    does: 'refuses a namespace that exists',
    twist: () => {
      const known = new Set<string>();
      return {
        instead(call) {
          if (!isPut(call)) return undefined;
          const isKnown = known.has(call.path);
          known.add(call.path);
          return isKnown ? error(409, 'bad_request') : undefined;
        },
      };
    },
    trouble: /^namespace failed blocks: The second PUT of a namespace did not succeed: /,
  },
  {
    does: 'makes namespaces of another kind',
    twist: () => ({ request: (call) => (isPut(call) ? { ...call.body, kind: 'team' } : call.body) }),
    trouble:
      /^namespace failed blocks: The first PUT of a namespace of the kind "custom" made one of the kind "team"\.$/,
  },
  {
    does: 'refuses memories',
    twist: () => ({ instead: (call) => (isCommit(call) ? error(403, 'forbidden') : undefined) }),
    trouble: /^commit failed blocks: A memory could not be written: The plugin answered 403 forbidden/,
  },
  {
    does: 'breaks down over every memory',
    twist: () => ({ instead: (call) => (isCommit(call) ? error(500, 'internal') : undefined) }),
    trouble: /^commit failed blocks: A memory could not be written: The plugin answered 500 internal/,
  },
  {
    does: 'gives memories ids of its own',
    twist: () => committing(without('id')),
    trouble: /^commit failed blocks: .*for another id than was sent\.$/,
  },
  {
    does: 'acknowledges memories and loses them',
    twist: () => finding(() => []),
    trouble:
      /^read-after-write failed blocks: A memory that was acknowledged is not found under its id within \d+ ms\.$/,
  },
  {
    does: 'finds memories in other namespaces than they are in',
    twist: () => eachFound((memory) => ({ ...memory, namespace: 'custom:elsewhere' })),
    trouble: /^read-after-write failed blocks: A memory is found in another namespace than it was written to\.$/,
  },
  {
    does: 'rewords every memory',
    twist: () => eachFound((memory) => ({ ...memory, content: `Summary: ${memory.content}` })),
    trouble: /^read-after-write failed blocks: A memory is found with another content than was written\.$/,
  },
  {
    does: 'keeps what was first written under an id',
    twist: neverReplacing,
    trouble: /^upsert failed blocks: A memory written again under its id still has its first content\.$/,
  },
  {
    does: 'keeps both memories that were written under an id',
    twist: doubling,
    trouble: /^upsert failed blocks: The same id written again leaves a second memory beside the first\.$/,
  },
  {
    does: 'hides a memory that is written again',
    twist: () => finding((memories) => memories.filter(({ content }) => !String(content).includes('written again'))),
    trouble: /^upsert failed blocks: A memory written again under its id is not found any more\.$/,
  },
  {
    does: 'composes combining marks',
    twist: () => committing((memory) => ({ ...memory, content: String(memory.content).normalize('NFC') })),
    trouble: /^content failed blocks: Content comes back changed: combining marks\.$/,
  },
  {
    does: 'makes plain line breaks of U+2028, and trims',
    twist: () =>
      committing((memory) => ({ ...memory, content: String(memory.content).replaceAll('\u2028', '\n').trim() })),
    trouble: /^content failed blocks: Content comes back changed: line separators, white space at both ends\.$/,
  },
  {
    does: 'puts question marks for emoji',
    twist: () =>
      eachFound((memory) => ({
        ...memory,
        content: String(memory.content).replaceAll(/\p{Emoji_Presentation}/gu, '?'),
      })),
    trouble: /^content failed blocks: Content comes back changed: emoji\.$/,
  },
  {
    does: 'cuts what is longer than 64 kB',
    twist: () => committing((memory) => ({ ...memory, content: String(memory.content).slice(0, 65_536) })),
    trouble: /^content failed blocks: Content comes back changed: 200 kB\.$/,
  },
  {
    does: 'refuses what is longer than 64 kB',
    twist: () => ({
      instead: (call) => (isCommit(call) && contentOf(call).length > 65_536 ? error(413, 'bad_request') : undefined),
    }),
    trouble: /^content failed blocks: A memory with 200 kB could not be written: The plugin answered 413 bad_request/,
  },
  {
    does: 'acknowledges emoji and loses them',
    twist: () => finding((memories) => memories.filter(({ content }) => !String(content).startsWith('👩'))),
    trouble: /^content failed blocks: Memories were acknowledged and are not found: emoji\.$/,
  },
  {
    does: 'says 400 where a namespace is missing',
    twist: () => ({
      answer: (answer, call) => (isCommit(call) && answer.status === 404 ? error(400, 'bad_request') : answer),
    }),
    trouble: /^missing-namespace failed blocks: A commit into a namespace that is missing does not say so, /,
  },
  {
    does: 'announces propagation and drops it',
    twist: () => committing(without('propagation')),
    trouble: /^propagation failed blocks: Propagation comes back not at all: no copy would pass a verify\.$/,
    announcing: ['propagation'],
  },
  {
    does: 'changes propagation',
    twist: () =>
      committing((memory) =>
        memory.propagation ? { ...memory, propagation: { backfill: { source: 'agent_memories' } } } : memory,
      ),
    trouble: /^propagation failed blocks: Propagation comes back changed: /,
    announcing: ['propagation'],
  },
  {
    does: 'speaks version 2',
    twist: () => ({
      instead: ({ path }) =>
        path === '/v1/health' ? { status: 200, body: { status: 'ok', version: '2.1.0', capabilities: [] } } : undefined,
    }),
    trouble: /^version failed blocks: The plugin's version is 2\.1\.0, and this tool speaks 1\.x\.$/,
  },
];

const WARNING: Misbehaviour[] = [
  {
    does: 'calls itself degraded',
    twist: () => ({
      instead: ({ path }) =>
        path === '/v1/health'
          ? { status: 200, body: { status: 'degraded', version: 'v1.4', capabilities: [] } }
          : undefined,
    }),
    trouble: /^health failed warns: /,
  },
  {
    does: 'shows what was written only a moment later',
    twist: lagging,
    trouble:
      /^read-after-write failed warns: What was acknowledged is found only after \d+ ms: wait as long before a verify\.$/,
  },
  {
    does: 'makes one memory of two without an id',
    twist: () => finding((memories) => [...new Map(memories.map((each) => [each.content, each])).values()]),
    trouble: /^fresh-ids failed warns: Two memories without an id that hold the same became 1\.$/,
  },
  {
    does: 'announces ttl and drops expiries',
    twist: () => committing(without('expires_at')),
    trouble: /^ttl failed warns: An expiry does not come back\.$/,
    announcing: ['ttl'],
  },
  {
    does: 'announces ttl and cuts expiries to days',
    twist: () =>
      eachFound((memory) =>
        memory.expires_at ? { ...memory, expires_at: `${String(memory.expires_at).slice(0, 10)}T00:00:00Z` } : memory,
      ),
    trouble: /^ttl failed warns: An expiry comes back as another time\.$/,
    announcing: ['ttl'],
  },
  {
    does: 'announces ttl and shows what has expired',
    twist: () => {
      const shown = new Map<unknown, Json>();
      return finding((memories) => {
        for (const memory of memories) if (memory.expires_at) shown.set(memory.id, memory);
        const expired = [...shown.values()].filter(({ id }) => !memories.some((memory) => memory.id === id));
        return [...memories, ...expired];
      });
    },
    trouble: /^ttl failed warns: A memory that has expired is still found\.$/,
    announcing: ['ttl'],
  },
  {
    does: 'announces fts and finds nothing by words',
    twist: () => finding((memories, { body }) => (body.query === undefined ? memories : [])),
    trouble: /^fts failed warns: A memory is not found by two of its words\.$/,
    announcing: ['fts'],
  },
  {
    does: 'lets anybody have any memory forgotten',
    twist: () => ({ instead: (call) => (isForget(call) ? { status: 204 } : undefined) }),
    trouble: /^forget failed warns: Another namespace may have a memory forgotten that is not its own\.$/,
  },
  {
    does: 'forgets nothing',
    twist: () => ({ instead: (call) => (isForget(call) ? error(405, 'bad_request') : undefined) }),
    trouble: /^forget failed warns: Having a memory forgotten by another namespace was not refused as such: /,
  },
  {
    does: 'forgets a memory for its own namespace in words alone',
    twist: () => ({
      instead: (call) =>
        isForget(call) && !String(call.body.requested_by_namespace).endsWith('-stranger') ? { status: 204 } : undefined,
    }),
    trouble: /^forget failed warns: A forgotten memory is still found\.$/,
  },
  {
    does: 'forgets the same memory over and over',
    twist: () => ({
      answer: (answer, call) => (isForget(call) && answer.status === 404 ? { status: 204 } : answer),
    }),
    trouble: /^forget failed warns: A memory that is forgotten can be forgotten again, as if it were there\.$/,
  },
  {
    does: 'has errors of its own',
    twist: () => ({
      answer: (answer, call) =>
        answer.status === 400 && isCommit(call)
          ? { status: 422, body: { detail: 'No.' } }
          : answer.status === 404 && isDeletion(call)
            ? { status: 204 }
            : answer,
    }),
    trouble:
      /^errors failed warns: Errors are not the contract's: a memory without content is answered 422 foreign instead of 400 bad_request; .*deleting an unknown namespace is accepted instead of 404 not_found\.$/,
  },
  {
    does: 'takes any limit',
    twist: () => ({
      request: (call) => (isSearch(call) && call.body.limit === 101 ? { ...call.body, limit: 100 } : call.body),
    }),
    trouble: /^limit failed warns: A search for 101 memories is not refused, /,
  },
  {
    does: 'has a clock that is an hour behind',
    twist: () =>
      eachFound((memory) => ({
        ...memory,
        created_at: new Date(Date.parse(String(memory.created_at)) - 3_600_000).toISOString(),
      })),
    trouble: /^clocks failed warns: The plugin's clock is 3,600 s behind this machine's: /,
  },
  {
    does: 'fails under load',
    twist: () => {
      let written = 0;
      return { instead: (call) => (isCommit(call) && ++written > 60 ? error(507, 'internal') : undefined) };
    },
    trouble:
      /^throughput failed warns: With \d under way at a time, a memory could not be written: The plugin answered 507/,
  },
  {
    does: 'refuses to delete namespaces that exist',
    twist: () => ({
      instead: (call) => (isDeletion(call) && !call.path.endsWith('-unknown') ? error(405, 'bad_request') : undefined),
    }),
    trouble: /^removal failed warns: custom:backfill-preflight-[0-9a-f-]+ could not be removed, so remove it by hand: /,
    leaves: true,
  },
  {
    does: 'keeps memories when their namespace is deleted',
    twist: () => ({
      instead: (call) => (isDeletion(call) && !call.path.endsWith('-unknown') ? { status: 204 } : undefined),
    }),
    trouble:
      /^removal failed warns: custom:\S+ was removed, and a search still finds memories in it: remove them by hand\.$/,
    leaves: true,
  },
];

const UNKNOWABLE: Misbehaviour[] = [
  {
    does: 'is overloaded',
    twist: () => ({ instead: (call) => (isCommit(call) ? error(503, 'unavailable') : undefined) }),
    trouble: /^commit unasked blocks: A memory could not be written: The plugin answered 503 unavailable/,
  },
  {
    does: 'cannot be searched for the moment',
    twist: () => ({ instead: (call) => (isSearch(call) ? error(503, 'unavailable') : undefined) }),
    trouble: /^read-after-write unasked blocks: What was written could not be searched for: The plugin answered 503/,
  },
];

/** What the preflight of a plugin with this twist has found, and what the plugin holds before it and after it. */
async function tried({ twist, announcing = [] }: Misbehaviour, attempt = tryPlugin) {
  const before = await world.contents();
  await using tampering = await startTampering(world.plugin.url, twist());
  const checks = await attempt(world, { announcing, url: tampering.url });
  return { checks, before, after: await world.contents() };
}

const GROUPS: Array<[string, Readiness, Misbehaviour[]]> = [
  ['blocked', 'not-ready', BLOCKING],
  ['warned of', 'ready', WARNING],
  ['left open', 'not-known', UNKNOWABLE],
];

describe.each(GROUPS)('%s is a plugin that', (_, expected, misbehaviours) => {
  test.each(misbehaviours.map((each) => [each.does, each] as const))('%s', async (_does, misbehaviour) => {
    const { checks, before, after } = await tried(misbehaviour);
    expect(troubles(checks)[0]).toMatch(misbehaviour.trouble);
    expect(readiness(checks)).toBe(expected);
    if (!misbehaviour.leaves) expect(after).toEqual(before);
  });
});

test('a plugin that never answers is not asked the same again: four deadlines would be minutes', async () => {
  await using tampering = await startTampering(world.plugin.url, {
    instead: (call) => (isCommit(call) ? new Promise<never>(() => {}) : undefined),
  });
  const checks = await tryPlugin(world, { announcing: [], url: tampering.url, deadlineMs: 300 });
  expect(troubles(checks)[0]).toMatch(/^commit unasked blocks: .*did not answer within 0\.3 s\.$/);
  expect(tampering.calls.filter(isCommit)).toHaveLength(1);
});

test('what cannot be removed is named, so that it can be found', async () => {
  const misbehaviour = WARNING.find(({ leaves }) => leaves);
  if (!misbehaviour) throw new Error('There is a plugin that keeps what it has.');
  const { checks, before, after } = await tried(misbehaviour);
  const known = new Set(before.namespaces.map(({ name }) => name));
  const [left] = after.namespaces.filter(({ name }) => !known.has(name));
  expect(checks.at(-1)).toMatchObject({
    name: 'removal',
    sentence: expect.stringContaining(`${left?.name} could not`),
  });
});

const NOT_IN_SHORT = /^\^(content|missing-namespace) /;

describe('blocked by the short form, too, is a plugin that', () => {
  const seen = BLOCKING.filter(({ trouble }) => !NOT_IN_SHORT.test(trouble.source));
  test.each(seen.map((each) => [each.does, each] as const))('%s', async (_does, misbehaviour) => {
    const { checks, before, after } = await tried(misbehaviour, tryQuickly);
    expect(troubles(checks)[0]).toMatch(misbehaviour.trouble);
    expect(readiness(checks)).toBe('not-ready');
    expect(after).toEqual(before);
  });
});

test('a plugin of another version is sent nothing but the question for it', async () => {
  const misbehaviour = BLOCKING.find(({ does }) => does === 'speaks version 2');
  await using tampering = await startTampering(world.plugin.url, misbehaviour?.twist() ?? {});
  for (const attempt of [tryPlugin, tryQuickly]) {
    expect(readiness(await attempt(world, { url: tampering.url }))).toBe('not-ready');
  }
  const health = { method: 'GET', path: '/v1/health' };
  expect(tampering.calls).toEqual([health, health]);
});
