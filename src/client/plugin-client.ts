/**
 * The contract's seven operations, one request each, with every way of failing turned into a value.
 *
 * A body that comes in is checked against the contract before anybody sees it, and a success that does not say what was
 * asked (another id, another namespace) is a failure. Where plugins in the field answer otherwise than the contract says,
 * {@link Failure.suggests} tells what they mean. Nothing here repeats a request: see resilience.ts.
 */
import createClient from 'openapi-fetch';
import { type BodyCheck, bodyCheck, type Schemas } from '../contract/bodies.ts';
import type { paths } from '../contract/schema.gen.ts';
import type { Failure } from '../model/failure.ts';
import { deadlines, eitherOf } from './deadline.ts';
import {
  deadlinePassed,
  disconnection,
  malformation,
  nature,
  refusal,
  stopped,
  type WireAnswer,
  withoutQuotes,
} from './failures.ts';
import type { Transport } from './transport.ts';

export type Reply<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface PluginClientOptions {
  /** The plugin's base URL, with or without a path prefix and a trailing slash. */
  url: URL;
  /** The value of an Authorization header, for a plugin behind a proxy that wants one. */
  authorization?: string | undefined;
  /** Milliseconds that one request may take, from its first byte to the answer's last; it is ended up to a tenth of a second later. */
  deadlineMs: number;
  transport: Transport;
  /** Ends the reads that are under way and refuses new ones; a write is let finish, within its deadline. */
  abortReads: AbortSignal;
}

export interface PluginClient {
  getHealth(): Promise<Reply<Schemas['HealthResponse']>>;
  upsertNamespace(name: string, body: Schemas['NamespaceUpsert']): Promise<Reply<Schemas['Namespace']>>;
  patchNamespace(name: string, body: Schemas['NamespacePatch']): Promise<Reply<Schemas['Namespace']>>;
  deleteNamespace(name: string): Promise<Reply<void>>;
  commitMemory(name: string, body: Schemas['MemoryWrite']): Promise<Reply<Schemas['MemoryWriteResponse']>>;
  /** A plugin's `null` for "nothing found" arrives as an empty list. */
  searchMemories(body: Schemas['SearchRequest']): Promise<Reply<Array<Schemas['Memory']>>>;
  forgetMemory(id: string, body: Schemas['ForgetRequest']): Promise<Reply<void>>;
  close(): Promise<void>;
}

const checks = {
  health: bodyCheck('HealthResponse'),
  namespace: bodyCheck('Namespace'),
  written: bodyCheck('MemoryWriteResponse'),
  found: bodyCheck('SearchResponse'),
};

/** openapi-fetch's answer with `parseAs: 'text'`: the body of a success as it came, that of an error parsed if it was JSON. */
interface Fetched {
  data?: unknown;
  error?: unknown;
  response: Response;
}

type Send = (signal: AbortSignal) => Promise<Fetched>;

/** What an answer has to be to count as a success. */
interface Expected<T> {
  status: number;
  check: BodyCheck<T>;
  /** Names what the answer speaks of instead of what was sent; undefined where it speaks of that. */
  speaksOfAnother?: (value: T) => string | undefined;
  /** What plugins in the field mean by a failure of this operation. */
  explain?: (failure: Failure) => Failure;
}

interface Care {
  /** Text of a memory that the request holds, and that no message may repeat. */
  secret?: string;
  /** Ends the request; without it, the deadline alone does. */
  abort?: AbortSignal;
}

export function pluginClient(options: PluginClientOptions): PluginClient {
  const { transport, deadlineMs } = options;
  const wire = createClient<paths>({
    baseUrl: options.url.href,
    fetch: transport.fetch,
    ...(transport.Request ? { Request: transport.Request } : {}),
    redirect: 'manual',
    pathSerializer: namePath,
    ...(options.authorization ? { headers: { Authorization: options.authorization } } : {}),
  });

  const deadlineFromNow = deadlines(deadlineMs);
  const credentials = options.authorization?.replace(/^\w+ /, '') ?? '';

  /** Sends one request under the deadline, and reads its answer. */
  async function send(request: Send, { secret = '', abort }: Care): Promise<Reply<WireAnswer>> {
    if (abort?.aborted) return { ok: false, failure: stopped() };
    const deadline = deadlineFromNow();
    const either = abort && eitherOf(deadline, abort);
    try {
      const answer = wireAnswer(await request(either?.signal ?? deadline));
      if (isSuccess(answer.status)) return { ok: true, value: answer };
      return { ok: false, failure: withoutQuotes(refusal(answer), [secret, credentials]) };
    } catch (error) {
      if (deadline.aborted) return { ok: false, failure: deadlinePassed(deadlineMs) };
      return { ok: false, failure: abort?.aborted ? stopped() : disconnection(error) };
    } finally {
      either?.release();
    }
  }

  /** As {@link send}, for an operation whose success has a body: status, shape and what it speaks of must be right. */
  async function ask<T>(expected: Expected<T>, request: Send, care: Care = {}): Promise<Reply<T>> {
    const sent = await send(request, care);
    const reply = sent.ok ? judged(sent.value, expected) : sent;
    return reply.ok || !expected.explain ? reply : { ok: false, failure: expected.explain(reply.failure) };
  }

  /** As {@link send}, for an operation whose success is 204 and has no body. */
  async function tell(request: Send): Promise<Reply<void>> {
    const sent = await send(request, {});
    if (!sent.ok) return sent;
    return sent.value.status === 204
      ? { ok: true, value: undefined }
      : { ok: false, failure: malformation(sent.value, "the contract's status for success is 204") };
  }

  const parseAs = 'text';
  const abort = options.abortReads;
  const namespaceCalled = (name: string): Expected<Schemas['Namespace']> => ({
    status: 200,
    check: checks.namespace,
    speaksOfAnother: (namespace) => (namespace.name === name ? undefined : 'name'),
  });

  return {
    getHealth: () =>
      ask({ status: 200, check: checks.health }, (signal) => wire.GET('/v1/health', { parseAs, signal }), { abort }),

    upsertNamespace: (name, body) =>
      ask(namespaceCalled(name), (signal) =>
        wire.PUT('/v1/namespaces/{name}', { params: { path: { name } }, body, parseAs, signal }),
      ),

    patchNamespace: (name, body) =>
      ask(namespaceCalled(name), (signal) =>
        wire.PATCH('/v1/namespaces/{name}', { params: { path: { name } }, body, parseAs, signal }),
      ),

    deleteNamespace: (name) =>
      tell((signal) => wire.DELETE('/v1/namespaces/{name}', { params: { path: { name } }, parseAs, signal })),

    commitMemory(name, body) {
      const acknowledged: Expected<Schemas['MemoryWriteResponse']> = {
        status: 201,
        check: checks.written,
        speaksOfAnother({ id, namespace }) {
          if (body.id !== undefined && id.toLowerCase() !== body.id) return 'id';
          return namespace === name ? undefined : 'namespace';
        },
        explain: commitFailure,
      };
      return ask(
        acknowledged,
        (signal) => wire.POST('/v1/namespaces/{name}/memories', { params: { path: { name } }, body, parseAs, signal }),
        { secret: body.content },
      );
    },

    async searchMemories(body) {
      const reply = await ask(
        { status: 200, check: checks.found, explain: searchFailure },
        (signal) => wire.POST('/v1/search', { body, parseAs, signal }),
        { secret: body.query ?? '', abort },
      );
      return reply.ok ? { ok: true, value: reply.value.memories ?? [] } : reply;
    },

    async forgetMemory(id, body) {
      const reply = await tell((signal) =>
        wire.DELETE('/v1/memories/{id}', { params: { path: { id } }, body, parseAs, signal }),
      );
      return reply.ok ? reply : { ok: false, failure: forgetFailure(reply.failure) };
    },

    close: () => transport.close(),
  };
}

/** Whether an answer that says it is a success is the one that was asked for. */
function judged<T>(answer: WireAnswer, { status, check, speaksOfAnother }: Expected<T>): Reply<T> {
  const wrong = (why: string): Reply<T> => ({ ok: false, failure: malformation(answer, why) });
  if (answer.status !== status) return wrong(`the contract's status for success is ${status}`);
  const { body } = answer;
  if (!check(body)) {
    return wrong(
      typeof body === 'object' ? `its body is not the contract's: ${check.reason()}` : `with ${nature(answer)}`,
    );
  }
  const other = speaksOfAnother?.(body);
  return other ? wrong(`for another ${other} than was sent`) : { ok: true, value: body };
}

function commitFailure(failure: Failure): Failure {
  if (failure.cause === 'refused' && failure.status === 404) return { ...failure, suggests: 'namespace-missing' };
  if (failure.status === 500) return { ...failure, suggests: 'namespace-doubtful' };
  return failure;
}

/** What a plugin says of a search that failed may quote any memory that it holds. */
function searchFailure(failure: Failure): Failure {
  if (failure.cause !== 'refused') return failure;
  const sentence = `The plugin answered ${failure.reason} to a search (its message may quote a memory, and is left out).`;
  return { ...failure, sentence };
}

function forgetFailure(failure: Failure): Failure {
  if (failure.cause !== 'refused') return failure;
  if (failure.status === 403) return { ...failure, suggests: 'memory-elsewhere' };
  if (failure.status === 404) return { ...failure, suggests: 'memory-absent-or-elsewhere' };
  return failure;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function wireAnswer({ data, error, response }: Fetched): WireAnswer {
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    body: response.ok ? parsed(data) : error,
  };
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Puts the parameters into a path with colons left as they are: they are legal in a path segment, and some routers match
 * the encoded path and would take `workspace%3A…` for the name.
 */
function namePath(path: string, parameters: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_match, key: string) => segment(String(parameters[key])));
}

/** Namespaces and ids as they mostly are: nothing in them would be encoded. */
const PLAIN = /^[\w:.-]+$/;

function segment(text: string): string {
  return PLAIN.test(text) ? text : encodeURIComponent(text).replaceAll('%3A', ':');
}
