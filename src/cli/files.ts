/**
 * Files that are read or written as a whole, or whose being there says all. One that is written stands beside its final name until it is whole and on the disk,
 * so that a crash leaves `FILE.partial` at most, and under the final name what was there before.
 */
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { quoted, UsageError } from './usage-error.ts';

/** @returns where a file stands until it is whole */
export function partial(path: string): string {
  return `${path}.partial`;
}

/** Whole, or not at all. Rejects as the file system does. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeThrough(partial(path), text);
    await rename(partial(path), path);
  } catch (error) {
    await rm(partial(path), { force: true }).catch(() => {}); // The first error is the one to tell.
    throw error;
  }
}

/** Rejects where it cannot be told, as where a directory on the way may not be entered. */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Resolves when it is on the disk. */
async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * @param what names it: "The report"
 * @throws UsageError where it cannot be read
 */
export async function readWhole(path: string, what: string): Promise<Uint8Array> {
  return await readFile(path).catch((error: unknown) => {
    throw new UsageError(`${what} (${quoted(path)}) could not be read: ${troubleOf(error)}.`);
  });
}

/** The code of the file system's error, for sentences: its message repeats the path, which may hold a password. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
