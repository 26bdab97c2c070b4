/**
 * Trouble that a test orders for single operations: failures for the next few requests, and a delay for all of them. A
 * failed request changes nothing. Both hold until they are used up or withdrawn, and are gone with the process.
 */
import { type Answer, type Call, errorAnswer, isObject, type JsonObject, type Operation } from './wire.ts';

/** What the namespaces begin with in which a preflight tries a plugin out, also the short one before an apply's first write. */
const TRIAL = 'custom:backfill-preflight-';

export interface Failure {
  operation: Operation;
  /** How many requests fail. Default 1. */
  times?: number;
  status: number;
  /** The header Retry-After, as it is to be sent. */
  retryAfter?: string;
  /** An object is sent as JSON, a string as HTML. Default: an Error of the contract. */
  body?: JsonObject | string;
  /** Only requests about a preflight's own namespace fail. Without it, those are the only ones that do not. */
  ofTrial?: boolean;
}

export class Disturbances {
  readonly #failures: Array<Failure & { left: number }> = [];
  readonly #delays = new Map<Operation, number>();

  failNext(failure: Failure): void {
    this.#failures.push({ ...failure, left: failure.times ?? 1 });
  }

  /** @param milliseconds 0 withdraws the delay. */
  delay(operation: Operation, milliseconds: number): void {
    this.#delays.set(operation, milliseconds);
  }

  delayOf(operation: Operation): number {
    return this.#delays.get(operation) ?? 0;
  }

  /** @returns the failure ordered for this request, which is used up by it. */
  failureOf(call: Call): Answer | undefined {
    const isOfTrial = namespaceOf(call).startsWith(TRIAL);
    const failure = this.#failures.find(
      ({ operation, ofTrial = false, left }) => operation === call.operation && ofTrial === isOfTrial && left > 0,
    );
    if (!failure) return undefined;
    failure.left -= 1;
    return answerOf(failure);
  }
}

/** @returns the namespace that a request is about: of several the first, and of health none. */
function namespaceOf({ operation, target, body }: Call): string {
  const { namespaces, requested_by_namespace } = isObject(body) ? body : {};
  if (operation === 'searchMemories') return Array.isArray(namespaces) ? String(namespaces[0]) : '';
  return operation === 'forgetMemory' ? String(requested_by_namespace) : target;
}

function answerOf({ status, retryAfter, body }: Failure): Answer {
  return {
    ...(body === undefined && errorAnswer(status, status < 500 ? 'bad_request' : 'unavailable', 'As it was ordered.')),
    ...(typeof body === 'string' ? { html: body } : body && { json: body }),
    status,
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
  };
}
