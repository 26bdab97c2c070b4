/** The Postgres server that global-setup.ts started for the tests of this run. */
import { inject } from 'vitest';

/** @returns the URL of its superuser; make a database of your own on it with `createDatabase`. */
export function clusterUrl(): string {
  return inject('clusterUrl');
}
