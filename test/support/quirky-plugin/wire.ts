/**
 * The words that this plugin's parts share: a call of the contract as it came in, the answer to it, and a refusal. Also the
 * few checks by which unknown JSON becomes known; each throws a refusal that names the field.
 *
 * Nothing here, or anywhere in this folder, comes from the product's own code: a plugin that shares code with the client
 * could share its errors, too.
 */

export const OPERATIONS = [
  'getHealth',
  'upsertNamespace',
  'patchNamespace',
  'deleteNamespace',
  'commitMemory',
  'searchMemories',
  'forgetMemory',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Call {
  operation: Operation;
  /** The namespace's name or the memory's id in the path; empty where the path has none. */
  target: string;
  /** The body's JSON; undefined where there is none or it is no JSON. */
  body: unknown;
}

/** `json` or `html` or neither. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  html?: string;
}

export type JsonObject = Record<string, unknown>;

export type ErrorCode = 'bad_request' | 'not_found' | 'forbidden' | 'internal' | 'unavailable';

/** Thrown where a call cannot be served; `field` says which part of the request is to blame. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: ErrorCode;
  readonly field: string | undefined;

  constructor(status: number, code: ErrorCode, message: string, field?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export function errorAnswer(status: number, code: ErrorCode, message: string, details?: JsonObject): Answer {
  return { status, json: { code, message, ...(details && { details }) } };
}

const bad = (field: string, expected: string) =>
  new Refusal(400, 'bad_request', `${field} must be ${expected}.`, field);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A check of one value; the field's name is for the refusal. */
export type Read<T> = (value: unknown, field: string) => T;

export const object: Read<JsonObject> = (value, field) => {
  if (!isObject(value)) throw bad(field, 'an object');
  return value;
};

export const text: Read<string> = (value, field) => {
  if (typeof value !== 'string') throw bad(field, 'a string');
  return value;
};

export const flag: Read<boolean> = (value, field) => {
  if (typeof value !== 'boolean') throw bad(field, 'true or false');
  return value;
};

/** Lower-cased, as the UUIDs of a database are. */
export const uuid: Read<string> = (value, field) => {
  if (typeof value !== 'string' || !UUID.test(value)) throw bad(field, 'a UUID');
  return value.toLowerCase();
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const namespaceName: Read<string> = (value, field) => {
  const name = text(value, field);
  if (name.length > 256 || !NAMESPACE_NAME.test(name)) throw bad(field, 'a name such as workspace:1f');
  return name;
};
const NAMESPACE_NAME = /^[a-z]+:[A-Za-z0-9_:.-]+$/;

/** A date-time of RFC 3339, kept as it was written. */
export const moment: Read<string> = (value, field) => {
  if (typeof value !== 'string' || !DATE_TIME.test(value) || Number.isNaN(Date.parse(value)))
    throw bad(field, 'a date and time with a time zone');
  return value;
};
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

export const number: Read<number> = (value, field) => {
  if (typeof value !== 'number') throw bad(field, 'a number');
  return value;
};

export function integer(lowest: number, highest: number): Read<number> {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < lowest || value > highest)
      throw bad(field, `an integer from ${lowest} to ${highest}`);
    return value;
  };
}

export function oneOf<const T extends string>(choices: readonly T[]): Read<T> {
  return (value, field) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw bad(field, `one of ${choices.join(', ')}`);
    return choice;
  };
}

export function listOf<T>(read: Read<T>): Read<T[]> {
  return (value, field) => {
    if (!Array.isArray(value)) throw bad(field, 'a list');
    return value.map((item: unknown) => read(item, field));
  };
}

/** `null` and absence mean the same. */
export function nullable<T>(read: Read<T>): Read<T | null> {
  return (value, field) => (value === undefined || value === null ? null : read(value, field));
}

export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value, field) => (value === undefined ? undefined : read(value, field));
}
