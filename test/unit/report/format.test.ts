/** Numbers, sizes, durations and tables as people read them, at the borders where the form changes. */
import { describe, expect, test } from 'vitest';
import {
  bytes,
  count,
  counted,
  duration,
  oneLine,
  percentAtMost,
  plain,
  type Style,
  shellWord,
  table,
} from '../../../src/report/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [1_234_567, '1,234,567'],
])('the number %d is written %s', (value, text) => {
  expect(count(value)).toBe(text);
});

test('things are counted with their noun, which has a plural of its own where it needs one', () => {
  expect(counted(0, 'row')).toBe('0 rows');
  expect(counted(1, 'row')).toBe('1 row');
  expect(counted(2, 'row')).toBe('2 rows');
  expect(counted(2_000, 'row')).toBe('2,000 rows');
  expect(counted(1, 'entry', 'entries')).toBe('1 entry');
  expect(counted(3, 'entry', 'entries')).toBe('3 entries');
});

describe('a size', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_234, '1.2 kB'],
    [1_250, '1.3 kB'],
    [999_949, '999.9 kB'],
    [1_000_000, '1.0 MB'],
    [5_480_000_000, '5.5 GB'],
    [1_000_000_000_000, '1.0 TB'],
    [2_000_000_000_000_000, '2000.0 TB'],
  ])('of %d bytes is written %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  test.each([
    [999_950, '1.0 MB'],
    [999_999, '1.0 MB'],
    [999_999_999, '1.0 GB'],
  ])('of %d bytes, which rounds up to a thousand, takes the next unit: %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });
});

describe('a duration', () => {
  test.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [850, '850 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [12_340, '12.3 s'],
    [59_900, '59.9 s'],
    [60_000, '1 min 00 s'],
    [65_400, '1 min 05 s'],
    [3_599_000, '59 min 59 s'],
    [3_599_600, '1 h 00 min'],
    [3_600_000, '1 h 00 min'],
    [7_620_000, '2 h 07 min'],
    [360_000_000, '100 h 00 min'],
  ])('of %d ms is written %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });

  test.each([
    [999.6, '1.0 s'],
    [59_960, '1 min 00 s'],
    [59_999, '1 min 00 s'],
  ])('of %d ms, which rounds up to the next unit, is written in that: %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });
});

describe('a table', () => {
  test('stands two spaces in, text to the left, numbers to the right with their thousands, the last column as it comes', () => {
    const rows = [
      ['LOCAL', 12_345, 'a long text that runs on'],
      ['TEAM', 7, ''],
    ];
    expect(table(['scope', 'rows', 'why'], rows, plain)).toBe(
      [
        //
        '  scope     rows   why',
        '  LOCAL   12,345   a long text that runs on',
        '  TEAM         7',
      ].join('\n'),
    );
  });

  test('has its heading alone where there are no rows', () => {
    expect(table(['scope', 'rows'], [], plain)).toBe('  scope   rows');
  });

  test('is as wide as its heading where the cells are narrow, and has nothing where a cell is missing', () => {
    expect(table(['operation', 'n'], [['a', 1], ['b']], plain)).toBe('  operation   n\n  a           1\n  b');
  });

  test('has its heading dimmed and nothing else coloured', () => {
    const marking: Style = { ...plain, dim: (text) => `<${text}>` };
    expect(table(['a', 'b'], [['x', 1]], marking)).toBe('  <a   b>\n  x   1');
  });
});

test.each([
  [0, '0 %'],
  [57 / 1_000, '5.7 %'],
  [0.05701, '5.8 %'],
  [0.95, '95 %'],
  [1, '100 %'],
  [0.1, '10 %'],
  [0.118, '12 %'],
  [0.01, '1 %'],
  [3 / 1_000, '0.3 %'],
  [0.000341, '0.035 %'],
  [7 / 10_000_000, '0.00007 %'],
])('a bound of %d is written %s: never less than it is', (share, text) => {
  expect(percentAtMost(share)).toBe(text);
});

test.each([
  [' a\n\r\tb\u0000 \u001b[31mc ', 'a b   [31mc'],
  ['left\u202eright\u200b\u2028below\ud800', 'left right below'],
  ['family \u{1f468}\u200d\u{1f469}', 'family \u{1f468}\u200d\u{1f469}'],
])('what somebody else wrote stands on one line and orders nobody about: %j', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test.each([
  ['k3', 'k3'],
  ['a=b,c:d@e/f.g%h+i-j_k', 'a=b,c:d@e/f.g%h+i-j_k'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$(rm)', "'$(rm)'"],
])('a shell takes %s for one word as %s', (value, word) => {
  expect(shellWord(value)).toBe(word);
});
