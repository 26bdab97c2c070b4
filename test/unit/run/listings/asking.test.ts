/** What makes no sense is asked for again in halves, until the namespace alone is left that is to blame; no answer at all is not. */
import { describe, expect, test } from 'vitest';
import type { Question } from '../../../../src/client/resilience.ts';
import { facts, failed, named, type Reply, seen, shelf } from './shelf.ts';

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
