/** A receipt on the disk: written whole or not at all, read to the letter or refused. */
import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import schema from '../../../api-protocol/memory-backfill-receipt-v1.schema.json' with { type: 'json' };
import { readReceipt, withdrawReceipt, writeReceipt } from '../../../src/cli/receipt-file.ts';
import { parseReceipt } from '../../../src/cli/receipt-form.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { RunError } from '../../../src/model/errors.ts';
import { isWhole, type Receipt, receiptText } from '../../../src/model/receipt.ts';
import { KEY, receipt } from '../model/receipts.ts';

const ID = '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b';
const FULL = receipt({
  accepted: [ID],
  unproven: ['u\n1'],
  asked: { workspace: null, sample: 50, seed: 'x\n"' },
  allowUnproven: 3,
});
const ofSchema = formats.default(new Ajv({ strict: true, strictTypes: false })).compile(schema);

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'receipt '));
  return await use(folder.path);
}

/** @returns the error, of whatever kind. */
async function thrown(attempt: Promise<unknown>): Promise<unknown> {
  return await attempt.then(
    () => expect.fail('Nothing was thrown.'),
    (error: unknown) => error,
  );
}

describe('what is written is read back', () => {
  test.each<[string, Receipt, boolean]>([
    ['without a key', FULL, false],
    ['without a key, where there is one', FULL, true],
    ['made with a key', receipt({}, KEY), true],
  ])('%s', async (_, given, keyed) => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'receipt.json');
      await writeFile(file, 'what was there');
      await writeReceipt(file, receiptText(given));
      expect(await readReceipt(file, keyed)).toEqual({ ok: true, receipt: given });
      expect(await readdir(folder)).toEqual(['receipt.json']);
    });
  });
});

describe('a receipt that cannot be written leaves nothing behind', () => {
  test('where its folder is missing', async () => {
    await inFolder(async (folder) => {
      const error = await thrown(writeReceipt(path.join(folder, 'none', 'r.json'), receiptText(FULL)));
      expect(error).toBeInstanceOf(RunError);
      expect(error).toMatchObject({ code: 'output', message: expect.stringContaining('could not be written: ENOENT') });
    });
  });

  test('where a folder has its name, and the half-made file is taken away', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'r.json');
      await mkdir(path.join(file, 'full'), { recursive: true });
      expect(await thrown(writeReceipt(file, receiptText(FULL)))).toMatchObject({ code: 'output' });
      expect(await readdir(folder)).toEqual(['r.json']);
    });
  });
});

describe('the receipt of an earlier verify', () => {
  test('is taken away, and it is no matter where there is none', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'r.json');
      await writeReceipt(file, receiptText(FULL));
      await withdrawReceipt(file);
      await withdrawReceipt(file);
      expect(await readdir(folder)).toEqual([]);
    });
  });

  test('is complained of where it cannot be', async () => {
    await inFolder(async (folder) => {
      const error = await thrown(withdrawReceipt(folder));
      expect(error).toBeInstanceOf(RunError);
      expect(error).toMatchObject({
        code: 'output',
        message: expect.stringMatching(/ERR_FS_EISDIR\. Nothing was compared\.$/),
      });
    });
  });
});

describe('a file that cannot be opened is a matter of usage', () => {
  test.each([
    ['one that is not there', 'nowhere.json', 'ENOENT'],
    ['a folder', '.', 'EISDIR'],
  ])('%s', async (_, file, code) => {
    const error = await thrown(readReceipt(file, false));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: `The receipt of --check-receipt ("${file}") could not be read: ${code}.` });
  });

  test('and an address that was given for one is not repeated, since it may hold a password', async () => {
    for (const attempt of [readReceipt, (file: string) => writeReceipt(file, 'x')]) {
      expect(String(await thrown(attempt('postgres://ada:s3cret@db/platform', false)))).not.toContain('s3cret');
    }
  });

  test('and so is one that was made with a key, where there is none to check it with', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'r.json');
      await writeReceipt(file, receiptText(receipt({}, KEY)));
      const error = await thrown(readReceipt(file, false));
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({
        message:
          'MEMORY_BACKFILL_RECEIPT_KEY is not set: the receipt was made with a key, and cannot be checked without it.',
      });
    });
  });
});

describe('refused for what it holds is', () => {
  const NO_JSON = 'The file is no receipt: it is no JSON, or was cut off.';
  const ANEW = 'The receipt is not as it was written: it was laid out anew, or has a field twice.';
  const DAMAGED = 'The receipt is damaged: it has a field that is not known.';
  const text = receiptText(FULL);
  test.each<[string, string | Uint8Array, string]>([
    ['a file without a word', '', NO_JSON],
    ['half a receipt', text.slice(0, 500), NO_JSON],
    ['what is no UTF-8', Uint8Array.of(0x7b, 0xff), NO_JSON],
    ['one behind a byte order mark', `\uFEFF${text}`, NO_JSON],
    ['a list', '[]', 'The file is no receipt of memory-backfill.'],
    ['null', 'null', 'The file is no receipt of memory-backfill.'],
    ['a report', '{"report":1}', 'The file is no receipt of memory-backfill.'],
    [
      'one of another version',
      '{"receipt":2}',
      'The receipt is of another version than this memory-backfill reads: check it with the one that wrote it.',
    ],
    ['one on one line', `${JSON.stringify(FULL)}\n`, ANEW],
    ['one without its last line break', text.trimEnd(), ANEW],
    ['one with a field twice', text.replace('{', '{\n  "verdict": "no parity",'), ANEW],
    ['one with a field twice, the same both times', text.replace('{', '{\n  "verdict": "parity",'), ANEW],
    ['one with a field twice further in', text.replace('"findings": {', '"findings": {\n    "leak": 7,'), ANEW],
    ['one with a number in another notation', text.replace('"population": 2', '"population": 2.0'), ANEW],
    ['one with a negative nothing', text.replace('"vanished": 0', '"vanished": -0'), ANEW],
    ['one with a name in another notation', text.replace('"verdict"', '"v\\u0065rdict"'), ANEW],
    ['one with something behind it', `${text}{}`, NO_JSON],
    ['one with the field of all objects', text.replace('{', '{\n  "__proto__": {},'), DAMAGED],
    ['more than any receipt', ' '.repeat(32 * 1024 * 1024 + 1), 'The file is no receipt: it is larger than any.'],
  ])('%s', async (_, content, reason) => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'r.json');
      await writeFile(file, content);
      expect(await readReceipt(file, false)).toEqual({ ok: false, reason });
    });
  });

  test.each<[string, unknown, string]>([
    ['a field too many', { ...FULL, note: 'x' }, 'it has a field that is not known'],
    ['a field too many further in', { ...FULL, rows: { ...FULL.rows, lost: 0 } }, 'rows has a field that is not known'],
    ['a field too few', without(FULL, 'verdict'), 'verdict is missing'],
    ['a field too few further in', { ...FULL, rows: without(FULL.rows, 'compared') }, 'rows.compared is missing'],
    ['a count in words', { ...FULL, population: 'two' }, 'population is no whole number'],
    ['a number as text', { ...FULL, rows: { ...FULL.rows, compared: '10' } }, 'rows.compared is no whole number'],
    ['a number beyond all that are exact', { ...FULL, population: 2 ** 53 }, 'population is no whole number'],
    [
      'a truth as text',
      { ...FULL, hunt: { ...FULL.hunt, finished: 'true' } },
      'hunt.finished is neither true nor false',
    ],
    [
      'null for a truth',
      { ...FULL, hunt: { ...FULL.hunt, finished: null } },
      'hunt.finished is neither true nor false',
    ],
    ['null for a count', { ...FULL, hunt: { ...FULL.hunt, uncovered: null } }, 'hunt.uncovered is no whole number'],
    ['a number for a name', { ...FULL, unproven: [7] }, 'unproven[0] is no text'],
    [
      'more names than there can be',
      { ...FULL, unproven: Array.from({ length: 1_001 }, () => ID) },
      'unproven is longer than 1000',
    ],
    ['a negative count', { ...FULL, findings: { ...FULL.findings, leak: -1 } }, 'findings.leak is no whole number'],
    ['half a row', { ...FULL, rows: { ...FULL.rows, compared: 0.5 } }, 'rows.compared is no whole number'],
    [
      'a number for a truth',
      { ...FULL, snapshot: { ...FULL.snapshot, moved: 0 } },
      'snapshot.moved is neither true nor false',
    ],
    [
      'a time that is none',
      { ...FULL, snapshot: { ...FULL.snapshot, at: '2026-13-01T00:00:00Z' } },
      'snapshot.at is no time in UTC',
    ],
    ['a time of another zone', { ...FULL, endedAt: '2026-11-20T17:00:00+01:00' }, 'endedAt is no time in UTC'],
    [
      'half a digest of the source',
      { ...FULL, snapshot: { ...FULL.snapshot, digest: 'ab'.repeat(32) } },
      'snapshot.digest is no digest of a source',
    ],
    ['another verdict', { ...FULL, verdict: 'Parity' }, 'verdict is not one of its values'],
    ['another algorithm', { ...FULL, algorithm: 'MD5' }, 'algorithm is not one of its values'],
    ['a digest in capitals', { ...FULL, digest: FULL.digest.toUpperCase() }, 'digest is no digest'],
    [
      'an escape code',
      { ...FULL, plugin: { ...FULL.plugin, version: '\u001b[2J' } },
      'plugin.version is no line of text',
    ],
    ['a name that is no id', { ...FULL, accepted: [ID, 'x'] }, 'accepted[1] is no UUID'],
    ['one id for a list', { ...FULL, accepted: ID }, 'accepted is no list'],
    ['a list for an object', { ...FULL, rows: [] }, 'rows is no object'],
    ['a sample in words', { ...FULL, asked: { ...FULL.asked, sample: 'some' } }, 'asked.sample is no whole number'],
  ])('%s', (_, value, fault) => {
    expect(parseReceipt(JSON.stringify(value, null, 2))).toEqual({
      ok: false,
      reason: `The receipt is damaged: ${fault}.`,
    });
    expect(ofSchema(value)).toBe(false);
  });
});

test('the published schema is for the same receipts, with every field', () => {
  for (const given of [receipt(), FULL, receipt({}, KEY)])
    expect([ofSchema(given), ofSchema.errors]).toEqual([true, null]);
  for (const field of Object.keys(FULL)) {
    const wanting = without(FULL, field);
    expect([field, ofSchema(wanting), parseReceipt(JSON.stringify(wanting, null, 2)).ok]).toEqual([
      field,
      false,
      false,
    ]);
  }
});

describe('whatever happens to its file,', () => {
  const text = receiptText(FULL);
  const unnoticed = (changed: string) => {
    const read = parseReceipt(changed);
    return read.ok && isWhole(read.receipt, null);
  };

  test('any character that was changed is noticed', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(0xffff), (at, unit) => {
        const other = String.fromCharCode(unit);
        fc.pre(other !== text[at]);
        expect(unnoticed(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test('each of its bytes, one bit after the other', () => {
    const bytes = new TextEncoder().encode(text);
    const missed: string[] = [];
    for (const [at, byte] of bytes.entries()) {
      for (let bit = 0; bit < 7; bit++) {
        const changed = Uint8Array.from(bytes);
        changed[at] = byte ^ (1 << bit);
        if (unnoticed(new TextDecoder().decode(changed))) missed.push(`bit ${bit} of byte ${at}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test('a byte that is no UTF-8 is not taken for the character that stands for such', async () => {
    const bytes = Buffer.from(receiptText(receipt({ asked: { workspace: null, sample: 1, seed: '\uFFFD' } })));
    const at = bytes.indexOf('\uFFFD');
    const broken = Buffer.concat([bytes.subarray(0, at), Uint8Array.of(0xff), bytes.subarray(at + 3)]);
    await inFolder(async (folder) => {
      const file = path.join(folder, 'r.json');
      await writeFile(file, bytes);
      expect(await readReceipt(file, false)).toMatchObject({ ok: true });
      await writeFile(file, broken);
      expect(await readReceipt(file, false)).toMatchObject({ ok: false });
    });
  });

  test('any part that was cut out or doubled is noticed', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), fc.boolean(), (one, other, doubled) => {
        fc.pre(one !== other);
        const [from, to] = one < other ? [one, other] : [other, one];
        const rest = doubled ? from : to;
        expect(unnoticed(`${text.slice(0, doubled ? to : from)}${text.slice(rest)}`)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('it is kept as it was laid down', async () => {
  await inFolder(async (folder) => {
    const file = path.join(folder, 'r.json');
    await writeReceipt(file, receiptText(FULL));
    expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(FULL, null, 2)}\n`);
  });
});

function without(value: object, field: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
}
