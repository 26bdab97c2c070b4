/** The seal of a receipt: it fits what was said and nothing else, made with this key or with none. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, isWhole, type Receipt, receiptText } from '../../../src/model/receipt.ts';
import { KEY, receipt } from './receipts.ts';

describe('the canonical form', () => {
  test('is that of the example of RFC 8785', () => {
    const value = {
      numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts by the UTF-16 units of the names, as the example of RFC 8785 does', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name) => [name, 0]));
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    expect(canonical(value)).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  });

  test('says the same of the same value, in whatever order its members stand', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(reversed(value))).toBe(canonical(value));
      }),
    );
  });

  function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, reversed(member)]),
    );
  }
});

const body = ({ digest: _, ...said }: Receipt) => `memory-backfill receipt 1\n${canonical(said)}`;

describe('the digest can be made by others, from the canonical form behind its label:', () => {
  test('SHA-256 without a key', () => {
    const made = receipt();
    expect(made.algorithm).toBe('SHA-256');
    expect(made.digest).toBe(createHash('sha256').update(body(made)).digest('hex'));
  });

  test('HMAC-SHA-256 with one', () => {
    const made = receipt({}, KEY);
    expect(made.algorithm).toBe('HMAC-SHA-256');
    expect(made.digest).toBe(createHmac('sha256', KEY).update(body(made)).digest('hex'));
  });
});

describe('whole is', () => {
  test.each([null, KEY])('one as it was made, with the key %o', (key) => {
    expect(isWhole(receipt({}, key), key)).toBe(true);
  });

  test('one that was laid down and read again', () => {
    const read: Receipt = JSON.parse(receiptText(receipt()));
    expect(isWhole(read, null)).toBe(true);
  });
});

describe('not whole is', () => {
  test.each([null, KEY])('one of which any field was changed, with the key %o', (key) => {
    const made = receipt({}, key);
    const places = leaves(made);
    expect(places.length).toBeGreaterThan(40);
    for (const path of places) {
      const other: Receipt = JSON.parse(JSON.stringify(altered(made, path)));
      expect([path, isWhole(other, key)]).toEqual([path, false]);
    }
  });

  const forged = (given: Receipt): Receipt => ({
    ...given,
    digest: createHash('sha256').update(body(given)).digest('hex'),
  });

  test.each<[string, Receipt, string | null]>([
    [
      'one forged without a key that says it was made with one',
      forged({ ...receipt(), algorithm: 'HMAC-SHA-256' }),
      null,
    ],
    ['one made with a key, held to another', receipt({}, KEY), 'another'],
    ['one made with a key, held to none', receipt({}, KEY), null],
    ['one made without a key, held to one', receipt(), KEY],
    ['one made without a key that says it was made with one', { ...receipt(), algorithm: 'HMAC-SHA-256' }, KEY],
    ['one made with a key that says it was made without', { ...receipt({}, KEY), algorithm: 'SHA-256' }, null],
    ['one with half of its digest', { ...receipt(), digest: receipt().digest.slice(0, 32) }, null],
    ['one without a digest', { ...receipt(), digest: '' }, null],
    ['one with its digest in capitals', { ...receipt(), digest: receipt().digest.toUpperCase() }, null],
  ])('%s', (_, given, key) => {
    expect(isWhole(given, key)).toBe(false);
  });

  /** The places of all that is no object: lists are taken as one. */
  function leaves(value: unknown, path: string[] = []): string[][] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
    return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
  }

  /** The same with something else at that place. */
  function altered(value: unknown, [name, ...path]: readonly string[]): unknown {
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'boolean') return !value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${JSON.stringify(value)}.`;
    const members = Object.entries(value).map(([own, member]) => [own, own === name ? altered(member, path) : member]);
    return Object.fromEntries(members);
  }
});
