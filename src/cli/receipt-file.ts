/**
 * The file of a receipt. It is written beside its final name and renamed once it is whole and on the disk, so that a crash leaves
 * `FILE.partial` at most. What an earlier verify left under the name goes when a verify begins: while one is under way, after
 * a crash, and after one that had nothing to say, there is no receipt at all.
 */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { RunError } from '../model/errors.ts';
import type { ReadReceipt } from '../model/receipt.ts';
import { troubleOf, writeWhole } from './files.ts';
import { parseReceipt } from './receipt-form.ts';
import { quoted, UsageError } from './usage-error.ts';

/** Bytes: some 700,000 ids that were given up by name. */
const MOST = 32 * 1024 * 1024;

/**
 * @param keyed whether there is a key to check it with
 * @throws UsageError for a file that cannot be read, and for a receipt that was made with a key where there is none
 */
export async function readReceipt(path: string, keyed: boolean): Promise<ReadReceipt> {
  const bytes = await firstBytes(path, MOST + 1).catch((error: unknown) => {
    throw new UsageError(`The receipt of --check-receipt (${quoted(path)}) could not be read: ${troubleOf(error)}.`);
  });
  if (bytes.length > MOST) return { ok: false, reason: 'The file is no receipt: it is larger than any.' };
  const read = parseReceipt(decoded(bytes));
  if (read.ok && read.receipt.algorithm === 'HMAC-SHA-256' && !keyed) {
    throw new UsageError(
      'MEMORY_BACKFILL_RECEIPT_KEY is not set: the receipt was made with a key, and cannot be checked without it.',
    );
  }
  return read;
}

/** Takes away the receipt of an earlier verify. @throws RunError `output` where it cannot be */
export async function withdrawReceipt(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw new RunError(
      'output',
      `The receipt of an earlier verify (${quoted(path)}) could not be removed: ${troubleOf(error)}. Nothing was compared.`,
      { cause: error },
    );
  });
}

/** Whole, or not at all. @throws RunError `output` */
export async function writeReceipt(path: string, text: string): Promise<void> {
  await writeWhole(path, text).catch((error: unknown) => {
    throw new RunError(
      'output',
      `The receipt (${quoted(path)}) could not be written: ${troubleOf(error)}. There is none, whatever the verify found.`,
      { cause: error },
    );
  });
}

/** Of a file, or of a pipe, which has no size to ask for. */
async function firstBytes(path: string, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: most - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What is no UTF-8, or begins with a byte order mark, is no JSON either. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return '';
  }
}
