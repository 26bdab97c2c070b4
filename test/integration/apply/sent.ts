/** What a plugin has been sent, by its own count. */
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';

/** @returns how often each of these rows was stored, in the order given. */
export async function commitsOf({ plugin }: World<QuirkyPlugin>, rows: readonly LegacyRow[]): Promise<number[]> {
  const { writeLog } = await plugin.counters();
  return rows.map((row) => writeLog.filter(({ id }) => id === row.id).length);
}
