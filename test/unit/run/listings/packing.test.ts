/** Which namespaces go into one request: the fullest first, and no more than one answer can show. */
import { describe, expect, test } from 'vitest';
import { facts, named, seen, shelf } from './shelf.ts';

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
    expect(asked).toEqual([['team:2'], ['team:0'], ['team:3', 'team:1']]);
  });

  test('nothing, where there is no namespace', async () => {
    const { survey, asked } = shelf([]);
    expect(await survey([])).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});
