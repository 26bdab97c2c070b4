/**
 * The contract, version 1, as a list of checks that can be run against any plugin. They work in namespaces of their own,
 * which are gone afterwards, and can be run in any order.
 */
import { bodyCheck } from '../../src/contract/bodies.ts';
import type { Check } from './check.ts';
import { capabilityChecks } from './checks/capabilities.ts';
import { errorChecks } from './checks/errors.ts';
import { forgetChecks } from './checks/forget.ts';
import { healthChecks } from './checks/health.ts';
import { memoryChecks } from './checks/memories.ts';
import { namespaceChecks } from './checks/namespaces.ts';
import { searchChecks } from './checks/search.ts';
import { withWire } from './wire.ts';

export const checks: readonly Check[] = [
  ...healthChecks,
  ...namespaceChecks,
  ...memoryChecks,
  ...capabilityChecks,
  ...searchChecks,
  ...forgetChecks,
  ...errorChecks,
];

/** @throws where the plugin fails the check; the message says what it did */
export function runCheck(check: Check, url: string): Promise<void> {
  return withWire(url, check.run);
}

/**
 * @returns what the plugin announces; nothing where what it answers is not a HealthResponse, which is for a check to say
 * @throws where it cannot be reached
 */
export async function announcedBy(url: string): Promise<ReadonlySet<string>> {
  const { body } = await withWire(url, (wire) => wire.send('GET', '/v1/health'));
  return new Set(isHealth(body) ? body.capabilities : []);
}

const isHealth = bodyCheck('HealthResponse');
