/** The words by which a memory is asked for: only such as every index takes for a word, the most telling first. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchWords, wordings } from '../../../src/verify/words.ts';

describe('a word is chosen', () => {
  test.each([
    ['as it is written, since an index may not fold its case', 'Deploys Élan', ['Deploys', 'Élan']],
    [
      'out of the punctuation of prose',
      '"Deploys", (frozen)! [noon]; {late}: \'soon\'? end.',
      ['Deploys', 'frozen', 'late', 'noon', 'soon', 'end'],
    ],
    ['once, however often and in whatever case it occurs', 'Friday friday FRIDAY.', ['FRIDAY']],
    ['in any script', 'עברית 日本語 Ελληνικά', ['Ελληνικά', 'עברית', '日本語']],
    ['with three letters and not with fewer', 'ox cat is', ['cat']],
    ['with 40 letters and not with more', `${'a'.repeat(40)} ${'b'.repeat(41)}`, ['a'.repeat(40)]],
    [
      'beside white space of ASCII',
      'alpha\tbravo\r\ncharlie\fdelta\vecho foxtrot',
      ['charlie', 'foxtrot', 'alpha', 'bravo', 'delta', 'echo'],
    ],
  ])('%s', (_, content, words) => {
    expect(searchWords(content)).toEqual(words);
  });

  test('as a number, with two digits and not with one', () => {
    expect(searchWords('7 42 007')).toEqual(['007', '42']);
  });
});

describe('never chosen is', () => {
  test.each([
    ['a stop word', 'The and will those yourselves Because'],
    ['an operator of a query syntax', 'AND NOT'],
    ['an emoji', '🚀 👨‍👩‍👧‍👦 🇳🇱'],
    ['punctuation', '... --- !!! ((()))'],
    ['a URL', 'https://example.com/deploys?frozen=friday www.example.com'],
    ['an e-mail address', 'ada@example.com <ada@example.com>'],
    ['a path', '/etc/passwd src/verify/words.ts C:\\temp and/or'],
    ['a hyphenated word', 'well-known pre–war'],
    ['a word with an apostrophe', "don’t user's"],
    ['a tag', '<b>bold</b> <br>'],
    ['a mention or a hashtag', '@ada #deploys'],
    ['a name with an underscore or a digit', 'foo_bar utf8 3rd v2'],
    ['a number with points, commas or a unit', '1.5 1,000 20% €30 10kg'],
    ['a decomposed letter, which some indexes compose', 'cafe\u0301'],
    [
      'a word beside punctuation that an index under the locale C takes for letters',
      '“Deploys” ‘frozen’ «late» noon… ¿why',
    ],
    ['a word beside white space that such an index takes for a letter', 'alpha\u00a0bravo\u2028charlie'],
    ['a word with something glued to it', 'hello👋 a=b key:value'],
    ['nothing at all', ''],
    ['white space', ' \n\t\u2028 '],
  ])('%s', (_, content) => {
    expect(searchWords(content)).toEqual([]);
  });
});

describe('of many words', () => {
  test('numbers stand first, then words in ASCII, then others; in each the longest, then by the alphabet', () => {
    expect(searchWords('Über ticket 4711 owner zebra naïveté 42 apple')).toEqual([
      '4711',
      '42',
      'ticket',
      'apple',
      'owner',
      'zebra',
      'naïveté',
      'Über',
    ]);
  });

  test('no more than eight are kept', () => {
    expect(
      searchWords('a1 aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh iiiiiiiii'),
    ).toEqual(['aaaaaaaaa', 'bbbbbbbbb', 'ccccccccc', 'ddddddddd', 'eeeeeeeee', 'fffffffff', 'ggggggggg', 'hhhhhhhhh']);
  });

  test('two texts that differ in a number alone have different words', () => {
    const about = (ticket: number) =>
      searchWords(`Investigated customer complaint regarding invoices, ticket ${ticket}.`);
    expect(about(4711)[0]).toBe('4711');
    expect(about(4712)[0]).toBe('4712');
  });
});

describe('of a long text only the beginning is looked at', () => {
  const PADDING = 'the '.repeat(2_000); // 8,000 characters without a word.

  test('a word at its beginning is chosen, one after 8,000 characters is not', () => {
    expect(searchWords(`alpha ${PADDING}omega and more`)).toEqual(['alpha']);
  });

  test('a word that the border cuts in two is not chosen, neither half nor whole', () => {
    expect(searchWords(`alpha ${PADDING.slice(0, 7_990)}elephants`)).toEqual(['alpha']);
  });

  test('a text that ends at the border keeps its last word', () => {
    expect(searchWords(`${PADDING.slice(0, 7_992)}elephant`)).toEqual(['elephant']);
  });

  test('a megabyte is no more work than its beginning', () => {
    expect(searchWords('x'.repeat(1_000_000))).toEqual([]);
    expect(searchWords(`alpha ${'x '.repeat(500_000)}`)).toEqual(['alpha']);
  });
});

test('whatever the text, each word occurs in it between white space or punctuation, none twice, eight at most', () => {
  const tokens = fc.oneof(
    fc.stringMatching(/^[a-z]{1,12}$/),
    fc.stringMatching(/^[0-9]{1,6}$/),
    fc.constantFrom(
      'the',
      'https://example.com',
      'a@b.example',
      'x-y',
      '🚀',
      'don’t',
      'עברית',
      '日本語',
      '<b>',
      'v1.2',
    ),
  );
  const texts = fc.array(fc.tuple(tokens, fc.constantFrom(' ', '\n', ', ', '. ', '')), { maxLength: 40 });
  fc.assert(
    fc.property(texts, (parts) => {
      const content = parts.flat().join('');
      const words = searchWords(content);
      expect(words.length).toBeLessThanOrEqual(8);
      expect(new Set(words).size).toBe(words.length);
      const standing = content.split(/\s+/).map((token) => token.replace(/[.,]+$/, ''));
      expect(words.filter((word) => !standing.includes(word))).toEqual([]);
    }),
  );
});

describe('a content is asked for', () => {
  test('by all of its words and by each half of them, so that no single word decides', () => {
    expect(wordings(['4711', 'ticket', 'apple', 'owner', 'zebra'])).toEqual([
      '4711 ticket apple owner zebra',
      '4711 apple zebra',
      'ticket owner',
    ]);
    expect(wordings(['ticket', 'apple', 'owner', 'zebra'])).toEqual([
      'ticket apple owner zebra',
      'ticket owner',
      'apple zebra',
    ]);
  });

  test('by all of its words alone, where there are too few to halve', () => {
    expect(wordings(['ticket', 'apple', 'owner'])).toEqual(['ticket apple owner']);
  });

  test('not at all, where it has no words', () => {
    expect(wordings([])).toEqual([]);
  });
});
