/**
 * Turns what went wrong on the wire into a {@link Failure}: which of the ways of failing it was, whether it may pass, and
 * the one sentence that an operator reads. Pure functions.
 */
import { bodyCheck } from '../contract/bodies.ts';
import type { Failure } from '../model/failure.ts';

const isError = bodyCheck('Error');
const isHealth = bodyCheck('HealthResponse');

/**
 * The statuses that a later attempt may overcome: the server was busy, restarting, or behind a proxy that was. All other
 * errors are about the request itself and stay what they are.
 */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** An answer as it came from the wire. `body` is its JSON, or its text where it is none. */
export interface WireAnswer {
  status: number;
  contentType: string | null;
  retryAfter: string | null;
  body: unknown;
}

/** An answer whose status says that the request was not carried out. */
export function refusal(answer: WireAnswer): Failure {
  const { status, body } = answer;
  const retryAfterMs = parseRetryAfter(answer.retryAfter);
  const rest = {
    status,
    transient: TRANSIENT_STATUSES.has(status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };

  if (status >= 300 && status < 400) {
    const sentence = `The plugin's address redirects elsewhere (${status}), and redirects are not followed: set MEMORY_PLUGIN_URL to the final address.`;
    return { cause: 'foreign', reason: `redirect ${status}`, sentence, ...rest };
  }
  if (isError(body)) {
    const sentence = `The plugin answered ${status} ${body.code}: ${printable(body.message)}`;
    return { cause: 'refused', reason: `${status} ${body.code}`, sentence, ...rest };
  }
  if (isHealth(body)) {
    const sentence = `The plugin answered ${status} and calls itself ${body.status}: it is not able to serve.`;
    return { cause: 'refused', reason: `${status} unhealthy`, sentence, ...rest };
  }
  const what = `${status} with ${nature(answer)} instead of an error of the contract`;
  return { cause: 'foreign', reason: `${status} foreign`, sentence: `Something answered ${what}.`, ...rest };
}

/** An answer whose status says success and whose body does not. Repeating the request would only repeat the answer. */
export function malformation(answer: WireAnswer, why: string): Failure {
  const { status } = answer;
  const sentence = `The plugin answered ${status}, but ${why}.`;
  return { cause: 'malformed', reason: `${status} malformed`, status, transient: false, sentence };
}

/** What the body of an answer is, for an error message. */
export function nature({ body, contentType }: WireAnswer): string {
  if (body === undefined || body === '') return 'no body';
  if (typeof body === 'string')
    return contentType ? `a body of type ${printable(contentType, 60)}` : 'a body that is no JSON';
  return 'another JSON body';
}

/** No answer at all, or half of one. */
export function disconnection(error: unknown): Failure {
  const code = errorCode(error);
  const sentence =
    code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'UND_ERR_CONNECT_TIMEOUT'
      ? `The plugin could not be reached (${code}).`
      : `The connection to the plugin broke before its answer was whole (${code}).`;
  return { cause: 'transport', reason: `transport ${code}`, transient: true, sentence };
}

export function deadlinePassed(ms: number): Failure {
  const sentence = `The plugin did not answer within ${ms / 1000} s.`;
  return { cause: 'deadline', reason: 'deadline', transient: true, sentence };
}

export function stopped(): Failure {
  return { cause: 'stopped', reason: 'stopped', transient: false, sentence: 'This run was told to stop.' };
}

/**
 * The same failure with its message taken out where that quotes one of the texts that were sent: a plugin may say which text
 * it did not like, and neither memories nor credentials may reach a report or a log.
 */
export function withoutQuotes(failure: Failure, texts: readonly string[]): Failure {
  if (!texts.some((text) => quotes(failure.sentence, text))) return failure;
  return {
    ...failure,
    sentence: `The plugin answered ${failure.reason} (its message quotes what was sent, and is left out).`,
  };
}

/** How many letters and digits in a row a message and a text may share by chance. */
const CHANCE = 12;

function quotes(message: string, text: string): boolean {
  const said = essence(message);
  const sent = essence(text);
  if (sent.length <= CHANCE) return sent.length > 3 && said.includes(sent);
  for (let start = 0; start + CHANCE <= said.length; start++) {
    if (sent.includes(said.slice(start, start + CHANCE))) return true;
  }
  return false;
}

/** Letters and digits alone: a message may have folded, escaped or trimmed what lies between them. */
function essence(text: string): string {
  return text
    .replace(/\\(u[0-9a-f]{4}|[bfnrt"\\/])/gi, '')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase();
}

/** @returns the node or undici code of an error, looking through the errors that wrap it */
function errorCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return error instanceof Error ? error.name : 'unknown';
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** @returns milliseconds, for both forms of the header (RFC 9110 §10.2.3); undefined for anything else */
function parseRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  if (!HTTP_DATE.test(header)) return undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Foreign text, made safe for a terminal and short. */
export function printable(text: string, most = 200): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
