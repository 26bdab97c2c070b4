/** What the parts of the ledger in Postgres share: its connections, and which generation of the pair is read and written. */
import type { Pair } from '../model/ledger.ts';
import type { Position } from '../model/memory.ts';
import type { Read, Sql } from '../postgres/connection.ts';

export interface LedgerSession {
  sql: Sql;
  /** Asks of the pool, with the deadline of a query that a run waits for. */
  ask<T>(doing: string, query: () => Promise<T>): Promise<T>;
  pair: Pair;
  /** The id of the pair's current generation; null where it has not begun, so that nothing is known. */
  generation(): number | null;
  /** The run that this ledger has begun, if it has. */
  own(): string | null;
}

/** Milliseconds for a query of the ledger's: none reads or writes more than a page. */
const ANSWERED_WITHIN = 60_000;

export function asking(read: Read): LedgerSession['ask'] {
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
