/** Many namespaces are asked for in one request, which a plugin may not heed to its end: that it shows nothing of one is not believed at once. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facts, named, seen, shelf } from './shelf.ts';

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
    expect(asked).toEqual([names.slice(0, 33), names.slice(33), ['team:0']]);
  });

  test('ends in one that is known to show something, where nothing is expected', async () => {
    const { survey, surveyStrictly, asked } = shelf([...facts('team:known', 1), ...facts('team:7', 3)]);
    await survey(['team:known']);
    asked.length = 0;

    const survived = seen(await surveyStrictly(names));

    expect(survived).toEqual({ ...Object.fromEntries(names.map((name) => [name, 0])), 'team:7': 3 });
    expect(asked).toEqual([[...names, 'team:known'], ['team:known', ...names], ['team:7']]);
    asked.length = 0;

    await surveyStrictly(names);

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

    const others = [
      [...names, 'team:other'],
      ['team:other', ...names],
    ];
    expect(asked).toEqual([[...names, 'team:known'], ['team:known'], ...others]);
  });

  test('is made for each namespace by itself where nothing is known to show anything', async () => {
    const { surveyStrictly, asked } = shelf([]);

    await surveyStrictly(names);
    expect(asked).toEqual(names.map((name) => [name]));
  });
});

test('nothing is called absent that is there, however few namespaces of a request the plugin heeds', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: -30, max: 30 }), async (held, most) => {
      const names = named(held.length);
      const sizeOf = (name: string) => held[names.indexOf(name)] ?? 0;
      const memories = names.flatMap((name) => facts(name, sizeOf(name)));
      const { survey, surveyStrictly } = shelf(memories, { heeds: most || 1 });
      const expected = Object.fromEntries(names.map((name) => [name, sizeOf(name)]));

      expect(seen(await survey(names, sizeOf))).toEqual(expected);
      expect(seen(await surveyStrictly(names))).toEqual(expected);
    }),
  );
});
