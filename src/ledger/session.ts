/** What the parts of the ledger in Postgres share: its connections, and which generation of the pair is read and written. */
import { setTimeout as delay } from 'node:timers/promises';
import { RunError } from '../model/errors.ts';
import type { Pair } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import type { Sql } from '../postgres/connection.ts';
import { errorCode, type Read } from '../postgres/reading.ts';

export interface LedgerSession {
  sql: Sql;
  /**
   * Asks of the pool, with the deadline of a query that a run waits for; and once more, where the connection was lost. For what
   * may be said twice.
   */
  ask<T>(doing: string, query: () => Promise<T>): Promise<T>;
  /** As `ask`, and never twice: where the answer was lost, it may have been done. */
  tell<T>(doing: string, query: () => Promise<T>): Promise<T>;
  pair: Pair;
  /** The id of the pair's current generation; null where it has not begun, so that nothing is known. */
  generation(): number | null;
  /** The run that this ledger has begun, if it has. */
  own(): string | null;
}

/** Milliseconds for a query of the ledger's: none reads or writes more than a page. */
const ANSWERED_WITHIN = 60_000;

/** Milliseconds: a connection that has broken has ended by then. What is sent before gets no answer. */
const UNTIL_ENDED = 100;

/** Codes with which a query fails whose connection was closed by the other side, as when the server restarts. */
const CONNECTION_LOST = new Set(['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'ECONNRESET', 'EPIPE', '57P01']);

export function asking(read: Read): LedgerSession['ask'] {
  const once = telling(read);
  return async (doing, query) => {
    try {
      return await once(doing, query);
    } catch (error) {
      const cause = error instanceof RunError ? error.cause : error;
      if (!CONNECTION_LOST.has(errorCode(cause) ?? '')) throw error;
      await delay(UNTIL_ENDED);
      return await once(doing, query);
    }
  };
}

export function telling(read: Read): LedgerSession['tell'] {
  return (doing, query) => read(doing, query, ANSWERED_WITHIN);
}

/** A position as two columns of a row. */
export interface PositionColumns {
  createdAt: string | null;
  id: string | null;
}

export function position({ createdAt, id }: PositionColumns): Position | null {
  return id === null ? null : { createdAt, id };
}

/** Rows as one parameter: the driver would write a parameter that is json into json once more, so it goes as text. */
export function rowsAsText(rows: unknown): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

/** Postgres stores neither U+0000 nor half a surrogate pair; an operator's reason or a plugin's word may hold either. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
