/**
 * The plugin on HTTP: reads a request, has it answered by the contract under the quirks in force, and counts it. The
 * controls go past quirks, delays and counters alike.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { answerCall } from './contract.ts';
import { obey, type Plugin } from './control.ts';
import { answerTwisted } from './quirks.ts';
import { callOf, isKnownPath } from './routes.ts';
import { type Answer, errorAnswer, Refusal } from './wire.ts';

const CONTROL = '/__control/';

/** @returns a server that is not listening yet. It never closes an idle connection by itself. */
export function pluginServer(plugin: Plugin): Server {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://plugin').pathname;
    const answer = path.startsWith(CONTROL) ? control(plugin, path, request) : contract(plugin, path, request);
    answer.then(
      (given) => send(response, given),
      () => response.destroy(),
    );
  });
  server.keepAliveTimeout = 0;
  return server;
}

async function control(plugin: Plugin, path: string, request: IncomingMessage): Promise<Answer> {
  const body = await jsonOf(request);
  return orRefusal(() => ({ status: 200, json: obey(plugin, path.slice(CONTROL.length), body) }));
}

async function contract(plugin: Plugin, path: string, request: IncomingMessage): Promise<Answer> {
  const { method = 'GET', headers } = request;
  const asked = callOf(method, path, undefined)?.operation ?? 'unknown';
  plugin.recorder.arrived(asked, headers);
  try {
    const call = callOf(method, path, await jsonOf(request));
    plugin.recorder.understood(method, path, call);
    if (!call) return unknownAnswer(path);
    const delay = plugin.disturbances.delayOf(call.operation);
    if (delay > 0) await pause(delay);
    return (
      plugin.disturbances.failureOf(call) ??
      answerTwisted(plugin.twists, call, (understood, arrange) =>
        orRefusal(() => answerCall(plugin.store, understood, arrange)),
      )
    );
  } finally {
    plugin.recorder.leaving(asked);
  }
}

function orRefusal(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof Refusal)) return errorAnswer(500, 'internal', String(error));
    return errorAnswer(error.status, error.code, error.message, error.field ? { field: error.field } : undefined);
  }
}

/** 405 is not in the contract, and what plugins answer. */
function unknownAnswer(path: string): Answer {
  return isKnownPath(path)
    ? errorAnswer(405, 'bad_request', 'The path does not take this method.')
    : errorAnswer(404, 'not_found', 'There is no such path.');
}

/** @returns undefined where the body is empty or no JSON: whoever needs one refuses that. */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, headers, json, html }: Answer): void {
  const body = html ?? (json === undefined ? '' : JSON.stringify(json));
  response.writeHead(status, {
    ...headers,
    ...(body !== '' && {
      'content-type': html === undefined ? 'application/json' : 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    }),
  });
  response.end(body);
}
