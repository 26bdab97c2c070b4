/** Each sampled workspace counts once, by the gravest thing that is known of it, and as a match only if it was read to its end. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FINDING_KINDS, WORKSPACE_VERDICTS } from '../../../src/model/verify.ts';
import { type VerdictBook, verdictBook } from '../../../src/run/verdicts.ts';
import { finding } from '../report/reports.ts';

const NONE = { sampled: 0, empty: 0, matches: 0, mismatches: 0, unproven: 0, errors: 0, unchecked: 0 };

/** The book on these workspaces after all that is told to it, and after every row was read. */
function judged(sampled: string[], tell: (book: VerdictBook) => void) {
  const book = verdictBook(sampled);
  tell(book);
  book.readAll();
  return book.close();
}

describe('a workspace counts', () => {
  test('as a match where nothing was found, and as empty too where it has no row', () => {
    const { workspaces } = judged(['a', 'b', 'c'], (book) => {
      book.see('a');
      book.see('a');
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 3, matches: 3, empty: 2 });
  });

  test.each(FINDING_KINDS.filter((kind) => kind !== 'unproven'))('as a mismatch where a row is %s', (kind) => {
    const { workspaces, findings } = judged(['a'], (book) => book.find(finding({ kind, workspaceId: 'a' })));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, mismatches: 1 });
    expect(findings).toEqual({ ...Object.fromEntries(FINDING_KINDS.map((each) => [each, 0])), [kind]: 1 });
  });

  test('as unproven where a row could not be settled', () => {
    const { workspaces } = judged(['a'], (book) => book.find(finding({ kind: 'unproven', workspaceId: 'a' })));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, unproven: 1 });
  });

  test('as an error where a row could not be checked', () => {
    const { workspaces, errors } = judged(['a'], (book) => book.fail('a', 'No answer.'));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, errors: 1 });
    expect(errors).toEqual([{ workspaceId: 'a', sentence: 'No answer.' }]);
  });

  test('once, by the gravest: a mismatch, else an error, else unproven', () => {
    const { workspaces } = judged(['all', 'error', 'open'], (book) => {
      book.find(finding({ kind: 'unproven', workspaceId: 'all' }));
      book.fail('all', 'No.');
      book.find(finding({ workspaceId: 'all' }));
      book.find(finding({ workspaceId: 'all' }));
      book.find(finding({ kind: 'unproven', workspaceId: 'error' }));
      book.fail('error', 'No.');
      book.find(finding({ kind: 'unproven', workspaceId: 'open' }));
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 3, mismatches: 1, errors: 1, unproven: 1 });
  });
});

describe('a workspace that was not read to its end', () => {
  test('is unchecked, and neither a match nor empty', () => {
    const book = verdictBook(['c', 'a', 'b']);
    book.see('a');
    book.see('b');
    book.readUpTo('b');
    expect(book.done()).toBe(1);
    expect(book.close().workspaces).toEqual({ ...NONE, sampled: 3, matches: 1, unchecked: 2 });
  });

  test('keeps what was found in it by then', () => {
    const book = verdictBook(['a', 'b', 'c']);
    book.find(finding({ workspaceId: 'a' }));
    book.fail('b', 'No.');
    expect(book.close().workspaces).toEqual({ ...NONE, sampled: 3, mismatches: 1, errors: 1, unchecked: 1 });
  });

  test('becomes an error where something ended the run', () => {
    const book = verdictBook(['a', 'b', 'c']);
    book.see('a');
    book.find(finding({ workspaceId: 'c' }));
    book.readUpTo('b');
    book.failRest('The database is gone.');
    const { workspaces, errors } = book.close();
    expect(workspaces).toEqual({ ...NONE, sampled: 3, matches: 1, errors: 1, mismatches: 1 });
    expect(errors).toEqual([
      { workspaceId: 'b', sentence: 'The database is gone.' },
      { workspaceId: 'c', sentence: 'The database is gone.' },
    ]);
  });
});

describe('reading in the order of workspaces', () => {
  test('passes workspaces without rows on the way', () => {
    const book = verdictBook(['d', 'b', 'a', 'c']);
    book.readUpTo('c');
    expect(book.done()).toBe(2);
    book.readUpTo('e');
    expect(book.done()).toBe(4);
  });

  test('does not pass any for rows without a workspace, which come first', () => {
    const book = verdictBook(['a']);
    book.readUpTo(null);
    expect(book.done()).toBe(0);
  });

  test('to the end has all of them done', () => {
    const book = verdictBook(['a', 'b']);
    book.readAll();
    expect(book.done()).toBe(2);
  });
});

describe('rows of workspaces that were not sampled, or of none', () => {
  test('are found and counted as rows, and change no workspace', () => {
    const { workspaces, findings, listed, errors } = judged(['a'], (book) => {
      book.see(null);
      book.find(finding({ kind: 'leak', workspaceId: null }));
      book.find(finding({ workspaceId: 'elsewhere' }));
      book.fail(null, 'No.');
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 1, matches: 1, empty: 1 });
    expect(findings).toMatchObject({ leak: 1, missing: 1 });
    expect(listed).toHaveLength(2);
    expect(errors).toEqual([{ workspaceId: null, sentence: 'No.' }]);
  });
});

describe('what is listed is bounded, what is counted is not', () => {
  test('a thousand findings', () => {
    const { findings, listed } = judged(['a'], (book) => {
      for (let row = 0; row < 1_500; row++) book.find(finding({ id: `row-${row}`, workspaceId: 'a' }));
    });
    expect(findings.missing).toBe(1_500);
    expect(listed).toHaveLength(1_000);
    expect(listed.at(-1)?.id).toBe('row-999');
  });

  test('a hundred errors, one for each workspace however many of its rows failed', () => {
    const sampled = Array.from({ length: 150 }, (_, index) => `w${index}`);
    const { workspaces, errors } = judged(sampled, (book) => {
      for (const id of sampled) {
        book.fail(id, 'First.');
        book.fail(id, 'Second.');
      }
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 150, errors: 150 });
    expect(errors).toHaveLength(100);
    expect(new Set(errors.map(({ sentence }) => sentence))).toEqual(new Set(['First.']));
  });
});

test('whatever happens, the verdicts add up to the sample, and only workspaces that were read match', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const event = fc.oneof(
    fc.constantFrom(...ids).map((id) => (book: VerdictBook) => book.see(id)),
    fc.constantFrom(...ids).map((id) => (book: VerdictBook) => book.fail(id, 'No.')),
    fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...FINDING_KINDS)).map(
      ([workspaceId, kind]) =>
        (book: VerdictBook) =>
          book.find(finding({ workspaceId, kind })),
    ),
    fc.constantFrom(...ids, null).map((id) => (book: VerdictBook) => book.readUpTo(id)),
  );
  fc.assert(
    fc.property(fc.subarray(ids), fc.array(event, { maxLength: 12 }), (sampled, events) => {
      const book = verdictBook(sampled);
      for (const happens of events) happens(book);
      const { workspaces } = book.close();
      expect(WORKSPACE_VERDICTS.reduce((sum, verdict) => sum + workspaces[verdict], 0)).toBe(sampled.length);
      expect(workspaces.matches).toBeLessThanOrEqual(book.done());
      expect(workspaces.empty).toBeLessThanOrEqual(workspaces.matches);
    }),
  );
});
