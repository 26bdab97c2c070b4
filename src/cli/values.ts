/**
 * How a value is written, on the command line or in a variable. Each of these takes what was given, and the name under which it
 * was given for the complaint; each throws a UsageError where it cannot be meant.
 */
import type { Actor } from '../model/ledger.ts';
import { isUuid } from '../model/memory.ts';
import { type Bound, type Concurrency, MOST_CONCURRENCY, type RunSettings } from '../model/settings.ts';
import { quoted, UsageError } from './usage-error.ts';

/** @returns milliseconds */
export function time(value: string | boolean, name: string): number {
  const [, number, unit] = /^(\d{1,6})(s|m|h)$/.exec(text(value, name)) ?? [];
  const ms = { s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  if (ms !== undefined && Number(number) > 0) return Number(number) * ms;
  throw new UsageError(`${name} takes a time such as 90s, 30m or 24h, not ${quoted(value)}.`);
}

export function allOrRun(value: string | boolean, name: string): RunSettings['retryFailed'] {
  return value === '' || value === 'all' ? 'all' : { run: uuid(value, name) };
}

export function actor(value: string | boolean, name: string): Actor {
  const [, kind, id] = /^(user|service):([\x21-\x7e]{1,200})$/.exec(text(value, name)) ?? [];
  if (kind === undefined || id === undefined) {
    throw new UsageError(`${name} takes user:<id> or service:<id>, not ${quoted(value)}.`);
  }
  return kind === 'user' ? { userId: id, serviceId: null } : { userId: null, serviceId: id };
}

export function bound(value: string | boolean, name: string): Bound {
  const [, number, percent] = /^(\d{1,12}(?:\.\d{1,6})?)(%?)$/.exec(text(value, name)) ?? [];
  const most = Number(number);
  if (percent === '%' && most <= 100) return { percent: most };
  if (percent === '' && Number.isInteger(most)) return { rows: most };
  throw new UsageError(`${name} takes a number of rows, or a share of them from 0% to 100%, not ${quoted(value)}.`);
}

export function text(value: string | boolean, name: string): string {
  if (typeof value !== 'string' || value === '') throw new UsageError(`${name} needs a value.`);
  return value;
}

export function truth(value: string | boolean, name: string): boolean {
  if (typeof value === 'boolean') return value;
  if (['1', 'true', 'yes'].includes(value.toLowerCase())) return true;
  if (['0', 'false', 'no'].includes(value.toLowerCase())) return false;
  throw new UsageError(`${name} is either true or false, not ${quoted(value)}.`);
}

export function uuid(value: string | boolean, name: string): string {
  const id = text(value, name).toLowerCase();
  if (isUuid(id)) return id;
  throw new UsageError(`${name} takes a UUID, not ${quoted(value)}.`);
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER, orElse = '') {
  return (value: string | boolean, name: string): number => {
    const number = /^\d+$/.test(text(value, name)) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
    throw new UsageError(`${name} takes ${orElse}a whole number from ${range}, not ${quoted(value)}.`);
  };
}

export function concurrency(value: string | boolean, name: string): Concurrency {
  if (text(value, name) === 'auto') return 'auto';
  return wholeNumber(1, MOST_CONCURRENCY, '"auto" or ')(value, name);
}

export function sample(value: string | boolean, name: string): number | 'all' {
  if (text(value, name) === 'all') return 'all';
  return wholeNumber(0, Number.MAX_SAFE_INTEGER, '"all" or ')(value, name);
}

export function oneOf<const Choice extends string>(...choices: Choice[]) {
  return (value: string | boolean, name: string): Choice => {
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return choice;
    throw new UsageError(`${name} is ${choices.join(' or ')}, not ${quoted(value)}.`);
  };
}
