import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { isUuid } from '../../../src/model/memory.ts';

const ID = '0b9d8c7e-1f2a-4b3c-9d4e-5f60718293a4';

test('an id is a UUID in either case', () => {
  expect([ID, ID.toUpperCase(), randomUUID()].map(isUuid)).toEqual([true, true, true]);
});

test.each([
  ['with something before it', ` ${ID}`],
  ['with something after it', `${ID}\n.`],
  ['without its hyphens', ID.replaceAll('-', '')],
  ['with a digit that is none', ID.replace('0', 'g')],
  ['with a group too few', ID.replace('-4b3c', '')],
  ['empty', ''],
])('text is no id: %s', (_what, text) => {
  expect(isUuid(text)).toBe(false);
});

test.each([...ID].map((_character, at) => at))('nor is an id without its character %i', (at) => {
  expect(isUuid(ID.slice(0, at) + ID.slice(at + 1))).toBe(false);
});
