/**
 * Trouble that a test orders for single operations: failures for the next few requests, and a delay for all of them. A
 * failed request changes nothing. Both hold until they are used up or withdrawn, and are gone with the process.
 */
import { type Answer, errorAnswer, type JsonObject, type Operation } from './wire.ts';

export interface Failure {
  operation: Operation;
  /** How many requests fail. Default 1. */
  times?: number;
  status: number;
  /** The header Retry-After, as it is to be sent. */
  retryAfter?: string;
  /** An object is sent as JSON, a string as HTML. Default: an Error of the contract. */
  body?: JsonObject | string;
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
  failureOf(operation: Operation): Answer | undefined {
    const failure = this.#failures.find((candidate) => candidate.operation === operation && candidate.left > 0);
    if (!failure) return undefined;
    failure.left -= 1;
    return answerOf(failure);
  }
}

function answerOf({ status, retryAfter, body }: Failure): Answer {
  return {
    ...(body === undefined && errorAnswer(status, status < 500 ? 'bad_request' : 'unavailable', 'As it was ordered.')),
    ...(typeof body === 'string' ? { html: body } : body && { json: body }),
    status,
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
  };
}
