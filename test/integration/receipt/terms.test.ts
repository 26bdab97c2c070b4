/**
 * On which terms a receipt is taken: how much was verified and how long ago, how many rows were skipped, with which key; and what
 * is said where there is no receipt, or no source, to check.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receipt, receiptText, sealed } from '../../../src/model/receipt.ts';
import { runCli } from '../../support/cli.ts';
import { tampering } from '../verify/tampering.ts';
import { ALL } from '../verify/verifying.ts';
import { checkReceipt, copiedWorld, type Proven } from './checking.ts';

const HOUR = 3_600_000;
const NOWHERE = 'postgres://nobody@127.0.0.1:1/nowhere';

let proven: Proven;
beforeAll(async () => {
  proven = await copiedWorld();
});
afterAll(() => proven.release());

const reasons = async (...given: Parameters<Proven['check']>) => {
  const { code, result } = await proven.check(...given);
  return [code, result?.reasons];
};

describe('a receipt of less than everything', () => {
  test.each<[string, () => string[], () => string]>([
    ['a sample', () => ['--verify-sample', '2', '--seed', 'dice'], () => 'a sample, of 2 of 3 workspaces'],
    [
      'a sample of as many as there are, since it might have been drawn from fewer',
      () => ['--verify-sample', '3'],
      () => 'a sample, of 3 of 3 workspaces',
    ],
    [
      'one workspace',
      () => ['--workspace', proven.tree.workspace('sales')],
      () => `one workspace, ${proven.tree.workspace('sales')}`,
    ],
  ])('is refused, unless that is accepted: %s', async (_, flags, what) => {
    expect((await proven.prove(flags())).code).toBe(0);
    const reason = `Its verify was of ${what()}, and not of everything: --accept-sample lets that pass.`;
    expect(await reasons()).toEqual([1, [reason]]);
    expect(await reasons(['--accept-sample'])).toEqual([0, []]);
  });
});

describe('a receipt of everything', () => {
  beforeAll(async () => {
    expect((await proven.prove()).code).toBe(0);
  });

  /** What the receipt would be, had it been made otherwise. */
  async function remade(change: (receipt: Receipt) => Receipt): Promise<void> {
    const receipt: Receipt = JSON.parse(await readFile(proven.file, 'utf8'));
    const { digest: _digest, ...said } = change(receipt);
    await writeFile(proven.file, receiptText(sealed(said, null)));
  }

  const aged = (ms: number) => (receipt: Receipt) => {
    const at = new Date(Date.parse(receipt.snapshot.at) - ms).toISOString();
    return { ...receipt, snapshot: { ...receipt.snapshot, at } };
  };

  test.each<[string, (text: string) => string, RegExp]>([
    ['cut off', (text) => text.slice(0, -20), /no JSON, or was cut off/],
    ['emptied', () => '', /no JSON, or was cut off/],
    ['told another verdict', (text) => text.replace('"compared": 4', '"compared": 3'), /^Its digest does not fit/],
    ['given a field', (text) => text.replace('{', '{\n  "note": "",'), /damaged: it has a field that is not known/],
    ['laid out anew', (text) => JSON.stringify(JSON.parse(text)), /laid out anew/],
  ])('is refused when its file was %s', async (_, change, reason) => {
    const text = await readFile(proven.file, 'utf8');
    await writeFile(proven.file, change(text));
    const { code, result } = await proven.check();
    await writeFile(proven.file, text);
    expect([code, result?.verdict]).toEqual([1, 'refused']);
    expect(result?.reasons[0]).toMatch(reason);
  });

  test('is refused where another number of skipped rows is accepted', async () => {
    expect(await reasons(['--accept-skipped', '1'])).toEqual([
      1,
      ['Its verify skipped 0 rows, and --accept-skipped says 1: it must be the same number.'],
    ]);
  });

  test('grows too old, by the clock of the database', async () => {
    await remade(aged(23 * HOUR));
    expect(await reasons()).toEqual([0, []]);
    const { code, result } = await proven.check(['--max-age', '22h']);
    expect([code, result?.reasons.length]).toEqual([1, 1]);
    expect(result?.reasons[0]).toMatch(
      /^It is 23 h( \d+ min)?( \d+ s)? old, and --max-age asks for less than 22 h: verify again\.$/,
    );
    await remade(aged(HOUR));
    expect((await proven.check()).result?.reasons[0]).toMatch(/^It is 24 h.* asks for less than 24 h/);
  });

  test('is refused where it is of a time that is yet to come', async () => {
    await remade(aged(-30 * HOUR));
    expect(await reasons()).toEqual([
      1,
      ["It is of a time that is yet to come, by the database's clock: that clock was set back, or is another."],
    ]);
  });
});

describe('with a key', () => {
  const MINE = { MEMORY_BACKFILL_RECEIPT_KEY: 'mine' };

  beforeAll(async () => {
    expect((await proven.prove(ALL, MINE)).code).toBe(0);
  });

  test('a receipt holds for who has that key', async () => {
    expect(await reasons([], MINE)).toEqual([0, []]);
    expect(await readFile(proven.file, 'utf8')).not.toContain('mine');
  });

  test('it is refused for who has another', async () => {
    const { code, result } = await proven.check([], { MEMORY_BACKFILL_RECEIPT_KEY: 'theirs' });
    expect([code, result?.reasons.length]).toEqual([1, 1]);
    expect(result?.reasons[0]).toMatch(/^Its digest does not fit .* another key/);
  });

  test('for who has none, that is a matter of configuration', async () => {
    const { code, report } = await proven.check();
    expect(report.error?.code).toBe('configuration');
    expect(report.error?.message).toMatch(/^MEMORY_BACKFILL_RECEIPT_KEY is not set: /);
    expect(code).toBe(2);
  });

  test('one that anybody could have made is refused', async () => {
    const { digest: _digest, ...said }: Receipt = JSON.parse(await readFile(proven.file, 'utf8'));
    await writeFile(proven.file, receiptText(sealed(said, null)));
    expect(await reasons([], MINE)).toEqual([
      1,
      ['It was made without a key, as anybody could have made it, and MEMORY_BACKFILL_RECEIPT_KEY is set.'],
    ]);
  });
});

test('no other mode makes a receipt, and what it prints is none', async () => {
  await rm(proven.file, { force: true });
  for (const mode of ['--dry-run', '--apply']) {
    const { code, stderr } = await runCli([mode, '--receipt', proven.file], { DATABASE_URL: proven.reader });
    expect([code, stderr]).toEqual([
      2,
      `memory-backfill: --receipt does not go with ${mode}; it belongs to --verify.\n`,
    ]);
  }
  const variable = { MEMORY_BACKFILL_RECEIPT: proven.file };
  expect((await proven.world.backfill(['--dry-run'], variable)).code).toBe(0);
  expect(await readdir(path.dirname(proven.file))).toEqual([]);
  await writeFile(proven.file, (await proven.world.backfill(['--dry-run'])).stdout);
  expect(await reasons()).toEqual([1, ['The file is no receipt of memory-backfill.']]);
});

describe('a verify that did not prove parity', () => {
  test('leaves a receipt that says so', async () => {
    const { id, content } = proven.tree.memory('The invoice was paid.');
    await tampering(proven.world).edit(id, { content: 'edited' });
    expect((await proven.prove()).code).toBe(1);
    await tampering(proven.world).edit(id, { content });
    expect(await reasons()).toEqual([1, ['Its verify did not prove parity: it ended with exit code 1.']]);
  });

  test('because it could not be made takes the one before with it', async () => {
    expect((await proven.prove()).code).toBe(0);
    const away = { MEMORY_PLUGIN_URL: 'http://127.0.0.1:1' };
    const run = await proven.world.backfill(['--verify', ...ALL, '--receipt', proven.file], away);
    expect(run.code).toBe(3);
    expect(await readdir(path.dirname(proven.file))).toEqual([]);
    expect((await proven.check()).code).toBe(2);
  });
});

describe('where there is nothing to check, or nothing to check it with:', () => {
  beforeAll(async () => {
    expect((await proven.prove()).code).toBe(0);
  });

  test('a file that is not there ends in 2', async () => {
    const { code, report, result } = await checkReceipt('no such file', [], { DATABASE_URL: proven.reader });
    expect(report.error).toEqual({
      code: 'configuration',
      message: 'The receipt of --check-receipt ("no such file") could not be read: ENOENT.',
    });
    expect([code, result]).toEqual([2, null]);
  });

  test('a source that cannot be reached ends in 3, and nothing holds', async () => {
    const { code, report, result } = await proven.check([], { DATABASE_URL: NOWHERE });
    expect([code, result?.verdict, result?.reasons, report.error?.code]).toEqual([3, 'not-checked', [], 'source']);
  });

  test('a receipt that speaks against itself is refused even so', async () => {
    const { code, report, result } = await proven.check(['--accept-skipped', '1'], { DATABASE_URL: NOWHERE });
    expect([code, result?.verdict, result?.reasons.length, report.error?.code]).toEqual([1, 'refused', 1, 'source']);
  });

  test('a database without the tables ends in 2', async () => {
    const elsewhere = new URL(proven.world.databaseUrl);
    elsewhere.pathname = '/postgres';
    const { code, report } = await proven.check([], { DATABASE_URL: elsewhere.href });
    expect([code, report.error?.code]).toEqual([2, 'configuration']);
  });
});
