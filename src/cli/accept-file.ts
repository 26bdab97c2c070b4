/**
 * The file behind `--accept`: the rows that the operator gives up on purpose, one JSON line each, {"id":…,"reason":…}.
 *
 * Whoever reads it decides what becomes of rows, so that a line is either just that or refused. Complaints name the line and
 * repeat no more of it than the id: a reason may quote a memory.
 */
import { isUuid } from '../model/memory.ts';
import { readWhole } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Characters of a reason. */
const MOST = 500;

interface Accepted {
  id: string;
  reason: string;
}

/**
 * @returns the reasons by id, in lower case; empty where the file is
 * @throws UsageError for a file that cannot be read, and for the first line that is not as it must be
 */
export async function readAcceptFile(path: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await text(path)).split('\n');
  const reasons = new Map<string, string>();
  const numbers = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = `${path}, line ${index + 1}`;
    const { id, reason } = accepted(line, place);
    const earlier = reasons.get(id);
    if (earlier !== undefined && earlier !== reason) {
      throw new UsageError(
        `${place}: ${id} has another reason than in line ${numbers.get(id)}, and which one holds cannot be told.`,
      );
    }
    if (earlier !== undefined) continue;
    reasons.set(id, reason);
    numbers.set(id, index + 1);
  }
  return reasons;
}

async function text(path: string): Promise<string> {
  const bytes = await readWhole(path, 'The file of --accept');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is no text in UTF-8, as the file of --accept must be.`);
  }
}

/** @param place for complaints */
function accepted(line: string, place: string): Accepted {
  const value = json(line, place);
  if (typeof value !== 'object' || value === null || !('id' in value) || !('reason' in value)) {
    throw new UsageError(`${place} is not of the form {"id":…,"reason":…}.`);
  }
  const { id, reason, ...rest } = value;
  if (Object.keys(rest).length > 0) {
    throw new UsageError(`${place} has more than an "id" and a "reason": it must be of the form {"id":…,"reason":…}.`);
  }
  return { id: uuid(id, place), reason: words(reason, place) };
}

function json(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UsageError(`${place} is no JSON: each line must be of the form {"id":…,"reason":…}.`);
  }
}

function uuid(id: unknown, place: string): string {
  if (typeof id === 'string' && isUuid(id)) return id.toLowerCase();
  throw new UsageError(`${place}: its "id" is no UUID.`);
}

/** A reason goes into the ledger and onto terminals: one line of text that both can take. */
function words(reason: unknown, place: string): string {
  if (typeof reason !== 'string') throw new UsageError(`${place}: its "reason" is no text.`);
  if (reason.trim() === '') throw new UsageError(`${place}: its "reason" is empty. Say why the row is given up.`);
  if ([...reason].length > MOST) throw new UsageError(`${place}: its "reason" has more than ${MOST} characters.`);
  if (!reason.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(reason)) {
    throw new UsageError(`${place}: its "reason" has line breaks or other characters that cannot be printed.`);
  }
  return reason;
}
