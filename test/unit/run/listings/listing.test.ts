/** One namespace by itself: by kind where it is full, ids that it shows twice, and how long its listing is kept. */
import { describe, expect, test } from 'vitest';
import { CouldNotAsk } from '../../../../src/run/could-not-ask.ts';
import type { Survey } from '../../../../src/run/listings.ts';
import { facts, type Memory, seen, shelf } from './shelf.ts';

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
