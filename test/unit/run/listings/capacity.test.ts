/** What was cut off, by the contract or by a plugin that lists fewer, is asked for again in parts, until it is all or known not to be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facts, MANY, named, seen, shelf } from './shelf.ts';

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
