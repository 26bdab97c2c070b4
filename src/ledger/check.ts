/** Whether a ledger could be kept, asked without making one: for a preflight. */
import { RunError } from '../model/errors.ts';
import { reader } from '../postgres/reading.ts';
import { connectTo, refuseUnwritable, survey } from './access.ts';
import { levelOf, refuseNewer } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';

export interface CheckRequest {
  url: string;
  /** The environment variable that the URL came from, for sentences. */
  variable: string;
  stop: AbortSignal;
}

export type LedgerCheck = { ok: true } | { ok: false; sentence: string };

/**
 * @returns why not, with the ways out, where the user's rights or the ledger's version do not do
 * @throws RunError `ledger` where the database cannot be reached
 */
export async function checkLedger({ url, variable, stop }: CheckRequest): Promise<LedgerCheck> {
  const sql = connectTo(url, variable, 1);
  try {
    const read = reader(stop, 'ledger');
    const surveyed = await survey(sql, read, variable);
    const level = surveyed.schema?.usable ? await read('be read', () => levelOf(sql)) : null;
    if (level) refuseNewer(level);
    refuseUnwritable(surveyed, variable, level?.number !== MIGRATIONS.length);
    return { ok: true };
  } catch (error) {
    if (error instanceof RunError && error.code === 'configuration') return { ok: false, sentence: error.message };
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
