/**
 * What the plugin answers when it does not do as asked: always the contract's Error, never a word of what was sent or
 * stored, since an error travels into other people's logs.
 */
import postgres from 'postgres';
import type { Schemas } from '../contract/bodies.ts';

type ContractError = Schemas['Error'];

const FOREIGN_KEY_VIOLATION = '23503';

/** Thrown by a route that refuses a request; the message goes to the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: ContractError['code'];

  constructor(status: number, code: ContractError['code'], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message: string) => new Refusal(400, 'bad_request', message);
export const notFound = (message: string) => new Refusal(404, 'not_found', message);
export const unavailable = (cause: unknown) =>
  new Refusal(503, 'unavailable', 'The database does not answer at the moment.', { cause });

/** Turns whatever a route, fastify or Postgres threw into the refusal that the client gets; unforeseen is 500 `internal`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof postgres.PostgresError) return refusalOfPostgres(error);
  if (statusOf(error) === 413) return new Refusal(413, 'bad_request', 'The body is larger than 8 MB.');
  if (statusOf(error) === 415) return new Refusal(415, 'bad_request', 'The body is not announced as application/json.');
  if (isConnectionTrouble(error)) return unavailable(error);
  return new Refusal(500, 'internal', 'Something went wrong in the plugin.');
}

/** How an error may be written to a log: by its kind, never its message, which could quote content or a credential. */
export function kindOf(error: unknown): string {
  if (error instanceof Refusal) return error.cause === undefined ? error.code : kindOf(error.cause);
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'an unknown error';
  return code === undefined ? name : `${name} ${code}`;
}

/** By class of SQLSTATE, the first two characters, but for the one constraint that a request can break. */
function refusalOfPostgres(error: postgres.PostgresError): Refusal {
  // The namespace was deleted while the memory was being stored.
  if (error.code === FOREIGN_KEY_VIOLATION) return notFound('There is no such namespace.');
  switch (error.code.slice(0, 2)) {
    case '22':
      return badRequest(
        'The request holds a value that cannot be stored or compared, such as U+0000 or a time out of range.',
      );
    case '54':
      return badRequest('The request is larger or more involved than the database can take.');
    case '08':
    case '40':
    case '53':
    case '57':
      return unavailable(error);
    default:
      return new Refusal(500, 'internal', 'The database refused what the plugin asked of it.');
  }
}

/** Errors of Node's sockets and of postgres.js, which have a code but no SQLSTATE. */
function isConnectionTrouble(error: unknown): boolean {
  return /^(?:CONNECT\w+|E[A-Z]+)$/.test(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
