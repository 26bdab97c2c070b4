/**
 * Many namespaces are asked for in one request, and still each is known by itself: what was cut off is asked for again in halves, and
 * so is what makes no sense, until the namespace alone is left that is to blame.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PluginClient } from '../../../src/client/plugin-client.ts';
import { type Question, resilientPlugin } from '../../../src/client/resilience.ts';
import type { Schemas } from '../../../src/contract/bodies.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { CouldNotAsk, listings } from '../../../src/run/listings.ts';

type Memory = Schemas['Memory'];
type Reply = { ok: true; value: Memory[] } | { ok: false; failure: Failure };

/** What many namespaces show between them, where a test says nothing of it. */
const MANY = 'team:many';

interface ShelfOptions {
  /** The most namespaces of a request that the plugin heeds. */
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

function facts(namespace: string, count: number, given: Partial<Memory> = {}): Memory[] {
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
function shelf(memories: readonly Memory[], options: ShelfOptions = {}) {
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
    const heeded = namespaces.slice(0, heeds);
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

const failed = (cause: Failure['cause']): Reply => ({
  ok: false,
  failure: { cause, reason: cause, transient: false, sentence: `No, since ${cause}.` },
});

const named = (count: number, prefix = 'team') => Array.from({ length: count }, (_, index) => `${prefix}:${index}`);

type Survey = Awaited<ReturnType<ReturnType<typeof shelf>['survey']>>;

/** How many memories each namespace was seen to hold; `first` for one that holds more than it shows, else why it is not known. */
function seen(survey: Survey): Record<string, number | string> {
  return Object.fromEntries(
    [...survey].map(([name, sighting]) => {
      if (sighting instanceof CouldNotAsk) return [name, sighting.message];
      return [name, 'whole' in sighting ? sighting.whole.size : 'first'];
    }),
  );
}

describe('a request asks for', () => {
  test('a hundred namespaces, where nothing is expected in them', async () => {
    const names = named(250);
    const { survey, asked } = shelf([]);

    expect([...(await survey(names)).keys()].sort()).toEqual([...names].sort());
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  test('as many as an answer can show of what is expected, with some room for more', async () => {
    const names = named(7);
    const { survey, asked } = shelf(names.flatMap((name) => facts(name, 25)));

    expect(seen(await survey(names, () => 25))).toEqual(Object.fromEntries(names.map((name) => [name, 25])));
    expect(asked).toEqual([names.slice(0, 3), names.slice(3, 6), names.slice(6)]);
  });

  test('one alone where it is expected to hold more than an answer shows', async () => {
    const names = ['team:small', 'team:large', 'team:other'];
    const { survey, asked } = shelf(names.flatMap((name) => facts(name, name === 'team:large' ? 120 : 5)));

    await survey(names, (name) => (name === 'team:large' ? 120 : 5));
    expect(asked.slice(0, 2)).toEqual([['team:large'], ['team:small', 'team:other']]);
  });

  test('the fullest first, and fills what room they leave with the others', async () => {
    const sizes = [50, 20, 70, 40];
    const names = named(4);
    const { survey, asked } = shelf(names.flatMap((name, index) => facts(name, sizes[index] ?? 0)));

    await survey(names, (name) => sizes[names.indexOf(name)] ?? 0);
    expect(asked).toEqual([
      ['team:2', 'team:1'],
      ['team:0', 'team:3'],
    ]);
  });

  test('nothing, where there is no namespace', async () => {
    const { survey, asked } = shelf([]);
    expect(await survey([])).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});

describe('an answer that need not be all', () => {
  test('is asked for again in halves, until each is all', async () => {
    const names = named(4);
    const { survey, asked } = shelf(names.flatMap((name) => facts(name, 40)));

    expect(seen(await survey(names))).toEqual({ 'team:0': 40, 'team:1': 40, 'team:2': 40, 'team:3': 40 });
    expect(asked).toEqual([names, names.slice(0, 2), names.slice(2)]);
  });

  test('and is of one namespace, is asked for again by kind', async () => {
    const { survey, asked } = shelf([...facts('team:a', 60), ...facts('team:a', 60, { kind: 'summary' })]);

    expect(seen(await survey(['team:a']))).toEqual({ 'team:a': 120 });
    expect(asked).toEqual([['team:a'], ['team:a', 'fact'], ['team:a', 'summary'], ['team:a', 'checkpoint']]);
  });

  test('and is not all of one kind either, is known in part, as the plugin lists it first', async () => {
    const { survey } = shelf([...facts('team:a', 130), ...facts('team:b', 3)]);

    const survived = await survey(['team:a', 'team:b']);

    expect(seen(survived)).toEqual({ 'team:a': 'first', 'team:b': 3 });
    const sighting = survived.get('team:a');
    expect(sighting && 'first' in sighting && sighting.first.map(({ id }) => id)).toEqual(
      facts('team:a', 100).map(({ id }) => id),
    );
  });

  test('is recognised by what the plugin is seen to list at the most, not by what the contract promises', async () => {
    const names = named(2);
    const { survey, asked } = shelf([...names.flatMap((name) => facts(name, 30)), ...facts('team:60', 60)], {
      cap: 50,
    });

    expect(seen(await survey([...names, 'team:60']))).toEqual({ 'team:0': 30, 'team:1': 30, 'team:60': 'first' });
    expect(asked).toContainEqual(names);
  });

  test('is none of less than twenty memories, which no measure is taken for', async () => {
    const { survey, measured } = shelf(facts('team:a', 19));

    expect(seen(await survey(['team:a', 'team:b']))).toEqual({ 'team:a': 19, 'team:b': 0 });
    expect(measured()).toBe(0);
  });

  test('costs one measure, however many there are', async () => {
    const names = named(40);
    const { survey, measured } = shelf(names.flatMap((name) => facts(name, 30)));

    await survey(names);
    expect(measured()).toBe(1);
  });
});

describe('a request that may not have been heeded to its end', () => {
  const names = named(40);
  const all = Object.fromEntries(names.map((name) => [name, 2]));

  test('is made again in parts, where a namespace shows less than is expected, and more by itself', async () => {
    const { survey, asked } = shelf(
      names.flatMap((name) => facts(name, 2)),
      { heeds: 10 },
    );

    expect(seen(await survey(names, () => 2))).toEqual(all);
    // What was learnt holds for the next one.
    asked.length = 0;
    expect(seen(await survey(names, () => 2))).toEqual(all);
    expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(10);
  });

  test('is made once where a namespace holds less than is expected by itself, too', async () => {
    const { survey, asked } = shelf(names.slice(1).flatMap((name) => facts(name, 2)));

    expect(seen(await survey(names, () => 2))).toEqual({ ...all, 'team:0': 0 });
    expect(asked).toEqual([names, ['team:0']]);
  });

  test('ends in one that is known to show something, where nothing is expected', async () => {
    const { survey, surveyStrictly, asked } = shelf([...facts('team:known', 1), ...facts('team:7', 3)]);
    await survey(['team:known']);
    asked.length = 0;

    const survived = seen(await surveyStrictly(names));

    expect(survived).toEqual({ ...Object.fromEntries(names.map((name) => [name, 0])), 'team:7': 3 });
    expect(asked).toEqual([[...names, 'team:known']]);
  });

  test('is cut where it shows that one, and has no room for all of the others', async () => {
    const { survey, surveyStrictly } = shelf([
      ...facts('team:known', 1),
      ...facts('team:7', 99),
      ...facts('team:8', 1),
    ]);
    await survey(['team:known']);

    expect(seen(await surveyStrictly(['team:7', 'team:8']))).toEqual({ 'team:7': 99, 'team:8': 1 });
  });

  test('tells nothing where it does not show that one, and is made again in halves that do', async () => {
    const { survey, surveyStrictly, asked } = shelf([...facts('team:known', 1), ...facts('team:39', 3)], { heeds: 11 });
    await survey(['team:known']);
    asked.length = 0;

    const survived = seen(await surveyStrictly(names));

    expect(survived['team:39']).toBe(3);
    expect(survived['team:known']).toBeUndefined();
    const believed = asked.filter((some) => some.length <= 11);
    expect(new Set(believed.flat())).toEqual(new Set([...names, 'team:known']));
  });

  test('does without the one that was known, where that is gone', async () => {
    const known = { gone: false };
    const { survey, surveyStrictly, asked } = shelf([...facts('team:known', 1), ...facts('team:other', 2)], {
      instead: (namespaces) => (known.gone && namespaces.at(-1) === 'team:known' ? { ok: true, value: [] } : undefined),
    });
    await survey(['team:known']);
    await survey(['team:other']);
    known.gone = true;
    asked.length = 0;

    await surveyStrictly(names);

    expect(asked).toEqual([[...names, 'team:known'], ['team:known'], [...names, 'team:other']]);
  });

  test('is made for each namespace by itself where nothing is known to show anything', async () => {
    const { surveyStrictly, asked } = shelf([]);

    await surveyStrictly(names);
    expect(asked).toEqual(names.map((name) => [name]));
  });
});

describe('an id that a namespace shows twice', () => {
  const twins = [...facts('team:a', 1), ...facts('team:a', 1, { content: 'another' })];
  const againIn = (survey: Survey, name: string) => {
    const sighting = survey.get(name);
    return sighting && !(sighting instanceof CouldNotAsk) ? sighting.again.map(({ content }) => content) : null;
  };

  test('is told, be it listed by itself or among others', async () => {
    const { survey } = shelf([...twins, ...facts('team:b', 1)]);

    expect(againIn(await survey(['team:a', 'team:b']), 'team:a')).toEqual(['another']);
    expect(againIn(await survey(['team:a']), 'team:a')).toEqual(['another']);
  });

  test('is told where its rows are of two kinds, and is none where the same row is listed twice', async () => {
    const crowd = facts('team:a', 100, { kind: 'summary' });
    const [fact] = facts('team:a', 1);
    const two: Memory[] = fact ? [fact, { ...fact, kind: 'summary', content: 'another' }] : [];
    const { survey } = shelf([...two, ...crowd]);

    expect(new Set(againIn(await survey(['team:a']), 'team:a'))).toEqual(new Set(['another']));
  });

  test('is no other in capitals', async () => {
    const [one] = facts('team:a', 1);
    const { survey } = shelf(one ? [one, { ...one, id: one.id.toUpperCase() }] : []);
    expect(againIn(await survey(['team:a']), 'team:a')).toHaveLength(1);
  });
});

test('kinds that are picked from what would have been listed without prove nothing', async () => {
  const memories = [...facts('team:a', 60, { kind: 'summary' }), ...facts('team:a', 60)];
  const { survey } = shelf(memories, { kindsLate: true });
  expect(seen(await survey(['team:a']))).toEqual({ 'team:a': 'first' });
});

describe('an answer that makes no sense', () => {
  const stray: Reply = { ok: true, value: facts('team:nobody-asked', 1) };

  test.each<[what: string, answer: Reply, sentence: string]>([
    ['a memory of another namespace', stray, 'the plugin showed a memory of another namespace.'],
    ['a refusal', failed('refused'), 'No, since refused.'],
    ['something malformed', failed('malformed'), 'No, since malformed.'],
  ])('(%s) costs the namespace alone that it comes with', async (_what, answer, sentence) => {
    const names = named(8);
    const { survey, asked } = shelf(
      names.flatMap((name) => facts(name, 2)),
      { instead: (namespaces) => (namespaces.includes('team:5') ? answer : undefined) },
    );

    const { 'team:5': guilty, ...others } = seen(await survey(names));

    expect(guilty).toContain(sentence);
    expect(others).toEqual(Object.fromEntries(names.filter((name) => name !== 'team:5').map((name) => [name, 2])));
    expect(asked.map((some) => some.length).sort()).toEqual([1, 1, 2, 2, 4, 4, 8]);
  });

  test.each(['transport', 'deadline', 'stopped', 'outage', 'foreign'] as const)(
    'is not to be had by halves where there was none (%s)',
    async (cause) => {
      const names = named(8);
      const { survey, asked } = shelf([], { instead: () => failed(cause) });

      expect(seen(await survey(names))).toEqual(Object.fromEntries(names.map((name) => [name, `No, since ${cause}.`])));
      expect(asked).toEqual([names]);
    },
  );

  test('says of which namespaces it is, three at the most', async () => {
    const { search } = shelf([], { instead: () => stray });
    const question: Question = { namespaces: named(5) };
    await expect(search(question)).rejects.toThrow('Asked for team:0, team:1, team:2, the plugin showed');
  });
});

describe('a listing', () => {
  test('is asked for once, and shared', async () => {
    const { listing, survey, asked } = shelf(facts('team:a', 3));

    const [one, other] = await Promise.all([listing('team:a'), listing('team:a')]);
    await survey(['team:a']);

    expect(one).toBe(other);
    expect([...one.memories.keys()]).toEqual(facts('team:a', 3).map(({ id }) => id));
    expect(asked).toEqual([['team:a']]);
  });

  test('is let go where there is no room for it, the one that was used least recently first', async () => {
    const heavy = { content: 'x'.repeat(30 * 1024 * 1024) };
    const names = ['team:a', 'team:b', 'team:c'];
    const { listing, trim, asked } = shelf(names.flatMap((name) => facts(name, 1, heavy)));

    for (const name of [...names, 'team:a']) await listing(name);
    const gone = trim();
    expect(gone[0]).toBe('team:b');
    expect(gone).not.toContain('team:a');
    expect(trim()).toEqual([]);

    for (const name of names) await listing(name);
    expect(asked).toEqual([...names, ...gone].map((name) => [name]));
  });
});

test('no namespace is called whole that is not, however the plugin cuts and whatever was expected', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 130 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 20, max: 100 }), fc.nat(120), async (held, cap, guess) => {
      const names = named(held.length);
      const memories = names.flatMap((name, index) => facts(name, held[index] ?? 0));
      const { survey } = shelf(memories, { cap, manyNamespaces: [MANY, ...names] });

      const survived = await survey(names, (name) => (guess * Number(name.slice(5))) % 121);

      const expected = names.map((name, index) => [name, (held[index] ?? 0) < cap ? held[index] : 'first']);
      expect(seen(survived)).toEqual(Object.fromEntries(expected));
    }),
  );
});

test('nothing is called absent that is there, however few namespaces of a request the plugin heeds', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 30 }), async (held, heeds) => {
      const names = named(held.length);
      const sizeOf = (name: string) => held[names.indexOf(name)] ?? 0;
      const memories = names.flatMap((name) => facts(name, sizeOf(name)));
      const { survey, surveyStrictly } = shelf(memories, { heeds });
      const expected = Object.fromEntries(names.map((name) => [name, sizeOf(name)]));

      expect(seen(await survey(names, sizeOf))).toEqual(expected);
      expect(seen(await surveyStrictly(names))).toEqual(expected);
    }),
  );
});
