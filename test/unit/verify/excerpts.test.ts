/** Pieces of content that are safe to print: short, on one line, whole characters, and around the place that they are about. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerptAround } from '../../../src/verify/excerpts.ts';

const FAMILY = '👨‍👩‍👧‍👦';
const ENGLAND = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';

const codePoints = (text: string) => [...text].length;
const graphemesOf = (text: string) => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
/** The graphemes of an excerpt without the dots that say that there is more. */
const shown = (excerpt: string) => graphemesOf(excerpt.replace(/^…|…$/g, ''));

describe('the beginning of a text', () => {
  test('is the whole text where it has at most 80 characters', () => {
    expect(excerptAround('', 0)).toBe('');
    expect(excerptAround('Deploys are frozen.', 0)).toBe('Deploys are frozen.');
    expect(excerptAround('a'.repeat(80), 0)).toBe('a'.repeat(80));
  });

  test('ends in dots where it goes on, which count', () => {
    expect(excerptAround('a'.repeat(81), 0)).toBe(`${'a'.repeat(79)}…`);
    expect(excerptAround('a'.repeat(1_000_000), 0)).toBe(`${'a'.repeat(79)}…`);
  });

  test.each([
    ['a family of seven code points', FAMILY, 11],
    ['a letter with combining marks', 'e\u0301\u0323', 26],
    ['a flag', '🇳🇱', 39],
    ['a flag made of tags', ENGLAND, 11],
    ['a syllable of several letters', 'क्षि', 19],
    ['a Hangul syllable of three letters', '\u1112\u1161\u11ab', 26],
  ])('is cut before %s that would be the 80th, not through it', (_, grapheme, whole) => {
    expect(graphemesOf(grapheme)).toHaveLength(1);
    expect(excerptAround(grapheme.repeat(100), 0)).toBe(`${grapheme.repeat(whole)}…`);
  });

  test('is nothing but dots where its first character alone is too long', () => {
    expect(excerptAround(`e${'\u0301'.repeat(1_000)}`, 0)).toBe('…');
  });
});

describe('what could disturb a terminal is escaped', () => {
  test.each([
    ['a new line', 'a\nb', 'a\\nb'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['both ends of a line', 'a\r\nb', 'a\\u{d}\\nb'],
    ['a colour', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['a title of the window', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
    ['a control character of eight bits', 'a\u009b31mb', 'a\\u{9b}31mb'],
    ['NUL, backspace and delete', '\u0000\b\u007f', '\\u{0}\\u{8}\\u{7f}'],
    ['next line, line separator and paragraph separator', '\u0085\u2028\u2029', '\\u{85}\\u{2028}\\u{2029}'],
    ['an override of the direction', '\u202egnp.exe\u202c', '\\u{202e}gnp.exe\\u{202c}'],
    ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['marks of direction', '\u200e\u200f\u061c', '\\u{200e}\\u{200f}\\u{61c}'],
    ['what cannot be seen', 'a\u200bb\ufeffc\u00add\u2060', 'a\\u{200b}b\\u{feff}c\\u{ad}d\\u{2060}'],
    ['half of a character', 'a\ud83d', 'a\\u{d83d}'],
  ])('%s', (_, content, expected) => {
    expect(excerptAround(content, 0)).toBe(expected);
  });

  test('joiners inside an emoji are left, so that it stays one', () => {
    expect(excerptAround(`a ${FAMILY} b`, 0)).toBe(`a ${FAMILY} b`);
  });

  test('right-to-left letters are left as they are', () => {
    expect(excerptAround('עברית وגם', 0)).toBe('עברית وגם');
  });

  test('an escape counts with all of its characters, and is not cut', () => {
    expect(excerptAround('\n'.repeat(100), 0)).toBe(`${'\\n'.repeat(39)}…`);
    expect(excerptAround('\u001b'.repeat(100), 0)).toBe(`${'\\u{1b}'.repeat(13)}…`);
  });
});

describe('an excerpt around a difference', () => {
  test('near the beginning begins at the beginning', () => {
    expect(excerptAround(`${'a'.repeat(20)}X${'b'.repeat(200)}`, 20)).toBe(`${'a'.repeat(20)}X${'b'.repeat(58)}…`);
  });

  test('in the middle shows some twenty characters before it, and goes on to 80', () => {
    const excerpt = excerptAround(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 500);
    expect(excerpt).toMatch(/^…a{15,20}Xb{50,70}…$/);
    expect(excerpt).toHaveLength(80);
  });

  test('near the end shows the end, without dots', () => {
    expect(excerptAround(`${'a'.repeat(500)}X${'b'.repeat(10)}`, 500)).toMatch(/^…a{15,20}Xb{10}$/);
  });

  test('behind the end, where the other text goes on, shows the end', () => {
    expect(excerptAround('abc', 3)).toBe('abc');
    expect(excerptAround('a'.repeat(500), 500)).toMatch(/^…a{15,20}$/);
  });

  test.each([
    ['a family', FAMILY],
    ['a flag', '🇳🇱'],
    ['a flag made of tags', ENGLAND],
    ['a letter with a combining mark', 'e\u0301'],
  ])('begins with a whole character where twenty units before it would cut through %s', (_, grapheme) => {
    const content = `${grapheme.repeat(30)}X${grapheme.repeat(30)}`;
    for (let at = 0; at < content.length; at++) {
      expect(shown(excerptAround(content, at)).filter((part) => part !== grapheme && part !== 'X')).toEqual([]);
    }
  });

  test('inside a character of many combining marks shows what surrounds that character', () => {
    const content = `${'a'.repeat(30)}e${'\u0301'.repeat(30)}${'b'.repeat(30)}`;
    expect(excerptAround(content, 55)).toContain(`e${'\u0301'.repeat(30)}b`);
  });
});

describe('of any text, around any place, an excerpt', () => {
  const anyPlace = fc
    .string({ unit: 'binary', maxLength: 400, size: 'max' })
    .chain((content) => fc.tuple(fc.constant(content), fc.nat(content.length)));
  const PIECES = [FAMILY, '🇳🇱', '🇩🇪', ENGLAND, 'e\u0301', 'क्षि', '한', 'a', 'b', ' ', 'ע'];
  const anyGraphemes = fc
    .array(fc.constantFrom(...PIECES), { maxLength: 120, size: 'max' })
    .map((parts) => parts.join(''));

  test('has at most 80 characters, and none that moves the cursor, breaks the line or turns the writing', () => {
    fc.assert(
      fc.property(anyPlace, ([content, at]) => {
        const excerpt = excerptAround(content, at);
        expect(codePoints(excerpt)).toBeLessThanOrEqual(80);
        expect(excerpt).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  test('is the text itself, or a beginning of it that ends between characters', () => {
    fc.assert(
      fc.property(anyGraphemes, (content) => {
        const excerpt = excerptAround(content, 0);
        if (codePoints(content) <= 80) expect(excerpt).toBe(content);
        else {
          expect(excerpt.endsWith('…')).toBe(true);
          expect(graphemesOf(content).slice(0, shown(excerpt).length)).toEqual(shown(excerpt));
        }
      }),
    );
  });

  test('holds whole characters of the text in their order, wherever it begins', () => {
    fc.assert(
      fc.property(anyGraphemes, fc.nat(400), (content, place) => {
        const excerpt = excerptAround(content, Math.min(place, content.length));
        // Characters are told apart by a border around each, so that none can be found inside another.
        const bordered = (graphemes: readonly string[]) => `|${graphemes.join('|')}|`;
        expect(bordered(graphemesOf(content))).toContain(bordered(shown(excerpt)));
      }),
    );
  });
});
