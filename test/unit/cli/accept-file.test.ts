/** The rows that an operator gives up: each line is just that, or the file is refused with the line and no word of it. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAcceptFile } from '../../../src/cli/accept-file.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

const ONE = '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b';
const TWO = '00000000-0000-4000-8000-00000000000a';
const line = (id: unknown, reason: unknown) => JSON.stringify({ id, reason });

async function read(content: string | Uint8Array): Promise<ReadonlyMap<string, string>> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'accept '));
  const file = path.join(folder.path, 'accept.jsonl');
  await writeFile(file, content);
  try {
    return await readAcceptFile(file);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message.replaceAll(file, 'FILE'));
    throw error;
  }
}

/** What the operator reads. */
async function complaint(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (error instanceof UsageError) return error.message;
  throw new Error(`There was nothing to complain about: ${JSON.stringify(error)}`);
}

describe('taken is', () => {
  test.each<[string, string | Uint8Array, Array<[string, string]>]>([
    ['a file without a line', '', []],
    ['a line', line(ONE, 'Refused by the plugin.'), [[ONE, 'Refused by the plugin.']]],
    ['an id in capitals, as the one in small letters', line(ONE.toUpperCase(), 'No.'), [[ONE, 'No.']]],
    [
      'several lines, with empty and blank ones between them, and a return before each end',
      `\r\n${line(ONE, 'a')}\r\n \t\r\n\n${line(TWO, 'b')}\r\n`,
      [
        [ONE, 'a'],
        [TWO, 'b'],
      ],
    ],
    [
      'an id twice with the same reason, once in capitals',
      `${line(ONE, 'a')}\n${line(ONE.toUpperCase(), 'a')}`,
      [[ONE, 'a']],
    ],
    ['a byte order mark', `\uFEFF${line(ONE, 'a')}`, [[ONE, 'a']]],
    ['the reason before the id', `{"reason":"a","id":"${ONE}"}`, [[ONE, 'a']]],
    ['a reason of five hundred characters, each of two units', line(ONE, '🙂'.repeat(500)), [[ONE, '🙂'.repeat(500)]]],
  ])('%s', async (_, content, accepted) => {
    expect([...(await read(content))]).toEqual(accepted);
  });

  test('a file of a hundred thousand lines', async () => {
    const ids = Array.from({ length: 100_000 }, (_, row) => `00000000-0000-4000-8000-${String(row).padStart(12, '0')}`);
    const accepted = await read(ids.map((id) => line(id, `Refused: ${'x'.repeat(100)}`)).join('\n'));
    expect(accepted.size).toBe(100_000);
  });
});

describe('refused is, with the number of the line,', () => {
  const FORM = '{"id":…,"reason":…}';
  test.each<[string, string, string]>([
    ['what is no JSON', 'a word', `is no JSON: each line must be of the form ${FORM}.`],
    ['half a line', `{"id":"${ONE}"`, `is no JSON: each line must be of the form ${FORM}.`],
    ['a bare id', JSON.stringify(ONE), `is not of the form ${FORM}.`],
    ['null', 'null', `is not of the form ${FORM}.`],
    ['a list', `["${ONE}","why"]`, `is not of the form ${FORM}.`],
    ['a line without a reason', JSON.stringify({ id: ONE }), `is not of the form ${FORM}.`],
    ['a line without an id', JSON.stringify({ reason: 'why' }), `is not of the form ${FORM}.`],
    [
      'a field that is not known',
      JSON.stringify({ id: ONE, reason: 'why', until: 'May' }),
      `has more than an "id" and a "reason": it must be of the form ${FORM}.`,
    ],
    ['a number for an id', line(7, 'why'), 'its "id" is no UUID.'],
    ['an id in braces', line(`{${ONE}}`, 'why'), 'its "id" is no UUID.'],
    ['a number for a reason', line(ONE, 7), 'its "reason" is no text.'],
    ['an empty reason', line(ONE, ''), 'its "reason" is empty. Say why the row is given up.'],
    ['a blank reason', line(ONE, ' \t'), 'its "reason" is empty. Say why the row is given up.'],
    ['a long reason', line(ONE, 'x'.repeat(501)), 'its "reason" has more than 500 characters.'],
    ...[
      ['a line break', 'a\nb'],
      ['an escape code', '\u001b[2J'],
      ['a character that Postgres cannot keep', 'a\0'],
      ['a separator of lines', 'a\u2028b'],
      ['half a character', '\ud83d'],
    ].map(([what, reason]): [string, string, string] => [
      `${what} in a reason`,
      line(ONE, reason),
      'its "reason" has line breaks or other characters that cannot be printed.',
    ]),
  ])('%s', async (_, wrong, sentence) => {
    const joint = sentence.startsWith('its') ? ': ' : ' ';
    expect(await complaint(read(`${line(TWO, 'fine')}\n\n${wrong}\n`))).toBe(`FILE, line 3${joint}${sentence}`);
  });

  test('an id that was given another reason before', async () => {
    const lines = [line(ONE, 'a'), '', line(TWO, 'b'), line(ONE.toUpperCase(), 'c')];
    expect(await complaint(read(lines.join('\n')))).toBe(
      `FILE, line 4: ${ONE} has another reason than in line 1, and which one holds cannot be told.`,
    );
  });

  test('no more of it than an id', async () => {
    const secret = 'The safe opens with 8361.';
    const wrong = [
      secret,
      line(secret, 'x'),
      line(ONE, `${secret}\n`),
      JSON.stringify({ [secret]: 1, id: ONE, reason: 'x' }),
    ];
    wrong.push(`${line(ONE, secret)}\n${line(ONE, `${secret} Really.`)}`);
    for (const content of wrong) expect(await complaint(read(content))).not.toContain('8361');
  });
});

test('a file that is no text is refused', async () => {
  expect(await complaint(read(Uint8Array.of(0x7b, 0xff, 0xfe)))).toBe(
    'FILE is no text in UTF-8, as the file of --accept must be.',
  );
});

test.each([
  ['a file that is not there', 'nowhere.jsonl', 'ENOENT'],
  ['a folder', '.', 'EISDIR'],
])('%s is refused', async (_, file, code) => {
  expect(await complaint(readAcceptFile(file))).toBe(`The file of --accept ("${file}") could not be read: ${code}.`);
});

test('an address that was given for a file is not repeated, since it may hold a password', async () => {
  expect(await complaint(readAcceptFile('postgres://ada:s3cret@db/platform'))).not.toContain('s3cret');
});
