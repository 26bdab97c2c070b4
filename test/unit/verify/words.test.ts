/** The words by which a memory is asked for: only such as every index takes for a word, the most telling first. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonWords, manyWords, narrowings, searchWords, wordCounts, wordings } from '../../../src/verify/words.ts';

describe('a word is chosen', () => {
  test.each([
    ['as it is written, since an index may not fold its case', 'Deploys Élan', ['Deploys', 'Élan']],
    [
      'out of the punctuation of prose',
      '"Deploys", (frozen)! [noon]; {late}: \'soon\'? end.',
      ['Deploys', 'frozen', 'late', 'noon', 'soon', 'end'],
    ],
    ['out of several marks on either side', '(("Deploys"))!!! [{\'frozen\'}]...', ['Deploys', 'frozen']],
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

describe('where it is known in how many rows a word occurs', () => {
  const ROWS: Record<string, number> = { ticket: 900, invoice: 40, 4711: 40, été: 40, zebra: 1, complaint: 40 };
  const rarity = (word: string) => ROWS[word] ?? 0;

  test('the rarest stands first; of equally rare ones numbers, then ASCII, then the longest', () => {
    expect(searchWords('ticket invoice été zebra 4711 complaint', rarity)).toEqual([
      'zebra',
      '4711',
      'complaint',
      'invoice',
      'été',
      'ticket',
    ]);
  });

  test('a rare word drives out a frequent one that would stand before it', () => {
    const content = `alpha ${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((letter) => letter.repeat(9)).join(' ')}`;
    expect(searchWords(content)).not.toContain('alpha');
    expect(searchWords(content, (word) => (word === 'alpha' ? 1 : 2))[0]).toBe('alpha');
  });

  test('rarity orders words, and makes none of what is none', () => {
    const content = 'The zebra, the ticket; the www.example.com and 7.';
    expect(searchWords(content, rarity).toSorted()).toEqual(searchWords(content).toSorted());
  });

  test('a rarity that tells nothing changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^([a-z]{1,9}|[0-9]{1,4}|[é-ü]{3,5})$/)), fc.nat(9), (tokens, rows) => {
        expect(searchWords(tokens.join(' '), () => rows)).toEqual(searchWords(tokens.join(' ')));
      }),
    );
  });
});

describe('more words, to narrow with, are', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');

  test('24 at most, the first eight of which are those of the first question', () => {
    const content = letters.map((letter) => letter.repeat(5)).join(' ');
    expect(manyWords(content)).toEqual(letters.slice(0, 24).map((letter) => letter.repeat(5)));
    const rarity = (word: string) => 100 - word.charCodeAt(0);
    expect(manyWords(content, rarity).slice(0, 8)).toEqual(searchWords(content, rarity));
    expect(manyWords(content, rarity)[0]).toBe('zzzzz');
  });

  test('asked for all together and by halves, where there are more than eight', () => {
    const words = letters.slice(0, 9);
    expect(narrowings(words)).toEqual({
      allOf: ['a b c d e f g h i', 'a c e g i', 'b d f h'],
      anyOf: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    });
  });

  test('asked for one by one alone, where the first question had them all', () => {
    expect(narrowings(letters.slice(0, 8))).toEqual({ allOf: [], anyOf: letters.slice(0, 8) });
    expect(narrowings(['ticket', 'apple'])).toEqual({ allOf: [], anyOf: ['ticket', 'apple'] });
  });

  test('none, where there are no words', () => {
    expect(narrowings([])).toEqual({ allOf: [], anyOf: [] });
  });
});

describe('counted words', () => {
  const countsOf = (contents: readonly string[], most?: number) => {
    const counts = wordCounts(most);
    for (const content of contents) counts.add(content);
    return counts;
  };

  test('are counted once a row, in whatever case, and asked for in whatever case', () => {
    const { rarity } = countsOf(['Deploys deploys frozen', 'DEPLOYS are noisy.', 'Frozen élan']);
    expect(['deploys', 'Deploys', 'frozen', 'noisy', 'Élan', 'absent'].map(rarity)).toEqual([2, 2, 2, 1, 1, 0]);
  });

  test('are those that can be searched for, and no others', () => {
    const { rarity } = countsOf(['The a.b ticket 7 4711 <b>bold</b>']);
    expect(['the', 'a.b', 'bold', '7', 'ticket', '4711'].map(rarity)).toEqual([0, 0, 0, 0, 1, 1]);
  });

  test('make the one that tells two rows apart stand first', () => {
    const contents = ['remember the customer invoice zebra', 'remember the customer invoice horse'];
    const { rarity } = countsOf(contents);
    expect(contents.map((content) => searchWords(content, rarity)[0])).toEqual(['zebra', 'horse']);
    expect(contents.map((content) => searchWords(content)[0])).toEqual(['customer', 'customer']);
  });

  const letters = fc.constantFrom('aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff', 'ggg');
  const rows = fc.array(fc.array(letters, { maxLength: 6 }), { maxLength: 60, size: 'max' });
  const countedIn = (contents: readonly string[][], word: string) =>
    contents.filter((content) => content.includes(word)).length;

  test('are exact while there is room', () => {
    fc.assert(
      fc.property(rows, letters, (contents, word) => {
        expect(countsOf(contents.map((content) => content.join(' '))).rarity(word)).toBe(countedIn(contents, word));
        expect(
          countsOf(
            contents.map((content) => content.join(' ')),
            7,
          ).rarity(word),
        ).toBe(countedIn(contents, word));
      }),
    );
  });

  test('are too low by one for every so many words beyond that, never too high', () => {
    fc.assert(
      fc.property(rows, letters, fc.integer({ min: 1, max: 6 }), (contents, word, most) => {
        const counted = countsOf(
          contents.map((content) => content.join(' ')),
          most,
        ).rarity(word);
        const occurrences = contents.reduce((sum, content) => sum + new Set(content).size, 0);
        const exact = countedIn(contents, word);
        expect(counted).toBeLessThanOrEqual(exact);
        expect(counted).toBeGreaterThanOrEqual(exact - occurrences / (most + 1));
      }),
    );
  });

  test('a frequent word that comes late is not taken for a rare one', () => {
    const early = Array.from({ length: 50 }, (_, number) => `early ${1_000 + number}`);
    const late = Array.from({ length: 50 }, (_, number) => `customer ${2_000 + number}`);
    const { rarity } = countsOf([...early, ...late], 10);
    expect(rarity('customer')).toBeGreaterThan(rarity('2049'));
  });

  test('are at most 100,000', () => {
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => 100_000 + from + at);
    const counts = wordCounts();
    // Content is looked at up to 8,000 characters.
    for (let from = 0; from < 100_000; from += 1_000) counts.add(numbers(from, from + 1_000).join(' '));
    expect(counts.rarity('100000')).toBe(1);
    expect(counts.rarity('199999')).toBe(1);
    counts.add('onemore');
    expect(['100000', '199999', 'onemore'].map(counts.rarity)).toEqual([0, 0, 0]);
    counts.add('onemore');
    expect(counts.rarity('onemore')).toBe(1);
  });

  test('do not keep the contents that they are from in memory', () => {
    const counts = wordCounts();
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const held = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = held();
    for (let row = 0; row < 64; row++) {
      const word = `rememberedword${String.fromCharCode(97 + (row >> 4), 97 + (row & 15))}`;
      counts.add(`${word} ${'x'.repeat(1024 * 1024)}`);
      expect(counts.rarity(word)).toBe(1);
    }
    expect(held() - before).toBeLessThan(16 * 1024 * 1024);
    expect(counts.rarity('rememberedwordaa')).toBe(1);
  });
});

describe('the words that most contents have in common', () => {
  const contents = [
    'Deploys froze the Deploys',
    'deploys, tickets and invoices',
    'Tickets: https://tickets.example',
    'hm',
  ];

  test('come first, each content counted once, in whatever case', () => {
    expect(commonWords(contents, 2)).toEqual(['Tickets', 'deploys']);
    expect(commonWords(contents, 10)).toEqual(['Tickets', 'deploys', 'froze', 'invoices']);
  });

  test('are none where no content has a word', () => {
    expect(commonWords(['?!', '👍'], 2)).toEqual([]);
  });
});
