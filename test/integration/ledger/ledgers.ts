/** Ledgers in a database of their own, and what tests write into them. */
import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { type LedgerRequest, openLedger } from '../../../src/ledger/postgres-ledger.ts';
import type { LedgerEntry, Pair, RunStart } from '../../../src/model/ledger.ts';
import { clusterUrl } from '../../support/cluster.ts';
import { createDatabase } from '../../support/postgres.ts';
import { DEFAULT_SETTINGS } from '../../support/settings.ts';

export const PAIR: Pair = { source: 'db.test:5432/platform public', plugin: 'http://plugin.test:8080' };
export const DIGEST = 'ab'.repeat(32);

/** Of an empty database, unless something else is said. */
export function request(url: string, asked: Partial<LedgerRequest> = {}): LedgerRequest {
  return {
    url,
    variable: 'DATABASE_URL',
    pair: PAIR,
    toolVersion: '0.1.0',
    startOver: false,
    stop: new AbortController().signal,
    ...asked,
  };
}

export interface LedgerDatabase extends AsyncDisposable {
  url: string;
  /** Sessions of the superuser, in UTC. */
  sql: Sql;
  /** Opens a ledger here, which is closed with the database at the latest. */
  open(asked?: Partial<LedgerRequest>): Promise<Ledger>;
}

export async function ledgerDatabase(): Promise<LedgerDatabase> {
  await using building = new AsyncDisposableStack();
  const { url, drop } = await createDatabase(clusterUrl(), 'ledger');
  building.defer(drop);
  const sql = postgres(url, { max: 4, onnotice: () => {}, connection: { TimeZone: 'UTC' } });
  building.defer(() => sql.end({ timeout: 1 }));
  const releases = building.move();
  return {
    url,
    sql,
    async open(asked) {
      const ledger = await openLedger(request(url, asked));
      releases.defer(() => ledger.close());
      return ledger;
    },
    [Symbol.asyncDispose]: () => releases.disposeAsync(),
  };
}

export function runStart(given: Partial<RunStart> = {}): RunStart {
  return {
    id: randomUUID(),
    mode: 'apply',
    actor: { userId: 'alice', serviceId: null },
    toolVersion: '0.1.0',
    settings: DEFAULT_SETTINGS,
    watermark: null,
    total: null,
    ...given,
  };
}

export function entry(given: Partial<LedgerEntry> = {}): LedgerEntry {
  const outcome = given.outcome ?? 'written';
  return {
    memoryId: randomUUID(),
    outcome,
    namespace: 'workspace:acme',
    reason: null,
    sourceUpdatedAt: '2025-01-31 08:09:10.000123+00',
    digest: outcome === 'written' || outcome === 'adopted' ? DIGEST : null,
    created: false,
    attempts: 1,
    durationMs: 12.5,
    ...given,
  };
}

export async function collected<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** The error that something is refused with; fails where it is not refused. */
export async function refusal(attempt: Promise<unknown>): Promise<Error> {
  const error = await attempt.then(
    () => null,
    (each: unknown) => each,
  );
  if (error instanceof Error) return error;
  throw new Error('It was not refused.');
}
