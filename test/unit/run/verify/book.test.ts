/** Each sampled workspace counts once, by the gravest thing that is known of what it reads, and as a match only if all that was judged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FINDING_KINDS, WORKSPACE_VERDICTS } from '../../../../src/model/verify.ts';
import { type Book, book as openBook } from '../../../../src/run/verify/book.ts';
import { finding } from '../../report/reports.ts';

const NONE = { sampled: 0, empty: 0, matches: 0, mismatches: 0, unproven: 0, errors: 0, unchecked: 0 };
const NO_FINDINGS = Object.fromEntries(FINDING_KINDS.map((kind) => [kind, 0]));

const READERS: Readonly<Record<string, readonly string[]>> = {
  'team:acme': ['a', 'b', 'not sampled'],
  'org:acme': ['a', 'b', 'c'],
  'workspace:c': ['c'],
};
const readersOf = (namespace: string) => new Set(READERS[namespace] ?? []);
const at = (workspaceId: string) => ({ workspaceId, namespace: null });

/** The book on these workspaces after all that is told to it, and after everything was judged. */
function judged(sampled: string[], tell: (book: Book) => void) {
  const book = openBook(sampled, readersOf);
  tell(book);
  book.judgedUpTo(sampled.length);
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
    const { workspaces, findings } = judged(['a'], (book) => book.find(finding({ kind, ...at('a') })));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, mismatches: 1 });
    expect(findings).toEqual({ ...NO_FINDINGS, [kind]: 1 });
  });

  test('as unproven where a row could not be settled', () => {
    const { workspaces } = judged(['a'], (book) => book.find(finding({ kind: 'unproven', ...at('a') })));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, unproven: 1 });
  });

  test('as an error where a row could not be checked', () => {
    const { workspaces, errors } = judged(['a'], (book) => book.fail(['a'], 'No answer.'));
    expect(workspaces).toEqual({ ...NONE, sampled: 1, errors: 1 });
    expect(errors).toEqual([{ workspaceId: 'a', sentence: 'No answer.' }]);
  });

  test('as one error, the first, however much of it could not be checked', () => {
    const { errors } = judged(['a', 'b'], (book) => {
      book.fail(['a'], 'No answer.');
      book.fail(['a', 'b'], 'Nor here.');
    });
    expect(errors).toEqual([
      { workspaceId: 'a', sentence: 'No answer.' },
      { workspaceId: 'b', sentence: 'Nor here.' },
    ]);
  });

  test('once, by the gravest: a mismatch, else an error, else unproven', () => {
    const { workspaces, judged: listed } = judged(['all', 'error', 'open'], (book) => {
      book.find(finding({ kind: 'unproven', ...at('all') }));
      book.fail(['all'], 'No.');
      book.find(finding({ id: 'x', ...at('all') }));
      book.find(finding({ id: 'y', ...at('all') }));
      book.find(finding({ kind: 'unproven', ...at('error') }));
      book.fail(['error'], 'No.');
      book.find(finding({ kind: 'unproven', ...at('open') }));
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 3, mismatches: 1, errors: 1, unproven: 1 });
    expect(listed.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['all', 'mismatches'],
      ['error', 'errors'],
      ['open', 'unproven'],
    ]);
  });
});

describe('a finding concerns', () => {
  test('everybody sampled who reads the namespace that it is missing from, and its own workspace', () => {
    const { judged: listed } = judged(['a', 'b', 'c', 'd'], (book) =>
      book.find(finding({ workspaceId: 'd', namespace: 'team:acme' })),
    );
    expect(listed.filter(({ verdict }) => verdict === 'mismatches').map(({ id }) => id)).toEqual(['a', 'b', 'd']);
  });

  test('everybody who reads the namespace that it was found in', () => {
    const leak = finding({ kind: 'leak', workspaceId: 'd', namespace: null, foundIn: 'workspace:c' });
    const { workspaces, judged: listed } = judged(['a', 'b', 'c', 'd'], (book) => book.find(leak));
    expect(listed.filter(({ verdict }) => verdict === 'mismatches').map(({ id }) => id)).toEqual(['c', 'd']);
    expect(workspaces).toMatchObject({ sampled: 4, matches: 2, mismatches: 2 });
  });

  test('as unproven, those same ones', () => {
    const { workspaces } = judged(['a', 'b', 'c'], (book) =>
      book.find(finding({ kind: 'unproven', workspaceId: 'b', namespace: 'team:acme' })),
    );
    expect(workspaces).toMatchObject({ unproven: 2, matches: 1 });
  });

  test('no workspace that was not sampled, and is counted all the same', () => {
    const { workspaces, findings, listed } = judged(['d'], (book) => {
      book.find(finding({ kind: 'leak', workspaceId: null, namespace: null, foundIn: 'org:acme' }));
      book.find(finding({ id: 'b2', workspaceId: 'elsewhere', namespace: 'team:acme' }));
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 1, matches: 1, empty: 1 });
    expect(findings).toMatchObject({ leak: 1, missing: 1 });
    expect(listed).toHaveLength(2);
  });
});

describe('a row that was moved', () => {
  const moved = finding({ kind: 'leak', id: 'moved', workspaceId: 'd', foundIn: 'workspace:c' });
  const missing = finding({ id: 'moved', workspaceId: 'd' });

  test.each(['leak', 'misplaced', 'content'] as const)(
    'is not missing where it is known as %s, whichever is seen first',
    (kind) => {
      for (const order of [
        [missing, { ...moved, kind }],
        [{ ...moved, kind }, missing],
      ]) {
        const { findings, listed, workspaces } = judged(['a', 'b', 'c', 'd'], (book) => {
          for (const each of order) book.find(each);
        });
        expect(findings).toEqual({ ...NO_FINDINGS, [kind]: 1 });
        expect(listed).toMatchObject([{ kind, id: 'moved' }]);
        expect(workspaces.mismatches).toBe(4);
      }
    },
  );

  test('is missing once, however often that is seen', () => {
    const { findings, listed } = judged(['d'], (book) => {
      book.find(missing);
      book.find(missing);
    });
    expect([findings.missing, listed.length]).toEqual([1, 1]);
  });

  test('is missing all the same where only a copy of it, under another id, stands elsewhere', () => {
    const { findings } = judged(['d'], (book) => {
      book.find(missing);
      book.find({ ...moved, foundAs: 'copy' });
    });
    expect(findings).toMatchObject({ missing: 1, leak: 1 });
  });

  test('takes no other row with it that is missing', () => {
    const { findings, listed } = judged(['d'], (book) => {
      book.find({ ...missing, id: 'other' });
      book.find(missing);
      book.find(moved);
    });
    expect(findings).toMatchObject({ missing: 1, leak: 1 });
    expect(listed.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['leak moved', 'missing other']);
  });

  test('may be wrong in more than its place', () => {
    const { findings } = judged(['d'], (book) => {
      book.find(moved);
      book.find({ ...moved, kind: 'fields' });
    });
    expect(findings).toMatchObject({ leak: 1, fields: 1 });
  });
});

describe('a workspace that was not judged to its end', () => {
  test('is unchecked, and neither a match nor empty', () => {
    const book = openBook(['c', 'a', 'b'], readersOf);
    book.see('a');
    book.see('c');
    book.judgedUpTo(1);
    const { workspaces, judged: listed } = book.close();
    expect(workspaces).toEqual({ ...NONE, sampled: 3, matches: 1, unchecked: 2 });
    expect(listed).toEqual([
      { id: 'a', verdict: 'unchecked', rows: 1 },
      { id: 'b', verdict: 'unchecked', rows: 0 },
      { id: 'c', verdict: 'matches', rows: 1 },
    ]);
  });

  test('keeps what was found in it by then', () => {
    const book = openBook(['a', 'b', 'c', 'd'], readersOf);
    book.find(finding(at('a')));
    book.find(finding({ kind: 'unproven', ...at('c') }));
    book.fail(['b'], 'No.');
    expect(book.close().workspaces).toEqual({
      ...NONE,
      sampled: 4,
      mismatches: 1,
      errors: 1,
      unproven: 1,
      unchecked: 1,
    });
  });

  test('becomes an error where something ended the run, and those that were judged stay as they are', () => {
    const book = openBook(['a', 'b', 'c'], readersOf);
    book.see('a');
    book.find(finding(at('c')));
    book.judgedUpTo(1);
    book.failRest('The database is gone.');
    const { workspaces, errors } = book.close();
    expect(workspaces).toEqual({ ...NONE, sampled: 3, matches: 1, errors: 1, mismatches: 1 });
    expect(errors).toEqual([
      { workspaceId: 'b', sentence: 'The database is gone.' },
      { workspaceId: 'c', sentence: 'The database is gone.' },
    ]);
  });
});

test('an error of a row without a workspace is listed, and changes no verdict', () => {
  const { workspaces, errors } = judged(['a'], (book) => {
    book.see('not sampled');
    book.fail([null], 'No.');
    book.fail([null, 'not sampled'], 'Neither.');
  });
  expect(workspaces).toEqual({ ...NONE, sampled: 1, matches: 1, empty: 1 });
  expect(errors).toEqual([
    { workspaceId: null, sentence: 'No.' },
    { workspaceId: null, sentence: 'Neither.' },
    { workspaceId: 'not sampled', sentence: 'Neither.' },
  ]);
});

test('findings are listed the gravest first, then by workspace, row and copy, whenever they were found', () => {
  const findings = [...FINDING_KINDS]
    .reverse()
    .flatMap((kind) => [
      finding({ kind, id: '2', workspaceId: 'b', foundAs: 'z' }),
      finding({ kind, id: '2', workspaceId: 'b', foundAs: 'y' }),
      finding({ kind, id: '3', workspaceId: 'a', foundAs: 'z' }),
      finding({ kind, id: '1', workspaceId: 'b', foundAs: 'z' }),
      finding({ kind, id: '4', workspaceId: null, foundAs: 'z' }),
    ]);
  const { listed } = judged([], (book) => findings.forEach(book.find));
  const inOrder = ['4 z', '3 z', '1 z', '2 y', '2 z'];
  expect(listed.map(({ kind, id, foundAs }) => `${kind} ${id} ${foundAs}`)).toEqual(
    FINDING_KINDS.flatMap((kind) => inOrder.map((row) => `${kind} ${row}`)),
  );
});

describe('what is listed is bounded, what is counted is not', () => {
  test('a thousand findings, and the gravest of them even where they come last', () => {
    const { findings, listed } = judged(['a'], (book) => {
      for (let row = 0; row < 1_500; row++) book.find(finding({ id: `row-${row}`, ...at('a') }));
      book.find(finding({ kind: 'leak', id: 'last', ...at('a') }));
    });
    expect(findings).toMatchObject({ missing: 1_500, leak: 1 });
    expect(listed).toHaveLength(1_000);
    expect(listed[0]).toMatchObject({ kind: 'leak', id: 'last' });
  });

  test('a hundred errors, one for each workspace however many of its rows failed', () => {
    const sampled = Array.from({ length: 150 }, (_, index) => `w${index}`);
    const { workspaces, errors } = judged(sampled, (book) => {
      book.fail(sampled, 'First.');
      book.fail(sampled, 'Second.');
    });
    expect(workspaces).toEqual({ ...NONE, sampled: 150, errors: 150 });
    expect(errors).toHaveLength(100);
    expect(new Set(errors.map(({ sentence }) => sentence))).toEqual(new Set(['First.']));
  });

  test('ten thousand workspaces, those with the lowest ids', () => {
    const sampled = Array.from({ length: 10_001 }, (_, index) => String(99_999 - index));
    const { workspaces, judged: listed } = judged(sampled, () => {});
    expect(workspaces.matches).toBe(10_001);
    expect(listed).toHaveLength(10_000);
    expect([listed[0]?.id, listed.at(-1)?.id]).toEqual(['89999', '99998']);
  });
});

test('whatever happens, the verdicts add up to the sample, and only workspaces that were judged match', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const event = fc.oneof(
    fc.constantFrom(...ids).map((id) => (book: Book) => book.see(id)),
    fc.subarray(ids).map((some) => (book: Book) => book.fail(some, 'No.')),
    fc
      .record({
        kind: fc.constantFrom(...FINDING_KINDS),
        id: fc.constantFrom('x', 'y'),
        workspaceId: fc.constantFrom(...ids, null),
        namespace: fc.constantFrom('team:acme', 'org:acme', null),
        foundIn: fc.constantFrom('workspace:c', null),
        foundAs: fc.constantFrom('copy', null),
      })
      .map((given) => (book: Book) => book.find(finding(given))),
  );
  fc.assert(
    fc.property(fc.subarray(ids), fc.array(event, { maxLength: 12 }), fc.nat(4), (sampled, events, share) => {
      const done = Math.min(share, sampled.length);
      const book = openBook(sampled, readersOf);
      for (const happens of events) happens(book);
      book.judgedUpTo(done);
      const { workspaces, findings, listed } = book.close();
      expect(WORKSPACE_VERDICTS.reduce((sum, verdict) => sum + workspaces[verdict], 0)).toBe(sampled.length);
      expect(workspaces.matches).toBeLessThanOrEqual(done);
      expect(workspaces.empty).toBeLessThanOrEqual(workspaces.matches);
      for (const kind of FINDING_KINDS) {
        expect(listed.filter((each) => each.kind === kind)).toHaveLength(findings[kind]);
      }
    }),
  );
});
